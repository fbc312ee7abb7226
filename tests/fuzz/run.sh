#!/usr/bin/env bash
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fuzz the reading of Compose files with atheris, in a virtual environment of its own under .cache/fuzz. atheris is
# not there for every Python and processor: where it can't be installed this is said, and nothing is run.
# usage: run.sh [--seconds N] [--proof] [other option of compose.py...]
set -euo pipefail
cd "$(dirname "$0")/../.."
for bin in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin; do
  [ ! -d "$bin" ] || PATH="$PATH:$bin"
done
venv="$PWD/.cache/fuzz/venv"
mkdir -p .cache/collections/ansible_collections/anycloud
[ -e .cache/collections/ansible_collections/anycloud/container_host ] ||
  ln -s ../../../.. .cache/collections/ansible_collections/anycloud/container_host

installed() { # whether the environment is whole
  "$venv/bin/python" -c 'import ansible, atheris, docker, yaml' 2>/dev/null
}

said=""
for python in python3 python3.11 python3.12 python3.13; do
  ! installed || break
  "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  rm -rf "$venv"
  "$python" -m venv "$venv"
  said="$("$venv/bin/python" -m pip install -qq --disable-pip-version-check --only-binary atheris \
    'atheris>=3,<4' 'ansible-core>=2.18,<2.22' 'docker>=7.1,<8' 'PyYAML>=6,<7' 2>&1)" || true
done
if ! installed; then
  echo "atheris can't be installed for the Pythons that are here: Compose files are not fuzzed with it"
  echo "$said" | tail -3
  exit 0
fi
exec "$venv/bin/python" tests/fuzz/compose.py "$@"
