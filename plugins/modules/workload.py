#!/usr/bin/python

# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: workload
short_description: Run a Compose project on a container host, the same under Docker and Podman
version_added: 0.1.0
author:
  - The anycloud.container_host authors (@anycloud)
description:
  - Makes the images, networks, volumes and containers of a project what its Compose file says, starts them in the order
    of their dependencies and sees to it that they come back after a reboot.
  - The Compose file is read, interpolated and checked on the control node. Everything wrong in it is reported at once,
    with its place and its remedy, before any host is contacted.
  - The image of a service with C(build) is built by the engine of the host, from a directory of the control node, when
    the host has none that was built from the same; the directory is sent only then. Such an image is never pulled.
  - Every container, network and volume carries a digest of what it was made from, so that a second run changes nothing
    and a change of one service recreates that service alone.
  - A container's predecessor is kept, stopped, until its successor is ready, and put back when that fails; see O(wait).
  - What the project was made from is kept on the host, for root only, in C(/var/lib/container-host/definitions), so
    that it can be moved without its Compose file. A project that has moved away is not started again here.
  - Where SELinux is in force, files and directories of bind mounts that name no label get that of containers' files, as
    with C(:z), unless they belong to the system (below C(/etc), C(/usr), C(/run), C(/var/log) and the like), are
    somebody's home or a folder of all, such as C(/srv).
extends_documentation_fragment:
  - anycloud.container_host._engine_connection
  - anycloud.container_host._attributes
  - anycloud.container_host._attributes.linux
  - anycloud.container_host._attributes.stateful_module
  - anycloud.container_host._attributes.action
  - anycloud.container_host._attributes.actiongroup
requirements:
  - Docker Engine 20.10 or later, or Podman 4.3 or later with its socket (C(podman.socket))
options:
  project_name:
    description:
      - The name of the project, which begins the names of its containers, networks and volumes.
      - By default the C(name) in the Compose file.
    type: str
  compose_file:
    description: Path of the Compose file on the control node.
    type: path
  files:
    description:
      - Paths of several Compose files on the control node, instead of O(compose_file). Each is merged over those before
        it, by the merge rules of the Compose Specification, V(!reset) and V(!override) included.
      - Relative paths in all of them begin at the directory of the first.
    type: list
    elements: path
  profiles:
    description:
      - The active profiles; V(*) stands for all. Services with profiles take part only when one of theirs is active.
    type: list
    elements: str
  services:
    description:
      - Services that take part although none of their profiles is active. This activates no profile, and services
        without profiles take part anyway.
    type: list
    elements: str
  definition:
    description: The Compose file's content as a mapping, instead of O(compose_file).
    type: dict
  environment:
    description:
      - Values for the variables (C(${NAME})) in the Compose file. The control node's own environment is not used.
    type: dict
    default: {}
  project_directory:
    description: Absolute path on the managed node that relative paths of bind mounts begin at.
    type: str
  tenant:
    description:
      - The tenant whose slice, C(machine-NAME.slice), all its containers are in, so that they can't take more than
        M(anycloud.container_host.cgroup_slices) gives it. A Compose file that names another C(cgroup_parent) is
        refused.
      - Without it containers are where the Compose file or the engine puts them.
    type: str
  state:
    description:
      - V(present) is running and coming back after a reboot.
      - V(stopped) is not running and staying so after a reboot, on both engines and whatever the restart policies.
      - V(absent) is gone with its containers and networks; volumes stay unless O(remove_volumes=true).
    type: str
    choices: [present, absent, stopped]
    default: present
  pull:
    description:
      - When to pull images, for all services but those with C(build). By default each service's own C(pull_policy),
        which is V(missing).
    type: str
    choices: [missing, always, never]
  recreate:
    description: Whether containers are made anew when their definition or image changed, always, or never.
    type: str
    choices: [auto, always, never]
    default: auto
  remove_orphans:
    description: Whether containers of services that are no longer in the Compose file are removed.
    type: bool
    default: true
  remove_volumes:
    description:
      - Whether O(state=absent) removes the project's volumes and all data in them. External volumes always stay.
    type: bool
    default: false
  keep_revisions:
    description:
      - How many revisions' images stay on the host, the running one's included. By default all stay.
      - What images a run has ended well with is noted on the host while this option is given. Images of earlier
        revisions are removed at the end of a run, when no other container or workload of the host uses them and they
        have no other name. Images that were never noted always stay.
      - With O(state=absent) all images that were noted are removed like that.
    type: int
  wait:
    description:
      - Whether to wait until every service is healthy, where it has a health check, or else runs and stays up.
      - A service that ends with exit code 0 and isn't to be restarted counts as well.
    type: bool
    default: true
  timeout_seconds:
    description: How long to wait in all, for dependencies and for O(wait).
    type: int
    default: 300
  registry:
    description:
      - The registry, as it stands in the images' names, that O(registry_username) and O(registry_password) are for.
      - Needed only when the images come from several registries.
    type: str
  registry_username:
    description: User name at the registry. Without it the engine uses the host's own configuration.
    type: str
  registry_password:
    description: Password at the registry.
    type: str
  model:
    description:
      - The checked project as JSON. Internal; the action plugin makes it from O(compose_file) or O(definition).
    type: str
  build_contexts:
    description:
      - Where the archives are that images are built from, by their digests. Internal; the action plugin sends them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Run the guestbook
  anycloud.container_host.workload:
    project_name: guestbook
    compose_file: files/guestbook/compose.yml
    environment:
      GUESTBOOK_PORT: "8080"

