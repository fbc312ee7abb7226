# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo shows of its steps while they run."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import typing as t


class DemoError(Exception):
    """A step did not do what it should; the message says what and where to look."""


class Display:
    """One line per step with its time; on a terminal the line shows what is being done."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.times: list[tuple[str, float]] = []
        self._doing = ""

    def step(self, title: str, work: t.Callable[[], str]) -> None:
        """Do one step and show how it went."""
        started = time.monotonic()
        self._doing = ""
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, started, done), daemon=True)
        if self.live:
            ticker.start()
        else:
            print(f"  ...  {title}", flush=True)
        try:
            result = work()
        except BaseException:
            self._finish(done, ticker)
            print(f" FAIL  {title} ({time.monotonic() - started:.0f} s)", flush=True)
            raise
        self._finish(done, ticker)
        seconds = time.monotonic() - started
        self.times.append((title, seconds))
        print(f"  ok   {title} ({seconds:.0f} s){': ' + result if result else ''}", flush=True)

    def doing(self, what: str) -> None:
        """Say what the present step is at."""
        self._doing = what

    def _tick(self, title: str, started: float, done: threading.Event) -> None:
        while not done.wait(0.2):
            width = shutil.get_terminal_size().columns - 1
            line = f"  ...  {title} ({time.monotonic() - started:.0f} s) {self._doing}"
            print(f"\r\x1b[2K{line[:width]}", end="", flush=True)

    def _finish(self, done: threading.Event, ticker: threading.Thread) -> None:
        done.set()
        if self.live:
            ticker.join()
            print("\r\x1b[2K", end="")
