# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Files of ``KEY=value`` lines that a service names: ``env_file`` and ``label_file``, read on the control node."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.env_file import parse_env_file
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.reader import Reader
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import BadValueError, Path

ReadText = t.Callable[[str], t.Optional[str]]


def read_files(
    reader: Reader, value: t.Any, path: Path, read_text: ReadText, section: t.Optional[str]
) -> dict[str, str]:
    """What the files say, later ones over earlier ones. ``section``: of the long form's keys; None when it has none."""
    result: dict[str, str] = {}
    entries = [value] if isinstance(value, (str, dict)) else reader.items(value, path)
    for index, entry in enumerate(entries):
        where = (*path, index) if isinstance(value, list) else path
        raw, required = False, True
        if isinstance(entry, dict) and section:
            details = reader.section(entry, where, section)
            name = reader.text(details.get("path"), (*where, "path"))
            form = reader.text(details.get("format"), (*where, "format"))
            raw = form == "raw"
            required = reader.boolean(details.get("required"), (*where, "required"), True)
            if form not in ("", "raw"):
                reader.report.add((*where, "format"), f"{form!r} isn't known", "use raw, or leave it out")
        else:
            name = reader.text(entry, where)
        if not name:
            reader.report.add(where, "has no path", "give the path of a file on the control node")
            continue
        text = read_text(name)
        if text is None:
            if required:
                remedy = "create it on the control node beside the Compose file, or set required: false"
                reader.report.add(where, f"file {name} isn't there or can't be read", remedy)
            continue
        try:
            pairs = parse_env_file(text, reader.variables, raw)
            if reader.report.afford(None, where, sum(len(key) + len(entry) for key, entry in pairs.items())):
                result.update(pairs)
        except BadValueError as error:
            reader.report.add(where, f"file {name}, {error.message}", error.remedy)
    return result
