# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine in memory, for unit tests: it keeps what it is told and answers in the API's own shapes.

    engine = FakeEngine("podman", images={"docker.io/library/x:1": image()})
    engine.failures["start_container", "shop-web-1"] = "port is already allocated"

``calls`` remembers everything that changed something, in order, as tuples.
"""

from __future__ import annotations

import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._engine.identity import EngineIdentity
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError

Json = dict[str, t.Any]


def image(image_id: str = "sha256:" + "1" * 64, digest: str = "sha256:" + "d" * 64) -> Json:
    """An image's inspection."""
    return {"Id": image_id, "RepoDigests": [f"docker.io/library/x@{digest}"]}


class FakeEngine:
    """Has the methods of EngineClient."""

    def __init__(self, engine: str = "docker", images: t.Optional[t.Mapping[str, Json]] = None) -> None:
        self.identity = EngineIdentity(engine, "1.0", "1.41", f"/run/{engine}.sock")
        self.images = dict(images or {})
        self.registry: dict[str, Json] = {}
        self.by_name: dict[str, Json] = {}
        self.network_labels: dict[str, Json] = {}
        self.volume_labels: dict[str, Json] = {}
        self.failures: dict[tuple[str, str], str] = {}
        self.calls: list[tuple[t.Any, ...]] = []

    def _do(self, kind: str, name: str, *more: t.Any) -> None:
        self.calls.append((kind, name, *more))
        if (kind, name) in self.failures:
            raise HostError(f"{kind} {name}: {self.failures[kind, name]}")

    def about(self) -> Json:
        return {"DockerRootDir": f"/var/lib/{self.identity.engine}"}

    def wake(self) -> None:
        if ("wake", "") in self.failures:
            raise HostError(self.failures["wake", ""])

    def image(self, reference: str) -> t.Optional[Json]:
        by_id = {entry["Id"]: entry for entry in self.images.values()}
        return self.images.get(reference) or by_id.get(reference)

    def remove_image(self, image: str) -> None:
        self._do("remove_image", image)
        self.images = {name: entry for name, entry in self.images.items() if entry["Id"] != image}

    def registry_digest(self, reference: str, auth: t.Optional[Json]) -> t.Optional[str]:
        if self.identity.engine == "podman" or reference not in self.registry:
            return None
        return str(self.registry[reference]["RepoDigests"][0].rsplit("@", 1)[-1])

    def pull(self, reference: str, auth: t.Optional[Json], platform: str) -> None:
        self._do("pull", reference, auth)
        self.images[reference] = self.registry[reference]

    def build(self, reference: str, archive: t.IO[bytes], options: Json) -> None:
        self._do("build", reference, archive.read(), options["buildargs"])
        built = image(f"sha256:{len(self.calls):064}")
        self.images[reference] = {**built, "RepoDigests": [], "Config": {"Labels": options["labels"]}}

    def containers(self) -> list[Json]:
        return [
            {
                "Names": [f"/{name}"],
                "ImageID": body.get("Image", ""),
                "Labels": body["Config"]["Labels"],
                "Ports": body["ListedPorts"],
            }
            for name, body in self.by_name.items()
        ]

    def container(self, name: str) -> t.Optional[Json]:
        return self.by_name.get(name)

    def create_container(self, name: str, payload: Json) -> str:
        self._do("create_container", name)
        self.by_name[name] = {
            "Id": f"id-{len(self.calls)}",
            "Name": f"/{name}",
            "Image": self.images[payload["Image"]]["Id"],
            "RestartCount": 0,
            "State": {"Status": "created", "Running": False, "ExitCode": 0},
            "Config": {"Labels": dict(payload["Labels"]), "Image": payload["Image"]},
            "HostConfig": dict(payload["HostConfig"]),
            "Mounts": [],
            "ListedPorts": [],
            "NetworkSettings": {
                "Networks": {name: {} for name in payload.get("NetworkingConfig", {}).get("EndpointsConfig", {})},
                "Ports": {},
            },
        }
        return str(self.by_name[name]["Id"])

    def start_container(self, name: str) -> None:
        self._do("start_container", name)
        self.by_name[name]["State"] = {"Status": "running", "Running": True, "ExitCode": 0}

    def stop_container(self, name: str, grace_seconds: t.Optional[int]) -> None:
        self._do("stop_container", name, grace_seconds)
        self.by_name[name]["State"] = {"Status": "exited", "Running": False, "ExitCode": 143}

    def resume_container(self, name: str) -> None:
        self._do("resume_container", name)
        self.by_name[name]["State"] = {"Status": "running", "Running": True, "ExitCode": 0}

    def remove_container(self, name: str, volumes: bool) -> None:
        self._do("remove_container", name, volumes)
        self.by_name.pop(name, None)

    def rename_container(self, name: str, new_name: str) -> None:
        self._do("rename_container", name, new_name)
        self.by_name[new_name] = {**self.by_name.pop(name), "Name": f"/{new_name}"}

    def set_restart_policy(self, name: str, policy: Json) -> None:
        self._do("set_restart_policy", name, policy["Name"])
        self.by_name[name]["HostConfig"]["RestartPolicy"] = policy

    def logs(self, name: str, lines: int) -> str:
        return f"a line of {name}\n"

    def networks(self) -> list[Json]:
        pools = [{"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.1"}]
        return [
            {"Name": name, "Labels": labels, "IPAM": {"Config": pools}} for name, labels in self.network_labels.items()
        ]

    def create_network(self, name: str, arguments: Json) -> None:
        self._do("create_network", name)
        self.network_labels[name] = arguments["labels"]

    def remove_network(self, name: str) -> None:
        self._do("remove_network", name)
        self.network_labels.pop(name, None)

    def connect_network(self, network: str, container: str, endpoint: Json) -> None:
        self._do("connect_network", network, container)
        self.by_name[container]["NetworkSettings"]["Networks"][network] = {}

    def volumes(self) -> list[Json]:
        return [
            {"Name": name, "Labels": labels, "Mountpoint": f"/volumes/{name}/_data"}
            for name, labels in self.volume_labels.items()
        ]

    def create_volume(self, name: str, arguments: Json) -> None:
        self._do("create_volume", name)
        self.volume_labels[name] = arguments["labels"]

    def remove_volume(self, name: str) -> None:
        self._do("remove_volume", name)
        self.volume_labels.pop(name, None)
