# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From files to projects, with typical Compose files as people write them."""

from __future__ import annotations

import dataclasses
import pathlib
import time
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import (
    Attachment,
    Healthcheck,
    Limits,
    Mount,
    Port,
    Project,
    Subnet,
    Ulimit,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.order import start_order
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.report import Place
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem
from ansible_collections.anycloud.container_host.plugins.plugin_utils._build_context import Contexts
from ansible_collections.anycloud.container_host.plugins.plugin_utils._compose_file import (
    Source,
    override_files,
    read_project,
    to_builtin,
)

FILES = pathlib.Path(__file__).parent / "compose_files"
SECOND, MIB = 1_000_000_000, 1024 * 1024


def read(name: str, files: t.Optional[dict[str, str]] = None, **options: t.Any) -> Project:
    """The project in a file of ``compose_files``, with ``files`` beside it."""
    beside = {f"/project/{key}": text for key, text in (files or {}).items()}
    beside["/project/compose.yml"] = (FILES / f"{name}.yml").read_text(encoding="utf-8")
    return read_project(Source(compose_file="/project/compose.yml", **options), beside.get)


def problems(name: str, files: t.Optional[dict[str, str]] = None, **options: t.Any) -> list[Problem]:
    """What is wrong with it."""
    with pytest.raises(InputError) as caught:
        read(name, files, **options)
    return list(caught.value.problems)


def test_wordpress() -> None:
    project = read(
        "wordpress",
        {"db.env": "MYSQL_ROOT_PASSWORD='r$$t'\nMYSQL_USER=overridden\n", ".env": "HTTP_PORT=9000\nDB_PASSWORD=weak\n"},
        project_name="blog",
        environment={"DB_PASSWORD": "s3cret"},
    )
    database, wordpress = project.services["db"], project.services["wordpress"]
    assert database.environment == {
        "MYSQL_ROOT_PASSWORD": "r$$t",
        "MYSQL_DATABASE": "wordpress",
        "MYSQL_USER": "wordpress",
        "MYSQL_PASSWORD": "s3cret",
    }
    assert database.command == ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci")
    test = ("CMD", "mysqladmin", "ping", "-h", "localhost")
    assert database.healthcheck == Healthcheck(test, 10 * SECOND, 5 * SECOND, 30 * SECOND, 5)
    assert database.mounts == (Mount("volume", "/var/lib/mysql", "blog_db_data"),)
    assert wordpress.ports == (Port(80, 9000),)
    assert wordpress.environment["MYSQL_USER"] == "wordpress"
    assert wordpress.environment["WORDPRESS_DB_HOST"] == "db:3306"
    assert wordpress.limits == Limits(memory_bytes=512 * MIB)
    assert wordpress.depends_on == {"db": "service_healthy"}
    assert [network.name for network in project.networks.values()] == ["blog_default"]
    assert sorted(volume.name for volume in project.volumes.values()) == ["blog_db_data", "blog_wp_data"]


def test_wordpress_without_its_password_and_file() -> None:
    found = [(problem.path, problem.line) for problem in problems("wordpress", project_name="blog")]
    assert found == [
        ("services.db.environment.MYSQL_PASSWORD", 11),
        ("services.wordpress.environment.MYSQL_PASSWORD", 11),
        ("services.db.env_file", 12),
    ]


def test_traefik() -> None:
    project = read("traefik", project_name="edge", project_directory="/srv/edge")
    traefik, whoami = project.services["traefik"], project.services["whoami"]
    assert traefik.ports == (Port(80, 80), Port(443, 443))
    assert traefik.mounts == (
        Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock", read_only=True, create_source=True),
        Mount("bind", "/letsencrypt", "/srv/edge/letsencrypt", create_source=True),
    )
    assert traefik.security_opt == ("no-new-privileges",)
    assert whoami.image == "docker.io/traefik/whoami:latest"
    assert whoami.labels["traefik.http.routers.whoami.rule"] == "Host(`whoami.example`)"
    assert whoami.networks == {"proxy": Attachment(("whoami",))}
    assert project.networks["proxy"].external


def test_traefik_with_nowhere_for_relative_paths() -> None:
    found = problems("traefik", project_name="edge")
    assert [(problem.path, problem.line) for problem in found] == [("services.traefik.volumes[1]", 20)]
    assert "project_directory" in found[0].remedy


def test_nextcloud_is_refused_with_a_remedy_for_each() -> None:
    found = {problem.path: (problem.line, problem.remedy) for problem in problems("nextcloud", project_name="cloud")}
    assert {path: line for path, (line, _remedy) in found.items()} == {
        "services.web.volumes": 19,
        "services.web.build": 21,
        "services.db.volumes[0]": 31,
        "secrets.db_password.file": 42,
    }
    assert found["services.web.build"][1] == "give an image"
    # what volumes_from takes from app has two writers
    assert "x-shared-writers" in found["services.web.volumes"][1]
    assert "name:/var/lib/mysql" in found["services.db.volumes[0]"][1]


def test_redis() -> None:
    project = read("redis")
    redis = project.services["redis"]
    assert project.name == "cache"
    assert redis.image == "docker.io/library/redis@sha256:" + "0123456789abcdef" * 4
    assert redis.command == ("redis-server", "--save", "60", "1", "--loglevel", "warning")
    assert redis.limits == Limits(
        memory_bytes=256 * MIB,
        memory_reservation_bytes=64 * MIB,
        cpus=0.5,
        pids=100,
        ulimits={"nofile": Ulimit(20000, 40000)},
    )
    assert redis.mounts == (
        Mount("volume", "/data", "redis-data"),
        Mount("tmpfs", "/tmp", tmpfs_size_bytes=16 * MIB),
    )
    assert redis.stop_grace_period_seconds == 60


def test_guestbook() -> None:
    project = read("guestbook", project_name="guestbook", environment={"PASSWORD": "p"})
    order = start_order({name: list(service.depends_on) for name, service in project.services.items()})
    assert order == ["db", "migrate", "web"]
    assert project.services["db"].networks == {"guestbook_back": Attachment(("db", "postgres"))}
    assert project.services["migrate"].restart_max_retries == 5
    assert project.networks["back"].subnets == (Subnet("172.28.5.0/24", "172.28.5.1"),)
    assert list(project.networks) == ["front", "back"]


def test_the_example_is_accepted() -> None:
    path = FILES.parents[4] / "examples" / "workloads" / "guestbook" / "compose.yml"
    environment = {"REGISTRY": "registry.example:5000", "POSTGRES_PASSWORD": "p"}
    source = Source(compose_file=str(path), environment=environment)
    files = {str(path): path.read_text(encoding="utf-8")}
    project = read_project(source, files.get)
    assert project.services["web"].image == "registry.example:5000/guestbook-web:1"
    assert project.services["web"].ports == (Port(8080, 8080),)


def test_where_everything_stands_is_kept_for_what_fails_later() -> None:
    files = {"/p/a.yml": "services:\n  web:\n    image: x:1\n", "/p/b.yml": "services:\n  web: {init: true}\n"}
    written: dict[str, Place] = {}
    read_project(Source("p", "/p/a.yml", more_files=("/p/b.yml",)), files.get, written=written)
    assert written["services.web.image"] == Place(3, "a.yml")
    assert written["services.web.init"] == Place(2, "b.yml")


def test_definition_in_place_of_a_file() -> None:
    definition = {"services": {"web": {"image": "nginx", "env_file": "web.env", "restart": False}}}
    source = Source("p", definition=definition, base_directory="/play")
    files = {"/play/web.env": "A=1", "/play/.env": "B=2"}
    project = read_project(source, files.get)
    assert project.services["web"].environment == {"A": "1"}
    assert project.services["web"].restart == "no"


def test_a_name_alone_is_enough_to_stop_or_remove() -> None:
    assert read_project(Source("p"), lambda _path: None) == Project("p")


REFUSED: list[tuple[Source, dict[str, str], str]] = [
    (Source(), {}, "project_name"),
    (Source("Bad Name"), {}, "project_name"),
    (Source("p", compose_file="/x/gone.yml"), {}, "compose_file"),
    (Source("p", compose_file="/x/c.yml"), {"/x/c.yml": ""}, "the file"),
    (Source("p", compose_file="/x/c.yml"), {"/x/c.yml": "a: [", "/x/.env": "A=1"}, "the file"),
    (Source("p", compose_file="/x/c.yml"), {"/x/c.yml": "services: {a: {image: b}}", "/x/.env": "A='1"}, ".env"),
    (Source("p", definition={}), {}, "the file"),
    (Source("p", definition={"services": {"a": {"image": "b"}}}, environment={"A": [1]}), {}, "environment.A"),
    (Source("p", definition={"services": {"a": {"image": "b"}}}, project_directory="x"), {}, "project_directory"),
]


@pytest.mark.parametrize(("source", "files", "path"), REFUSED)
def test_sources_that_are_refused(source: Source, files: dict[str, str], path: str) -> None:
    with pytest.raises(InputError) as caught:
        read_project(source, files.get)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_tenants_containers_are_all_in_its_slice() -> None:
    services = {
        "web": {"image": "a", "deploy": {"replicas": 2}},
        "db": {"image": "b", "cgroup_parent": "machine-acme.slice"},
    }
    source = Source("p", definition={"services": services}, cgroup_parent="machine-acme.slice")
    project = read_project(source, lambda _path: None)
    assert {key: service.cgroup_parent for key, service in project.services.items()} == dict.fromkeys(
        ("web", "web/2", "db"), "machine-acme.slice"
    )
    services["db"]["cgroup_parent"] = "machine-other.slice"
    with pytest.raises(InputError) as caught:
        read_project(source, lambda _path: None)
    (problem,) = caught.value.problems
    assert problem.path == "services.db.cgroup_parent"
    assert problem.message == "machine-other.slice is not the tenant's slice"


def test_problems_of_syntax_and_of_content_come_together() -> None:
    text = "services:\n  web:\n    image: a\n    image: b\n    prots: []\n"
    with pytest.raises(InputError) as caught:
        read_project(Source("p", compose_file="/x/c.yml"), {"/x/c.yml": text}.get)
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        ("services.web.image", 4),
        ("services.web.prots", 5),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/compose.yml", ["/a/compose.override.yml", "/a/compose.override.yaml"]),
        ("/a/docker-compose.yaml", ["/a/docker-compose.override.yaml", "/a/docker-compose.override.yml"]),
        ("/a/stack.yml", []),
    ],
)
def test_override_files(path: str, expected: list[str]) -> None:
    assert override_files(path) == expected


