# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The look of the report's page: light, dark and printed. No colour says what no word says.

Contrasts are at least 4.5 : 1 in both schemes (WCAG 2.1, 1.4.3). The filter is a rule for each radio button; a browser
without ``:has`` shows everything.
"""

from __future__ import annotations

FILTERS = {
    "failed": "failed",
    "would_change": "would change",
    "changed": "changed",
    "exempt": "exempt",
    "not_applicable": "not applicable",
}
"""What findings can be narrowed down to: status -> its words."""

_COLOURS = """
:root{color-scheme:light dark;--ink:#1b1d21;--paper:#fff;--soft:#f1f3f5;--line:#c4c9cf;--link:#0b4f9e;
--bad:#a30f0f;--warn:#7a4b00;--good:#14632a;--mark:#fff2bf}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#15171a;--soft:#22262b;--line:#4a515a;--link:#8fbcff;
--bad:#ff9a94;--warn:#f0c06a;--good:#86d99c;--mark:#4a4010}}
"""
_LAYOUT = """
body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:90rem;margin:0 auto;
padding:1rem}
a{color:var(--link)}
table{border-collapse:collapse;margin:.5rem 0 1rem;width:100%}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:var(--soft)}
tbody th{font-weight:600}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
.failed,.unreachable,.lost,.overdue{color:var(--bad);font-weight:600}
.would_change,.waiting{color:var(--warn);font-weight:600}
.changed,.passed,.read{color:var(--good)}
tr.finding{color:inherit;font-weight:inherit}
.note{border-left:.4rem solid var(--bad);background:var(--soft);padding:.5rem 1rem}
:target{background:var(--mark)}
fieldset{border:1px solid var(--line)}
fieldset label{margin-right:1rem;white-space:nowrap}
details{margin:.5rem 0}
details.group{border:1px solid var(--line);padding:.5rem}
summary{cursor:pointer}
code{font-family:ui-monospace,monospace;font-size:.9em;white-space:pre-wrap}
"""
_PRINT = """
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#eee;--line:#888;--link:#000;--bad:#800000;
--warn:#5a3700;--good:#0d4a1e;--mark:#fff}body{max-width:none;padding:0;font-size:9pt}
fieldset,nav{display:none}thead{display:table-header-group}tr{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto}}
"""


def style() -> str:
    """The page's style sheet."""
    rules = [f"body:has(#only-{name}:checked) tr.finding:not(.{name}){{display:none}}" for name in FILTERS]
    return "\n".join([_COLOURS.strip(), _LAYOUT.strip(), *rules, _PRINT.strip()])
