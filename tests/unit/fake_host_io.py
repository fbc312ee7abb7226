# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A HostIO over plain dictionaries, for unit tests. It does what HostIO does and remembers what was asked of it.

    from fake_host_io import FakeHostIO

    host = FakeHostIO(
        files={"/etc/hostname": "alpha\n", "/sys/x": b"\x01"},
        commands={("uname", "-r"): (0, "6.12\n", ""), ("criu",): lambda argv, input_text: (1, "", "no")},
        links={"/usr/bin/iptables": "/etc/alternatives/iptables"},
    )

Folders above every file and link exist by themselves. A command key of one word alone answers every call of that
program that has no key of its own; a list as value gives one answer per call (the last one stays). A program with no
key at all isn't there (127); a program with keys, called with other arguments, fails the test.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import io
import os.path
import socket
import stat
import typing as t
import zlib

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import BusyError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import Completed, FileStatus, HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import Watched
from ansible_collections.anycloud.container_host.plugins.module_utils._host_tree import TreeFile
from ansible_collections.anycloud.container_host.plugins.module_utils._host_walk import Walked

Answer = t.Union[Completed, tuple[int, str, str]]
Script = t.Union[Answer, list[Answer], t.Callable[[tuple[str, ...], t.Optional[str]], Answer]]


class _WrittenStream(io.BytesIO):
    """A stream whose content is the file's once it is closed."""

    def __init__(self, files: dict[str, bytes], path: str) -> None:
        super().__init__()
        self._files = files
        self._path = path

    def close(self) -> None:
        if not self.closed:
            self._files[self._path] = self.getvalue()
        super().close()


