# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The baseline's report as a page: well formed, harmless, small."""

from __future__ import annotations

import re
import typing as t
from html.parser import HTMLParser

import pytest
from baseline_fleet import HOSTILE, control, decision, document, reading

from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_html import (
    LONGEST_VALUE,
    render_html,
    shown,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._baseline.report_style import FILTERS, style

VOID = {"meta", "input"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "nav", "a", "main", "section", "div",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "bdi", "details", "summary", "fieldset", "legend",
    "label", "input", "code",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page strictly: every tag is known, closed and in order, every id is there once."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.cells: list[tuple[str, dict[str, t.Any]]] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert {link.removeprefix("#") for link in self.links} <= set(self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        assert tag in TAGS
        assert len(attributes) == len(attrs)
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
        if "id" in attributes:
            self.ids.append(str(attributes["id"]))
        if "href" in attributes:
            assert str(attributes["href"]).startswith("#")
            self.links.append(str(attributes["href"]))
        if tag in ("th", "td"):
            self.cells.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def page(readings: dict[str, t.Any] | None = None) -> Page:
    return Page(render_html(document(readings)))


def test_page_is_well_formed_and_tells_everything() -> None:
    made = page()
    words = " ".join(made.words)
    for text in ("alpha", "delta", "no route", "no root", "reason of four", "overdue", "we said so", "other number"):
        assert text in words
    assert "Not the whole fleet" in words
    assert "changed (put back)" in words


def test_page_of_no_hosts() -> None:
    assert "None was given." in " ".join(page({}).words)


def test_tables_have_headers() -> None:
    heads = [attributes.get("scope") for tag, attributes in page().cells if tag == "th"]
    assert set(heads) == {"col", "row"}


def test_nothing_comes_from_elsewhere() -> None:
    text = render_html(document())
    assert not re.search(r"(?i)https?:|//[a-z]|url\(|@import|<script|javascript:", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    entry = control(
        "one",
        "failed",
        title=text,
        reason=text,
        before={text: text},
        after=[text],
        references=[text],
        severity=text,
        section=text,
        decision=decision(reason=text),
    )
    made = page({text: reading(entry), "b": {"failed": True, "msg": f"x{text}"}})
    joined = "".join(made.words)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", joined)
    if text.isprintable():
        assert joined.count(text) >= 8


def test_hostile_id_stays_text() -> None:
    made = page({"a": reading(control('x"><script>', "failed"))})
    assert 'x"><script>' in made.words


def test_long_values_are_cut() -> None:
    assert shown("x" * (LONGEST_VALUE + 1)) == "x" * LONGEST_VALUE + "…"
    assert shown("x" * LONGEST_VALUE) == "x" * LONGEST_VALUE


def test_equal_hosts_are_told_about_once() -> None:
    entries = [control(f"control_{number}", "passed" if number else "failed") for number in range(50)]
    few = len(render_html(document({f"host{number}": reading(*entries) for number in range(10)})))
    many = len(render_html(document({f"host{number}": reading(*entries) for number in range(110)})))
    assert (many - few) / 100 < 800


def test_what_passed_is_listed_once() -> None:
    entries = [control(f"control_{number}", "passed") for number in range(50)]
    failed = [control(f"control_{number}", "failed") for number in range(50)]
    readings = {
        f"host{number}": reading(*entries[:number], failed[number], *entries[number + 1 :]) for number in (3, 4)
    }
    text = render_html(document(readings))
    # In the list of controls and, for two of them, in a finding.
    assert text.count('<a href="#control-') == 52


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1 between two colours."""

    def luminance(colour: str) -> float:
        digits = colour.removeprefix("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_can_be_read_in_every_scheme() -> None:
    schemes = re.findall(r":root\{color-scheme[^}]*\}|:root\{--ink[^}]*\}", style())
    assert len(schemes) == 3
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+):(#\w+)", scheme))
        for name in ("ink", "link", "bad", "warn", "good"):
            for ground in ("paper", "soft", "mark"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground, scheme)


def test_filters_fit_the_classes() -> None:
    text = render_html(document())
    for name in FILTERS:
        assert f'id="only-{name}"' in text
        assert f'<tr class="finding {name}">' in text
