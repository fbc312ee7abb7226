# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The keys of ``build``, part of the table in ``keys.py``. Source: compose-spec/compose-spec, ``build.md``."""

from __future__ import annotations

from ansible_collections.anycloud.container_host.plugins.module_utils._compose.keys_table import section

_BUILDKIT = "leave it out: it is for BuildKit, which not every engine has behind its API"

BUILD_SECTION = section(
    "service.build",
    "services.*.build",
    supported={
        "args": "without a value: a variable of the option environment or of .env",
        "context": "a directory of the control node; the Compose file's unless given",
        "dockerfile": "a path from the context, inside it or not; Dockerfile unless given",
        "dockerfile_inline": "instead of dockerfile",
        "labels": "",
        "network": "host or none",
        "no_cache": "when it is built at all",
        "pull": "when it is built at all",
        "target": "",
    },
    accepted={
        "cache_from": "makes builds elsewhere quicker",
        "cache_to": "makes builds elsewhere quicker",
    },
    refused={
        "additional_contexts": "put the files into the context",
        "entitlements": _BUILDKIT,
        "extra_hosts": "leave it out: not every engine has it, so the image would not be the same everywhere",
        "isolation": "leave it out: it is for Windows containers",
        "platforms": "use the service's platform: a host builds for itself",
        "privileged": "leave it out: not every engine has it, so the image would not be the same everywhere",
        "provenance": _BUILDKIT,
        "sbom": _BUILDKIT,
        "secrets": _BUILDKIT,
        "shm_size": "leave it out: not every engine has it, so the image would not be the same everywhere",
        "ssh": _BUILDKIT,
        "tags": "use image: the service runs the one image that is built",
        "ulimits": "leave it out: not every engine has it, so the image would not be the same everywhere",
    },
)
