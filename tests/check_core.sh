#!/usr/bin/env bash
# Unit tests, plugin documentation and syntax checks under the oldest and the newest supported ansible-core, and the
# unit tests of the code for managed nodes under the oldest Python. A Python that is missing is named and left out.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
for bin in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin; do
  [ ! -d "$bin" ] || PATH="$PATH:$bin"
done
export ANSIBLE_COLLECTIONS_PATH="$root/.cache/collections" ANSIBLE_NOCOLOR=1
status=0
ran=0

prepare() { # NAME PYTHON REQUIREMENT...: a virtual environment under .cache/core
  local venv="$root/.cache/core/$1" python="$2"
  shift 2
  "$venv/bin/python" -m pip --version >/dev/null 2>&1 || { rm -rf "$venv" && "$python" -m venv "$venv"; }
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check "$@"
}

found() { # PYTHON: whether it is installed; pyenv's stand-ins answer only when it is
  "$1" -c 'import ensurepip, venv' 2>/dev/null
}

check() { # NAME
  local name="$1" venv="$root/.cache/core/$1/bin" modules=() module playbook
  "$venv/ansible" --version | head -1
  PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" "$venv/python" -m pytest -q -p no:cacheprovider -n 2 tests/unit \
    ${STEP_JUNIT_DIR:+--junitxml="$STEP_JUNIT_DIR/$name.xml" -o junit_suite_name="$name"} || status=1
  for module in plugins/modules/*.py; do
    modules+=("anycloud.container_host.$(basename "$module" .py)")
  done
  "$venv/ansible-doc" --type module --json "${modules[@]}" >/dev/null || status=1
  for playbook in playbooks/*.yml; do
    "$venv/ansible-playbook" -i localhost, --syntax-check "$playbook" || status=1
  done
  ran=$((ran + 1))
}

# The oldest ansible-core comes with ansible 11; 2.18 runs on Python 3.11 to 3.13.
for python in python3.11 python3.12 python3.13; do
  if found "$python"; then
    prepare "2.18-$python" "$python" 'ansible>=11,<12' 'docker>=7.1,<8' 'pytest>=9,<10' 'pytest-xdist>=3.8,<4' \
      'antsibull-docs>=2.24,<3'
    check "2.18-$python"
    break
  fi
done

# The newest one there is for the newest Python there is.
for python in python3.14 python3.13 python3.12; do
  if found "$python"; then
    prepare "newest-$python" "$python" --upgrade 'ansible<15' 'docker>=7.1,<8' 'pytest>=9,<10' 'pytest-xdist>=3.8,<4' \
      'antsibull-docs>=2.24,<3'
    check "newest-$python"
    break
  fi
done

# Managed nodes have Python 3.9 or later: the code that runs there is tested under 3.9, without ansible-core's own
# control node parts, which need a later Python.
if found python3.9; then
  prepare "managed-python3.9" python3.9 'ansible-core>=2.15,<2.16' 'docker>=7.1,<8' 'pytest>=8,<9' 'PyYAML>=6'
  echo "Python 3.9: the unit tests of module_utils"
  PYTHONPATH="$ANSIBLE_COLLECTIONS_PATH" "$root/.cache/core/managed-python3.9/bin/python" -m pytest -q \
    -p no:cacheprovider tests/unit/plugins/module_utils \
    ${STEP_JUNIT_DIR:+--junitxml="$STEP_JUNIT_DIR/managed-3.9.xml"} || status=1
  ran=$((ran + 1))
else
  echo "python3.9 is not installed: the unit tests of module_utils are not run under it"
fi

if [ "$ran" -eq 0 ]; then
  echo "No supported Python was found; install python3.11 or later" >&2
  status=1
fi
exit "$status"