class FakeHostIO(HostIO):
    """Files, links, directories and scripted commands in memory.

    Attributes to look at afterwards: ``written`` (path -> text written), ``ran`` (argv tuples, in order),
    ``inputs`` (standard input of each run, in the same order), ``removed`` (paths, in order), ``files``, ``modes``
    and ``owners`` (the state reached), ``made`` (directories made). ``free``: bytes free on every file system, but for
    directories named in ``free_at``. ``projects``: directory -> the project whose quota counts from there on.
    """

    def __init__(
        self,
        files: t.Optional[t.Mapping[str, t.Union[str, bytes]]] = None,
        commands: t.Optional[t.Mapping[tuple[str, ...], Script]] = None,
        links: t.Optional[t.Mapping[str, str]] = None,
        directories: t.Iterable[str] = (),
        modes: t.Optional[t.Mapping[str, int]] = None,
        owners: t.Optional[t.Mapping[str, tuple[int, int]]] = None,
        available: t.Iterable[str] = (),
        unreadable: t.Iterable[str] = (),
        write_errors: t.Optional[t.Mapping[str, str]] = None,
        sockets: t.Optional[t.Mapping[tuple[str, str], tuple[int, str]]] = None,
        processes: t.Iterable[int] = (),
        ports_in_use: t.Iterable[int] = (),
    ) -> None:
        """``available``: commands found by find_command without a script. ``unreadable``: files there but not readable.

        ``write_errors``: path -> reason; writing or removing that path raises HostError.
        ``sockets``: (socket path, HTTP target) -> (status, body). ``processes``: the process ids that are alive.
        """
        self.files: dict[str, bytes] = {path: self._as_bytes(content) for path, content in (files or {}).items()}
        self.commands: dict[tuple[str, ...], Script] = dict(commands or {})
        self.links = dict(links or {})
        self.directories = set(directories)
        self.modes = dict(modes or {})
        self.owners = dict(owners or {})
        self.available = set(available)
        self.unreadable = set(unreadable)
        self.write_errors = dict(write_errors or {})
        self.written: dict[str, str] = {}
        self.ran: list[tuple[str, ...]] = []
        self.inputs: list[t.Optional[str]] = []
        self.removed: list[str] = []
        self.made: list[str] = []
        self.sockets = dict(sockets or {})
        self.processes = set(processes)
        self.ports_in_use = set(ports_in_use)
        self.signals: list[tuple[int, int]] = []
        self.slept_seconds = 0.0
        self.free = 1 << 40
        self.free_at: dict[str, int] = {}
        self.projects: dict[str, int] = {}
        self.locked: set[str] = set()
        self.lock_holders: dict[str, int] = {}
        self.synced: list[str] = []

    @staticmethod
    def _as_bytes(content: t.Union[str, bytes]) -> bytes:
        return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content

    def _all_directories(self) -> set[str]:
        found = {"/"}
        for path in [*self.files, *self.links, *self.directories, *self.unreadable]:
            folder = path if path in self.directories else os.path.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = os.path.dirname(folder)
        return found

    def _follow(self, path: str) -> str:
        seen = set()
        while path in self.links and path not in seen:
            seen.add(path)
            path = os.path.normpath(os.path.join(os.path.dirname(path), self.links[path]))
        return path

    def _paths(self) -> set[str]:
        return {*self.files, *self.links, *self.unreadable, *self._all_directories()}

    def _refuse(self, path: str) -> None:
        if path in self.write_errors:
            raise HostError(f"{path}: can't be written: {self.write_errors[path]}")

    def read_bytes(self, path: str) -> bytes | None:
        real = self._follow(path)
        return None if real in self.unreadable else self.files.get(real)

    def open_stream(self, path: str, mode: str = "rb") -> t.IO[bytes]:
        if mode == "wb":
            self._refuse(path)
            return _WrittenStream(self.files, path)
        content = self.read_bytes(path)
        if content is None:
            raise HostError(f"{path}: can't be opened: No such file or directory")
        return io.BytesIO(content)

    def exists(self, path: str) -> bool:
        real = self._follow(path)
        return real in self.files or real in self.unreadable or real in self._all_directories()

    def why_absent(self, path: str) -> str:
        return "" if self.exists(path) else "No such file or directory"

    def status(self, path: str) -> FileStatus | None:
        if path not in self._paths():
            return None
        uid, gid = self.owners.get(path, (0, 0))
        if path in self.links:
            return FileStatus(0o777, uid, gid, "link", len(self.links[path]))
        if path in self.files or path in self.unreadable:
            return FileStatus(self.modes.get(path, 0o644), uid, gid, "file", len(self.files.get(path, b"")))
        return FileStatus(self.modes.get(path, 0o755), uid, gid, "directory", 4096)

    def free_bytes(self, path: str) -> int:
        return self._above(self.free_at, path, self.free)

    def quota_project(self, path: str) -> int:
        return self._above(self.projects, path, 0)

    def real_path(self, path: str) -> str:
        real = "/"
        for name in path.split("/"):
            real = self._follow(os.path.normpath(os.path.join(real, name)))
        return real

    @staticmethod
    def _above(values: t.Mapping[str, int], path: str, otherwise: int) -> int:
        named = [folder for folder in values if f"{path}/".startswith(f"{folder.rstrip('/')}/")]
        return values[max(named, key=len)] if named else otherwise

    def glob(self, pattern: str) -> list[str]:
        depth = pattern.count("/")
        return sorted(p for p in self._paths() if p.count("/") == depth and fnmatch.fnmatchcase(p, pattern))

    def list_directory(self, path: str) -> list[str]:
        folder = self._follow(path.rstrip("/") or "/")
        return sorted(os.path.basename(p) for p in self._paths() if p != "/" and os.path.dirname(p) == folder)

    def identity(self, path: str) -> tuple[int, int] | None:
        return (1, zlib.crc32(path.encode())) if path in self._paths() else None

    def walk(self, top: str, is_skipped: t.Callable[[str], bool]) -> t.Iterator[Walked]:
        types = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}
        status, identity = self.status(top), self.identity(top)
        if status is None or identity is None:
            return
        yield Walked(top, types[status.kind] | status.mode, status.uid, status.gid, *identity)
        if status.kind == "directory":
            for path in (os.path.join(top, name) for name in self.list_directory(top)):
                if path not in self._all_directories() or not is_skipped(path):
                    yield from self.walk(path, is_skipped)

    def read_tree(self, top: str) -> t.Iterator[TreeFile]:
        for entry in self.walk(top, lambda _path: False):
            content, target = self.files.get(entry.path, b""), self.links.get(entry.path, "")
            yield TreeFile(
                path=os.path.relpath(entry.path, top), mode=entry.mode, uid=entry.uid, gid=entry.gid,
                size_bytes=len(content), allocated_bytes=len(content), mtime_ns=0, ctime_ns=0, device=entry.device,
                inode=entry.inode, links=1, special_device="0:0", target=target, xattrs={},
            )  # fmt: skip

    def hash_file(self, path: str) -> str | None:
        return hashlib.sha256(self.files[path]).hexdigest() if path in self.files else None

    def read_link(self, path: str) -> str | None:
        return self.links.get(path)

    def find_command(self, name: str) -> str | None:
        if name.startswith("/"):
            return name if self.exists(name) or any(key[0] == name for key in self.commands) else None
        known = name in self.available or any(key[0] == name for key in self.commands)
        return f"/usr/bin/{name}" if known else None

    def run(
        self,
        argv: t.Sequence[str],
        input_text: str | None = None,
        timeout_seconds: float = 60,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
    ) -> Completed:
        key = tuple(argv)
        self.ran.append(key)
        self.inputs.append(input_text)
        done = self._answer(key, input_text)
        if check and done.rc != 0:
            last_words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
            raise HostError(f"{' '.join(key)}: failed with {done.rc}: {' '.join(last_words)}")
        return done

    def watch(
        self,
        argv: t.Sequence[str],
        on_text: t.Callable[[str], None] | None = None,
        silence_seconds: float = 600,
        input_text: str | None = None,
    ) -> Watched:
        done = self.run(argv, input_text)
        if on_text is not None:
            on_text(done.stdout)
        return Watched(done.rc, done.stdout, done.stderr)

    def _answer(self, argv: tuple[str, ...], input_text: str | None) -> Completed:
        script = self.commands.get(argv, self.commands.get(argv[:1]))
        if script is None and argv[0] == "sync":  # which every host has
            self.synced.extend(argv[2:] or ["/"])
            return Completed(argv, 0, "", "")
        if script is None:
            if any(key[0] == argv[0] for key in self.commands):
                raise AssertionError(f"no answer scripted for: {' '.join(argv)}")
            return Completed(argv, 127, "", f"{argv[0]}: command not found")
        if callable(script):
            script = script(argv, input_text)
        elif isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        return script if isinstance(script, Completed) else Completed(argv, *script)

    def make_directory(self, path: str, mode: int = 0o755) -> None:
        self._refuse(path)
        if path not in self._all_directories():
            self.directories.add(path)
            self.modes[path] = mode
            self.made.append(path)

    def write_atomic(
        self,
        path: str,
        content: str,
        mode: int = 0o644,
        uid: int = 0,
        gid: int = 0,
        validate: t.Callable[[str], None] | None = None,
    ) -> None:
        self._refuse(path)
        if validate is not None:
            temporary = f"{os.path.dirname(path)}/.{os.path.basename(path)}.new"
            self.files[temporary] = self._as_bytes(content)
            try:
                validate(temporary)
            finally:
                del self.files[temporary]
        self.links.pop(path, None)
        self.files[path] = self._as_bytes(content)
        self.modes[path] = mode
        self.owners[path] = (uid, gid)
        self.written[path] = content

    def write_in_place(self, path: str, content: str) -> None:
        self._refuse(path)
        if path not in self.files:
            raise HostError(f"{path}: can't be written: No such file or directory")
        self.files[path] = self._as_bytes(content)
        self.written[path] = content

    def remove(self, path: str) -> None:
        self._refuse(path)
        if self.links.pop(path, None) is not None or self.files.pop(path, None) is not None:
            self.removed.append(path)

    def rename(self, before: str, after: str) -> None:
        self._refuse(after)
        stores: tuple[dict[str, t.Any], ...] = (self.files, self.links, self.modes, self.owners)
        for store in stores:
            for path in [p for p in store if p == before or p.startswith(before + "/")]:
                store[after + path[len(before) :]] = store.pop(path)

    def remove_tree(self, path: str) -> None:
        self._refuse(path)
        for store in (self.files, self.links, self.directories):
            for inner in [p for p in store if p == path or p.startswith(path + "/")]:
                store.remove(inner) if isinstance(store, set) else store.pop(inner)
                self.removed.append(inner)

    def connect_unix(self, path: str, timeout_seconds: float = 30) -> socket.socket:
        raise HostError(f"{path}: no answer: Connection refused")

    def get_from_socket(self, path: str, target: str, timeout_seconds: float = 10) -> tuple[int, str]:
        if (path, target) not in self.sockets:
            raise HostError(f"{path}: no answer: No such file or directory")
        return self.sockets[path, target]

    def local_port_is_free(self, port: int) -> bool:
        return port not in self.ports_in_use

    def signal(self, pid: int, number: int) -> bool:
        if pid not in self.processes:
            return False
        self.signals.append((pid, number))
        if number in (9, 15):
            self.processes.discard(pid)
        return True

    def signal_group(self, leader: int, number: int) -> bool:
        return self.signal(leader, number)

    @contextlib.contextmanager
    def lock(self, path: str, busy: str = "") -> t.Iterator[None]:
        if busy and path in self.locked:
            raise BusyError(busy)
        self.locked.add(path)
        try:
            yield
        finally:
            self.locked.discard(path)

    def lock_holder(self, path: str) -> t.Optional[int]:
        return self.lock_holders.get(path)

    def sync_directory(self, path: str) -> None:
        self.synced.append(path)

    def sleep(self, seconds: float) -> None:
        self.slept_seconds += seconds

    def monotonic(self) -> float:
        return self.slept_seconds

    def now_ns(self) -> int:
        return 0

    def set_mode(self, path: str, mode: int) -> None:
        self._present(path)
        self.modes[path] = mode

    def set_mode_of(self, path: str, identity: tuple[int, int], mode: int) -> bool:
        if self.identity(path) != identity:
            return False
        self.modes[path] = mode
        return True

    def set_owner(self, path: str, uid: int, gid: int) -> None:
        self._present(path)
        self.owners[path] = (uid, gid)

    def _present(self, path: str) -> None:
        if path not in self._paths():
            raise HostError(f"{path}: can't be changed: No such file or directory")
