# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a move is called, and where its journal and the lock of its gate are. Pure."""

from __future__ import annotations

import re

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

FOLDER = "/var/lib/container-host/moves"
KEYS_LOCK = f"{FOLDER}/authorized.keys.lock"
"""What whoever changes the keys an account is reached with holds locked. No project's lock has a dot in its name."""
MAX_LENGTH = 64
"""The path of a relay's socket, in the move's folder, may have 107 bytes (unix(7))."""
STAMP_LENGTH = len("-20261129061500")

_ID = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_LENGTH - 1}}}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
# A project's name has no dot (Compose Specification, name), and neither has an id that is made of one.
RULE = f"use lower-case letters, digits, dashes and underscores, {MAX_LENGTH} at most, the first one a letter or digit"


def problem_of(move: str, where: str = "id") -> list[Problem]:
    """What is wrong with a move's id; empty when nothing is."""
    return [] if _ID.fullmatch(move) else [Problem(where, f"{move!r} is no id of a move", RULE)]


def check_id(move: str, where: str = "id") -> str:
    """The id itself. Raises InputError."""
    problems = problem_of(move, where)
    if problems:
        raise InputError(problems)
    return move


def check_project(project: str) -> str:
    """The project's name itself. Raises InputError for one that is no plain file name."""
    if not _PROJECT.fullmatch(project):
        remedy = "use lower-case letters, digits, dashes and underscores"
        raise InputError([Problem("project_name", f"{project!r} is no name of a project", remedy)])
    return project


def new_id(project: str, stamp: str) -> str:
    """The id of a move that begins. stamp: YYYYMMDDHHMMSS. Raises InputError for a name that leaves no room for it."""
    check_project(project)
    most = MAX_LENGTH - STAMP_LENGTH
    if len(project) > most:
        message = f"{project!r} has {len(project)} characters, too many for the id of a move"
        raise InputError([Problem("project_name", message, f"deploy the workload under a name of {most} at most")])
    return check_id(f"{project}-{stamp}")


def journal_path(move: str) -> str:
    """The move's journal."""
    return f"{FOLDER}/{check_id(move)}.json"


def gate_lock_path(move: str) -> str:
    """What whoever receives a move's data holds locked (flock(2)), and whoever closes its gate. It is never removed:
    two files of this name would be two locks. No project's lock has a dot in its name.
    """
    return f"{FOLDER}/{check_id(move)}.gate.lock"
