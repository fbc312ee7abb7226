# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line every benchmark has, and its start: tools, file tree, namespaces."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from support import namespaces, tree
from support.measure import load


def start(description: str, **numbers: int) -> tuple[argparse.Namespace, Path]:
    """Read the command line, prepare, go into namespaces. Returns the options and the folder of the file tree.

    numbers: more options that take a number, with their defaults.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few repetitions and small numbers; shows that it works")
    parser.add_argument("--no-proof", action="store_true", help="print the figures, write no file")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default: {default}")
    options = parser.parse_args()
    become_root()
    folder = tree.prepare()
    namespaces.enter()
    print(f"{description}\n  load average: {load()}", flush=True)
    return options, folder


def become_root() -> None:
    """Start this program again through sudo(8) unless it runs as root. Raises SystemExit when there is no sudo."""
    if os.geteuid() == 0:
        return
    if shutil.which("sudo") is None:
        raise SystemExit("The benchmarks need root, to make namespaces, and there is no sudo to become it.")
    os.execvp("sudo", ["sudo", "-E", sys.executable, *sys.argv])
