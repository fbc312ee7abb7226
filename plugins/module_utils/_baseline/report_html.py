# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""A fleet's report as one page of HTML: nothing is loaded from elsewhere, and no script runs.

Whatever is shown (host names, reasons, values found on hosts) may be hostile: it all goes through ``shown``.
Hosts whose controls all came out the same are told about together, and what passed is not repeated: it is the rest of
the list of controls a host was held to, given once. So the page stays readable, and small, for a thousand hosts.
"""

from __future__ import annotations

import json
import typing as t
from html import escape

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.fleet import READ
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report import STATUSES, no_longer_holds
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_style import FILTERS, style

LONGEST_VALUE = 400
"""Characters of a value; the whole of it is in the JSON report."""
MOST_NAMES = 8
"""Names of hosts shown in a line; more are folded."""

# Control characters have no place in HTML (but for tab and line feed); directional ones can make text read as something
# else (CVE-2021-42574); surrogates can't be written.
_CONTROLS = (*(set(range(0x20)) - {0x09, 0x0A}), *range(0x7F, 0xA0))
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSAFE = dict.fromkeys((*_CONTROLS, *_DIRECTIONS, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Baseline report</title>
<style>
{style}
</style>
</head>
<body>
"""

Row = t.Sequence[str]


def shown(value: t.Any, longest: int = LONGEST_VALUE) -> str:
    """Any text, made harmless and short enough to be read."""
    text = str(value)
    if len(text) > longest:
        text = f"{text[:longest]}…"
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_UNSAFE)
    return escape(text)


def render_html(document: t.Mapping[str, t.Any]) -> str:
    """The page."""
    groups = _groups(document["hosts"])
    numbers = {control: number for number, control in enumerate(document["controls"])}
    parts = [_HEAD.format(style=style()), *_top(document), "<main>\n"]
    parts += _summary(document)
    parts += _hosts(document, groups)
    parts += _decisions(document, numbers)
    parts += _findings(document, groups, numbers)
    parts += _controls(document, numbers)
    parts.append("</main>\n</body>\n</html>\n")
    return "".join(parts)


def _groups(hosts: t.Iterable[t.Mapping[str, t.Any]]) -> list[list[t.Mapping[str, t.Any]]]:
    """The hosts that were judged, those together whose controls all came out the same; worst first."""
    groups: dict[str, list[t.Mapping[str, t.Any]]] = {}
    for host in hosts:
        if host["state"] == READ:
            key = json.dumps([host["profile"], host["mode"], host["controls"]], separators=(",", ":"))
            groups.setdefault(key, []).append(host)
    return sorted(groups.values(), key=lambda group: group[0]["scores"]["all"]["score_percent"])


def _table(caption: str, heads: Row, rows: t.Iterable[str]) -> t.Iterator[str]:
    titles = "".join(f'<th scope="col">{head}</th>' for head in heads)
    yield f'<div class="scroll"><table><caption>{caption}</caption>\n<thead><tr>{titles}</tr></thead>\n<tbody>\n'
    yield from rows
    yield "</tbody></table></div>\n"


def _row(head: str, cells: t.Iterable[t.Any]) -> str:
    """A row with its head; whole numbers and scores are set to the right."""
    return f'<tr><th scope="row">{head}</th>{"".join(map(_cell, cells))}</tr>\n'


def _cell(value: t.Any) -> str:
    return f"<td>{value}</td>" if isinstance(value, str) else f'<td class="n">{value}</td>'


def _status(status: str) -> str:
    return f'<span class="{shown(status)}">{shown(status.replace("_", " "))}</span>'


