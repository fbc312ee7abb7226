# Everything a workload could leave on a host, one line each: containers, networks, volumes, files of configs and secrets,
# definitions, and which of the paths in LEAVES are there. ENGINE is docker or podman.
set -euo pipefail

for kind in container network volume; do
    all=()
    [ "$kind" != container ] || all=(--all)
    "$ENGINE" "$kind" ls "${all[@]}" --quiet | sort | sed "s/^/$kind /"
done
for directory in /run/container-host/files /var/lib/container-host/files /var/lib/container-host/definitions; do
    [ ! -d "$directory" ] || find "$directory" -mindepth 1 | sort
done
for path in $LEAVES; do
    [ ! -e "$path" ] || echo "$path"
done