def test_to_builtin() -> None:
    class Text(str):
        """As Ansible's own text."""

    class Secret:
        """As a vaulted text: not a str, but prints as its content."""

        def __str__(self) -> str:
            return "decrypted"

    value = to_builtin({Text("a"): [Text("b"), 1, 1.5, True, None, Secret()]})
    assert value == {"a": ["b", 1, 1.5, True, None, "decrypted"]}
    assert {type(key) for key in value} == {str}
    assert [type(entry) for entry in value["a"]] == [str, int, float, bool, type(None), str]


WEB = "services:\n web:\n  image: a\n"
FORTY = "".join(f"A={'$A' * 2}\n" for _line in range(40))
# What Compose files hold that nobody means well with, and the place and the beginning of the refusal.
HOSTILE: list[tuple[str, dict[str, str], str, str]] = [
    (f'{WEB}  user: "\\uD800"', {}, "services.web.user", "has the character U+D800"),
    (f'{WEB}  env_file: "~a\\0b"', {}, "services.web.env_file", "has the character U+0000"),
    (f'{WEB}  env_file: "\\uD800"', {}, "services.web.env_file", "has the character U+D800"),
    (f'{WEB}  build: "a\\0b"', {}, "services.web.build", "has the character U+0000"),
    (f'{WEB}  build: {{dockerfile_inline: "\\uD800"}}', {}, "services.web.build.dockerfile_inline", "has the character"),
    (f'{WEB}  configs: [c]\nconfigs: {{c: {{file: "\\uD800"}}}}', {}, "configs.c.file", "has the character U+D800"),
    (f'{WEB}  environment: {{"\\0": 1}}', {}, "services.web.environment", "the key '\\x00' has the character U+0000"),
    (f"{WEB}~:\n a: 1", {}, "the file", "the key None is nothing"),
    (f"{WEB}1.5: {{a: {{b: 1}}}}", {}, "the file", "the key 1.5 is a number"),
    (f"{WEB}true: {{a: {{b: 1}}}}", {}, "the file", "the key True is a boolean"),
    (f"{WEB}  scale: {'9' * 5000}", {}, "services.web.scale", "is a number of 5000 digits"),
    (f"{WEB}  restart: on-failure:{'9' * 5000}", {}, "services.web.restart", "a number of 5000 digits is out of range"),
    (f"{WEB}  mem_limit: '{'9' * 5000}'", {}, "services.web.mem_limit", "a number of 5000 digits is too large"),
    (f"{WEB}  cpus: '{'9' * 400}'", {}, "services.web.cpus", "a number of 400 digits CPUs are too many"),
    (f"{WEB}  user: $A", {".env": f"A=1234567890\n{FORTY}"}, ".env", "line 17: the variables get longer than"),
    (f"{WEB}  ports:\n" + "   - 1-65535\n" * 20, {}, "services.web.ports[3]", "what variables, files and ranges bring in"),
    (f"{WEB}  ports: [1-65535]\n  scale: 100", {}, "services.web", "what variables, files and ranges bring in"),
    (
        WEB + "  environment:\n" + "".join(f"   V{number}: $A\n" for number in range(200)),
        {".env": "A=" + "x" * 100_000},
        "services.web.environment.V167",
        "what variables, files and ranges bring in",
    ),
    (
        "services:\n" + "".join(f" s{number}: {{image: a, env_file: e}}\n" for number in range(200)),
        {"e": "A=" + "x" * 100_000},
        "services.s167.env_file",
        "what variables, files and ranges bring in",
    ),
    (
        "services:\n" + "".join(f" s{number}: {{image: a, scale: 100}}\n" for number in range(11)),
        {},
        "services",
        "1100 containers are too many",
    ),
    (
        "services:\n s0: {image: a}\n" + "".join(f" s{n}: {{extends: s{n - 1}}}\n" for n in range(1, 900)),
        {},
        "services.s1.extends",
        "more than 30 services extend each other",
    ),
    (
        "x-a: &a {image: a, environment: [" + "V," * 200 + "]}\nservices:\n" + "".join(f" s{n}: {{extends: b}}\n" for n in range(600))
        + " b: *a\n",
        {},
        "the file",
        "has more than 100000 values with all that it extends and includes",
    ),
    (
        f"include: [{', '.join(['c.yml'] * 201)}]\n{WEB}",
        {"c.yml": "services: {c: {image: c}}"},
        "include",
        "more than 200 files, or 30 in each other, are included",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "files", "path", "message"), HOSTILE)
