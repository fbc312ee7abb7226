# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict over pairs of hosts that differ in one thing each."""

from __future__ import annotations

import dataclasses
import typing as t

import move_pairs
import pytest
from move_pairs import IMAGE, SHOP, WEB

from ansible_collections.anycloud.container_host.plugins.module_utils._compose import model
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Device, Mount, Port
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict import Verdict, from_plain
from ansible_collections.anycloud.container_host.plugins.module_utils._move.verdict_codes import CODES, REFUSED

Json = dict[str, t.Any]
Change = t.Callable[[Json, Json], None]


def judge(
    source: t.Optional[Json] = None,
    target: t.Optional[Json] = None,
    project: model.Project = SHOP,
    **wishes: t.Any,
) -> Verdict:
    definition = move_pairs.text(project)
    return from_plain(
        source or move_pairs.source(), target or move_pairs.side(), definition, ("alpha", "bravo"), **wishes
    )


def codes(verdict: Verdict) -> set[str]:
    return {finding.code for finding in verdict.findings} - {"live_not_offered"}


def web(**changes: t.Any) -> model.Project:
    service = dataclasses.replace(WEB, **changes)
    return dataclasses.replace(SHOP, services={**SHOP.services, "web": service})


def limited(**limits: t.Any) -> model.Project:
    return web(limits=model.Limits(**limits))


def test_equal_hosts_fall_for_one_reason_only() -> None:
    verdict = judge()
    assert [finding.code for finding in verdict.findings] == ["live_not_offered"]
    assert (verdict.verdict, dict(verdict.services), verdict.message) == (
        "precopy",
        {"web": "precopy", "db": "precopy"},
        "",
    )


# Field of the source, its value, the target's, and what follows.
FIELDS = [
    ("architecture__machine", "x86_64", "aarch64", "architecture"),
    ("architecture__page_size_bytes", 4096, 65536, "page_size"),
    ("architecture__x86_64_level", "v3", "v2", "cpu_level"),
    ("architecture__cpu_flags", ["avx2", "sse"], ["sse"], "cpu_flags"),
    ("kernel__release", "6.12", "6.1", "kernel"),
    ("kernel__config_digest", "a", "b", "kernel"),
    ("limits__max_map_count", 1048576, 65530, "kernel_limit"),
    ("limits__nr_open", "unlimited", 1024, "kernel_limit"),
    ("cgroup__version", "v2", "v1", "cgroup_version"),
    ("lsm__container_policy", "apparmor", "none", "lsm_policy"),
    ("container_defaults__apparmor", True, False, "lsm_policy"),
    ("lsm__selinux_mode", "permissive", "enforcing", "selinux"),
    ("seccomp__default_profile", "unconfined", "builtin", "seccomp_confinement"),
    ("seccomp__default_profile", "builtin", "file", "seccomp_profile"),
    ("seccomp__default_profile_digest", "a", "b", "seccomp_profile"),
    ("container_defaults__capabilities", ["CHOWN", "NET_RAW"], ["CHOWN"], "default_capabilities"),
    ("engine__running", True, False, "engine_not_running"),
    ("engine__name", "docker", "podman", "engine"),
    ("engine__version", "26.1.5", "20.10.24", "engine"),
    ("container_defaults__rootless", False, True, "engine_rootless"),
    ("oci_runtime__name", "runc", "crun", "oci_runtime"),
    ("oci_runtime__version", "1.1", "1.2", "oci_runtime"),
    ("checkpoint__status", "works", "stale", "checkpoint"),
    ("checkpoint__status", "not tested", "works", "checkpoint"),
    ("checkpoint__criu_version", "4.0", "3.17", "criu_version"),
    ("storage__driver", "overlay", "vfs", "storage_driver"),
    ("storage__backing_filesystem", "ext4", "xfs", "storage_driver"),
    ("engine_network__backend", "netavark", "cni", "network_stack"),
    ("engine_network__mtu_bytes", 1500, 1400, "network_stack"),
    ("network__ipv4_forwarding", True, False, "ip_forwarding"),
    ("network__ipv6_enabled", True, False, "ipv6"),
    ("container_defaults__user_namespace", "host", "remap", "user_namespace"),
]


