# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between the layers hold over the whole tree, and every rule is able to fail."""

from __future__ import annotations

import typing as t
from pathlib import Path

import layer_rules
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT_SUFFIXES = {".py", ".yml", ".yaml", ".j2", ".sh", ".service", ".timer", ".conf"}


def files_under(*folders: str) -> list[str]:
    """The text files under the folders, as paths from the root of the collection."""
    return sorted(
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in TEXT_SUFFIXES and "__pycache__" not in path.parts
    )


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


PYTHON_FILES = [path for path in files_under("plugins") if path.endswith(".py")]
TEXT_FILES = files_under("plugins", "roles", "playbooks")
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")


def role_files(role: str) -> dict[str, str]:
    folder = ROOT / "roles" / role
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TEXT_SUFFIXES | {".md"}
    }


@pytest.mark.parametrize("path", PYTHON_FILES)
def test_python_file(path: str) -> None:
    source = read(path)
    complaints = [f"{path}:{text}" for rule in layer_rules.PYTHON_RULES for text in rule(path, source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("path", TEXT_FILES)
def test_names_of_providers_and_distributions(path: str) -> None:
    source = read(path)
    complaints = [f"{path}:{text}" for rule in layer_rules.TEXT_RULES for text in rule(path, source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("role", ROLES)
def test_role(role: str) -> None:
    complaints = list(layer_rules.check_role(role, role_files(role)))
    assert not complaints, "\n".join(complaints)


def test_every_stateful_module_has_an_info_twin() -> None:
    modules = {name: layer_rules.see_also(read(f"plugins/modules/{name}.py")) for name in MODULES}
    assert layer_rules.missing_twins(modules) == []


def test_action_group_is_what_the_modules_say() -> None:
    groups = yaml.safe_load(read("meta/runtime.yml"))["action_groups"]
    members = [name for name in MODULES if layer_rules.in_action_group(read(f"plugins/modules/{name}.py"))]
    assert groups == {"container_host": members}


def test_every_module_is_in_the_action_group_or_in_the_provider_seam() -> None:
    paths = [f"plugins/modules/{name}.py" for name in MODULES]
    outside = [
        path
        for path in paths
        if not layer_rules.within(path, layer_rules.PROVIDER_SEAM) and not layer_rules.in_action_group(read(path))
    ]
    assert outside == [], f"add the fragment {layer_rules.ACTION_GROUP_FRAGMENT}"


# --- each rule can fail -----------------------------------------------------------------------------------------------

CORE = "plugins/module_utils/_contract/document.py"
IO = "ansible_collections.anycloud.container_host.plugins.module_utils._host_io"
SPEC = "argument_specs:\n  main:\n    short_description: x\n    options:\n"
OPTION = "      web_port:\n        type: int\n        description: x\n"

BAD_SOURCES: list[tuple[t.Callable[[str, str], t.Iterator[str]], str, str, str]] = [
    (layer_rules.check_core_imports, CORE, "import yaml", "not in the standard library"),
    (
        layer_rules.check_core_imports,
        CORE,
        "from ansible.module_utils.basic import AnsibleModule",
        "not in the standard",
    ),
    (layer_rules.check_core_imports, CORE, "def f():\n    import docker", "2: core imports docker"),
    (layer_rules.check_core_imports, CORE, "import subprocess", "reaches outside"),
    (layer_rules.check_core_imports, CORE, "def f():\n    def g():\n        import time", "3: core imports time"),
    (
        layer_rules.check_core_imports,
        CORE,
        "class C:\n    def f(self):\n        from time import sleep",
        "3: core imports",
    ),
    (layer_rules.check_core_imports, CORE, "import importlib", "reaches outside"),
    (layer_rules.check_core_imports, CORE, "if not t.TYPE_CHECKING:\n    import docker", "2: core imports docker"),
    (layer_rules.check_core_programs, CORE, "MAIN = '''\ndef f():\n    import fcntl\n'''", "imports fcntl"),
    (
        layer_rules.check_core_programs,
        CORE,
        "def f():\n    return 'import os\\nos.remove(1)'",
        "2: core holds a program",
    ),
    (layer_rules.check_core_calls, CORE, "import os.path\nx = os.pread(1, 2, 3)", "2: core uses os.pread"),
    (layer_rules.check_core_imports, CORE, "from urllib import request", "reaches outside"),
    (layer_rules.check_core_imports, CORE, "from os import environ", "only os.path"),
    (layer_rules.check_core_imports, CORE, "from pathlib import Path", "reaches outside"),
    (layer_rules.check_core_imports, CORE, "from . import digest", "relative import"),
    (layer_rules.check_core_imports, CORE, f"from {IO} import HostIO", "under TYPE_CHECKING"),
    (layer_rules.check_core_imports, CORE, f"from {IO.rsplit('.', 1)[0]} import _host_io", "under TYPE_CHECKING"),
    (layer_rules.check_core_imports, CORE, f"from {layer_rules.PREFIX}modules import baseline", "core imports"),
    (layer_rules.check_core_calls, CORE, "def f():\n    return open('/etc/passwd')", "2: core calls open()"),
    (layer_rules.check_core_calls, CORE, "import os.path\nhome = os.environ['HOME']", "os.environ"),
    (layer_rules.check_core_calls, CORE, "import os.path\nhome = os.path.exists('/x')", "os.path.exists"),
    (layer_rules.check_core_calls, CORE, "import datetime\nd = datetime.datetime.now()", "now"),
    (layer_rules.check_core_calls, CORE, "def f(module):\n    module.fail_json(msg='x')", "fail_json"),
    (layer_rules.check_only_modules_exit, CORE, "from ansible.module_utils.basic import AnsibleModule", "only modules"),
    (
        layer_rules.check_only_modules_exit,
        "plugins/action/a.py",
        "def f(m):\n    m.exit_json()",
        "2: only modules call",
    ),
    (
        layer_rules.check_no_module_imports_module,
        "plugins/modules/a.py",
        f"from {layer_rules.PREFIX}modules.b import main",
        "belongs into module_utils",
    ),
    (
        layer_rules.check_no_module_imports_module,
        "plugins/modules/a.py",
        f"from {layer_rules.PREFIX}modules import b",
        "belongs into module_utils",
    ),
    (layer_rules.check_no_blind_except, CORE, "try:\n    x = 1\nexcept Exception:\n    x = 2", "catches Exception"),
    (layer_rules.check_no_blind_except, CORE, "try:\n    x = 1\nexcept:\n    x = 2", "catches everything"),
    (layer_rules.check_header, "plugins/modules/a.py", "#!/usr/bin/python\nimport os", "the header lacks"),
    (layer_rules.check_header, CORE, "\n".join((*layer_rules.HEADER, "x = 1")), "PRIVATE"),
    (layer_rules.check_header, CORE, "\n".join((*layer_rules.HEADER, "x = 1")), "annotations"),
    (layer_rules.check_python_size, CORE, "x = 1\n" * 351, "more than 350 lines"),
    (layer_rules.check_python_size, "plugins/modules/a.py", "x = 1\n" * 451, "more than 450 lines"),
    (
        layer_rules.check_python_size,
        "plugins/modules/a.py",
        "RETURN = ''\n" + "x = 1\n" * 151,
        "151 lines after RETURN",
    ),
    (
        layer_rules.check_returned_names,
        "plugins/modules/a.py",
        'RETURN = r"""\nfound:\n  type: str\nskipped:\n  type: list\n"""',
        "4: returns skipped, which is Ansible's own",
    ),
    (layer_rules.check_provider_names, "roles/engine/tasks/main.yml", "# only on AWS", "the provider AWS"),
    (layer_rules.check_provider_names, CORE, "provider = 'hetzner'", "the provider hetzner"),
    (layer_rules.check_provider_names, "playbooks/site.yml", "x: qemu_vm", "the provider qemu"),
    (layer_rules.check_distribution_names, "roles/engine/tasks/main.yml", "when: x == 'Debian'", "distribution Debian"),
    (layer_rules.check_distribution_names, CORE, "if name == 'ubuntu':\n    pass", "distribution ubuntu"),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- name: A\n  copy:\n    dest: /x",
        "copy is no fully qualified",
    ),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- block:\n    - name: A\n      command: x",
        "command is no fully qualified",
    ),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- name: A\n  ansible.builtin.command: x\n  register: answer",
        "answer does not begin with __web_",
    ),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- name: A\n  ansible.builtin.set_fact:\n    answer: 1",
        "the fact answer",
    ),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- name: A\n  a.b.c:\n  loop: []\n  loop_control:\n    loop_var: item_x",
        "the loop variable item_x",
    ),
    (
        layer_rules.check_tasks,
        "roles/web/tasks/a.yml",
        "- a.b.c:\n  when: groups['web'] | length > 0",
        "inventory group",
    ),
    (layer_rules.check_tasks, "roles/web/tasks/a.yml", "- a.b.c:\n  when: \"'web' in group_names\"", "inventory group"),
    (layer_rules.check_tasks, "roles/web/tasks/a.yml", "- a.b.c:\n" * 101, "more than 100 lines"),
    (layer_rules.check_tasks, "roles/web/tasks/main.yml", "- a.b.c:\n" * 41, "more than 40 lines"),
]


