# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""All kinds by name, in the order they are applied: what others build on first, the way in last."""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.account_rule import AccountRule
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.audit_rule import AuditRule
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.boot_loader_password import (
    BootLoaderPassword,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.containerd_plugin import (
    ContainerdPlugin,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.engine_option import EngineOption
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_content import FileContent
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_mode import FileMode
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_option import FileOption
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.file_walk import FileWalk
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.firewall import Firewall
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.kernel_command_line import (
    KernelCommandLine,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.kernel_module import KernelModule
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.mount_option import MountOption
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.nftables_file import NftablesFile
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.package_source import (
    PackageSource,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.package_state import PackageState
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.pam_profile import PamProfile
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.pam_rule import PamRule
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.protocol import Kind
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.security_module import (
    SecurityModule,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.service_state import ServiceState
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.sshd_option import SshdOption
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.kinds.sysctl import Sysctl

FIRST = ("package_state",)
"""Kinds whose steps are done before the others look at the host: what these install, those configure."""

KINDS: dict[str, Kind[t.Any, t.Any]] = {
    kind.name: kind
    for kind in (
        PackageState(),
        KernelCommandLine(),
        KernelModule(),
        Sysctl(),
        MountOption(),
        NftablesFile(),
        FileContent(),
        FileOption(),
        PackageSource(),
        ContainerdPlugin(),
        PamProfile(),
        PamRule(),
        AccountRule(),
        # After all that write files: a file written anew has the mode it had when it was looked at.
        FileMode(),
        FileWalk(),
        ServiceState(),
        EngineOption(),
        SecurityModule(),
        AuditRule(),
        BootLoaderPassword(),
        SshdOption(),
        Firewall(),
    )
}