@pytest.mark.parametrize(("path", "here", "there", "code"), FIELDS)
def test_a_field_that_differs(path: str, here: t.Any, there: t.Any, code: str) -> None:
    verdict = judge(move_pairs.source(**{path: here}), move_pairs.side(**{path: there}))
    assert codes(verdict) == {code}
    assert verdict.verdict == CODES[code].limit
    assert set(verdict.services.values()) == {CODES[code].limit}
    found = next(finding for finding in verdict.findings if finding.code == code)
    assert found.remedy
    assert "{" not in found.remedy


# The other way round is no step down: the target has more.
@pytest.mark.parametrize(
    ("path", "here", "there"),
    [
        ("architecture__x86_64_level", "v2", "v3"),
        ("architecture__cpu_flags", ["sse"], ["avx2", "sse"]),
        ("limits__max_map_count", 65530, 1048576),
        ("limits__nr_open", 1024, "unlimited"),
        ("container_defaults__capabilities", ["CHOWN"], ["CHOWN", "NET_RAW"]),
        ("checkpoint__criu_version", "3.17", "3.18.1"),
        ("network__ipv6_enabled", False, True),
        ("network__ipv4_forwarding", False, True),
        # Nothing of the workload is mapped by the ranges.
        ("userns__engine_subordinate_uids", ["containers:1:2"], ["containers:3:4"]),
        ("identity__hostname", "alpha", "bravo"),
    ],
)
def test_a_difference_that_does_not_matter(path: str, here: t.Any, there: t.Any) -> None:
    assert codes(judge(move_pairs.source(**{path: here}), move_pairs.side(**{path: there}))) == set()


def test_ranges_matter_where_ids_are_mapped() -> None:
    remap = {"container_defaults__user_namespace": "remap"}
    ranges = [{"userns__engine_subordinate_uids": [f"dockremap:{first}:65536"]} for first in (1, 2)]
    verdict = judge(move_pairs.source(**remap, **ranges[0]), move_pairs.side(**remap, **ranges[1]))
    assert codes(verdict) == {"subordinate_ids_differ"}
    assert verdict.id_maps == {"uid_map": [{"source": 1, "target": 2, "count": 65536}]}
    smaller = {"userns__engine_subordinate_uids": ["dockremap:1:65535"]}
    assert codes(judge(move_pairs.source(**remap, **ranges[0]), move_pairs.side(**remap, **smaller))) == {
        "subordinate_ids"
    }
    assert codes(judge(move_pairs.source(**ranges[0]), move_pairs.side(**ranges[1]), web(userns_mode="auto"))) == set()
    own = [{"userns__engine_subordinate_uids": [f"containers:{first}:65536"]} for first in (1, 2)]
    auto = judge(move_pairs.source(**own[0]), move_pairs.side(**own[1]), web(userns_mode="auto"))
    assert codes(auto) == {"subordinate_ids_differ"}


def test_contracts_of_two_schemas_say_nothing_else() -> None:
    target = move_pairs.side(cgroup__version="v1")
    target["contract"]["schema_version"] += 1
    assert codes(judge(target=target)) == {"contract_schema"}


def test_what_could_not_be_read_is_no_agreement() -> None:
    target = move_pairs.side(cgroup__version=None)
    target["contract"]["unread"] = [{"path": "cgroup.version", "reason": "no rights"}]
    verdict = judge(target=target)
    assert codes(verdict) == {"contract_unread"}
    assert "cgroup.version" in verdict.message
    assert judge(target=target, accepted=["contract_unread"]).verdict == "precopy"


def test_a_target_below_the_standard() -> None:
    verdict = judge(standard={"time.service_active": False})
    assert codes(verdict) == {"below_standard"}
    assert "time.service_active" in verdict.message


