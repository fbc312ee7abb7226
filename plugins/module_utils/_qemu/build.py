# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module utility is PRIVATE to the collection. It can have breaking changes at any time.
"""Making disk images in a cache, and finding out which accelerator truly runs them."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.anycloud.container_host.plugins.module_utils._errors import HostError
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu import image as _image
from ansible_collections.anycloud.container_host.plugins.module_utils._qemu.firmware import UEFI, firmware_files

if t.TYPE_CHECKING:
    from ansible_collections.anycloud.container_host.plugins.module_utils._host_io import HostIO

TOOLS = ("mmdebstrap", "mformat", "mcopy", "mke2fs", "sfdisk", "qemu-img")
KERNEL_RUNS = re.compile(r"Run /init as init process|systemd\[1\]:|login:")


def image_path(cache_directory: str, name: str, digest: str) -> str:
    """Where the image of that name and content digest lies in the cache."""
    return f"{cache_directory}/{name}-{digest}.qcow2"


def build(io: HostIO, recipe: _image.Recipe, cache_directory: str, name: str) -> str:
    """Make the image of a recipe unless it is in the cache; returns its path.

    It gets its name when it is whole, so a half-built one is never used. Two builders wait for each other.
    Raises HostError naming the failed command.
    """
    target = image_path(cache_directory, name, recipe.digest)
    missing = [tool for tool in TOOLS if io.find_command(tool) is None]
    if missing:
        raise HostError(f"{', '.join(missing)}: not found; install mmdebstrap, mtools, e2fsprogs, fdisk and qemu-utils")
    with io.lock(f"{cache_directory}/.{name}.lock"):
        if io.exists(target):
            return target
        folder = f"{cache_directory}/.{name}.building"
        io.remove_tree(folder)  # what an interrupted build left
        for base, texts in (("early", _image.early_files(recipe)), ("late", _image.files(recipe))):
            for path, text in texts.items():
                io.write_atomic(f"{folder}/{base}/{path}", text)
        io.write_atomic(f"{folder}/grub-probe", _image.grub_probe_answers(recipe), mode=0o755)
        io.write_atomic(f"{folder}/grub.cfg", _image.grub_config(recipe))
        io.run(
            _image.mmdebstrap_command(recipe, folder, f"{folder}/root"),
            check=True,
            timeout_seconds=1800,
            env={"SOURCE_DATE_EPOCH": "0", "DEBIAN_FRONTEND": "noninteractive"},
        )
        disk = f"{folder}/disk.qcow2"
        for argv, input_text in _image.disk_commands(recipe, folder, disk):
            io.run(argv, input_text=input_text, check=True, timeout_seconds=600)
        io.rename(disk, target)
        io.remove_tree(folder)
    return target


def list_images(io: HostIO, cache_directory: str) -> list[dict[str, t.Any]]:
    """The whole images of a cache: name, digest, path and size_bytes."""
    images = []
    for path in io.glob(f"{cache_directory}/*.qcow2"):
        status = io.status(path)
        name, _dash, digest = path.rsplit("/", 1)[-1][: -len(".qcow2")].rpartition("-")
        if name and status is not None:
            images.append({"name": name, "digest": digest, "path": path, "size_bytes": status.size_bytes})
    return images


def choose_accelerator(io: HostIO, program: str, image: str, cache_directory: str, patience_seconds: float = 25) -> str:
    """``kvm`` when an image's kernel really starts under it within the time given, otherwise ``tcg``.

    A device node that opens is no proof: some machines offer /dev/kvm and then run no stock kernel. The answer is
    kept until the machine or QEMU changes.
    """
    if not io.exists("/dev/kvm"):
        return "tcg"
    version = io.run([program, "--version"]).stdout.splitlines()[:1]
    boot_id = (io.read_text("/proc/sys/kernel/random/boot_id") or "").strip()
    key = {"boot_id": boot_id, "qemu": version}
    kept_path = f"{cache_directory}/accelerator.json"
    with io.lock(f"{cache_directory}/.accelerator.lock"):
        kept = json.loads(io.read_text(kept_path) or "{}")
        if kept.get("key") == key:
            return str(kept["accelerator"])
        accelerator = "kvm" if _kernel_starts(io, program, image, cache_directory, patience_seconds) else "tcg"
        io.write_atomic(kept_path, json.dumps({"key": key, "accelerator": accelerator}) + "\n")
    return accelerator


def _kernel_starts(io: HostIO, program: str, image: str, cache_directory: str, patience_seconds: float) -> bool:
    console = f"{cache_directory}/.accelerator-console.log"
    pid_file = f"{cache_directory}/.accelerator.pid"
    io.remove(console)
    argv = [program, "-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "1024", "-nodefaults"]
    argv += ["-display", "none", "-vga", "none", "-snapshot", "-serial", f"file:{console}"]
    for unit, path in enumerate(firmware_files(UEFI)):
        argv += ["-drive", f"if=pflash,format=raw,unit={unit},readonly={'off' if unit else 'on'},file={path}"]
    argv += ["-drive", f"if=virtio,format=qcow2,file={image}", "-pidfile", pid_file, "-daemonize"]
    started = io.run(argv, timeout_seconds=20)
    runs = False
    deadline = io.monotonic() + patience_seconds
    while started.rc == 0 and not runs and io.monotonic() < deadline:
        io.sleep(0.25)
        runs = KERNEL_RUNS.search(io.read_text(console) or "") is not None
    pid = (io.read_text(pid_file) or "").strip()
    if pid.isdigit():
        io.signal(int(pid), 9)
    io.remove(pid_file)
    io.remove(console)
    return runs
