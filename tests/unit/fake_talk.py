# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A conversation in memory, between a move's source and whoever answers for its target."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import TalkEndedError

Json = dict[str, t.Any]


class FakeTalk:
    """answer: what the target does when it is asked. cut: words that don't arrive. lost: those whose answer doesn't."""

    def __init__(
        self,
        answer: t.Callable[[Json], Json],
        first: t.Sequence[Json] = ({"ready": True},),
        cut: t.Collection[str] = (),
        lost: t.Collection[str] = (),
    ) -> None:
        self._answer, self._waiting, self._cut, self._lost = answer, list(first), cut, lost
        self.asked: list[Json] = []
        self.open = True

    def say(self, document: Json) -> None:
        word = document["do"]
        if not self.open or word in self._cut:
            self.open = False
            raise TalkEndedError("nobody listens any more")
        self.asked.append(document)
        answer = self._answer(document)
        if word in self._lost:
            self.open = False
        else:
            self._waiting.append(answer)

    def hear(self, _seconds: float) -> t.Optional[Json]:
        if not self.open:
            raise TalkEndedError("the other side has ended")
        return self._waiting.pop(0) if self._waiting else None

    def close(self) -> str:
        self.open = False
        return ""