@pytest.mark.parametrize(("rule", "path", "source", "complaint"), BAD_SOURCES)
def test_rule_can_fail(rule: t.Callable[[str, str], t.Iterator[str]], path: str, source: str, complaint: str) -> None:
    assert complaint in "\n".join(rule(path, source))


GOOD_SOURCES: list[tuple[t.Callable[[str, str], t.Iterator[str]], str, str]] = [
    (layer_rules.check_core_imports, CORE, "import os.path\nimport typing as t\nfrom pathlib import PurePosixPath"),
    (layer_rules.check_core_imports, CORE, f"import typing as t\nif t.TYPE_CHECKING:\n    from {IO} import HostIO"),
    (layer_rules.check_core_imports, "plugins/module_utils/_host_io.py", "import subprocess"),
    (layer_rules.check_core_programs, "plugins/module_utils/_move_pump.py", "x = 'import os'"),
    (layer_rules.check_core_programs, CORE, '"""\nimport os\n"""\nx = \'important; import of goods\''),
    (layer_rules.check_core_imports, "plugins/module_utils/_engine/_client.py", "import docker"),
    (layer_rules.check_only_modules_exit, "plugins/modules/a.py", "def f(m):\n    m.exit_json()"),
    (layer_rules.check_provider_names, "roles/provision/tasks/main.yml", "# aws"),
    (layer_rules.check_provider_names, CORE, "gcps = 'laws of azurelike'"),
    (layer_rules.check_distribution_names, "roles/engine/vars/Debian.yml", "# Debian"),
    (layer_rules.check_distribution_names, CORE, '"""A patch of Debian."""'),
    (layer_rules.check_tasks, "roles/web/tasks/a.yml", "- name: A\n  a.b.c:\n    d: 1\n  register: __web_answer"),
]