BIND = Mount("bind", "/etc/x", "/srv/x")
# What the service is, kinds of paths at source and target, and what follows for it.
SERVICES: list[tuple[model.Project, Json, Json, str]] = [
    (web(mounts=(BIND,)), {"/srv/x": "directory"}, {"/srv/x": "directory"}, "host_path"),
    (web(mounts=(BIND,)), {"/srv/x": "directory"}, {}, "host_path_missing"),
    (web(mounts=(BIND,)), {"/srv/x": "other"}, {"/srv/x": "other"}, "host_socket"),
    (web(security_opt=("seccomp=/srv/p.json",)), {"/srv/p.json": "file"}, {}, "host_path_missing"),
    (web(devices=(Device("/dev/fuse", "/dev/fuse"),)), {"/dev/fuse": "other"}, {"/dev/fuse": "other"}, "host_device"),
    (web(privileged=True), {}, {}, "privileged"),
    (web(labels={"io.anycloud.container-host.move.before": "SAVE"}), {}, {}, "hooks"),
    (web(network_mode="host", networks={}), {}, {}, "host_namespace"),
    (web(pid="host"), {}, {}, "host_namespace"),
    (web(security_opt=("apparmor=shop",)), {}, {}, "apparmor_profile"),
    (web(security_opt=("label=type:shop_t",)), {}, {}, "selinux_option"),
    (web(platform="linux/amd64/v4"), {}, {}, "cpu_variant"),
    (limited(ulimits={"nofile": model.Ulimit(1, 2**40)}), {}, {}, "ulimit"),
    (limited(cpus=64.0), {}, {}, "cpus"),
    (limited(cpuset="0,63"), {}, {}, "cpus"),
    (web(ports=(Port(80, 8080, host_ip="192.0.2.9"),)), {}, {}, "address_missing"),
]


@pytest.mark.parametrize(("project", "here", "there", "code"), SERVICES)
def test_what_one_service_takes(project: model.Project, here: Json, there: Json, code: str) -> None:
    source = move_pairs.source(identity__cpu_count=2)
    target = move_pairs.side(identity__cpu_count=2)
    source["host"]["paths"], target["host"]["paths"] = here, there
    verdict = judge(source, target, project)
    assert codes(verdict) == {code}
    assert verdict.services == {"web": CODES[code].limit, "db": "precopy"}
    assert verdict.verdict == CODES[code].limit


def test_an_absent_device_is_refused() -> None:
    project = web(devices=(Device("/dev/kvm", "/dev/kvm"),))
    assert codes(judge(project=project)) == {"device", "host_device"}


def test_a_socket_of_the_engine() -> None:
    project = web(mounts=(Mount("bind", "/run/docker.sock", "/run/docker.sock"),))
    assert "engine_socket" in codes(judge(target=move_pairs.side(engine__name="podman"), project=project))


@pytest.mark.parametrize(
    ("limits", "field", "there", "code"),
    [
        ({"pids": 10}, "cgroup__controllers", ["cpu", "memory"], "cgroup_controller"),
        ({"cpuset": "0"}, "cgroup__controllers", ["cpu", "memory", "pids"], "cgroup_controller"),
        ({"memory_swap_bytes": 5}, "cgroup__swap_accounting", False, "swap_accounting"),
    ],
)
def test_a_limit_that_would_not_be_held(limits: Json, field: str, there: t.Any, code: str) -> None:
    source = move_pairs.source(cgroup__swap_accounting=True)
    target = move_pairs.side(**{"cgroup__swap_accounting": True, field: there})
    assert codes(judge(source, target, limited(**limits))) == {code}
    assert codes(judge(source, target)) == set()


def test_a_privileged_service_under_lockdown() -> None:
    source, target = move_pairs.source(kernel__lockdown="none"), move_pairs.side(kernel__lockdown="integrity")
    assert codes(judge(source, target, web(privileged=True))) == {"privileged", "kernel_lockdown"}
    assert codes(judge(source, target)) == set()


OTHER = {"name": "other", "labels": {"com.docker.compose.project": "other"}, "subnets": []}


def room(**changes: t.Any) -> Change:
    return lambda _source, target: target["host"].update(changes)


def container(name: str, project: str, running: bool = True) -> Change:
    entry = {"name": name, "project": project, "running": running, "anonymous_volumes": []}
    return room(containers=[entry])


