# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""The words that start a command on a host over SSH, from the host's variables as Ansible takes them. Pure.

For the relay, which is a process of its own on the control node: it has no connection of Ansible's to go over.
"""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import InputError, Problem

# ssh(1) takes the first value given for an option, so these hold whatever a host's own arguments say.
OURS = (
    "-o", "BatchMode=yes", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ConnectTimeout=10",
    "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3",
)  # fmt: skip
SSH = ("ssh", "smart", "ansible.builtin.ssh")


def ssh_words(
    values: t.Mapping[str, t.Any],
    host: str,
    user: str = "",
    become: bool = False,
    private_key_file: str = "",
    check_host_keys: bool = True,
) -> list[str]:
    """The words, without the command.

    values: the host's variables. user, private_key_file: for hosts whose variables have none. become: have sudo(8) make
    root of an account that isn't. Raises InputError with every problem.
    """

    def value(*names: str, default: t.Any = "") -> t.Any:
        return next((values[name] for name in names if values.get(name) not in (None, "")), default)

    problems = []
    connection = str(value("ansible_connection", default="ssh"))
    if connection not in SSH:
        problems.append(
            Problem(
                f"{host}.ansible_connection",
                f"is {connection}, and a relay goes over SSH",
                "use ansible_connection: ssh",
            )
        )
    if value("ansible_ssh_password", "ansible_ssh_pass", "ansible_password"):
        problems.append(
            Problem(
                f"{host}.ansible_password",
                "is a password, and a relay can't give one",
                "let the control node in by a key",
            )
        )
    if become and value("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"):
        problems.append(
            Problem(
                f"{host}.ansible_become_password", "is a password, and a relay can't give one", "allow sudo without one"
            )
        )
    account = str(value("ansible_ssh_user", "ansible_user", default=user))
    port = value("ansible_ssh_port", "ansible_port")
    if port and not str(port).isdigit():
        problems.append(Problem(f"{host}.ansible_port", f"{port!r} is no port", "give a number"))
    if problems:
        raise InputError(problems)
    identity = str(value("ansible_ssh_private_key_file", "ansible_private_key_file", default=private_key_file))
    checked = value("ansible_ssh_host_key_checking", "ansible_host_key_checking", default=check_host_keys)
    words = [str(value("ansible_ssh_executable", default="ssh")), *OURS]
    words += [] if str(checked).lower() in ("true", "yes", "1") else ["-o", "StrictHostKeyChecking=no"]
    words += ["-i", identity] if identity else []
    words += ["-p", str(port)] if port else []
    words += ["-l", account] if account else []
    for name in ("ansible_ssh_common_args", "ansible_ssh_extra_args"):
        words += shlex.split(str(value(name)))
    words.append(str(value("ansible_ssh_host", "ansible_host", default=host)))
    return [*words, "sudo", "-n"] if become and (user or account) != "root" else words