def test_what_would_break_or_fill_the_control_node_is_refused(
    text: str, files: dict[str, str], path: str, message: str
) -> None:
    beside = {f"/project/{name}": content for name, content in files.items()}
    beside["/project/compose.yml"] = text
    with pytest.raises(InputError) as caught:
        read_project(Source("p", "/project/compose.yml"), beside.get, None, Contexts(), {})
    assert (path, message) in [(entry.path, entry.message[: len(message)]) for entry in caught.value.problems]


def test_a_definition_that_is_too_deep_or_holds_itself() -> None:
    deep: dict[str, t.Any] = {}
    for _level in range(5000):
        deep = {"a": deep}
    circle: dict[str, t.Any] = {}
    circle["a"] = [circle]
    for definition in (deep, circle):
        with pytest.raises(InputError, match="definition: more than 100 lists and mappings are in each other"):
            read_project(Source("p", definition=definition), lambda _path: None)


def test_a_variable_that_no_environment_can_have() -> None:
    source = Source("p", definition={"services": {"web": {"image": "a"}}}, environment={"A": "a\0b"})
    with pytest.raises(InputError, match=r"environment\.A: has the character U\+0000"):
        read_project(source, lambda _path: None)
    # how Python keeps bytes that aren't UTF-8
    read_project(dataclasses.replace(source, environment={"A": "\udcff"}), lambda _path: None)


def test_many_mistakes_are_told_in_the_time_it_takes_to_read_them() -> None:
    text = WEB + "".join(f"  imag{number}: 1\n" for number in range(20_000))
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        read_project(Source("p", "/project/compose.yml"), {"/project/compose.yml": text}.get)
    assert len(caught.value.problems) == 20_000
    assert caught.value.problems[0].remedy == "did you mean image?"
    # Each was once compared with all others, and with all that could be meant: minutes.
    assert time.process_time() - started < 30
