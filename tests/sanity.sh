#!/usr/bin/env bash
# ansible-test sanity without containers, on a copy of the tracked files that has the path ansible-test wants.
# It looks at what users get, and at the integration tests; our own tools and unit tests are ruff's and mypy's.
# Its tools go into virtual environments under .cache/ansible-test, so the second run is quick.
# Usage: tests/sanity.sh [NAME_OF_A_SANITY_TEST ...]
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
work="$root/.cache/ansible-test"
copy="$work/ansible_collections/anycloud/container_host"

export LC_ALL=C.UTF-8
# The home folder changes below; what is found by way of it stays where it is.
for bin in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin; do
  [ ! -d "$bin" ] || PATH="$bin:$PATH"
done
export PATH="$root/.venv/bin:$PATH"
[ ! -f "$HOME/.config/pip/pip.conf" ] || export PIP_CONFIG_FILE="${PIP_CONFIG_FILE:-$HOME/.config/pip/pip.conf}"
export HOME="$work/home"

rm -rf "$work/ansible_collections"
mkdir -p "$copy" "$HOME/.ansible/test/cache"
left_out=(':!bench' ':!molecule' ':!tests/breaks' ':!tests/build' ':!tests/conformance' ':!tests/faults' ':!tests/features' ':!tests/fuzz' ':!tests/oracles'
  ':!tests/unit'
  ':(exclude,glob)docs/*.py' ':(exclude,glob)tests/*.py')
git ls-files -z -- . "${left_out[@]}" | while IFS= read -r -d '' file; do
  [ ! -e "$file" ] || printf '%s\0' "$file"
done | xargs -0 cp --parents --no-dereference -t "$copy"
cd "$copy"
# ansible-test takes the list of files from git, and the copy lies in a folder the project's own git ignores.
git init --quiet .
git add --all

# ansible-test would fetch pip from a server of its own; Python brings one along.
requirements="$(python -c 'import ansible_test._internal.python_requirements as m; print(m.__file__)')"
for version in $(grep -oE "pip='[0-9.]+'" "$requirements" | grep -oE '[0-9.]+'); do
  cat >"$HOME/.ansible/test/cache/get_pip_${version//./_}.py" <<'PYTHON'
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
PYTHON
done

skip=()
if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed: its sanity test is left out"
  skip+=(--skip-test shellcheck)
fi
control="$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

selected=()
for name in "$@"; do
  selected+=(--test "$name")
done

status=0
ansible-test sanity --junit --python "$control" "${skip[@]}" "${selected[@]}" || status=$?

# Managed nodes: everything must compile and import under each supported Python that is there.
if [ "$#" -eq 0 ]; then
  for version in 3.9 3.10 3.11 3.12 3.13 3.14; do
    [ "$version" != "$control" ] || continue
    if ! "python$version" -c 'import ensurepip, venv' 2>/dev/null; then
      echo "Python $version is not installed: the modules are not compiled and imported under it"
      continue
    fi
    ansible-test sanity --junit --python "$version" --test compile --test import || status=$?
  done
fi

if [ -n "${STEP_JUNIT_DIR:-}" ] && [ -d tests/output/junit ]; then
  cp -r tests/output/junit/. "$STEP_JUNIT_DIR/"
fi
exit "$status"
