#!/usr/bin/env bash
# Make .venv with everything of requirements-dev.txt. A whole one is left as it is, a broken one is made anew.
# Usage: tools/prepare_venv.sh [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
python="${1:-python3}"

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "Neither root nor sudo is there to run: $*"
    return 1
  fi
}

install_packages() {
  if ! command -v apt-get >/dev/null; then
    say "Install these with your distribution's package manager and run again: $*"
    exit 1
  fi
  say "Installing $* with apt-get"
  as_root env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' install "$@" >&2
}

command -v "$python" >/dev/null || install_packages python3 python3-venv

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  say "$("$python" --version) is too old: the control node needs Python 3.11 or later." \
    "Name one that is there: make PYTHON=python3.12"
  exit 1
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf .venv
  if ! "$python" -m venv .venv >/dev/null 2>&1; then
    install_packages python3-venv
    rm -rf .venv
    "$python" -m venv .venv
  fi
fi

say "Installing the Python packages of requirements-dev.txt into .venv"
.venv/bin/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
touch .venv/.stamp
