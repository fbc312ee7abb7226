#!/usr/bin/python3
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guestbook: a web service that keeps its entries in PostgreSQL.

GET /          the guestbook as a page, with a form
GET /entries   the newest entries as JSON
POST /entries  add one: {"author": "...", "message": "..."}
GET /healthz   200 when the database answers, else 503
GET /whoami    what the service can notice of the container it runs in
"""

from __future__ import annotations

import contextlib
import html
import json
import logging
import os
import platform
import signal
import socket
import sys
import threading
import typing as t
import urllib.parse

import psycopg2  # type: ignore[import-untyped]
import waitress  # type: ignore[import-untyped]

LOG = logging.getLogger("guestbook")
MAX_BODY_BYTES = 16 * 1024
MAX_AUTHOR, MAX_MESSAGE, NEWEST = 80, 1000, 100

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author text NOT NULL,
    message text NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
)
"""
# CREATE TABLE IF NOT EXISTS is not safe against another one at the same time
SCHEMA_LOCK = "SELECT pg_advisory_xact_lock(7203114)"

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guestbook</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }}
input, textarea, button {{ font: inherit; display: block; width: 100%; margin: .5rem 0; box-sizing: border-box }}
li {{ margin: .5rem 0 }} small {{ color: #666 }}</style>
<h1>Guestbook</h1>
<form method="post" action="/entries">
<input name="author" placeholder="Your name" maxlength="{max_author}" required>
<textarea name="message" placeholder="Your message" maxlength="{max_message}" required></textarea>
<button>Sign</button>
</form>
<ul>{entries}</ul>
<p><small>served by {hostname}</small></p>
</html>
"""


Result = t.TypeVar("Result")


class BadRequestError(Exception):
    """The request can't be understood; the message says why."""


class CommitError(psycopg2.DatabaseError):
    """The commit failed, and nobody knows whether the entry is there."""


class Database:
    """One connection per thread, made when it is needed and again when it broke."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.local = threading.local()

    def connect(self) -> t.Any:
        """A new connection of this thread, to a database with our table."""
        connection = psycopg2.connect(connect_timeout=5, application_name="guestbook", **self.parameters)
        with connection, connection.cursor() as cursor:
            cursor.execute(SCHEMA_LOCK)
            cursor.execute(SCHEMA)
        self.local.connection = connection
        return connection

    def run(self, work: t.Callable[[t.Any], Result]) -> Result:
        """What ``work`` makes of a cursor, in a transaction of its own.

        A connection may have broken while nobody used it, so a kept one gets a second try. A commit never does: whether
        it was carried out can't be known.
        """
        kept = getattr(self.local, "connection", None)
        if kept is not None and not kept.closed:
            try:
                return self.attempt(kept, work)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                LOG.info("the connection to the database broke: %s", str(error).strip())
        return self.attempt(self.connect(), work)

    @staticmethod
    def attempt(connection: t.Any, work: t.Callable[[t.Any], Result]) -> Result:
        """Run ``work`` and commit. A connection that failed is not used again."""
        try:
            with connection.cursor() as cursor:
                result = work(cursor)
        except psycopg2.Error:
            connection.close()
            raise
        try:
            connection.commit()
        except psycopg2.Error as error:
            connection.close()
            raise CommitError(str(error)) from error
        return result

    def entries(self) -> list[dict[str, t.Any]]:
        """The newest entries, newest first."""

        def read(cursor: t.Any) -> list[tuple[t.Any, ...]]:
            cursor.execute("SELECT id, author, message, created FROM entry ORDER BY id DESC LIMIT %s", (NEWEST,))
            return list(cursor.fetchall())

        keys = ("id", "author", "message", "created")
        return [dict(zip(keys, (*row[:3], row[3].isoformat()))) for row in self.run(read)]

    def add(self, author: str, message: str) -> int:
        """Add an entry; returns its id, after the commit."""

        def write(cursor: t.Any) -> int:
            cursor.execute("INSERT INTO entry (author, message) VALUES (%s, %s) RETURNING id", (author, message))
            return int(cursor.fetchone()[0])

        return self.run(write)

    def ping(self) -> None:
        """Raise unless the database answers."""
        self.run(lambda cursor: cursor.execute("SELECT 1"))


def read_first(*paths: str) -> str | None:
    """The content of the first file that can be read."""
    for path in paths:
        with contextlib.suppress(OSError), open(path, encoding="utf-8") as stream:
            return stream.read().strip()
    return None


def whoami() -> dict[str, t.Any]:
    """What this process can notice of its container; the same questions under every engine."""
    lines = (read_first("/proc/self/status") or "").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {
        "hostname": socket.gethostname(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "uid": os.getuid(),
        "gid": os.getgid(),
        "pid": os.getpid(),
        "capabilities_effective": status.get("CapEff"),
        "capabilities_bounding": status.get("CapBnd"),
        "no_new_privileges": status.get("NoNewPrivs") == "1",
        "seccomp_filtered": status.get("Seccomp") == "2",
        "security_label": (read_first("/proc/self/attr/current") or "").rstrip("\0"),
        "memory_max": read_first("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        "pids_max": read_first("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"),
        "cpu_max": read_first("/sys/fs/cgroup/cpu.max"),
        "root_read_only": bool(os.statvfs("/").f_flag & os.ST_RDONLY),
    }


def read_entry(environ: dict[str, t.Any]) -> tuple[str, str]:
    """Author and message of a request, as JSON or from the form."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise BadRequestError("Content-Length is no number") from None
    if not 0 < length <= MAX_BODY_BYTES:
        raise BadRequestError(f"the body must have 1 to {MAX_BODY_BYTES} bytes")
    try:
        body = environ["wsgi.input"].read(length).decode("utf-8")
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            fields: t.Any = dict(urllib.parse.parse_qsl(body))
        else:
            fields = json.loads(body)
    except ValueError:
        raise BadRequestError("the body is neither JSON nor a form in UTF-8") from None
    if not isinstance(fields, dict):
        raise BadRequestError("the body must be an object with author and message")
    found = []
    for name, limit in (("author", MAX_AUTHOR), ("message", MAX_MESSAGE)):
        value = fields.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= limit or "\0" in value:
            raise BadRequestError(f"{name} must be a text of 1 to {limit} characters")
        found.append(value.strip())
    return found[0], found[1]


class Application:
    """The WSGI application (PEP 3333)."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.routes: dict[tuple[str, str], t.Callable[[dict[str, t.Any]], tuple[str, str, str]]] = {
            ("GET", "/"): self.page,
            ("GET", "/entries"): self.list_entries,
            ("POST", "/entries"): self.add_entry,
            ("GET", "/healthz"): self.health,
            ("GET", "/whoami"): self.who,
        }

    def __call__(self, environ: dict[str, t.Any], start_response: t.Callable[..., t.Any]) -> list[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        handler = self.routes.get(("GET" if method == "HEAD" else method, path))
        try:
            if handler is not None:
                status, kind, text = handler(environ)
            elif any(known == path for _method, known in self.routes):
                status, kind, text = self.json({"error": f"{method} is not possible here"}, "405 Method Not Allowed")
            else:
                status, kind, text = self.json({"error": "there is nothing here"}, "404 Not Found")
        except BadRequestError as error:
            status, kind, text = self.json({"error": str(error)}, "400 Bad Request")
        except psycopg2.Error as error:
            LOG.warning("%s %s: database: %s", method, path, str(error).strip())
            status, kind, text = self.json({"error": "the database does not answer"}, "503 Service Unavailable")
        body = text.encode()
        headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if status.startswith("303"):
            headers.append(("Location", "/"))
        start_response(status, headers)
        return [b"" if method == "HEAD" else body]

    @staticmethod
    def json(value: t.Any, status: str = "200 OK") -> tuple[str, str, str]:
        """Status, content type and text of a JSON answer."""
        return status, "application/json", json.dumps(value, indent=2) + "\n"

    def page(self, _environ: dict[str, t.Any]) -> tuple[str, str, str]:
        items = "".join(
            f"<li><b>{html.escape(entry['author'])}</b> <small>{entry['created'][:16]}</small><br>"
            f"{html.escape(entry['message'])}</li>"
            for entry in self.database.entries()
        )
        hostname = html.escape(socket.gethostname())
        text = PAGE.format(entries=items, hostname=hostname, max_author=MAX_AUTHOR, max_message=MAX_MESSAGE)
        return "200 OK", "text/html", text

    def list_entries(self, _environ: dict[str, t.Any]) -> tuple[str, str, str]:
        return self.json(self.database.entries())

    def add_entry(self, environ: dict[str, t.Any]) -> tuple[str, str, str]:
        author, message = read_entry(environ)
        identifier = self.database.add(author, message)
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            return "303 See Other", "text/plain", "signed\n"
        return self.json({"id": identifier}, "201 Created")

    def health(self, _environ: dict[str, t.Any]) -> tuple[str, str, str]:
        self.database.ping()
        return self.json({"status": "ok"})

    def who(self, _environ: dict[str, t.Any]) -> tuple[str, str, str]:
        return self.json(whoami())


def serve() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    parameters = {
        "host": os.environ.get("DB_HOST", "db"),
        "port": os.environ.get("DB_PORT", "5432"),
        "dbname": os.environ.get("DB_NAME", "guestbook"),
        "user": os.environ.get("DB_USER", "guestbook"),
        "password": os.environ.get("DB_PASSWORD", ""),
    }
    # process 1 has no default action for this signal
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    port, threads = int(os.environ.get("PORT", "8080")), int(os.environ.get("THREADS", "4"))
    LOG.info("listening on port %d", port)
    waitress.serve(Application(Database(parameters)), host="0.0.0.0", port=port, threads=threads, ident=None)


if __name__ == "__main__":
    serve()
