#!/usr/bin/env bash
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The modules with the real dnf, on synthetic packages. Installs what it takes where apt has it; takes root, or sudo.
# usage: run.sh [argument of pytest...]
set -euo pipefail
cd "$(dirname "$0")/../.."
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
missing=()
command -v dnf > /dev/null || missing+=(dnf)
command -v rpmbuild > /dev/null || missing+=(rpm)
command -v createrepo_c > /dev/null || missing+=(createrepo-c)
command -v grub-editenv > /dev/null || missing+=(grub-common)
[ -e /etc/dnf/plugins/versionlock.conf ] || missing+=(dnf-plugins-core)
if [ "${#missing[@]}" -gt 0 ] && command -v apt-get > /dev/null; then
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
# What root leaves behind of its own would be in the way of others.
exec "${as_root[@]}" env PATH="$PATH" PYTHONPATH="${PYTHONPATH:-}" PYTHONDONTWRITEBYTECODE=1 \
    "$(command -v python)" -m pytest -q -p no:cacheprovider \
    -o junit_family=xunit1 --junitxml="${STEP_JUNIT_DIR:-tests/output}/dnf_host.xml" "$@" tests/dnf_host
