# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""What a host shall run, as the user says it, and the kernel that is meant."""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.command_line import (
    check_words,
    has,
    name_of,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.release import newest_first, sort_key

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._kernel.packages import Kernel

RUNNING = "running"
"""The release that stands for whichever runs."""
DEFAULT, ONCE, KEEP = "default", "once", "keep"
SHOWN_RELEASES = 20
SHORTEST_CONFIRM_SECONDS = 60


@dataclass(frozen=True)
class Intent:
    """release: exact, ``running`` or empty. pattern: a shell pattern of releases, or empty. flavour: empty for the
    running kernel's.

    upgrade: whether a newer kernel in the repositories is preferred to one that is installed and meant as well.
    keep_parameters: whether parameters that an earlier run added or removed stay so when they are not named.
    boot: ``default``; ``once``, which starts the kernel on trial; or ``keep``, which leaves what is started as it is.
    """

    release: str = ""
    pattern: str = ""
    flavour: str = ""
    upgrade: bool = True
    headers: bool = False
    extra_modules: bool = False
    fallbacks: int = 1
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    keep_parameters: bool = False
    boot: str = DEFAULT
    confirm_seconds: int = 600

    @property
    def words(self) -> str:
        """The intent for a message."""
        if self.release:
            return "the running kernel" if self.release == RUNNING else f"kernel {self.release}"
        return f"a kernel like {self.pattern}" if self.pattern else "a kernel"


def parse_intent(options: t.Mapping[str, t.Any]) -> Intent:
    """The intent in a module's options. Raises InputError with all that is wrong."""
    intent = Intent(
        release=str(options.get("release") or ""),
        pattern=str(options.get("pattern") or ""),
        flavour=str(options.get("flavour") or ""),
        upgrade=bool(options.get("upgrade", True)),
        headers=bool(options.get("headers")),
        extra_modules=bool(options.get("extra_modules")),
        fallbacks=int(options.get("fallbacks", 1)),
        present=tuple(dict.fromkeys(options.get("parameters_present") or ())),
        absent=tuple(dict.fromkeys(options.get("parameters_absent") or ())),
        keep_parameters=bool(options.get("parameters_keep")),
        boot=str(options.get("boot") or DEFAULT),
        confirm_seconds=int(options.get("confirm_seconds", 600)),
    )
    problems = [
        *check_words("parameters_present", intent.present),
        *check_words("parameters_absent", intent.absent),
    ]
    both = [word for word in intent.present if word in intent.absent]
    if both:
        message = f"names {', '.join(both)} as parameters_present does"
        problems.append(Problem("parameters_absent", message, "choose one"))
    if intent.release and intent.pattern:
        problems.append(Problem("pattern", "is given beside release", "an exact release needs none: leave one out"))
    if intent.release and intent.flavour:
        problems.append(Problem("flavour", "is given beside release", "a release has its flavour: leave one out"))
    if any(letter in intent.release for letter in " /*?[") or any(letter in intent.pattern for letter in " /"):
        problems.append(
            Problem(
                "release", f"is {intent.release or intent.pattern!r}", "give what uname -r says, or a pattern of it"
            )
        )
    if intent.fallbacks < 0:
        problems.append(Problem("fallbacks", f"is {intent.fallbacks}", "give 0 or more"))
    if intent.confirm_seconds < SHORTEST_CONFIRM_SECONDS:
        remedy = f"give at least {SHORTEST_CONFIRM_SECONDS}: it counts from the start of the kernel"
        problems.append(Problem("confirm_seconds", f"is {intent.confirm_seconds}", remedy))
    if problems:
        raise InputError(problems)
    return intent


def with_kept_parameters(intent: Intent, added: t.Sequence[str], removed: t.Sequence[str]) -> Intent:
    """The intent with the parameters that stay, which wanted others than the ones it names. added, removed: by us."""
    if not intent.keep_parameters:
        return intent
    named = {name_of(word) for word in intent.present}
    kept = [word for word in added if name_of(word) not in named and not has(intent.absent, word)]
    gone = [word for word in removed if not has(intent.present, word)]
    return replace(
        intent,
        present=tuple(dict.fromkeys([*intent.present, *kept])),
        absent=tuple(dict.fromkeys([*intent.absent, *gone])),
    )


def is_meant(intent: Intent, kernel: Kernel, running: str, flavour: t.Optional[str]) -> bool:
    """Whether a kernel is one the intent means. flavour: the one that counts when the intent names none."""
    if intent.release:
        return kernel.release == (running if intent.release == RUNNING else intent.release)
    if kernel.flavour != (intent.flavour or flavour):
        return False
    return not intent.pattern or fnmatch.fnmatchcase(kernel.release, intent.pattern)


def best(kernels: t.Iterable[Kernel]) -> t.Optional[Kernel]:
    """The newest kernel, in its newest version."""
    return max(kernels, key=lambda kernel: (sort_key(kernel.release), sort_key(kernel.version)), default=None)


def suffices(intent: Intent, installed: t.Sequence[Kernel], running: str, flavour: t.Optional[str]) -> bool:
    """Whether the kernel can be chosen without asking the repositories."""
    meant = any(is_meant(intent, kernel, running, flavour) for kernel in installed)
    return meant and (bool(intent.release) or not intent.upgrade)


def choose(
    intent: Intent,
    installed: t.Sequence[Kernel],
    offered: t.Sequence[Kernel],
    running: str,
    flavour: t.Optional[str],
) -> Kernel:
    """The kernel that is meant. Raises InputError, with those there are, when there is none.

    offered: what the repositories have, in the order they prefer its versions.
    """
    if not intent.release and not intent.flavour and flavour is None:
        raise InputError([Problem("flavour", f"can't be told from the running kernel {running}", "name the flavour")])
    there = [kernel for kernel in installed if is_meant(intent, kernel, running, flavour)]
    found = [kernel for kernel in offered if is_meant(intent, kernel, running, flavour)]
    if suffices(intent, installed, running, flavour):
        chosen = best(there)
    else:
        release = next(iter(newest_first(kernel.release for kernel in (*there, *found))), "")
        # A repository's first choice of a version is the package manager's too, pins of the user included.
        chosen = next((kernel for kernel in found if kernel.release == release), None) or best(there)
    if chosen is None:
        raise InputError([_nothing_meant(intent, (*installed, *offered), running, flavour)])
    return chosen


def _nothing_meant(intent: Intent, kernels: t.Sequence[Kernel], running: str, flavour: t.Optional[str]) -> Problem:
    option = "release" if intent.release else "pattern" if intent.pattern else "flavour"
    if intent.release == RUNNING:
        return Problem(option, f"the running kernel {running} comes from no package", "name a release or a pattern")
    wanted = intent.flavour or flavour
    fitting = [kernel for kernel in kernels if kernel.flavour == wanted] if not intent.release else []
    releases = newest_first(kernel.release for kernel in (fitting or kernels))
    shown = ", ".join(releases[:SHOWN_RELEASES]) + (", ..." if len(releases) > SHOWN_RELEASES else "")
    what = f"of flavour {wanted} " if not intent.release else ""
    return Problem(option, f"{intent.words} {what}is neither installed nor available", f"there are {shown or 'none'}")
