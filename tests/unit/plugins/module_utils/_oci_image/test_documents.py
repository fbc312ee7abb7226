# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image import documents
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.layer import Layer
from ansible_collections.anycloud.container_host.plugins.module_utils._oci_image.recipe import ImageConfig

BASE = Layer("sha256:aa", 10, "sha256:a0")
TOP = Layer("sha256:bb", 5, "sha256:b0")


def test_configuration() -> None:
    config = ImageConfig(
        {"PATH": "/bin"}, "1:2", "/srv", ("run",), ("all",), ("80/tcp",), ("/data",), {"a": "b"}, "SIGINT"
    )
    document = json.loads(documents.config_document(config, [(BASE, "base"), (TOP, "top")], "arm64", 86400).text)
    assert document == {
        "architecture": "arm64",
        "variant": "v8",
        "os": "linux",
        "created": "1970-01-02T00:00:00Z",
        "config": {
            "Cmd": ["all"],
            "Entrypoint": ["run"],
            "Env": ["PATH=/bin"],
            "ExposedPorts": {"80/tcp": {}},
            "Labels": {"a": "b"},
            "StopSignal": "SIGINT",
            "User": "1:2",
            "Volumes": {"/data": {}},
            "WorkingDir": "/srv",
        },
        "history": [
            {"created": "1970-01-02T00:00:00Z", "created_by": "base"},
            {"created": "1970-01-02T00:00:00Z", "created_by": "top"},
        ],
        "rootfs": {"type": "layers", "diff_ids": ["sha256:a0", "sha256:b0"]},
    }


def test_what_is_not_set_is_left_out() -> None:
    document = json.loads(documents.config_document(ImageConfig(), [(BASE, "base")], "amd64", 0).text)
    assert sorted(document["config"]) == ["Env", "WorkingDir"]
    assert "variant" not in document


def test_unknown_architecture() -> None:
    with pytest.raises(HostError, match="mips is not known; known are amd64"):
        documents.config_document(ImageConfig(), [(BASE, "base")], "mips", 0)


def test_a_layout_reads_as_it_was_written() -> None:
    config = documents.config_document(ImageConfig(), [(BASE, "base"), (TOP, "top")], "amd64", 0)
    manifest = documents.manifest_document(config, [BASE, TOP])
    blobs = {manifest.digest: manifest.text}
    found = documents.stored_image(documents.index_document(manifest).text, blobs.__getitem__)
    assert found == documents.StoredImage(
        manifest.digest, config.digest, ("sha256:aa", "sha256:bb"), config.size_bytes + 15
    )


@pytest.mark.parametrize("index", ["", "{}", '{"manifests": []}', '{"manifests": [{"digest": "sha256:gone"}]}'])
def test_a_damaged_layout_is_told(index: str) -> None:
    with pytest.raises(HostError, match="damaged; remove it"):
        documents.stored_image(index, lambda _digest: None)