- name: Run it with what production changes, and with its monitoring
  anycloud.container_host.workload:
    project_name: guestbook
    files:
      - files/guestbook/compose.yml
      - files/guestbook/production.yml
    profiles: [monitoring]

- name: Run one service written in place
  anycloud.container_host.workload:
    project_name: hello
    definition:
      services:
        web:
          image: docker.io/library/nginx:1.27
          ports: ["8080:80"]
          restart: always

- name: Run the newest release, keep the image of the one before to go back to, and remove older ones
  anycloud.container_host.workload:
    project_name: guestbook
    compose_file: files/guestbook/compose.yml
    keep_revisions: 2

- name: Stop it, also over reboots
  anycloud.container_host.workload:
    project_name: hello
    state: stopped

- name: Remove it with its data
  anycloud.container_host.workload:
    project_name: hello
    state: absent
    remove_volumes: true
"""

RETURN = r"""
workload:
  description: The project as it is on the host afterwards; in check mode as it is now.
  returned: success
  type: dict
  contains:
    project:
      description: The project's name.
      type: str
    engine:
      description: The engine's C(name), C(version), C(api_version) and C(socket).
      type: dict
    services:
      description: One entry per container, as in M(anycloud.container_host.workload_info) but for its C(usage).
      type: list
      elements: dict
  sample:
    project: hello
    engine: {name: podman, version: 5.4.2, api_version: "1.41", socket: /run/podman/podman.sock}
    services:
      - service: web
        container: hello-web-1
        state: running
        health: none
        image: docker.io/library/nginx:1.27
        ports: [{target: 80, protocol: tcp, published: 8080, host_ip: ""}]
actions:
  description: What was done, in order; in check mode what would be done.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: What kind of step it is, for instance V(create_container).
      type: str
    name:
      description: The engine's name of what it is done to.
      type: str
    reason:
      description: Why it is done, where that isn't plain.
      type: str
  sample:
    - {kind: create_network, resource: network, name: hello_default, reason: ""}
    - {kind: create_container, resource: container, name: hello-web-1, reason: ""}
    - {kind: start_container, resource: container, name: hello-web-1, reason: ""}
problems:
  description:
    - What failed, one entry for each place of the Compose file that it comes of.
    - Also in the message, with the last lines of a container's log and of its health check where it isn't ready.
  returned: failure, where it comes of the Compose file or of what it asks of the host
  type: list
  elements: dict
  contains:
    path:
      description: The place in the Compose file.
      type: str
    message:
      description: What is wrong.
      type: str
    remedy:
      description: What would be right.
      type: str
    line:
      description: The line in the file; null for what was given as O(definition).
      type: int
    file:
      description: Which file. Only when there are several.
      type: str
  sample:
    - path: services.web.healthcheck
      message: "container hello-web-1: it is unhealthy: connection refused; it wrote nothing to its log"
      remedy: ""
      line: 9
gaps:
  description:
    - How long each container that was replaced or restarted was away, from the order to stop it until the new one ran.
    - A container is always stopped before its successor starts, so that no volume ever has two writers.
  returned: success
  type: list
  elements: dict
  contains:
    container:
      description: The container's name.
      type: str
    service:
      description: Its service.
      type: str
    seconds:
      description: The gap in seconds.
      type: float
  sample:
    - {container: hello-web-1, service: web, seconds: 1.207}
