# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canonical form: RFC 8785's own examples, what is refused, and independence of order."""

from __future__ import annotations

import json
import random
import typing as t

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._contract.canonical import canonical_json
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError

TEST_FORMS: list[tuple[t.Any, str]] = [
    (None, "null"),
    (True, "true"),
    (False, "false"),
    (0, "0"),
    (-5, "-5"),
    (2**53 - 1, "9007199254740991"),
    ("", '""'),
    ([], "[]"),
    ({}, "{}"),
    ({"b": [1, "x"], "a": None}, '{"a":null,"b":[1,"x"]}'),
    # RFC 8785, section 3.2.2.2, the string of the sample object.
    ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f", '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
    ("\x7f\u2028", '"\x7f\u2028"'),
    # RFC 8785, section 3.2.3: sorted by UTF-16 code units, so that the emoji comes before U+FB33.
    (
        {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7},
        '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}',
    ),
]


@pytest.mark.parametrize(("value", "text"), TEST_FORMS)
def test_form(value: t.Any, text: str) -> None:
    assert canonical_json(value) == text
    assert json.loads(text) == value


TEST_REFUSED: list[tuple[t.Any, str]] = [
    (1.5, "(root): a value of type float has no canonical form"),
    ({"a": [1, 2.0]}, "a[1]: a value of type float"),
    ({"a": {"b": 2**53}}, "a.b: 9007199254740992 is too large an integer"),
    ({1: "x"}, "(root): the key 1 is no string"),
    ({"a": "\ud800"}, "a: a string with half a surrogate pair"),
    ({"a": {1, 2}}, "a: a value of type set"),
    ({"a": b"x"}, "a: a value of type bytes"),
]


@pytest.mark.parametrize(("value", "message"), TEST_REFUSED)
def test_refused(value: t.Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        canonical_json(value)
    assert str(caught.value).startswith(message)


def shuffled(value: t.Any, chance: random.Random) -> t.Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(20))
def test_order_of_keys_does_not_count(seed: int) -> None:
    chance = random.Random(seed)
    value = {f"k{n}": {"z": [n, {"b": n, "a": None}], "ü": chr(0x4E00 + n), "a": n % 2 == 0} for n in range(12)}
    assert canonical_json(shuffled(value, chance)) == canonical_json(value)


def test_order_of_items_counts() -> None:
    assert canonical_json([1, 2]) != canonical_json([2, 1])
