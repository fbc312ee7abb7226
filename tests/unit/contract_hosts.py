# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts as the contract's reader meets them: what was read on real machines, as files and answers of a FakeHostIO."""

from __future__ import annotations

import struct
import typing as t
from pathlib import Path

from fake_host_io import FakeHostIO

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.observe_system import TIME_UNITS

FIXTURES = Path(__file__).parent / "fixtures" / "contract"

CPU = """\
processor\t: 0
model name\t: QEMU TCG CPU version 2.5+
flags\t\t: fpu cx8 cmov mmx fxsr sse sse2 syscall lm pni ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt xsave avx f16c abm \
lahf_lm bmi1 avx2 bmi2

processor\t: 1
model name\t: QEMU TCG CPU version 2.5+
flags\t\t: fpu cx8 cmov mmx fxsr sse sse2 syscall lm pni ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt xsave avx f16c abm \
lahf_lm bmi1 avx2 bmi2 extra
"""
MOUNTS = """\
24 29 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw
29 1 254:2 / / rw,relatime shared:1 - ext4 /dev/vda2 rw,errors=remount-ro
32 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:8 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
"""
ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
enp0s3\t00000000\t0202000A\t0003\t0\t0\t1024\t00000000\t0\t0\t0
enp0s3\t0002000A\t00000000\t0001\t0\t0\t1024\t00FFFFFF\t0\t0\t0
"""
ADDRESSES = """\
[{"ifname":"lo","addr_info":[{"local":"127.0.0.1","prefixlen":8,"scope":"host"}]},
 {"ifname":"enp0s3","addr_info":[{"local":"10.0.2.15","prefixlen":24,"scope":"global"},
  {"local":"2001:db8::a1","prefixlen":64,"scope":"global","temporary":true},
  {"local":"fe80::1","prefixlen":64,"scope":"link"}]},
 {"ifname":"podman0","addr_info":[{"local":"172.20.0.1","prefixlen":24,"scope":"global"}]}]
"""
RUNC = "runc version 1.1.15+ds1\ncommit: 1.1.15+ds1-2+b4\nspec: 1.2.0\ngo: go1.24.4\nlibseccomp: 2.6.0\n"
CRUN = "crun version 1.8.1\ncommit: f8a096be\nrundir: /run/crun\nspec: 1.0.0\n+SYSTEMD +SELINUX +APPARMOR +CRIU +YAJL\n"
CONTAINERS_CONF = """\
# Managed
[containers]
cgroupns = "private"
default_ulimits = ["nofile=65536:65536", "core=0:0"]
default_sysctls = ["net.ipv4.ping_group_range=0 2147483647", "net.ipv4.ip_unprivileged_port_start=0"]
pids_limit = 4096
shm_size = "65536k"