def listens(port: int, protocol: str = "tcp", address: str = "") -> Change:
    return room(listening=[{"port": port, "protocol": protocol, "address": address}])


def image(which: int, **changes: t.Any) -> Change:
    return lambda source, target: (source, target)[which]["images"][0].update(changes)


def anonymous(source: Json, _target: Json) -> None:
    source["host"]["containers"][0]["anonymous_volumes"] = ["/cache"]


def volume_lost(source: Json, _target: Json) -> None:
    source["volumes"] = []


def full(_source: Json, target: Json) -> None:
    for entry in target["host"]["places"].values():
        entry.update(free_bytes=104_000_000, file_system_free_bytes=104_000_000)


def placed(name: str, **changes: t.Any) -> Change:
    return lambda _source, target: target["host"]["places"][name].update(changes)


ROOM: list[tuple[Change, str]] = [
    (container("shop-web-1", "other"), "name_taken"),
    (container("shop-web-1", ""), "name_taken"),
    (container("shop-web-1", "shop"), "workload_runs"),
    (container("shop-web-1", "shop", running=False), ""),
    (container("else", "other"), ""),
    (listens(8080), "port_taken"),
    (listens(8080, address="127.0.0.1"), "port_taken"),
    (listens(8080, "udp"), ""),
    (listens(8081), ""),
    (room(volumes=[{**OTHER, "name": "shop_data"}]), "volume_taken"),
    (room(volumes=[{"name": "shop_data", "labels": {"com.docker.compose.project": "shop"}}]), ""),
    (room(networks=[{**OTHER, "name": "shop_default"}]), "network_taken"),
    (room(memory_available_bytes=0), ""),
    (full, "disk"),
    # Images have a file system of their own, and need nothing there: the target has them.
    (placed("images", file_system="8:2", file_system_free_bytes=0), ""),
    (placed("volumes", file_system="8:2", file_system_free_bytes=104_000_000), "disk"),
    (placed("volumes", project=7, free_bytes=106_000_000), ""),
    (placed("volumes", project=7, free_bytes=104_000_000), "quota"),
    # What is left of a quota says nothing where none counts.
    (placed("volumes", free_bytes=104_000_000), ""),
    (volume_lost, "disk_unknown"),
    (anonymous, "anonymous_volume"),
    (room(clock_offset_seconds=[6.0, 7.0]), "clock_skew"),
    (room(clock_offset_seconds=[-7.0, -6.0]), "clock_skew"),
    (room(clock_offset_seconds=[5.0, 7.0]), ""),
    (room(clock_offset_seconds=None), ""),
    (image(0, exists=False, id=None), "image_missing"),
    (image(1, exists=False, id=None), ""),
    (image(1, id="sha256:2"), "image_differs"),
]


@pytest.mark.parametrize(
    ("here", "there", "taken"),
    [
        ((8125, "udp", ""), (8125, "udp", "127.0.0.1"), True),
        ((8125, "udp", ""), (8125, "tcp", ""), False),
        ((9000, "tcp", "127.0.0.1"), (9000, "tcp", "192.0.2.1"), False),
        ((9000, "tcp", "127.0.0.1"), (9001, "tcp", ""), False),
    ],
)
def test_ports_of_a_service_with_the_network_of_the_host(
    here: tuple[t.Any, ...], there: tuple[t.Any, ...], taken: bool
) -> None:
    source, target = move_pairs.source(), move_pairs.side()
    names = ("port", "protocol", "address")
    source["host"]["containers"][1]["listening"] = [
        dict(zip(names, here)),
        {**dict(zip(names, here)), "address": "::1"},
    ]
    source["host"]["containers"].append({**source["host"]["containers"][1], "name": "another"})
    target["host"]["listening"] = [dict(zip(names, there))]
    verdict = judge(source, target)
    assert codes(verdict) == ({"port_taken"} if taken else set())
    assert [(entry.service, entry.source) for entry in verdict.findings[:-1]] == ([("db", "8125/udp")] if taken else [])


