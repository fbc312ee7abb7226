# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.
"""The options that decide which controls hold and in which form, shared by baseline and baseline_info."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of a selection of controls."""

    DOCUMENTATION = r"""
options:
  profile:
    description:
      - Which controls hold. Each profile holds the controls of the ones before it.
      - With V(none) no control holds, and what earlier runs changed is put back.
    type: str
    choices: [level1, level2, strict, none]
    default: level1
  features:
    description:
      - What the host is to offer to containers. A control that would break one of these is adjusted or exempted by
        itself, and the report says so.
      - Known features are V(bridge_network), V(published_ports), V(overlay_storage), V(image_build), V(rootless),
        V(userns_remap), V(checkpoint_restore), V(nested_containers), V(engine_over_ssh), V(volume_executables),
        V(setuid_in_containers), V(ipv6), V(multi_homed), V(floating_address), V(sctp), V(tracing),
        V(kernel_crash_dump), V(snap) and V(removable_media).
    type: list
    elements: str
    default:
      - bridge_network
      - published_ports
      - overlay_storage
      - image_build
      - rootless
      - userns_remap
      - checkpoint_restore
      - engine_over_ssh
      - volume_executables
      - setuid_in_containers
      - floating_address
  overrides:
    description:
      - Controls with other parameters than the catalogue's. Each is a mapping with C(id), C(reason) (mandatory),
        C(parameters) (they replace those of the same name; mappings among them are merged) and C(expires)
        (optional, the last day it holds, as YYYY-MM-DD).
      - An overridden control is not adjusted to O(features).
      - Past its date the control fails until the override is renewed or taken away.
    type: list
    elements: dict
    default: []
  exemptions:
    description:
      - Controls that do not hold. Each is a mapping with C(id), C(reason) (mandatory) and C(expires) (optional, the
        last day it holds, as YYYY-MM-DD).
      - What an earlier run changed for such a control is put back.
      - Past its date the control fails until the exemption is renewed or taken away.
    type: list
    elements: dict
    default: []
  extra_controls:
    description:
      - Controls of your own, in the catalogue's form. Each is a mapping with C(id), C(title), C(kind) and
        C(parameters), and optionally C(rationale), C(references), C(severity) (V(low), V(medium) or V(high)),
        C(profile), C(breaks) (a mapping of features to what happens to them), C(requires) (a list of features) and
        C(adjust).
    type: list
    elements: dict
    default: []
  published_from:
    description:
      - Who may reach the ports containers publish. Each entry is a network, an address or V(any); or a mapping with
        C(port) (a port, or a range such as V(8000-8010)), C(protocol) (V(tcp) by default, V(udp), V(sctp)...) and
        C(from) (a list of networks), which decides about that port alone, whatever the others say.
      - The default is private and link-local networks, so that no port is open to the world unless it is named here.
      - With O(profile=level1) the host's own ports, except those of the SSH server and of O(firewall_allow), are
        reached from the same networks.
    type: list
    elements: raw
    default:
      - 10.0.0.0/8
      - 172.16.0.0/12
      - 192.168.0.0/16
      - 169.254.0.0/16
      - fc00::/7
      - fe80::/10
  firewall_allow:
    description:
      - Ports of the host itself that may be reached. Each is a mapping with C(port), C(protocol) (V(tcp) by default;
        C(port) is left out for V(vrrp), V(igmp), V(gre), V(esp) and V(ah)) and C(from) (a list of networks, V(any) by
        default).
      - The port of the SSH server is always allowed.
    type: list
    elements: dict
    default: []
  walk:
    description:
      - Whether the local file systems are walked for files everybody can write to and files that belong to nobody (kind
        C(file_walk)). With V(false) these controls are not applicable, and what they changed earlier stays.
      - It takes seconds to minutes, where everything else takes a fraction of a second. Container stores, file systems
        of the network and of memory are not walked.
    type: bool
    default: false
  controls_as:
    description:
      - With V(packed), RV(ignore:controls) is returned as one short text, RV(ignore:controls_packed). The filter
        P(anycloud.container_host.baseline_report#filter) reads either.
      - Ansible keeps every host's result to the end of a run, and takes it along into each process it starts. One text
        in the place of some ten thousand values saves half of that with hundreds of hosts.
    type: str
    choices: [list, packed]
    default: list
  controls:
    description:
      - The controls as resolved on the control node. Filled in by the action plugin; whatever is given is replaced.
    type: str
  login_user:
    description:
      - The user the connection logs in as. Filled in by the action plugin; whatever is given is replaced.
    type: str
    default: ""
"""