"""

import dataclasses
import json
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.anycloud.container_host.plugins.module_utils import _import_once  # noqa: F401  # pylint: disable=unused-import

# isort: split
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.delivery import secret_texts
from ansible_collections.anycloud.container_host.plugins.module_utils._compose.model import Project
from ansible_collections.anycloud.container_host.plugins.module_utils._engine._client import connect
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.auth import credentials_for
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.connection_options import (
    connection_options,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._engine.deploy import Deployment, Settings
from ansible_collections.anycloud.container_host.plugins.module_utils._errors import ContainerHostError, HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.definition import (
    Definition,
    Definitions,
)
from ansible_collections.anycloud.container_host.plugins.module_utils._move_control.fence import Fence

NEEDED = "needed_build_contexts"


def read_project(model: str | None) -> Project:
    """The project the action plugin sent. Raises HostError when there is none or it is another version's."""
    if not model:
        raise HostError("this module works through its action plugin; call it as anycloud.container_host.workload")
    try:
        return Project.from_plain(json.loads(model))
    except (TypeError, ValueError, KeyError) as error:
        raise HostError(f"model: not a project of this version of the collection: {error}") from error


def run(project: Project, params: dict[str, t.Any], io: HostIO, check_mode: bool) -> dict[str, t.Any]:
    """Observe, plan and, outside check mode, apply; returns the module's result."""
    settings = Settings(
        state=params["state"],
        pull=params["pull"] or "",
        recreate=params["recreate"],
        remove_orphans=params["remove_orphans"],
        remove_volumes=params["remove_volumes"],
        wait=params["wait"],
        timeout_seconds=params["timeout_seconds"],
        keep_revisions=params["keep_revisions"],
    )
    if settings.keep_revisions is not None and settings.keep_revisions < 1:
        raise HostError(
            f"keep_revisions is {settings.keep_revisions}; give 1 or more, or leave it out to keep all images"
        )
    images = [service.image for service in project.services.values() if service.build is None]
    credentials = credentials_for(params["registry_username"], params["registry_password"], params["registry"], images)
    if settings.state == "present":
        Fence(io).demand_none(project.name)
    client = connect(io, params["engine"], params["socket"] or "", params["timeout_seconds"])
    deployment = Deployment(client, io, project, settings, credentials, params["build_contexts"])
    plan = deployment.plan(check_mode)
    lacking = [] if check_mode else deployment.lacking_contexts(plan)
    if lacking:
        # Nothing was done: the action plugin sends them and calls again.
        return {"changed": False, NEEDED: lacking}
    definitions, definition = Definitions(io), Definition(project)
    absent = settings.state == "absent"
    noted = definitions.find(project.name) is not None if absent else definitions.differs(definition)
    gaps = []
    if not check_mode:
        gaps = deployment.apply(plan)
        if noted and absent:
            definitions.forget(project.name)
        elif noted:
            definitions.keep(definition)
    return {
        "changed": plan.changed or noted or deployment.notes_revision,
        "actions": plan.to_plain()["actions"],
        "diff": plan.before_after(),
        "gaps": [dataclasses.asdict(gap) for gap in gaps],
        "workload": {
            "project": project.name,
            "engine": client.identity.as_dict(),
            "services": deployment.described(),
        },
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "project_name": {"type": "str"},
            "compose_file": {"type": "path"},
            "files": {"type": "list", "elements": "path"},
            "profiles": {"type": "list", "elements": "str"},
            "services": {"type": "list", "elements": "str"},
            "definition": {"type": "dict"},
            "environment": {"type": "dict", "default": {}},
            "project_directory": {"type": "str"},
            "tenant": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent", "stopped"], "default": "present"},
            **connection_options(),
            "pull": {"type": "str", "choices": ["missing", "always", "never"]},
            "recreate": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "remove_orphans": {"type": "bool", "default": True},
            "remove_volumes": {"type": "bool", "default": False},
            "keep_revisions": {"type": "int"},
            "wait": {"type": "bool", "default": True},
            "timeout_seconds": {"type": "int", "default": 300},
            "registry": {"type": "str"},
            "registry_username": {"type": "str"},
            "registry_password": {"type": "str", "no_log": True},
            "model": {"type": "str", "no_log": True},
            "build_contexts": {"type": "dict", "default": {}},
        },
        mutually_exclusive=[("compose_file", "definition", "files")],
        required_together=[("registry_username", "registry_password")],
        supports_check_mode=True,
    )
    project = Project("")
    try:
        project = read_project(module.params["model"])
        result = run(project, module.params, HostIO(), module.check_mode)
    except ContainerHostError as error:
        # The last lines of a log are told, whatever a container has written there.
        module.no_log_values.update(secret_texts(project))
        places = {"problems": [problem.as_dict() for problem in error.problems]} if error.problems else {}
        module.fail_json(msg=str(error), **places)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
