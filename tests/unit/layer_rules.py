# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules between the layers, as functions: a file's path and text in, complaints out ("line: what is wrong").

test_layers.py runs them over the whole tree, and over made-up bad sources to show that each can fail.
"""

from __future__ import annotations

import ast
import re
import sys
import typing as t
from fnmatch import fnmatch

import yaml

PREFIX = "ansible_collections.anycloud.container_host.plugins."
MODULE_UTILS = PREFIX + "module_utils."

# Files of module_utils that touch the host or an API: everything else there is core.
SEAMS = (
    "plugins/module_utils/_host_io.py",  # files and commands of the host
    "plugins/module_utils/_host_walk.py",  # the part of it that walks file systems
    "plugins/module_utils/_host_tree.py",  # the part of it that reads trees whole
    "plugins/module_utils/_host_stream.py",  # the part of it that listens to commands
    "plugins/module_utils/_host_lock.py",  # the part of it that sees the locks of others
    "plugins/module_utils/_host_room.py",  # the part of it that tells what room is left
    "plugins/module_utils/_host_talk.py",  # the part of it that talks with other processes
    "plugins/module_utils/_move_pump.py",  # a program by itself, sent to where it runs
    "plugins/module_utils/_move_gate.py",  # another one
    "plugins/module_utils/_move_receiver.py",  # and a third
    "plugins/module_utils/_argspec.py",  # Ansible's argument specifications
    "plugins/module_utils/_engine/_client.py",  # the container engine's API
)
# Standard library modules that bring in the clock, the environment, files, sockets, processes or chance.
IMPURE = {
    "asyncio", "fcntl", "fileinput", "getpass", "glob", "grp", "http", "importlib", "locale", "logging", "mmap",
    "multiprocessing",
    "platform", "pwd", "random", "resource", "secrets", "select", "selectors", "shutil", "socket",
    "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "zoneinfo",
}  # fmt: skip
# Names of otherwise pure modules that are impure: only the rest of the module may be used.
IMPURE_NAMES = {
    ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today"),
    ("pathlib", "Path"), ("pathlib", "PosixPath"), ("sys", "argv"), ("sys", "stdin"), ("sys", "stdout"),
    ("sys", "stderr"), ("sys", "exit"), ("uuid", "uuid1"), ("uuid", "uuid4"),
}  # fmt: skip
PURE_OS = {"PathLike", "fspath", "linesep", "path", "sep"}
IMPURE_CALLS = {"open", "input", "print", "exec", "eval", "compile", "breakpoint", "__import__"}
EXITS = {"exit_json", "fail_json"}

TYPES_ONLY = {"TYPE_CHECKING", "t.TYPE_CHECKING", "typing.TYPE_CHECKING"}
# A line of a program that is kept as text.
IMPORT_IN_TEXT = re.compile(r"^\s*(?:import|from) ([a-z_][a-z0-9_]*)", re.MULTILINE)

# Documentation that is data for Ansible, not code.
ANSIBLES_OWN_RESULTS = {"skipped", "failed", "unreachable", "exception", "retries", "attempts", "ansible_facts"}
DOCUMENTATION_NAMES = {"DOCUMENTATION", "EXAMPLES", "RETURN"}

ACTION_GROUP_FRAGMENT = "anycloud.container_host._attributes.actiongroup"

MODULE_LINES = 450
MODULE_LINES_AFTER_RETURN = 150
MODULE_UTILS_LINES = 350
TASK_FILE_LINES = 100
MAIN_TASK_FILE_LINES = 40

HEADER = (
    "# Copyright (c) ",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
PRIVATE = "PRIVATE to the collection"

PROVIDERS = re.compile(
    r"(?<![a-z0-9])(aws|amazon|ec2|azure|gcp|gce|google|hetzner|hcloud|digitalocean|openstack|vultr|linode|scaleway|ovh"
    r"|proxmox|vmware|vsphere|libvirt|qemu|cloudstack|exoscale|upcloud)(?![a-z0-9])",
    re.IGNORECASE,
)
PROVIDER_SEAM = (
    "plugins/module_utils/_qemu/*",
    "plugins/modules/qemu_*.py",
    "plugins/inventory/*",
    "roles/provision/*",
    "playbooks/provision.yml",
    "playbooks/*/provision*",
)
DISTRIBUTIONS = re.compile(
    r"(?<![a-z0-9])(debian|ubuntu|fedora|rhel|redhat|red hat|centos|rocky|almalinux|oraclelinux|amazon linux|suse"
    r"|opensuse|sles|alpine|arch linux|archlinux|flatcar|bookworm|trixie|noble|jammy)(?![a-z])",
    re.IGNORECASE,
)
DISTRIBUTION_SEAM = (
    "plugins/module_utils/_packages/*",
    "plugins/module_utils/_qemu/*",
    "plugins/modules/qemu_*.py",
    "roles/provision/*",
    "roles/*/vars/*",
    "roles/*/meta/*",
    "roles/*/README.md",
)

Complaints = t.Iterator[str]


def within(path: str, patterns: t.Sequence[str]) -> bool:
    """Whether a path matches one of the shell patterns (``*`` crosses folders)."""
    return any(fnmatch(path, pattern) for pattern in patterns)


def is_core(path: str) -> bool:
    """Whether a file is core: values in, values or own exceptions out."""
    return path.startswith("plugins/module_utils/") and not within(path, SEAMS)


def parse(source: str) -> list[ast.AST]:
    """All nodes of a source, each with the attribute ``for_types`` when it stands under TYPE_CHECKING."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in TYPES_ONLY:
            for body in node.body:
                for inner in ast.walk(body):
                    inner.for_types = True  # type: ignore[attr-defined]
    return list(ast.walk(tree))