@pytest.mark.parametrize(("rule", "path", "source"), GOOD_SOURCES)
def test_rule_accepts(rule: t.Callable[[str, str], t.Iterator[str]], path: str, source: str) -> None:
    assert list(rule(path, source)) == []


GOOD_ROLE = {
    "README.md": "# web",
    "meta/argument_specs.yml": SPEC + OPTION,
    "tasks/main.yml": "- a.b.c:\n    d: 1",
    "defaults/main.yml": "web_port: 80",
    "vars/main.yml": "__web_user: x",
}
BAD_ROLES: list[tuple[dict[str, t.Optional[str]], str]] = [
    ({"README.md": None}, "README.md is missing"),
    ({"meta/argument_specs.yml": None}, "meta/argument_specs.yml is missing"),
    ({"meta/main.yml": "dependencies:\n  - engine"}, "no dependencies"),
    ({"defaults/main.yml": "port: 80"}, "port does not begin with web_"),
    ({"defaults/main.yml": "web_user: x"}, "web_user is not in meta/argument_specs.yml"),
    ({"vars/main.yml": "web_user: x"}, "does not begin with __web_"),
    ({"meta/argument_specs.yml": SPEC + "      web_port:\n        type: int\n"}, "web_port has no description"),
    ({"meta/argument_specs.yml": SPEC + OPTION.replace("web_port", "port")}, "port does not begin with web_"),
    ({"tasks/install.yml": "- command: x"}, "tasks/install.yml: unnamed task: command is no fully"),
    ({"handlers/main.yml": "- service: x"}, "service is no fully"),
    (
        {
            "meta/argument_specs.yml": SPEC + "      web_open:\n        type: bool\n        description: x\n",
            "tasks/a.yml": "- name: A\n  a.b.c:\n  when:\n    - x | bool\n    - not web_open",
        },
        "A: when uses web_open without the filter bool",
    ),
]


def test_good_role_is_accepted() -> None:
    assert list(layer_rules.check_role("web", GOOD_ROLE)) == []


@pytest.mark.parametrize(("changes", "complaint"), BAD_ROLES)
def test_role_rule_can_fail(changes: dict[str, t.Optional[str]], complaint: str) -> None:
    files = {path: text for path, text in {**GOOD_ROLE, **changes}.items() if text is not None}
    assert complaint in "\n".join(layer_rules.check_role("web", files))


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("extends_documentation_fragment:\n  - anycloud.container_host._attributes.actiongroup", True),
        ("attributes:\n  action_group:\n    support: full", True),
        ("extends_documentation_fragment:\n  - anycloud.container_host._attributes", False),
    ],
)
def test_action_group_membership_is_read(text: str, member: bool) -> None:
    assert layer_rules.in_action_group(f'DOCUMENTATION = r"""\n{text}\n"""\nEXAMPLES = ""') is member


@pytest.mark.parametrize(
    ("modules", "lacking"),
    [
        ({"a": [], "a_info": [], "b": [], "c_info": []}, ["b"]),
        ({"a": ["b_info"], "b_info": []}, ["a"]),
        ({"a_start": ["a_info"], "a_info": []}, []),
        ({"a_start": [], "a_info": []}, ["a_start"]),
        ({"qemu_a": ["qemu_b_info"], "qemu_b_info": []}, []),
        ({"qemu_a": ["qemu_b_info"]}, ["qemu_a"]),
    ],
)
def test_missing_twin_is_found(modules: dict[str, list[str]], lacking: list[str]) -> None:
    assert layer_rules.missing_twins(modules) == lacking


def test_see_also_is_read() -> None:
    source = 'DOCUMENTATION = r"""\nseealso:\n  - module: a.b.c_info\n  - name: x\n    link: y\n"""'
    assert layer_rules.see_also(source) == {"c_info"}
