# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host: the bare calls of a step, one after the other. engine_calls.py FILE STEP SOCKET API_VERSION.

FILE holds JSON: step -> [{"call": name of a method of docker.APIClient, "arguments": [...], "options": {...}}].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import docker

TIMEOUT_SECONDS = 600


def main() -> int:
    """Do the calls; an exception ends them."""
    file, step, socket, version = sys.argv[1:]
    api = docker.APIClient(base_url=f"unix://{socket}", version=version, timeout=TIMEOUT_SECONDS)
    for entry in json.loads(Path(file).read_text(encoding="utf-8"))[step]:
        getattr(api, entry["call"])(*entry["arguments"], **entry["options"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