def imports(nodes: t.Sequence[ast.AST], with_types: bool = False) -> t.Iterator[tuple[int, str, str]]:
    """Line, module and name (empty for a plain import) of every import."""
    for node in nodes:
        if not with_types and getattr(node, "for_types", False):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, "." * node.level + (node.module or ""), alias.name


def imported_file(module: str, name: str) -> str:
    """The path (without .py) an import of this collection stands for; the name may be the file itself."""
    inner = module.removeprefix(PREFIX.removesuffix(".")).removeprefix(".")
    return "/".join(["plugins", *inner.split("."), name]).rstrip("/")


def check_core_imports(path: str, source: str) -> Complaints:
    """Rule 1: core imports the standard library's pure part and other core, nothing else."""
    if not is_core(path):
        return
    seam_modules = {seam.removesuffix(".py") for seam in SEAMS}
    for line, module, name in imports(parse(source)):
        if module.startswith("."):
            yield f"{line}: relative import of {module}; name the collection in full"
        elif module.startswith(PREFIX.removesuffix(".")):
            target = imported_file(module, name)
            if not target.startswith("plugins/module_utils"):
                yield f"{line}: core imports {module}"
            elif target in seam_modules or target.rsplit("/", 1)[0] in seam_modules:
                yield f"{line}: core imports the seam {module}; have it handed in, import it under TYPE_CHECKING"
        elif module.split(".")[0] not in sys.stdlib_module_names:
            yield f"{line}: core imports {module}, which is not in the standard library"
        elif module in IMPURE or module.split(".")[0] in IMPURE or f"{module}.{name}" in IMPURE:
            yield f"{line}: core imports {module}, which reaches outside"
        elif module == "os" and name != "path":
            yield f"{line}: core imports os; only os.path's pure functions are core"
        elif (module, name) in IMPURE_NAMES:
            yield f"{line}: core imports {name} of {module}, which reaches outside"


