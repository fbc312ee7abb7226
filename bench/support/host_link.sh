#!/bin/sh
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes what goes from this host to one other slow and lossy, and takes that back. Nothing else is held up.
#
#   host_link.sh on STATE PEER WORDS...   PEER: a name or an IPv4 address. WORDS: those of tc-netem(8)
#   host_link.sh off STATE ...            STATE: the file that says what it was, in a folder that a boot empties

set -eu
handle=b7c4:
PATH=$PATH:/usr/sbin:/sbin

off() {
    [ -e "$state" ] || return 0
    read -r device segments <"$state"
    # Only what was made here is removed.
    if tc qdisc show dev "$device" | grep -q "^qdisc prio $handle root"; then
        tc qdisc del dev "$device" root
    fi
    ip link set dev "$device" gso_max_segs "$segments"
    rm "$state"
}

on() {
    peer=$1
    shift
    for module in sch_prio sch_netem cls_u32; do
        modprobe -q "$module" || {
            echo "the kernel $(uname -r) has no module $module, so the link can't be shaped: it is in linux-image-amd64" \
                "(Debian), linux-modules-extra (Ubuntu), kernel-modules-extra (RPM families)" >&2
            exit 1
        }
    done
    address=$(getent ahostsv4 "$peer" | sed -n '1s/ .*//p')
    [ -n "$address" ] || { echo "$peer has no IPv4 address: only IPv4 is shaped" >&2; exit 1; }
    device=$(ip -4 -o route get "$address" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    segments=$(ip -d link show dev "$device" | sed -n 's/.*gso_max_segs \([0-9]*\).*/\1/p')
    [ -n "$segments" ] || { echo "$device: ip-link(8) does not tell gso_max_segs" >&2; exit 1; }
    echo "$device $segments" >"$state"
    # Packets as they are on a wire: otherwise dozens would be lost at once that the device should have cut up.
    ip link set dev "$device" gso_max_segs 1
    tc qdisc add dev "$device" root handle "$handle" prio bands 3 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 || {
        echo "$device has a queueing discipline of its own; shape hosts that have none" >&2
        exit 1
    }
    tc qdisc add dev "$device" parent "${handle}3" netem "$@"
    tc filter add dev "$device" parent "$handle" protocol ip prio 1 u32 match ip dst "$address/32" flowid "${handle}3"
}

way=$1
state=$2
shift 2
# What a run that was killed has left goes first.
off
if [ "$way" = on ]; then
    on "$@"
fi