@pytest.mark.parametrize(("change", "code"), ROOM)
def test_what_is_taken_and_free(change: Change, code: str) -> None:
    source, target = move_pairs.source(), move_pairs.side()
    change(source, target)
    verdict = judge(source, target)
    assert codes(verdict) == ({code} if code else set())
    assert verdict.verdict == (CODES[code].limit if code else "precopy")


# The image has two layers of 30 and 20 MB; the target lacks the image, and has the first layer where it says so.
@pytest.mark.parametrize(
    ("here", "there", "has_base", "code", "evidence"),
    [
        (106_000_000, 10**9, False, "", ""),
        # Packed, 50 MB at most, and the largest one written out: 80, and a twentieth to spare.
        (83_000_000, 10**9, False, "disk_packing", "source"),
        (43_000_000, 10**9, True, "", ""),
        (41_000_000, 10**9, True, "disk_packing", "source"),
        # The target takes the volume (100 MB), the packed layers and the unpacked ones.
        (10**9, 211_000_000, False, "", ""),
        (10**9, 209_000_000, False, "disk_packing", "target"),
        (10**9, 157_000_000, False, "disk", "target"),
        (10**9, 147_000_000, True, "", ""),
    ],
)
def test_images_on_their_way(here: int, there: int, has_base: bool, code: str, evidence: str) -> None:
    source, target = move_pairs.source(), move_pairs.side()
    for one, free in ((source, here), (target, there)):
        for entry in one["host"]["places"].values():
            entry.update(free_bytes=free, file_system_free_bytes=free)
    base, top = (f"sha256:{letter * 64}" for letter in "ab")
    source["images"][0].update(layers=[base, top], layer_bytes=[30_000_000, 20_000_000])
    target["images"][0].update(exists=False, id=None)
    target["held"] = {"ids": [], "chains": [base] if has_base else []}
    verdict = judge(source, target)
    assert codes(verdict) == ({code} if code else set())
    if code:
        found = verdict.findings[0]
        assert "bytes free at /srv" in str(getattr(found, evidence))
        assert ("alpha: " if evidence == "source" else "bravo") in found.remedy
        accepted = judge(source, target, accepted=["disk_packing"])
        assert accepted.verdict == ("refused" if code == "disk" else "precopy")


def test_a_quota_where_layers_are_packed() -> None:
    source, target = move_pairs.source(), move_pairs.side()
    source["host"]["places"]["packing"].update(project=7, free_bytes=1)
    assert codes(judge(source, target)) == set()
    target["images"][0].update(exists=False, id=None)
    assert codes(judge(source, target)) == {"disk_packing"}


def test_what_the_target_has_of_a_volume_needs_no_room() -> None:
    target = move_pairs.side()
    full({}, target)
    target["volumes"] = [{"name": "shop_data", "exists": True, "allocated_bytes": 60_000_000}]
    assert codes(judge(target=target)) == set()


def test_memory_and_processes_count_together() -> None:
    services = {
        name: dataclasses.replace(service, limits=model.Limits(memory_bytes=6 * 2**28, pids=3_000_000))
        for name, service in SHOP.services.items()
    }
    assert codes(judge(project=dataclasses.replace(SHOP, services=services))) == {"memory", "pids"}


def test_networks_that_overlap() -> None:
    project = dataclasses.replace(
        SHOP, networks={"default": model.Network("shop_default", subnets=(model.Subnet("10.1.0.0/16"),))}
    )
    target = move_pairs.side()
    target["host"]["networks"] = [{**OTHER, "subnets": ["10.1.2.0/24", "fd00::/64"]}]
    assert codes(judge(target=target, project=project)) == {"subnet_taken"}
    target["host"]["networks"] = [{**OTHER, "subnets": ["10.2.2.0/24"]}]
    assert codes(judge(target=target, project=project)) == set()


def test_an_image_by_digest() -> None:
    source, target = move_pairs.source(), move_pairs.side()
    reference = f"{IMAGE}@sha256:{'a' * 64}"
    for one in (source, target):
        one["images"][0]["reference"] = reference
    services = {name: dataclasses.replace(entry, image=reference) for name, entry in SHOP.services.items()}
    project = dataclasses.replace(SHOP, services=services)
    assert codes(judge(source, target, project)) == set()
    target["images"][0]["exists"] = False
    assert codes(judge(source, target, project)) == {"image_digest"}