def check_core_calls(path: str, source: str) -> Complaints:
    """Rule 1: core opens no file, reads no clock and no environment, and fails only by exception."""
    if not is_core(path):
        return
    for node in parse(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield f"{node.lineno}: core calls {node.func.id}()"
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if ast.unparse(node.value) == "os" and node.attr not in PURE_OS:
                yield f"{node.lineno}: core uses {ast.unparse(node)}"
            elif owner in ("os", "os.path") or ast.unparse(node.value).startswith("os."):
                if node.attr in ("environ", "getenv", "exists", "isfile", "isdir", "realpath", "listdir", "expanduser"):
                    yield f"{node.lineno}: core uses {ast.unparse(node)}"
            elif (owner, node.attr) in IMPURE_NAMES:
                yield f"{node.lineno}: core uses {ast.unparse(node)}"
            elif node.attr in EXITS:
                yield f"{node.lineno}: core calls {node.attr}; raise a ContainerHostError"


def check_core_programs(path: str, source: str) -> Complaints:
    """Rule 1: core hides no program in a text: what reaches outside is a file of its own, outside the core."""
    if not is_core(path):
        return
    for line, text in code_strings(source):
        for match in IMPORT_IN_TEXT.finditer(text):
            if match[1] in IMPURE | {"os"}:
                yield f"{line}: core holds a program that imports {match[1]}; make it a file of its own"


def check_only_modules_exit(path: str, source: str) -> Complaints:
    """Rule 3: only modules create AnsibleModule and call exit_json or fail_json."""
    if not path.startswith("plugins/") or path.startswith("plugins/modules/"):
        return
    nodes = parse(source)
    for line, module, name in imports(nodes):
        if module == "ansible.module_utils.basic" and name in ("AnsibleModule", ""):
            yield f"{line}: only modules import AnsibleModule (under TYPE_CHECKING it is fine)"
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in EXITS:
            yield f"{node.lineno}: only modules call {node.attr}"


def check_no_module_imports_module(path: str, source: str) -> Complaints:
    """Rule 3: what two modules share stands in module_utils."""
    if not path.startswith("plugins/"):
        return
    for line, module, name in imports(parse(source), with_types=True):
        if f"{module}.{name}".startswith(PREFIX + "modules"):
            yield f"{line}: imports the module {module}.{name}; what is shared belongs into module_utils"


def check_no_blind_except(path: str, source: str) -> Complaints:
    """No error is swallowed: a bare except or one of Exception hides what nobody foresaw."""
    if not path.startswith("plugins/"):
        return
    for node in parse(source):
        if isinstance(node, ast.ExceptHandler):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            if caught in ("everything", "Exception", "BaseException"):
                yield f"{node.lineno}: catches {caught}; name the exceptions"


def check_header(path: str, source: str) -> Complaints:
    """Every plugin names its authors and licence; private utilities say that they are private."""
    if not path.startswith("plugins/") or not source.strip():
        return
    lines = [line for line in source.splitlines()[:12] if not line.startswith(("#!", "# -*-")) and line.strip()]
    for number, expected in enumerate(HEADER):
        if len(lines) <= number or not lines[number].startswith(expected):
            yield f"{number + 1}: the header lacks the line {expected!r}"
    if path.startswith("plugins/module_utils/") and not any(PRIVATE in line for line in lines):
        yield f"1: the header lacks the notice {PRIVATE!r}"
    if "from __future__ import annotations" not in source:
        yield "1: 'from __future__ import annotations' is missing"


def check_python_size(path: str, source: str) -> Complaints:
    """Small files: the stops, not the targets."""
    lines = source.splitlines()
    if path.startswith("plugins/module_utils/") and len(lines) > MODULE_UTILS_LINES:
        yield f"{len(lines)}: more than {MODULE_UTILS_LINES} lines; split it by idea"
    if path.startswith("plugins/modules/"):
        if len(lines) > MODULE_LINES:
            yield f"{len(lines)}: more than {MODULE_LINES} lines; move code to module_utils"
        end_of_return = max(
            (
                node.end_lineno or 0
                for node in ast.parse(source).body
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DOCUMENTATION_NAMES
            ),
            default=0,
        )
        if len(lines) - end_of_return > MODULE_LINES_AFTER_RETURN:
            count = len(lines) - end_of_return
            yield f"{len(lines)}: {count} lines after RETURN; {MODULE_LINES_AFTER_RETURN} are enough"


def check_returned_names(path: str, source: str) -> Complaints:
    """No module returns what means something else to Ansible: of a result with ``skipped`` no condition is looked at."""
    if not path.startswith("plugins/modules/"):
        return
    for node in ast.parse(source).body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "RETURN"
            and isinstance(node.value, ast.Constant)
        ):
            for number, line in enumerate(str(node.value.value).splitlines(), node.lineno):
                if line.partition(":")[0] in ANSIBLES_OWN_RESULTS:
                    yield f"{number}: returns {line.partition(':')[0]}, which is Ansible's own; name it otherwise"


def check_provider_names(path: str, source: str) -> Complaints:
    """Rule 5: provider names only in the provider seam, roles/provision and examples."""
    if not path.startswith(("plugins/", "roles/", "playbooks/")) or within(path, PROVIDER_SEAM):
        return
    for number, line in enumerate(source.splitlines(), 1):
        found = PROVIDERS.search(line)
        if found:
            yield f"{number}: names the provider {found.group(0)}"


