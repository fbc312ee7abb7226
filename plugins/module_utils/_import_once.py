# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Has Python compile each module once when it imports from an archive, which is what Ansible sends to a host.

``zipimport`` compiles a module to tell the name of its file, and a second time to run it (CPython, Lib/zipimport.py,
``get_filename``). Compiling is most of what a module of this collection takes before it begins, so this takes a third
of that off. To be imported before everything else that comes out of the archive, by modules of whose processor time it
saves a tenth or more.
"""

from __future__ import annotations

import posixpath
import zipimport


def file_name(importer: zipimport.zipimporter, name: str) -> str:
    """The file of a module in an archive of sources. Raises ZipImportError when it isn't there."""
    ending = "/__init__.py" if importer.is_package(name) else ".py"
    return posixpath.join(importer.archive, importer.prefix + name.rpartition(".")[2] + ending)


zipimport.zipimporter.get_filename = file_name  # type: ignore[method-assign, assignment]
