# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.settings import (
    Registry,
    Ulimit,
    first_subnet,
    parse_settings,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def test_values_are_typed_and_normalised() -> None:
    settings = parse_settings(
        {
            "provider": "podman",
            "registries": [
                {"location": "r.example:5000", "ca_certificate": f"\n{PEM}\n\n", "insecure": False},
                {"location": "docker.io", "mirrors": ["r.example:5000"]},
                {"location": "[2001:db8::1]:5000", "insecure": True},
            ],
            "ulimits": {"nofile": {"soft": 1024, "hard": -1}, "core": 0},
            "address_pool": "10.64.0.0/12",
            "address_pool_prefix": 26,
        }
    )
    assert settings.registries == (
        Registry("r.example:5000", PEM + "\n"),
        Registry("docker.io", mirrors=("r.example:5000",)),
        Registry("[2001:db8::1]:5000", insecure=True),
    )
    assert settings.ulimits == (Ulimit("core", 0, 0), Ulimit("nofile", 1024, -1))
    assert str(first_subnet(settings)) == "10.64.0.0/26"


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"provider": "rkt"}, "provider", "use one of: docker, podman"),
        ({"provider": "podman", "package_source": "vendor"}, "package_source", "use distribution"),
        ({"version": "26.1; rm"}, "version", "is no version"),
        ({"oci_runtime": "runsc"}, "oci_runtime", "use one of: runc, crun"),
        ({"log_driver": "syslog"}, "log_driver", "use one of: journald, file"),
        ({"log_max_files": 0}, "log_max_files", "from 1 to 1000"),
        ({"pids_limit": True}, "pids_limit", "out of range"),
        ({"registries": [{"location": "https://r.example"}]}, "registries[0].location", "no scheme"),
        ({"registries": [{"location": "r.example/path"}]}, "registries[0].location", "no registry location"),
        ({"registries": [{"location": "a"}, {"location": "a"}]}, "registries[1].location", "there twice"),
        ({"registries": [{"location": "a", "mirrors": ["b"]}]}, "registries[0].mirrors", "docker.io only"),
        ({"registries": [{"location": "a", "ca_certificate": "x"}]}, "registries[0].ca_certificate", "PEM"),
        ({"registries": [{"location": "docker.io", "mirrors": ["b/c"]}]}, "registries[0].mirrors[0]", "location"),
        ({"ulimits": {"files": 1}}, "ulimits.files", "is no resource limit"),
        ({"ulimits": {"nofile": {"soft": 9, "hard": 8}}}, "ulimits.nofile", "soft 9 is above hard 8"),
        ({"ulimits": {"nofile": {"soft": -1, "hard": 8}}}, "ulimits.nofile", "above hard"),
        ({"ulimits": {"nofile": "many"}}, "ulimits.nofile", "is no limit"),
        ({"ulimits": {"nofile": {"hard": 8}}}, "ulimits.nofile", "is no limit"),
        ({"address_pool": "172.20.0.1/16"}, "address_pool", "host bits set"),
        ({"address_pool": "fd00::/8"}, "address_pool", "IPv4"),
        ({"address_pool_prefix": 12}, "address_pool_prefix", "larger than the pool"),
        ({"dns_servers": ["9.9.9.9", "dns.example"]}, "dns_servers[1]", "is no address"),
        ({"mtu": 900}, "mtu", "too small"),
        ({"provider": "podman", "no_new_privileges": True}, "no_new_privileges", "can't be told for all"),
        ({"cgroup_parent": "workload"}, "cgroup_parent", "is no slice"),
        ({"cgroup_parent": "machine.slice", "cgroup_driver": "cgroupfs"}, "cgroup_parent", "slices are systemd's"),
        ({"provider": "podman", "cgroup_parent": "a.slice"}, "cgroup_parent", "can't be told otherwise"),
        ({"seccomp_profile": "unconfined"}, "seccomp_profile", "is no JSON object"),
    ],
)
def test_bad_input_names_the_place_and_the_remedy(options: dict[str, t.Any], path: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_settings({"provider": "docker", **options})
    [problem] = raised.value.problems
    assert problem.path == path
    assert words in str(problem)


def test_problems_are_collected() -> None:
    with pytest.raises(InputError) as raised:
        parse_settings({"provider": "docker", "mtu": 1, "ulimits": {"x": 1}, "dns_servers": ["y"]})
    assert [problem.path for problem in raised.value.problems] == ["mtu", "ulimits.x", "dns_servers[0]"]