def code_strings(source: str) -> t.Iterator[tuple[int, str]]:
    """Line and value of every string constant that is code: no docstring, no module documentation."""
    tree = ast.parse(source)
    prose: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            prose.add(id(node.value))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DOCUMENTATION_NAMES:
            prose.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def check_distribution_names(path: str, source: str) -> Complaints:
    """Rule 5: distribution names only in vars/<Distribution>.yml and the seam of package managers."""
    if not path.startswith(("plugins/", "roles/")) or within(path, DISTRIBUTION_SEAM):
        return
    if path.startswith("plugins/"):
        if not path.endswith(".py") or path.startswith("plugins/doc_fragments/"):
            return
        candidates = code_strings(source)
    else:
        candidates = enumerate((re.sub(r"(^|\s)#.*", "", line) for line in source.splitlines()), 1)
    for number, text in candidates:
        found = DISTRIBUTIONS.search(text)
        if found:
            yield f"{number}: names the distribution {found.group(0)}"


PYTHON_RULES = (
    check_core_imports,
    check_core_calls,
    check_core_programs,
    check_only_modules_exit,
    check_no_module_imports_module,
    check_no_blind_except,
    check_header,
    check_python_size,
    check_returned_names,
)
TEXT_RULES = (check_provider_names, check_distribution_names)


