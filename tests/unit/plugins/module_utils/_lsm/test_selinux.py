# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._lsm.selinux import (
    labelled_roots,
    mount_of,
    parse_booleans,
    parse_config,
    parse_contexts,
    parse_modules,
    parse_mounts,
    parse_ports,
    set_mode,
    vanished_only,
)

CONFIG = "# This file\n# SELINUX= can be\nSELINUX=permissive\nSELINUXTYPE=default\n"


def test_config() -> None:
    assert parse_config(CONFIG) == {"SELINUX": "permissive", "SELINUXTYPE": "default"}
    assert set_mode(CONFIG, "enforcing") == CONFIG.replace("SELINUX=permissive", "SELINUX=enforcing")
    assert set_mode("SELINUX=a\nX=1\nSELINUX=b\n", "enforcing") == "SELINUX=enforcing\nX=1\n"
    assert parse_config(set_mode(None, "permissive")) == {"SELINUX": "permissive", "SELINUXTYPE": "default"}
    assert set_mode("SELINUXTYPE=x\n", "permissive") == "SELINUX=permissive\nSELINUXTYPE=x\n"


def test_booleans() -> None:
    text = "container_use_nfs --> off\ncontainer_manage_cgroup --> on\nx --> on pending\n"
    assert parse_booleans(text) == {"container_use_nfs": False, "container_manage_cgroup": True, "x": True}


def test_modules() -> None:
    assert parse_modules("apache\ncontainer\nold\t1.2\n\n") == {"apache", "container", "old"}


def test_ports() -> None:
    text = "http_port_t                    tcp      81, 8000-8010\nx_t udp 53\n"
    assert parse_ports(text) == {
        ("81", "tcp"): "http_port_t",
        ("8000-8010", "tcp"): "http_port_t",
        ("53", "udp"): "x_t",
    }


def test_contexts() -> None:
    text = (
        "/srv/data(/.*)?                                    all files          system_u:object_r:container_file_t:s0 \n"
        "/srv/x                                             regular file       system_u:object_r:etc_t\n"
    )
    assert parse_contexts(text) == {"/srv/data(/.*)?": "container_file_t", "/srv/x": "etc_t"}


MOUNTS = "/dev/vda1 / ext4 rw,seclabel 0 0\nnone /srv/usb\\040stick vfat rw 0 0\nproc /proc proc rw 0 0\n"


def test_mounts() -> None:
    assert parse_mounts(MOUNTS)["/srv/usb stick"] == ("vfat", ("rw",))


def test_roots_of_what_is_labelled() -> None:
    text = (
        MOUNTS + "/dev/vdb /srv/more\\040data xfs rw 0 0\n/dev/vda1 /var/lib/containers/storage/overlay ext4 rw 0 0\n"
        "/dev/vdc /home btrfs rw,subvol=/home 0 0\n/dev/vdc /opt btrfs rw,subvol=/opt 0 0\n"
    )
    assert labelled_roots(text) == ("/", "/srv/more data", "/home", "/opt")
    assert labelled_roots("") == ("/",)


GONE = "Could not set context for /run/x:  No such file or directory"


@pytest.mark.parametrize(
    ("words", "only"),
    [
        (f"{GONE}\n", True),
        (f"Old compiled fcontext format, skipping\nsetfiles: {GONE}\n", True),
        (f"{GONE}\nCould not set context for /y:  Read-only file system\n", False),
        ("killed", False),
        ("", False),
    ],
)
def test_files_that_went_away(words: str, only: bool) -> None:
    assert vanished_only(words) is only


@pytest.mark.parametrize(
    ("path", "point"), [("/srv/x", "/"), ("/srv/usb stick", "/srv/usb stick"), ("/proc/1", "/proc"), ("/process", "/")]
)
def test_mount_of(path: str, point: str) -> None:
    assert mount_of(path, parse_mounts(MOUNTS)) == point
