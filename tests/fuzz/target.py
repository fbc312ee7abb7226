# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fuzzed: bytes become the files of a project, which go the way a user's files go, down to what engines get.

An input is the text of a Compose file. A line ``#file NAME`` ends it and begins a file beside it, one of FILES. The
files are written, and read by the action plugin's own functions. A path that leads out of the project's directory leads
to where nothing is.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
import traceback
import types
import typing as t
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from compose_outcome import outcome_of

from ansible_collections.anycloud.container_host.plugins.action.workload import ActionModule
from ansible_collections.anycloud.container_host.plugins.plugin_utils._build_context import Contexts
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import Source, read_project

FILES = ("over.yml", ".env", "x.env", "Dockerfile", ".dockerignore", "inc/compose.yml", "inc/.env")
_FILE = re.compile(rb"^#file (\S+)\n", re.M)
_FIRST = "compose.yml"
_ENVIRONMENT = dict.fromkeys(
    ("A", "SECRET_KEY", "RESTIC_PASSWORD", "JENKINS_URL", "PG_PASSWORD", "SESSION_SECRET"), "1"
)
# Of processor time, so that a busy machine makes no findings. A file of a thousand lines takes a tenth of it.
LIMIT_SECONDS = 10.0
LIMIT_MIB = 256


class TooSlowError(BaseException):
    """An input took more than LIMIT_SECONDS; no handler of ordinary exceptions may catch it."""


@dataclass(frozen=True)
class Finding:
    """What an input has shown. kind: an exception's name, ``slow`` or ``memory``. where: the innermost own lines."""

    kind: str
    where: str
    message: str
    text: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def split(data: bytes) -> dict[str, bytes]:
    """The files of an input by their names; the first is the Compose file."""
    first, *rest = _FILE.split(data)
    files = {_FIRST: first}
    for name, content in zip(rest[::2], rest[1::2]):
        if name.decode("utf-8", "replace") in FILES:
            files[name.decode()] = content
    return files


def join(files: t.Mapping[str, bytes]) -> bytes:
    """The input that has these files."""
    others = (b"\n#file %s\n%s" % (name.encode(), text) for name, text in files.items() if name != _FIRST)
    return files.get(_FIRST, b"") + b"".join(others)


class Target:
    """Runs inputs in ``directory``, which is its own and is emptied.

    limit_seconds: of processor time an input may take; limit_mib: of memory it may make the process grow.
    """

    def __init__(self, directory: Path, limit_seconds: float = LIMIT_SECONDS, limit_mib: int = LIMIT_MIB) -> None:
        self._directory = directory
        self._limit_seconds = limit_seconds
        self._limit_kib = limit_mib * 1024
        self._reader: t.Any = types.SimpleNamespace(_loader=DataLoader())
        signal.signal(signal.SIGVTALRM, _too_slow)

    def try_input(self, data: bytes) -> t.Union[str, Finding]:
        """How the input ended, as compose_outcome says it, or what was found."""
        self._write(split(data))
        before = _peak_kib(anew=True)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, self._limit_seconds)
        try:
            ended = outcome_of(self._project)
        except TooSlowError as error:
            return self._finding("slow", f"took more than {self._limit_seconds:g} s", error)
        except Exception as error:  # noqa: BLE001 any exception is what is looked for
            return self._finding(type(error).__name__, str(error)[:300], error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        grown = _peak_kib() - before
        if grown > self._limit_kib:
            return Finding(
                "memory", str(ended), f"took {grown // 1024} MiB in {time.process_time() - started:.1f} s", ""
            )
        return ended

    def _finding(self, kind: str, message: str, error: BaseException) -> Finding:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/plugins/" in frame.filename]
        places = [f"{frame.filename.rpartition('/plugins/')[2]}:{frame.lineno}" for frame in frames]
        # Where time runs out is chance: the place in the collection's outer functions tells more.
        near = places[4:7] if kind == "slow" else places[-1:]
        lines = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-12))
        return Finding(kind, " ".join(near), message, lines)

    def _write(self, files: t.Mapping[str, bytes]) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)
        for name, text in files.items():
            path = self._directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)

    def _project(self) -> t.Any:
        here = str(self._directory)
        more = tuple(path for path in [f"{here}/over.yml"] if os.path.exists(path))
        source = Source("p", f"{here}/{_FIRST}", environment=_ENVIRONMENT, project_directory="/srv/p", more_files=more,
                        profiles=("*",))  # fmt: skip
        return read_project(source, self._read_text, self._read_bytes, _Inside(here), {})

    def _read_text(self, path: str) -> t.Optional[str]:
        return _told(lambda: ActionModule._read_text(self._reader, _inside(path, str(self._directory))))

    def _read_bytes(self, path: str) -> t.Optional[bytes]:
        return _told(lambda: ActionModule._read_bytes(self._reader, _inside(path, str(self._directory))))


class _Inside(Contexts):
    """Directories to build from, of the project alone: others could be all of the machine's."""

    def __init__(self, directory: str) -> None:
        super().__init__()
        self._directory = directory

    def read(self, context: str, dockerfile: str, text: str) -> str:
        return super().read(_inside(context, self._directory), dockerfile, text)


def _inside(path: str, directory: str) -> str:
    """A path in the directory, or one where nothing is; just as long and of the same characters."""
    return path if path == directory or path.startswith(f"{directory}/") else f"{directory}/outside/{path}"


_T = t.TypeVar("_T")


def _told(read: t.Callable[[], _T]) -> t.Optional[_T]:
    """Ansible's own errors of reading, a vault without its password, are told to the user in words as well."""
    try:
        return read()
    except AnsibleError:
        return None


def _peak_kib(anew: bool = False) -> int:
    """The most memory the process has had, ``anew`` from now on (proc(5), clear_refs)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]


def _too_slow(_signal: int, _frame: t.Any) -> None:
    raise TooSlowError
