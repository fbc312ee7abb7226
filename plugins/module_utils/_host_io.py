# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The only file that touches files and commands of a host, with its parts _host_*.py. The rest gets it handed in."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import BusyError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_lock import HostLock
from ansible_collections.anycloud.container_host.plugins.module_utils._host_room import HostRoom
from ansible_collections.anycloud.container_host.plugins.module_utils._host_stream import HostStream
from ansible_collections.anycloud.container_host.plugins.module_utils._host_tree import HostTree
from ansible_collections.anycloud.container_host.plugins.module_utils._host_walk import HostWalk


@dataclass(frozen=True)
class Completed:
    """What a command answered. ``rc`` is 127 when the command isn't there, 124 when it took too long."""

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class FileStatus:
    """A file's status: mode as an integer (permission bits only), owner and group ids, type, size."""

    mode: int
    uid: int
    gid: int
    kind: str  # file, directory, link, other
    size_bytes: int


class HostIO(HostWalk, HostTree, HostStream, HostLock, HostRoom):
    """Reads, writes and runs on the host the code runs on. Readers return None for what isn't there."""

    def read_text(self, path: str) -> str | None:
        """The file's text, or None when it is absent or can't be read for lack of support or rights."""
        content = self.read_bytes(path)
        return None if content is None else content.decode("utf-8", "surrogateescape")

    def read_bytes(self, path: str) -> bytes | None:
        """The file's bytes, or None when it is absent or can't be read for lack of support or rights."""
        try:
            with open(path, "rb") as handle:
                return handle.read()
        except OSError:
            return None

    def open_stream(self, path: str, mode: str = "rb") -> t.IO[bytes]:
        """A binary stream of a file, for contents too large for memory; mode is rb or wb."""
        try:
            return open(path, mode)
        except OSError as error:
            raise HostError(f"{path}: can't be opened: {error.strerror}") from error

    def exists(self, path: str) -> bool:
        """Whether the path exists (a dangling link does not)."""
        return os.path.exists(path)

    def why_absent(self, path: str) -> str:
        """Why a path isn't found, in the system's words: also that a directory above it lets nobody in. Else ""."""
        try:
            os.stat(path)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def status(self, path: str) -> FileStatus | None:
        """The status of the path itself (links are not followed), or None when it is absent."""
        try:
            found = os.lstat(path)
        except OSError:
            return None
        kinds = ((stat.S_ISLNK, "link"), (stat.S_ISDIR, "directory"), (stat.S_ISREG, "file"))
        kind = next((name for test, name in kinds if test(found.st_mode)), "other")
        return FileStatus(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, kind, found.st_size)

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted."""
        return sorted(glob.glob(pattern))

    def list_directory(self, path: str) -> list[str]:
        """The names in a directory, sorted; empty when it is absent."""
        try:
            return sorted(os.listdir(path))
        except OSError:
            return []

    def read_link(self, path: str) -> str | None:
        """Where a link points, or None."""
        try:
            return os.readlink(path)
        except OSError:
            return None

    def find_command(self, name: str) -> str | None:
        """The full path of a command, searched in PATH and the sbin folders, or None."""
        path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
        return shutil.which(name, path=path)

    def run(
        self,
        argv: t.Sequence[str],
        input_text: str | None = None,
        timeout_seconds: float = 60,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command without a shell, in the C locale.

        Raises HostError when ``check`` is set and the command failed, naming the command and its last words.
        """
        program = self.find_command(argv[0])
        if program is None:
            done = Completed(tuple(argv), 127, "", f"{argv[0]}: command not found")
        else:
            environment = dict(os.environ, LC_ALL="C", LANG="C", LANGUAGE="C", **(env or {}))
            try:
                result = subprocess.run(
                    [program, *argv[1:]],
                    input=None if input_text is None else input_text.encode("utf-8", "surrogateescape"),
                    stdin=subprocess.DEVNULL if input_text is None else None,
                    capture_output=True,
                    env=environment,
                    timeout=timeout_seconds,
                    check=False,
                )
                done = Completed(
                    tuple(argv),
                    result.returncode,
                    result.stdout.decode("utf-8", "replace"),
                    result.stderr.decode("utf-8", "replace"),
                )
            except subprocess.TimeoutExpired:
                done = Completed(tuple(argv), 124, "", f"no answer within {timeout_seconds:g} s")
        if check and done.rc != 0:
            last_words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
            raise HostError(f"{' '.join(argv)}: failed with {done.rc}: {' '.join(last_words)}")
        return done

    def make_directory(self, path: str, mode: int = 0o755) -> None:
        """Make a directory and its parents, with this mode whatever the umask; an existing one is left as it is."""
        missing = []
        above = path.rstrip("/")
        while above and not os.path.isdir(above):
            missing.append(above)
            above = os.path.dirname(above)
        try:
            for folder in reversed(missing):
                os.makedirs(folder, exist_ok=True)
                os.chmod(folder, mode)
        except OSError as error:
            raise HostError(f"{path}: can't be made: {error.strerror}") from error

    def write_atomic(
        self,
        path: str,
        content: str,
        mode: int = 0o644,
        uid: int = 0,
        gid: int = 0,
        validate: t.Callable[[str], None] | None = None,
    ) -> None:
        """Write a file whole or not at all: temporary file beside it, validated, synced, renamed.

        ``validate`` gets the temporary file's path and raises a ContainerHostError to refuse it.
        """
        folder = os.path.dirname(path) or "."
        self.make_directory(folder)
        temporary = ""
        try:
            handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode("utf-8", "surrogateescape"))
                stream.flush()
                os.fchmod(stream.fileno(), mode)
                if os.geteuid() == 0:
                    os.fchown(stream.fileno(), uid, gid)
                os.fsync(stream.fileno())
            if validate is not None:
                validate(temporary)
            os.replace(temporary, path)
            temporary = ""
        except OSError as error:
            remedy = "; free some space and run again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
            raise HostError(f"{path}: can't be written: {error.strerror}{remedy}") from error
        finally:
            if temporary:
                self.remove(temporary)

    def sync_directory(self, path: str) -> None:
        """Have the names in a directory on the disk: a rename alone may be lost with the power."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise HostError(f"{path}: can't be synced: {error.strerror}") from error

    def write_in_place(self, path: str, content: str) -> None:
        """Write to an existing file that can't be replaced, such as those under /proc/sys and /sys."""
        try:
            # Unbuffered and in one piece: the kernel takes one write as one value.
            descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
            try:
                os.write(descriptor, content.encode("utf-8", "surrogateescape"))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise HostError(f"{path}: can't be written: {error.strerror}") from error

    def remove(self, path: str) -> None:
        """Remove a file or link; an absent one is fine."""
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise HostError(f"{path}: can't be removed: {error.strerror}") from error

    def set_mode(self, path: str, mode: int) -> None:
        """Set the permission bits of a path."""
        try:
            os.chmod(path, mode)
        except OSError as error:
            raise HostError(f"{path}: mode can't be set: {error.strerror}") from error

    def set_owner(self, path: str, uid: int, gid: int) -> None:
        """Set owner and group of a path by id."""
        try:
            os.chown(path, uid, gid)
        except OSError as error:
            raise HostError(f"{path}: owner can't be set: {error.strerror}") from error

    def connect_unix(self, path: str, timeout_seconds: float = 30) -> socket.socket:
        """A connection to a Unix socket. Raises HostError when nobody listens there."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(path)
        except OSError as error:
            connection.close()
            raise HostError(f"{path}: no answer: {error.strerror or error}") from error
        return connection

    def get_from_socket(self, path: str, target: str, timeout_seconds: float = 10) -> tuple[int, str]:
        """One HTTP GET over a Unix socket: status and body. Raises HostError when there is no answer."""
        # Imported where it is used: it brings the whole of email, which costs modules that never ask a socket 10 ms.
        import http.client  # noqa: PLC0415

        connection = http.client.HTTPConnection("localhost")
        connection.sock = self.connect_unix(path, timeout_seconds)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise HostError(f"{path}: no answer to GET {target}: {error}") from error
        finally:
            connection.close()

    def local_port_is_free(self, port: int) -> bool:
        """Whether a TCP port of the loopback address can be listened on."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True

    def signal(self, pid: int, number: int) -> bool:
        """Send a signal; returns whether the process was there (number 0 only asks)."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        except OSError as error:
            raise HostError(f"process {pid} can't be signalled: {error.strerror}") from error
        return True

    def rename(self, before: str, after: str) -> None:
        """Rename a file or directory on the same file system, replacing a file."""
        try:
            os.rename(before, after)
        except OSError as error:
            raise HostError(f"{before}: can't be renamed to {after}: {error.strerror}") from error

    def remove_tree(self, path: str) -> None:
        """Remove a directory with all in it; an absent one is fine."""
        while os.path.lexists(path):
            try:
                shutil.rmtree(path)
            except FileNotFoundError:  # noqa: PERF203 - another one removes in it as well: what is left still has to go
                continue
            except OSError as error:
                raise HostError(f"{path}: can't be removed: {error.strerror}") from error

    @contextlib.contextmanager
    def lock(self, path: str, busy: str = "") -> t.Iterator[None]:
        """Hold an exclusive lock on a file (flock(2)). Raises HostError.

        Waits for another holder to finish, or, given ``busy``, raises a BusyError that says this. What is in the file
        stays: a holder may have left word there.
        """
        self.make_directory(os.path.dirname(path))
        try:
            handle = open(path, "a")  # noqa: SIM115 - closed below, where an error is not one of opening
        except OSError as error:
            raise HostError(f"{path}: can't be locked: {error.strerror}") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
            except BlockingIOError as error:
                raise BusyError(busy) from error
            yield

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def monotonic(self) -> float:
        """Seconds on a clock that only goes forward."""
        return time.monotonic()

    def now_ns(self) -> int:
        """Nanoseconds of the epoch, by the clock that file systems stamp files with."""
        return time.time_ns()