@pytest.mark.parametrize(
    ("volume", "there", "code"),
    [
        (model.Volume("shop_data", external=True), False, "external_missing"),
        (model.Volume("shop_data", external=True), True, "external_volume"),
        (model.Volume("shop_data", driver="nfs"), False, "volume_driver"),
        (model.Volume("shop_data", driver_opts={"device": ":/x", "type": "nfs"}), False, "volume_driver"),
    ],
)
def test_volumes_that_are_not_carried(volume: model.Volume, there: bool, code: str) -> None:
    target = move_pairs.side()
    target["host"]["volumes"] = [{"name": "shop_data", "labels": {}}] if there else []
    assert codes(judge(target=target, project=dataclasses.replace(SHOP, volumes={"data": volume}))) == {code}


def test_an_external_network() -> None:
    project = dataclasses.replace(SHOP, networks={"default": model.Network("front", external=True)})
    assert codes(judge(project=project)) == {"external_missing"}


def test_cold_asked_and_outpaced() -> None:
    assert (judge(rung="cold").verdict, judge(rung="cold").estimate.rung) == ("cold", "cold")
    verdict = judge(link_bytes_per_second=1e6, changed_bytes_per_second=9e5)
    assert (verdict.verdict, codes(verdict)) == ("cold", {"changes_outpace_link"})


def test_the_budget() -> None:
    rates: Json = {"link_bytes_per_second": 1e7, "changed_bytes_per_second": 0.0, "restart_ms": 900}
    assert codes(judge(downtime_budget_ms=1000, **rates)) == set()
    over = judge(downtime_budget_ms=800, **rates)
    assert (over.verdict, codes(over)) == ("refused", {"over_budget"})
    assert "900" in over.message
    # The rounds of a pre-copy measure what is not known; a cold move has none.
    measured = judge(downtime_budget_ms=800)
    assert (measured.verdict, codes(measured)) == ("precopy", {"budget_measured"})
    cold: Json = {"downtime_budget_ms": 800, "rung": "cold"}
    assert (judge(**cold).verdict, codes(judge(**cold))) == ("refused", {"budget_unknown", "cold_asked"})
    assert judge(**cold, accepted=["budget_unknown"]).verdict == "cold"


def test_an_accepted_finding_is_told_and_refuses_no_more() -> None:
    target = move_pairs.side(cgroup__version="v1")
    assert "move_accepted: [cgroup_version]" in judge(target=target).message
    verdict = judge(target=target, accepted=["cgroup_version"])
    assert (verdict.verdict, verdict.message, codes(verdict)) == ("precopy", "", {"cgroup_version"})


def test_every_refusal_names_hosts_and_remedy() -> None:
    message = judge(target=move_pairs.side(architecture__machine="aarch64", cgroup__version="v1")).message
    assert len(message.splitlines()) == 2
    assert all("alpha" in line and "bravo" in line and "Remedy: " in line for line in message.splitlines())


def test_bad_input_is_told_together() -> None:
    with pytest.raises(InputError) as caught:
        from_plain({}, 3, "", ("a", "b"), accepted=["architecture", "nonsense"], rung="live", downtime_budget_ms=-1)
    told = str(caught.value)
    for part in (
        "source.contract: is missing", "source.host: is missing", "target: is no mapping", "definition: is empty",
        "architecture can't be accepted", "nonsense can't be accepted", "rung: is 'live'", "downtime_budget_ms: is -1",
    ):  # fmt: skip
        assert part in told


def test_a_room_without_a_key_is_no_room() -> None:
    target = move_pairs.side()
    del target["host"]["listening"]
    with pytest.raises(InputError, match=r"target.host.listening: is missing"):
        judge(target=target)


def test_codes_that_can_be_accepted_refuse() -> None:
    assert all(code.limit == REFUSED for code in CODES.values() if code.acceptable)