def _names(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    names = ", ".join(f"<bdi>{shown(host['host'])}</bdi>" for host in hosts)
    if len(hosts) <= MOST_NAMES:
        return names
    return f"<details><summary>{len(hosts)} hosts</summary>{names}</details>"


def _top(document: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    yield "<header>\n<h1>Baseline report</h1>\n"
    yield f"<p>{document['summary']['hosts']} hosts, {shown(document['generated_at'])}</p>\n"
    if not document["complete"]:
        yield '<p class="note" role="note">Not the whole fleet: some hosts were still waiting for their turn.</p>\n'
    links = ("summary", "hosts", "decisions", "findings", "controls")
    yield '<nav aria-label="Sections">' + " ".join(f'<a href="#{name}">{name}</a>' for name in links) + "</nav>\n"
    yield "</header>\n"


def _summary(document: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    totals, scores = document["summary"], document["scores"]
    yield '<section id="summary">\n<h2>Summary</h2>\n'
    states = (_row(_status(state), [count]) for state, count in totals["states"].items() if count)
    yield from _table("Hosts", ("state", "hosts"), states)
    statuses = (_row(_status(status), [count]) for status, count in totals["statuses"].items())
    yield from _table("Controls, over all hosts", ("status", "times"), statuses)
    yield from _score_table("Score, over all hosts", scores)
    yield "<p>A score is the part of the controls that count that are met (passed or changed); exempt and not "
    yield "applicable ones do not count, and severity gives no weight.</p>\n</section>\n"


def _score_table(caption: str, scores: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    lines = [("all", scores["all"])]
    lines += [(f"profile {name}", value) for name, value in scores["profiles"].items()]
    lines += [(f"section {name.replace('_', ' ')}", value) for name, value in scores["sections"].items()]
    rows = (_row(shown(name), [f"{value['score_percent']} %", value["met"], value["counted"]]) for name, value in lines)
    yield from _table(caption, ("of", "score", "met", "count"), rows)


def _hosts(document: t.Mapping[str, t.Any], groups: t.Sequence[t.Sequence[t.Mapping[str, t.Any]]]) -> t.Iterator[str]:
    number = {host["host"]: index for index, group in enumerate(groups) for host in group}
    heads = ("host", "state", "profile", "mode", "score", *(s.replace("_", " ") for s in STATUSES), "findings")
    yield '<section id="hosts">\n<h2>Hosts</h2>\n'
    yield from _table("All hosts", heads, (_host_row(host, number) for host in document["hosts"]))
    yield "</section>\n"


def _host_row(host: t.Mapping[str, t.Any], number: t.Mapping[str, int]) -> str:
    name = f"<bdi>{shown(host['host'])}</bdi>"
    if host["state"] != READ:
        message = f'<td colspan="{len(STATUSES) + 4}">{shown(host["message"])}</td>'
        return f'<tr><th scope="row">{name}</th><td>{_status(host["state"])}</td>{message}</tr>\n'
    totals = host["summary"]
    group = number[host["host"]]
    cells = [_status(host["state"]), shown(host["profile"]), shown(host["mode"]), f"{totals['score_percent']} %"]
    link = f'<a href="#group-{group}">group {group + 1}</a>'
    return _row(name, [*cells, *(totals[status] for status in STATUSES), link])


def _decisions(document: t.Mapping[str, t.Any], numbers: t.Mapping[str, int]) -> t.Iterator[str]:
    grouped: dict[tuple[t.Any, ...], list[t.Mapping[str, t.Any]]] = {}
    for host in document["hosts"]:
        for decision in host.get("decisions", ()):
            grouped.setdefault(tuple(decision.values()), []).append(host)
    yield '<section id="decisions">\n<h2>Exemptions and overrides</h2>\n'
    if grouped:
        heads = ("control", "decision", "reason", "last day", "days left", "hosts")
        ordered = sorted(grouped.items(), key=lambda item: (item[0][4] is None, item[0][4] or 0, item[0][0]))
        rows = (_decision_row(key, hosts, numbers) for key, hosts in ordered)
        yield from _table("What was decided, with its reason; the first to end comes first", heads, rows)
    else:
        yield "<p>None was given.</p>\n"
    yield "</section>\n"


def _decision_row(
    key: tuple[t.Any, ...], hosts: t.Sequence[t.Mapping[str, t.Any]], numbers: t.Mapping[str, int]
) -> str:
    control, kind, reason, expires, left, overdue = key
    days: t.Any = '<span class="overdue">overdue</span>' if overdue else "no end" if left is None else left
    return _row(_control_link(control, numbers), [shown(kind), shown(reason), shown(expires), days, _names(hosts)])


def _control_link(control: str, numbers: t.Mapping[str, int]) -> str:
    return f'<a href="#control-{numbers[control]}">{shown(control)}</a>'


def _findings(
    document: t.Mapping[str, t.Any],
    groups: t.Sequence[t.Sequence[t.Mapping[str, t.Any]]],
    numbers: t.Mapping[str, int],
) -> t.Iterator[str]:
    yield '<section id="findings">\n<h2>Findings</h2>\n'
    yield "<p>Hosts on which everything came out the same are one group. What passed is not repeated for each.</p>\n"
    yield "<fieldset><legend>Show findings that are</legend>\n"
    for name, words in {"anything": "anything", **FILTERS}.items():
        checked = " checked" if name == "anything" else ""
        yield f'<label><input type="radio" name="only" id="only-{name}"{checked}> {words}</label>\n'
    yield "</fieldset>\n"
    lists: dict[tuple[str, ...], int] = {}
    for index, group in enumerate(groups):
        held = tuple(entry["id"] for entry in group[0]["controls"])
        yield from _group(index, group, lists.setdefault(held, len(lists)), document["controls"], numbers)
    for held, number in lists.items():
        links = ", ".join(_control_link(control, numbers) for control in held)
        yield f'<details id="list-{number}"><summary>A list of {len(held)} controls</summary>{links}</details>\n'
    yield "</section>\n"


def _group(
    index: int,
    group: t.Sequence[t.Mapping[str, t.Any]],
    number: int,
    about: t.Mapping[str, t.Mapping[str, t.Any]],
    numbers: t.Mapping[str, int],
) -> t.Iterator[str]:
    """What came out on a group of hosts; number: of the list of controls they were held to."""
    first = group[0]
    entries = first["controls"]
    others = [entry for entry in entries if entry["status"] != "passed"]
    title = f"Group {index + 1}: {first['summary']['failed']} failed, score {first['summary']['score_percent']} %"
    yield f'<details class="group" id="group-{index}" open><summary>{title}</summary>\n<div>{_names(group)}</div>\n'
    if others:
        heads = ("control", "status", "severity", "found", "wanted", "reason")
        rows = (_finding(entry, about[entry["id"]], numbers) for entry in others)
        yield from _table("Everything that did not simply pass", heads, rows)
    link = f'<a href="#list-{number}">list of {len(entries)} controls</a>'
    yield f"<p>Passed: {len(entries) - len(others)}, all others of this {link}.</p>\n"
    yield "<details><summary>Scores</summary>\n"
    yield from _score_table("Score", first["scores"])
    yield "</details></details>\n"


def _finding(entry: t.Mapping[str, t.Any], control: t.Mapping[str, t.Any], numbers: t.Mapping[str, int]) -> str:
    words = shown(entry["status"].replace("_", " "))
    if entry["put_back"]:
        words += " (put back)" if no_longer_holds(entry) else ", put back"
    start = f'<tr class="finding {shown(entry["status"])}"><th scope="row">{_control_link(entry["id"], numbers)}</th>'
    status = f'<td><span class="{shown(entry["status"])}">{words}</span></td>'
    values = "".join(f"<td>{_value(entry[key])}</td>" for key in ("before", "after"))
    return f"{start}{status}<td>{shown(control['severity'])}</td>{values}<td>{shown(entry['reason'] or '')}</td></tr>\n"


def _value(value: t.Any) -> str:
    if value is None:
        return ""
    if isinstance(value, t.Mapping):
        value = "\n".join(f"{name}: {item}" for name, item in value.items())
    return f"<code>{shown(value)}</code>"


def _controls(document: t.Mapping[str, t.Any], numbers: t.Mapping[str, int]) -> t.Iterator[str]:
    counts = {control: dict.fromkeys(STATUSES, 0) for control in numbers}
    for host in document["hosts"]:
        for entry in host.get("controls", ()):
            counts[entry["id"]][entry["status"]] += 1
    heads = ("control", "what holds", "section", "severity", "profile", "references")
    yield '<section id="controls">\n<h2>Controls</h2>\n'
    rows = (_control(name, about, counts[name], numbers[name]) for name, about in document["controls"].items())
    yield from _table(
        "All controls, with the number of hosts", (*heads, *(s.replace("_", " ") for s in STATUSES)), rows
    )
    yield "</section>\n"


def _control(name: str, about: t.Mapping[str, t.Any], counts: t.Mapping[str, int], number: int) -> str:
    cells: list[t.Any] = [shown(about[key]) for key in ("title", "section", "severity", "profile")]
    cells.append(shown(", ".join(map(str, about["references"] or ()))))
    row = _row(shown(name), [*cells, *(counts[status] for status in STATUSES)])
    return row.replace("<tr>", f'<tr id="control-{number}">', 1)