[network]
default_subnet = "172.20.0.0/24"
default_subnet_pools = [{ base = "172.20.0.0/16", size = 24 }]
"""
DAEMON_JSON = """\
{"bip": "172.20.0.1/24", "default-shm-size": "64M", "mtu": 1400,
 "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 65536, "Hard": 65536}}}
"""


def fixture(name: str) -> str:
    """The text of a captured answer."""
    return (FIXTURES / name).read_text(encoding="utf-8")


def base_files() -> dict[str, t.Union[str, bytes]]:
    """A machine with Debian 13's kernel and no engine."""
    release = "6.12.117+deb13-amd64"
    kernel = "/proc/sys/kernel"
    return {
        f"{kernel}/arch": "x86_64\n",
        f"{kernel}/osrelease": f"{release}\n",
        f"{kernel}/version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-12)\n",
        f"{kernel}/hostname": "alpha\n",
        f"{kernel}/tainted": "0\n",
        f"{kernel}/random/boot_id": "67e3aee9-8ca7-4b02-b523-cb6f7691f9b5\n",
        f"{kernel}/randomize_va_space": "2\n",
        f"{kernel}/yama/ptrace_scope": "1\n",
        f"{kernel}/perf_event_paranoid": "3\n",
        f"{kernel}/unprivileged_bpf_disabled": "2\n",
        f"{kernel}/unprivileged_userns_clone": "1\n",
        f"{kernel}/io_uring_disabled": "0\n",
        f"{kernel}/kptr_restrict": "2\n",
        f"{kernel}/dmesg_restrict": "1\n",
        f"{kernel}/core_pattern": "core\n",
        f"{kernel}/pid_max": "4194304\n",
        f"{kernel}/threads-max": "15593\n",
        f"{kernel}/seccomp/actions_avail": "kill_process kill_thread trap errno user_notif trace log allow\n",
        "/proc/sys/vm/unprivileged_userfaultfd": "0\n",
        "/proc/sys/vm/overcommit_memory": "0\n",
        "/proc/sys/vm/swappiness": "60\n",
        "/proc/sys/vm/max_map_count": "1048576\n",
        "/proc/sys/fs/file-max": "9223372036854775807\n",
        "/proc/sys/fs/nr_open": "1073741816\n",
        "/proc/sys/fs/aio-max-nr": "65536\n",
        "/proc/sys/fs/inotify/max_user_watches": "14619\n",
        "/proc/sys/fs/inotify/max_user_instances": "128\n",
        "/proc/sys/user/max_user_namespaces": "7796\n",
        "/proc/sys/net/ipv4/ip_forward": "1\n",
        "/proc/sys/net/ipv4/tcp_congestion_control": "cubic\n",
        "/proc/sys/net/ipv6/conf/all/disable_ipv6": "0\n",
        "/proc/sys/net/ipv6/conf/all/forwarding": "0\n",
        "/proc/cpuinfo": CPU,
        "/proc/cmdline": "BOOT_IMAGE=/boot/vmlinuz root=/dev/vda2 ro systemd.unified_cgroup_hierarchy=1 apparmor=1\n",
        "/proc/meminfo": "MemTotal:        2012820 kB\nSwapTotal:             0 kB\n",
        "/proc/net/route": ROUTES,
        "/proc/net/ipv6_route": "",
        "/proc/pressure/cpu": "some avg10=0.00\n",
        "/proc/self/auxv": struct.pack("=QQQQQQ", 16, 0xBFEBFBFF, 6, 4096, 0, 0),
        "/proc/self/mountinfo": MOUNTS,
        "/proc/self/status": "Name:\tpython3\nUid:\t0\t0\t0\t0\n",
        "/sys/class/dmi/id/sys_vendor": "QEMU\n",
        "/sys/class/dmi/id/product_name": "Standard PC (Q35 + ICH9, 2009)\n",
        "/sys/class/net/enp0s3/address": "52:54:00:b8:3b:01\n",
        "/sys/class/net/enp0s3/device/vendor": "0x1af4\n",
        "/sys/class/net/enp0s3/mtu": "9001\n",
        "/sys/class/net/podman0/address": "0a:00:00:00:00:01\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "kvm-clock\n",
        "/sys/firmware/efi/fw_platform_size": "64\n",
        "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": b"\x06\x00\x00\x00\x01",
        "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
        "/sys/fs/cgroup/system.slice/memory.swap.max": "max\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        "/sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
        "/sys/kernel/security/lsm": "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf,ipe,ima,evm",
        "/sys/kernel/security/apparmor/profiles": "docker-default (enforce)\nvdens (unconfined)\n",
        "/sys/module/module/parameters/sig_enforce": "N\n",
        "/usr/lib/sysctl.d/50-pid-max.conf": "# 64-bit\nkernel.pid_max = 4194304\n",
        f"/boot/config-{release}": "#\n# Linux\n#\nCONFIG_USER_NS=y\nCONFIG_HZ=250\n# CONFIG_MEM_SOFT_DIRTY is not set\n",
        "/etc/machine-id": "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
        "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
        "/etc/resolv.conf": "nameserver 127.0.0.53\n",
        "/run/systemd/resolve/resolv.conf": "nameserver 10.0.2.3\nsearch example.internal\n",
        "/etc/subuid": "admin:100000:65536\ncontainers:1000000:65536\n",
        "/etc/subgid": "admin:100000:65536\n",
    }


def base_commands() -> dict[tuple[str, ...], t.Any]:
    """The commands every host has."""
    states = "".join("active\n" if unit == "systemd-timesyncd.service" else "inactive\n" for unit in TIME_UNITS)
    return {
        ("ip", "-json", "address"): (0, ADDRESSES, ""),
        ("systemctl", "is-active", *TIME_UNITS): (3, states, ""),
    }


def host(
    files: t.Optional[t.Mapping[str, t.Union[str, bytes, None]]] = None,
    commands: t.Optional[t.Mapping[tuple[str, ...], t.Any]] = None,
    **options: t.Any,
) -> FakeHostIO:
    """The machine without an engine; a file given as None isn't there."""
    merged = {**base_files(), **(files or {})}
    return FakeHostIO(
        files={path: content for path, content in merged.items() if content is not None},
        commands={**base_commands(), **(commands or {})},
        links={"/proc/self/ns/user": "user:[4026531837]", "/etc/localtime": "/usr/share/zoneinfo/Etc/UTC"},
        **options,
    )


def podman_host(files: t.Optional[t.Mapping[str, t.Union[str, bytes, None]]] = None, **options: t.Any) -> FakeHostIO:
    """Debian 13 with Podman 5.4.2 and runc."""
    return host(
        {
            "/etc/containers/containers.conf": CONTAINERS_CONF,
            "/usr/share/containers/seccomp.json": '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}\n',
            "/var/lib/containers/storage/db.sql": "",
            **(files or {}),
        },
        {
            ("podman", "info", "--format", "json"): (0, fixture("podman_info_5.4.2.json"), ""),
            ("/usr/bin/runc", "--version"): (0, RUNC, ""),
            ("iptables", "--version"): (0, "iptables v1.8.11 (nf_tables)\n", ""),
        },
        **options,
    )


def docker_host(
    files: t.Optional[t.Mapping[str, t.Union[str, bytes, None]]] = None, version: str = "26.1.5", **options: t.Any
) -> FakeHostIO:
    """A host with Docker, whose daemon runs as process 700: Debian 13's 26.1.5 or Debian 12's 20.10."""
    sockets = {
        ("/run/docker.sock", "/version"): (200, fixture(f"docker_version_{version}.json")),
        ("/run/docker.sock", "/info"): (200, fixture(f"docker_info_{version}.json")),
    }
    return host(
        {
            "/etc/docker/daemon.json": DAEMON_JSON,
            "/run/docker.pid": "700",
            "/proc/700/comm": "dockerd\n",
            **(files or {}),
        },
        {("runc", "--version"): (0, RUNC, ""), ("iptables", "--version"): (0, "iptables v1.8.9 (legacy)\n", "")},
        **{"available": ["dockerd"], "sockets": sockets, **options},
    )


def selinux_host() -> FakeHostIO:
    """A machine of the other family: SELinux, cgroup v2, configuration below /usr/lib/modules, BIOS, an older iptables."""
    release = "5.14.0-503.el9.x86_64"
    return host(
        {
            "/proc/sys/kernel/osrelease": f"{release}\n",
            "/boot/config-6.12.117+deb13-amd64": None,
            f"/usr/lib/modules/{release}/config": "CONFIG_USER_NS=y\n",
            "/proc/sys/kernel/arch": None,
            "/proc/sys/kernel/unprivileged_userns_clone": None,
            "/proc/sys/kernel/io_uring_disabled": None,
            "/sys/kernel/security/lsm": "lockdown,capability,yama,selinux,bpf",
            "/sys/kernel/security/apparmor/profiles": None,
            "/sys/fs/selinux/enforce": "1",
            "/sys/fs/selinux/booleans/container_use_devices": "0 0",
            "/sys/fs/selinux/booleans/virt_use_nfs": "1 1",
            "/sys/fs/selinux/booleans/httpd_can_network_connect": "1 1",
            "/etc/selinux/config": "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n",
            "/etc/selinux/targeted/contexts/lxc_contexts": 'process = "system_u:system_r:container_t:s0"\n',
            "/sys/firmware/efi/fw_platform_size": None,
            "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": None,
            "/etc/os-release": 'ID="rhel"\nVERSION_ID="9.5"\nPRETTY_NAME="Red Hat Enterprise Linux 9.5 (Plow)"\n',
        },
        {
            ("uname", "-m"): (0, "x86_64\n", ""),
            ("systemctl", "is-active", *TIME_UNITS): (3, "inactive\nactive\n" + "inactive\n" * 5, ""),
        },
    )
