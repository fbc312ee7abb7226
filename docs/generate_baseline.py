# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate docs/controls.md from the catalogue of controls."""

from __future__ import annotations

import datetime
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


EXEMPTIONS = """
## Exempted and adjusted by themselves

With the features offered by default. Nothing else is left out, except what is not applicable because its object is not
there, and what you exempt yourself, with a reason; every report names all of them.

| control | from | what becomes of it | why |
| --- | --- | --- | --- |
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


def numbers(controls: t.Iterable[t.Any], profiles: t.Sequence[str]) -> str:
    """How many controls of each kind come with each profile, and how many each profile holds."""
    counts = Counter((control.kind, control.profile) for control in controls)
    lines = [f"| kind | {' | '.join(profiles)} | all |\n| --- | --- | --- | --- | --- |\n"]
    for kind in sorted({kind for kind, _profile in counts}):
        row = [counts[kind, profile] for profile in profiles]
        lines.append(f"| {kind} | {' | '.join(map(str, row))} | {sum(row)} |\n")
    added = [sum(count for (_kind, one), count in counts.items() if one == profile) for profile in profiles]
    lines.append(f"| all kinds | {' | '.join(map(str, added))} | {sum(added)} |\n")
    held = ", ".join(f"{sum(added[: index + 1])} with {profile}" for index, profile in enumerate(profiles))
    lines.append(f"\nEach column counts what its profile adds. A host is held to {held}.\n")
    return "".join(lines)


def exemption_rows(selected: t.Iterable[t.Any]) -> list[str]:
    """What is decided about controls without anybody's asking: by features, then by what only the host can tell."""
    words = {"exempt": "exempt", "not_applicable": "not applicable", "enforce": "adjusted"}
    rows = []
    for one in selected:
        name, profile = one.control.id, one.control.profile
        if one.status != "enforce" or one.reason:
            rows.append(f"| `{name}` | {profile} | {words[one.status]} | {one.reason} |\n")
        for adjustment in one.adjust:
            what = "exempt" if adjustment.parameters is None else "adjusted"
            rows.append(f"| `{name}` | {profile} | {what} where `{adjustment.when}` | {adjustment.reason} |\n")
    return rows


def page() -> str:
    """The whole page."""
    problems: list[t.Any] = []
    features = import_baseline("module_utils._baseline.features")
    control_module = import_baseline("module_utils._baseline.control")
    sources = import_baseline("plugin_utils._baseline").read_catalogue()
    controls = control_module.parse_controls(sources, problems)
    if problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))
    profiles = control_module.PROFILES
    parts = [HEAD, numbers(controls.values(), profiles)]
    parts.append("\n## Features\n\n| feature | offered by default | meaning |\n| --- | --- | --- |\n")
    for name, meaning in features.FEATURES.items():
        parts.append(f"| `{name}` | {'yes' if name in features.DEFAULT_FEATURES else 'no'} | {meaning} |\n")
    parts.append("\nFound out on the host itself:\n\n| condition | meaning |\n| --- | --- |\n")
    for name, meaning in features.CONDITIONS.items():
        parts.append(f"| `{name}` | {meaning} |\n")
    select = import_baseline("module_utils._baseline.select").select
    # Dates are of exemptions of users, of which there are none here.
    selected = select(controls, profiles[-1], features.DEFAULT_FEATURES, [], [], datetime.date.min)
    parts += [EXEMPTIONS, *exemption_rows(selected)]
    words = import_baseline("module_utils._baseline.engines.words")
    parts.append(ENGINE_OPTIONS)
    parts += [f"| `{name}` | {meaning} |\n" for name, meaning in words.OPTIONS.items()]
    for file, entries in sources:
        parts.append(f"\n## {file.removesuffix('.yml').replace('_', ' ').capitalize()}\n\n")
        parts.append("\n".join(section(controls[entry["id"]]) for entry in entries))
    return "".join(parts)
