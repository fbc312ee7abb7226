# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._engine_config.files import Inline, render_toml


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")
def test_toml_is_read_back_by_another_parser() -> None:
    import tomllib

    sections = {
        "": {"top": 'a "quoted" \\ back\nslash', "number": 3, "gone": None},
        "one": {
            "yes": True,
            "list": ["a", "b"],
            "empty": [],
            "pools": Inline(((("base", "10.0.0.0/8"), ("size", 24)),)),
        },
        "one.two": {"map": {"k": "v"}},
    }
    read = tomllib.loads(render_toml(sections))
    assert read == {
        "top": 'a "quoted" \\ back\nslash',
        "number": 3,
        "one": {
            "yes": True,
            "list": ["a", "b"],
            "empty": [],
            "pools": [{"base": "10.0.0.0/8", "size": 24}],
            "two": {"map": {"k": "v"}},
        },
    }


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib")
def test_arrays_of_tables_nest() -> None:
    import tomllib

    registries = [{"location": "a", "mirror": [{"location": "m", "insecure": True}]}, {"location": "b"}]
    assert tomllib.loads(render_toml({"": {"x": 1, "registry": registries}})) == {"x": 1, "registry": registries}