def module_documentation(module_source: str) -> dict[str, t.Any]:
    """The DOCUMENTATION of a module."""
    literal = next(
        node.value
        for node in ast.parse(module_source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION"
    )
    document: dict[str, t.Any] = yaml.safe_load(ast.literal_eval(literal))
    return document


def in_action_group(module_source: str) -> bool:
    """Whether a module's documentation says that it belongs to the collection's action group."""
    document = module_documentation(module_source)
    fragments = [name.lower() for name in document.get("extends_documentation_fragment") or []]
    return ACTION_GROUP_FRAGMENT in fragments or "action_group" in (document.get("attributes") or {})


def see_also(module_source: str) -> set[str]:
    """The short names of the modules a module's documentation points to."""
    document = module_documentation(module_source)
    return {item["module"].rpartition(".")[2] for item in document.get("seealso") or [] if "module" in item}


def missing_twins(modules: t.Mapping[str, t.Collection[str]]) -> list[str]:
    """Rule 6: the modules that change state and have no ``_info`` twin; modules: name -> what it points to.

    In the provider seam, and among modules that begin with its name, one ``_info`` module may read what several change:
    they point to it in their ``seealso``.
    """
    lacking = []
    for name, pointed_to in modules.items():
        in_seam = within(f"plugins/modules/{name}.py", PROVIDER_SEAM)
        shared = {other for other in pointed_to if other.endswith("_info")}
        if not in_seam:
            shared = {other for other in shared if name.startswith(other.removesuffix("info"))}
        twins = {f"{name}_info"} | shared
        if not name.endswith("_info") and not twins & set(modules):
            lacking.append(name)
    return sorted(lacking)


# --- roles ------------------------------------------------------------------------------------------------------------

TASK_KEYWORDS = {
    "any_errors_fatal", "args", "async", "become", "become_exe", "become_flags", "become_method", "become_user",
    "changed_when", "check_mode", "collections", "connection", "debugger", "delay", "delegate_facts", "delegate_to",
    "diff", "environment", "failed_when", "ignore_errors", "ignore_unreachable", "listen", "loop", "loop_control",
    "module_defaults", "name", "no_log", "notify", "poll", "port", "register", "remote_user", "retries", "run_once",
    "tags", "throttle", "timeout", "until", "vars", "when",
}  # fmt: skip
BLOCKS = ("block", "rescue", "always")
GROUPS = re.compile(r"\bgroups\s*[\[.]|\bgroups\s*\||\bgroup_names\b")


def tasks_of(items: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Every task of a task file, those in blocks too."""
    for item in items or []:
        yield item
        for block in BLOCKS:
            yield from tasks_of(item.get(block))


def check_tasks(path: str, source: str) -> Complaints:
    """Rule 5 for one task or handler file: FQCN, own variable names, no inventory group; and its size."""
    role = path.split("/")[1]
    count = len(source.splitlines())
    stop = MAIN_TASK_FILE_LINES if path.endswith("/tasks/main.yml") else TASK_FILE_LINES
    if count > stop:
        yield f"{count}: more than {stop} lines; split it by concern"
    for number, line in enumerate(source.splitlines(), 1):
        if GROUPS.search(line):
            yield f"{number}: a role never names an inventory group"
    for task in tasks_of(yaml.safe_load(source)):
        title = task.get("name", "unnamed task")
        actions = [
            key for key in task if key not in TASK_KEYWORDS and key not in BLOCKS and not key.startswith("with_")
        ]
        for action in actions:
            if action.count(".") < 2:
                yield f"{title}: {action} is no fully qualified name"
            if action == "ansible.builtin.set_fact":
                for fact in task[action]:
                    if not fact.startswith((f"{role}_", f"__{role}_")) and fact != "cacheable":
                        yield f"{title}: the fact {fact} begins with neither {role}_ nor __{role}_"
        if any(key.startswith("with_") for key in task):
            yield f"{title}: use loop"
        registered = task.get("register")
        if registered and not registered.startswith(f"__{role}_"):
            yield f"{title}: the registered variable {registered} does not begin with __{role}_"
        loop_variable = (task.get("loop_control") or {}).get("loop_var")
        if loop_variable and not loop_variable.startswith(f"__{role}_"):
            yield f"{title}: the loop variable {loop_variable} does not begin with __{role}_"


CONDITIONS = ("when", "changed_when", "failed_when", "until")


def check_conditions(source: str, booleans: t.Collection[str]) -> Complaints:
    """A boolean that came from the command line (-e x=false) or a survey is text until it has passed ``| bool``."""
    for task in tasks_of(yaml.safe_load(source)):
        for keyword in CONDITIONS:
            conditions = task.get(keyword)
            for condition in conditions if isinstance(conditions, list) else [conditions]:
                for name in booleans:
                    if re.search(rf"\b{name}\b(?!\s*\|\s*bool\b)", str(condition)):
                        yield f"{task.get('name', 'unnamed task')}: {keyword} uses {name} without the filter bool"


def documented_options(argument_specs: str) -> dict[str, t.Any]:
    """Every option of every entry point of a role's meta/argument_specs.yml."""
    specs = yaml.safe_load(argument_specs)["argument_specs"]
    return {name: option for entry in specs.values() for name, option in (entry.get("options") or {}).items()}


def check_argument_specs(source: str) -> Complaints:
    """Every entry point and every option, nested ones too, has a description; every option a type."""

    def walk(where: str, options: t.Mapping[str, t.Any]) -> Complaints:
        for name, option in options.items():
            for key in ("type", "description"):
                if not option.get(key):
                    yield f"{where}{name} has no {key}"
            yield from walk(f"{where}{name}.", option.get("options") or {})

    for name, entry in yaml.safe_load(source)["argument_specs"].items():
        if not entry.get("short_description"):
            yield f"the entry point {name} has no short_description"
        yield from walk(f"{name}: ", entry.get("options") or {})


def check_role(role: str, files: t.Mapping[str, str]) -> Complaints:
    """Rule 5 for a whole role; files: path inside the role -> text."""
    for needed in ("README.md", "meta/argument_specs.yml", "tasks/main.yml"):
        if needed not in files:
            yield f"{needed} is missing"
    for file in ("meta/main.yml", "meta/main.yaml"):
        if (yaml.safe_load(files.get(file, "")) or {}).get("dependencies"):
            yield f"{file}: a role has no dependencies; the playbook lists roles"
    documented = documented_options(files["meta/argument_specs.yml"]) if "meta/argument_specs.yml" in files else {}
    booleans = {name for name, option in documented.items() if option.get("type") == "bool"}
    for name in documented:
        if not name.startswith(f"{role}_"):
            yield f"meta/argument_specs.yml: {name} does not begin with {role}_"
    for file, source in files.items():
        if file.startswith("defaults/"):
            for name in yaml.safe_load(source) or {}:
                if not name.startswith(f"{role}_"):
                    yield f"{file}: {name} does not begin with {role}_"
                if name not in documented:
                    yield f"{file}: {name} is not in meta/argument_specs.yml"
        elif file.startswith("vars/"):
            for name in yaml.safe_load(source) or {}:
                if not name.startswith(f"__{role}_"):
                    yield f"{file}: {name} does not begin with __{role}_"
        elif file.startswith(("tasks/", "handlers/")) and file.endswith(".yml"):
            for complaint in (*check_tasks(f"roles/{role}/{file}", source), *check_conditions(source, booleans)):
                yield f"{file}: {complaint}"
    if "meta/argument_specs.yml" in files:
        for complaint in check_argument_specs(files["meta/argument_specs.yml"]):
            yield f"meta/argument_specs.yml: {complaint}"
