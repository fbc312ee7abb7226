# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The names of all kinds, for who does not need the kinds themselves."""

from __future__ import annotations

KIND_NAMES = (
    "package_state",
    "kernel_command_line",
    "kernel_module",
    "sysctl",
    "mount_option",
    "nftables_file",
    "file_content",
    "file_option",
    "package_source",
    "containerd_plugin",
    "pam_profile",
    "pam_rule",
    "account_rule",
    "file_mode",
    "file_walk",
    "service_state",
    "engine_option",
    "security_module",
    "boot_loader_password",
    "sshd_option",
    "firewall",
    "audit_rule",
)
"""In the order of the registry."""
