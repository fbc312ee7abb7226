# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module move_image, with a line about where it stands now and then."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.plugin_utils._move_progress import ProgressAction


class ActionModule(ProgressAction):
    """See ProgressAction."""
