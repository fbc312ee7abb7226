# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.settings import FileContext, parse_settings

TE = "module own 1.0;\nrequire { type container_t; }\n"
PROFILE = "profile exporter /usr/bin/exporter {\n  /etc/exporter r,\n}"

BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"provider": "smack"}, "provider: 'smack' is unknown"),
    ({"collect_seconds": -1}, "collect_seconds: -1 is out of range"),
    ({"modules": [{"name": "own"}]}, "modules[0]: needs one kind of source"),
    ({"modules": [{"name": "own", "te": TE, "cil": "(x)"}]}, "modules[0]: needs one kind of source"),
    ({"modules": [{"name": "own", "cil": "(x)", "fc": "/x"}]}, "modules[0].fc: belongs to type enforcement"),
    ({"modules": [{"name": "other", "te": TE}]}, "modules[0].te: declares 'own'; begin it with: module other 1.0;"),
    ({"modules": [{"name": "own", "te": "allow a b;"}]}, "modules[0].te: declares no module"),
    ({"modules": [{"name": "own", "te": TE}] * 2}, "modules[1].name: 'own' is there twice"),
    ({"modules": [{"name": "a/b", "cil": "(x)"}]}, "modules[0].name: 'a/b' is no name"),
    ({"ports": [{"ports": "0", "type": "http_port_t"}]}, "ports[0].ports: '0' is no port"),
    ({"ports": [{"ports": "9-8", "type": "http_port_t"}]}, "ports[0].ports: '9-8' is no port"),
    ({"ports": [{"ports": "80", "type": "http port"}]}, "ports[0].type: 'http port' is no type"),
    ({"ports": [{"ports": "80", "protocol": "icmp", "type": "x_t"}]}, "ports[0].protocol: 'icmp' is unknown"),
    ({"ports": [{"ports": "80", "type": "x_t"}] * 2}, "ports[1]: tcp 80 is there twice"),
    ({"file_contexts": [{"path": "srv", "type": "x_t"}]}, "file_contexts[0].path: 'srv' matches no paths"),
    ({"file_contexts": [{"path": "/srv(", "type": "x_t"}]}, "file_contexts[0].path: '/srv(' matches no paths"),
    ({"file_contexts": [{"path": "/srv", "type": "x_t"}] * 2}, "file_contexts[1].path: '/srv' is there twice"),
    ({"profiles": [{"name": "x", "content": "# nothing"}]}, "profiles[0].content: has no profile"),
    ({"profiles": [{"name": "x", "content": PROFILE, "service": "x"}]}, "profiles[0].service: 'x' is no service"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_input(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(options)
    assert message in str(caught.value)


def test_values() -> None:
    settings = parse_settings(
        {
            "booleans": {"b": True, "a": False},
            "modules": [{"name": "own", "te": TE, "fc": None}],
            "profiles": [{"name": "exporter", "content": PROFILE, "service": "exporter.service"}],
            "ports": [{"ports": "8000-8010", "type": "http_port_t"}],
        }
    )
    assert settings.booleans == (("a", False), ("b", True))
    assert settings.profiles[0].profile == "exporter"
    assert settings.profiles[0].content.endswith("}\n")
    assert settings.ports[0].protocol == "tcp"
    assert len(settings.modules[0].digest) == 64


def test_the_digest_tells_sources_apart() -> None:
    digests = {
        parse_settings({"modules": [{"name": "own", "te": TE, "fc": fc}]}).modules[0].digest for fc in ("", "/a", "/b")
    }
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/srv/data(/.*)?", "/srv/data"),
        ("/srv/data.*", "/srv"),
        ("/srv/data/(.*)?", "/srv/data"),
        ("/srv/data/.*", "/srv/data"),
        ("/srv/file", "/srv/file"),
        ("/.*", "/"),
    ],
)
def test_base(path: str, base: str) -> None:
    assert FileContext(path, "x_t").base == base
