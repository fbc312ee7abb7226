# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import generate_compose
import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys import SECTIONS, Support
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_table import section

PAGE = Path(__file__).resolve().parents[3] / "docs" / "compose.md"

# Section -> its keys in the Compose Specification's schema (compose-spec/compose-spec, 2026-06).
SPECIFICATION: list[tuple[str, str]] = [
    ("project", "version name include services models networks volumes secrets configs"),
    (
        "service",
        (
            "develop deploy annotations attach build blkio_config cap_add cap_drop cgroup cgroup_parent command "
            "configs container_name cpu_count cpu_percent cpu_shares cpu_quota cpu_period cpu_rt_period "
            "cpu_rt_runtime cpus cpuset credential_spec depends_on device_cgroup_rules devices dns dns_opt "
            "dns_search domainname entrypoint env_file label_file environment expose extends provider "
            "external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation labels links "
            "logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode models "
            "networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged "
            "profiles pull_policy pull_refresh_after read_only restart runtime scale security_opt shm_size "
            "secrets sysctls stdin_open stop_grace_period stop_signal storage_opt tmpfs tty ulimits "
            "use_api_socket user uts userns_mode volumes volumes_from working_dir"
        ),
    ),
    ("service.healthcheck", "disable interval retries test timeout start_period start_interval"),
    (
        "service.deploy",
        "mode endpoint_mode replicas labels rollback_config update_config resources restart_policy placement",
    ),
    ("service.deploy.resources.limits", "cpus memory pids"),
    ("service.deploy.resources.reservations", "cpus memory generic_resources devices"),
    ("service.ports", "name mode host_ip target published protocol app_protocol"),
    ("service.volumes", "type source target read_only consistency bind volume tmpfs image"),
    ("service.volumes.bind", "propagation create_host_path recursive selinux"),
    ("service.volumes.volume", "labels nocopy subpath"),
    ("service.volumes.tmpfs", "size mode"),
    (
        "service.networks",
        "aliases interface_name ipv4_address ipv6_address link_local_ips mac_address driver_opts priority gw_priority",
    ),
    ("service.depends_on", "restart required condition"),
    ("service.logging", "driver options"),
    ("network", "name driver driver_opts ipam external internal enable_ipv4 enable_ipv6 attachable labels"),
    ("network.ipam", "driver config options"),
    ("network.ipam.config", "subnet ip_range gateway aux_addresses"),
    ("volume", "name driver driver_opts external labels"),
]


def test_the_page_is_in_step_with_the_validator() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert generate_compose.page(text) == text, "run make docs"


def test_a_page_without_its_mark_is_refused() -> None:
    with pytest.raises(SystemExit, match="0 times"):
        generate_compose.page("no mark")


def test_tables() -> None:
    known = section("s", "services.*", {"a": "", "b": "x | y"}, {"c": "use <a>"}, {"d": "is *old*"})
    assert generate_compose.tables([known]) == (
        "### `services.*`\n\n"
        "| key | note |\n| --- | --- |\n| `a` |  |\n| `b` | x \\| y |\n\n"
        "| key accepted without effect | why |\n| --- | --- |\n| `d` | is \\*old\\* |\n\n"
        "| key refused | instead |\n| --- | --- |\n| `c` | use &lt;a> |\n"
    )


@pytest.mark.parametrize(("name", "keys"), SPECIFICATION)
def test_every_key_of_the_specification_is_known_and_no_other(name: str, keys: str) -> None:
    assert set(SECTIONS[name].keys) == set(keys.split())


def test_every_refusal_says_what_to_do() -> None:
    refused = [key for known in SECTIONS.values() for key in known.keys.values() if key.support is Support.REFUSED]
    assert len(refused) > 40
    assert [key.name for key in refused if not re.match(r"[a-z]", key.text)] == []
