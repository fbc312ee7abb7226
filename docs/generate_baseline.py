# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate docs/controls.md from the catalogue of controls."""

from __future__ import annotations

import importlib
import sys
import typing as t
from collections import Counter
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parent.parent / ".cache" / "collections"
PLUGINS = "ansible_collections.anycloud.container_host.plugins"

HEAD = """\
# Controls

What the baseline makes hold, as written in `roles/baseline/vars/controls/`. This page is generated from those files
(`make docs`). The role's [README](../roles/baseline/README.md) says how to choose a profile, and how to override or
exempt a control; controls of your own go into `baseline_extra_controls`, in the same form.

Each profile holds the controls of the ones before it. Where a control would break a feature the host is to offer, it is
adjusted or exempted by itself, as said under it.

"""

ENGINE_OPTIONS = """
## Options of engines

What controls of the kind `engine_option` speak of, with the same words for Docker and Podman. The kind reads the
engines' files and never writes them: they belong to the role [engine](../roles/engine/README.md), and a control that
fails says which of its variables mends it. Before an engine is installed they are not applicable.

Not part of the baseline, since they are the workload's own: privileged containers, mounts of the engine's socket,
capabilities asked for, and what else CIS Docker says of single containers (section 5). Neither are authorization
plugins (2.12) and Docker's content trust (4.5, no longer served).

| option | values |
| --- | --- |
"""


def import_baseline(name: str) -> t.Any:
    """A module of the baseline, from the checkout."""
    if str(COLLECTIONS) not in sys.path:
        sys.path.append(str(COLLECTIONS))
    return importlib.import_module(f"{PLUGINS}.{name}")


def section(control: t.Any) -> str:
    """A control: title, rationale, and what else there is to know about it."""
    lines = [f"### {control.title}", "", f"`{control.id}`: {' '.join(control.rationale.split())}", ""]
    lines.append(f"- {control.kind}, severity {control.severity}, from {control.profile} on")
    lines.append(f"- References: {', '.join(control.references)}")
    if control.requires:
        lines.append(f"- Only where it has an object: {', '.join(f'`{word}`' for word in control.requires)}")
    lines += [f"- Would break `{feature}`: {effect}" for feature, effect in control.breaks.items()]
    lines += [f"- With `{adjustment.when}`: {adjustment.reason}" for adjustment in control.adjust]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page."""
    problems: list[t.Any] = []
    features = import_baseline("module_utils._baseline.features")
    control_module = import_baseline("module_utils._baseline.control")
    sources = import_baseline("plugin_utils._baseline").read_catalogue()
    controls = control_module.parse_controls(sources, problems)
    if problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))
    parts = [HEAD, "| kind | " + " | ".join(control_module.PROFILES) + " | all |\n| --- | --- | --- | --- | --- |\n"]
    counts = Counter((control.kind, control.profile) for control in controls.values())
    for kind in sorted({control.kind for control in controls.values()}):
        numbers = [counts[kind, profile] for profile in control_module.PROFILES]
        parts.append(f"| {kind} | {' | '.join(map(str, numbers))} | {sum(numbers)} |\n")
    parts.append("\n## Features\n\n| feature | offered by default | meaning |\n| --- | --- | --- |\n")
    for name, meaning in features.FEATURES.items():
        parts.append(f"| `{name}` | {'yes' if name in features.DEFAULT_FEATURES else 'no'} | {meaning} |\n")
    parts.append("\nFound out on the host itself:\n\n| condition | meaning |\n| --- | --- |\n")
    for name, meaning in features.CONDITIONS.items():
        parts.append(f"| `{name}` | {meaning} |\n")
    words = import_baseline("module_utils._baseline.engines.words")
    parts.append(ENGINE_OPTIONS)
    parts += [f"| `{name}` | {meaning} |\n" for name, meaning in words.OPTIONS.items()]
    for file, entries in sources:
        parts.append(f"\n## {file.removesuffix('.yml').replace('_', ' ').capitalize()}\n\n")
        parts.append("\n".join(section(controls[entry["id"]]) for entry in entries))
    return "".join(parts)
