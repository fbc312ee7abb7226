# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The program a move's key may run on the target, and all it may: receive into named directories.

This file is put on the target as it is, so it imports the standard library only. It gets the command the source asked
for (SSH_ORIGINAL_COMMAND, sshd(8)), and answers with the command to run instead, or a refusal.
"""

from __future__ import annotations

import re
import shlex
import typing as t

CHECK = "check"

# What rsync's client sends to its server for the options of a move, and nothing that names another file, reads, or
# runs anything: no --sender, --rsh, --daemon, --files-from, --temp-dir, --partial-dir, --link-dest, --log-file, and no
# -s, with which arguments come over the connection, judged by nobody.
# Behind the letter e stand the client's capabilities, which choose nothing.
_SHORT = re.compile(r"-[lHogDtpAXrSczvWdn]+(e[0-9]*\.[0-9]*[a-zA-Z]*)?|-@-1|-B[0-9]+")
_LONG = re.compile(
    r"--(server|delete|delete-(before|during|delay|after)|numeric-ids|inplace|partial|sparse|checksum|no-r"
    r"|bwlimit=[0-9.]+[KMG]?|timeout=[0-9]+|modify-window=-?[0-9]+|(usermap|groupmap)=[0-9:,]+"
    r"|(compress|checksum)-choice=[a-z0-9,]+|new-compress|old-compress|compress-level=[0-9]+|log-format=[%A-Za-z]*"
    r"|skip-compress=[a-z0-9/]*|specials|devices|stats|no-stats|block-size=[0-9]+|dirs|whole-file|no-whole-file)"
)


class RefusedError(ValueError):
    """What was asked for is not what this key is for."""


def judge(asked: str, places: t.Mapping[str, str]) -> list[str]:
    """The command to run for what was asked, empty for the check that the way is open.

    places: name of what may be received -> its directory. Raises RefusedError.
    """
    try:
        words = shlex.split(asked)
    except ValueError as error:
        raise RefusedError("the command can't be read") from error
    if words == [CHECK]:
        return []
    if words[:2] != ["rsync", "--server"] or len(words) < 4:
        raise RefusedError("only rsync may run, as a server that receives")
    options, dot, place = words[2:-2], words[-2], words[-1]
    for option in options:
        if not (_LONG if option.startswith("--") else _SHORT).fullmatch(option):
            raise RefusedError(f"rsync's option {option!r}")
    name = place.rstrip("/")
    if dot != "." or name not in places:
        raise RefusedError(f"the place {name!r}; known are {', '.join(sorted(places)) or 'none'}")
    return ["rsync", "--server", *options, ".", places[name].rstrip("/") + "/"]


MAIN = """

def main():
    import json
    import os
    import sys

    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "places.json")) as stream:
        places = json.load(stream)
    try:
        argv = judge(sys.argv[1] if len(sys.argv) > 1 else "", places)
    except RefusedError as error:
        sys.exit("refused: {}".format(error))
    if not argv:
        print(json.dumps({"places": sorted(places)}))
        return
    os.execvp(argv[0], argv)


main()
"""
"""What makes a program of this file."""
