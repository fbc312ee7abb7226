# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a host from outside: what of it, of its containers and beyond it can be reached, and by whom.

Runs on the host, as root. "outside" and "far" are network namespaces behind interfaces of their own: outside has an
address that is not private (203.0.113.9, RFC 5737) and one that is (10.99.0.9), of both families; far is a network the
host could route to. Neither knows a way back to the containers' own addresses, so that missing translation shows.

usage: exposure.py up ENGINE IMAGE | look ENGINE | down ENGINE
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

PUBLIC, PRIVATE = ("203.0.113.9", "203.0.113.1"), ("10.99.0.9", "10.99.0.1")
PUBLIC6, PRIVATE6 = ("2001:db8:99::9", "2001:db8:99::1"), ("fd99::9", "fd99::1")
FAR, FAR_HOST, FAR_PORT = "198.51.100.9", "198.51.100.1", 7000
# Short, so that a host whose own resolver answers with such addresses still reaches its mirror.
NETWORK_LENGTH = "/28"
PUBLISHED, DECLARED, OF_HOST, OF_USER, SSH = 8080, 8081, 9099, 9098, 22
SECONDS = 4

CONNECT = """
import json, socket, sys
answers = {}
for name, source, target, port in json.loads(sys.argv[1]):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(float(sys.argv[2]))
        try:
            if source:
                probe.bind((source, 0))
            probe.connect((target, port))
            # A proxy takes the connection before it knows whether somebody is behind it.
            probe.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            answers[name] = bool(probe.recv(16))
        except OSError as error:
            answers[name] = False
print(json.dumps(answers))
"""


def run(*argv: str, check: bool = True) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(argv)}: {done.stderr or done.stdout}")
    return done.stdout


def inside(namespace: str) -> list[str]:
    return ["ip", "netns", "exec", namespace] if namespace else []


def serve(unit: str, port: int, *properties: str, namespace: str = "") -> None:
    command = [
        *inside(namespace),
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "::",
        "--directory",
        "/run",
    ]
    run("systemd-run", "--quiet", "--collect", f"--unit={unit}", *properties, *command)


def namespace(name: str, here: str, addresses: list[tuple[str, str]]) -> None:
    run("ip", "netns", "add", name)
    run("ip", "link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "link", "set", here, "up")
    run(*inside(name), "ip", "link", "set", "lo", "up")
    run(*inside(name), "ip", "link", "set", "eth0", "up")
    for there, local in addresses:
        length, more = ("/64", ["nodad"]) if ":" in there else (NETWORK_LENGTH, [])
        run("ip", "address", "add", local + length, "dev", here, *more)
        run(*inside(name), "ip", "address", "add", there + length, "dev", "eth0", *more)


def up(engine: str, image: str) -> None:
    down(engine)
    namespace("outside", "out0", [PUBLIC, PRIVATE, PUBLIC6, PRIVATE6])
    namespace("far", "far0", [(FAR, FAR_HOST)])
    run(*inside("outside"), "ip", "route", "add", f"198.51.100.0{NETWORK_LENGTH}", "via", PUBLIC[1])
    run(*inside("far"), "ip", "route", "add", f"203.0.113.0{NETWORK_LENGTH}", "via", FAR_HOST)
    serve("exposure-far", FAR_PORT, namespace="far")
    serve("exposure-host", OF_HOST)
    # What a port of a rootless container looks like to the kernel: a socket of a process in a user's session.
    serve("exposure-user", OF_USER, "--slice=user-1000.slice", "--uid=1000")
    run(engine, "network", "create", "exposure")
    ports = ["-p", f"{PUBLISHED}:80", "-p", f"{DECLARED}:80"]
    web = ["/bin/httpd", "-f", "-p", "80", "-h", "/etc"]
    run(engine, "run", "-d", "--name", "exposure-web", "--network", "exposure", *ports, image, *web)
    run(engine, "run", "-d", "--name", "exposure-client", "--network", "exposure", image, "/bin/sleep", "86400")
    time.sleep(SECONDS)


def down(engine: str) -> None:
    run(engine, "rm", "-f", "exposure-web", "exposure-client", check=False)
    run(engine, "network", "rm", "exposure", check=False)
    run("systemctl", "stop", "exposure-far", "exposure-host", "exposure-user", check=False)
    for name, here in (("outside", "out0"), ("far", "far0")):
        run("ip", "netns", "del", name, check=False)
        run("ip", "link", "del", here, check=False)


def connect(name: str, probes: list[tuple[str, str, str, int]]) -> dict[str, bool]:
    answers = run(*inside(name), sys.executable, "-c", CONNECT, json.dumps(probes), str(SECONDS))
    found: dict[str, bool] = json.loads(answers)
    return found


def container_answers(engine: str, url: str) -> bool:
    # wget's own -T ends busybox 1.35 with a signal
    command = ["exec", "exposure-client", "/bin/timeout", str(SECONDS), "/bin/wget", "-q", "-O", "/dev/null", url]
    return subprocess.run([engine, *command], capture_output=True, check=False).returncode == 0


def look(engine: str) -> dict[str, bool]:
    inspected = json.loads(run(engine, "inspect", "exposure-web"))[0]["NetworkSettings"]["Networks"]["exposure"]
    address = inspected["IPAddress"]
    # Who knows the containers' network can try to go around the published ports.
    run(*inside("outside"), "ip", "route", "replace", f"{address}/32", "via", PRIVATE[1])
    probes = []
    for word, port in (("published", PUBLISHED), ("declared", DECLARED), ("host", OF_HOST), ("user", OF_USER)):
        for who, (source, target) in {
            "public": PUBLIC,
            "private": PRIVATE,
            "public6": PUBLIC6,
            "private6": PRIVATE6,
        }.items():
            probes.append((f"{word}_{who}", source, target, port))
    probes.append(("ssh_public", *PUBLIC, SSH))
    probes.append(("router", PUBLIC[0], FAR, FAR_PORT))
    probes.append(("around", PRIVATE[0], address, 80))
    answers = connect("outside", probes)
    answers.update(connect("", [("loopback", "", "127.0.0.1", PUBLISHED)]))
    answers["egress"] = container_answers(engine, f"http://{FAR}:{FAR_PORT}/")
    answers["by_name"] = container_answers(engine, "http://exposure-web/passwd")
    return answers


def main() -> None:
    verb, engine, *more = sys.argv[1:]
    if verb == "up":
        up(engine, *more)
    elif verb == "down":
        down(engine)
    else:
        print(json.dumps(look(engine)))


if __name__ == "__main__":
    main()
