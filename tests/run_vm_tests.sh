#!/usr/bin/env bash
# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests that need virtual machines. Labs one after the other, so that two cores are enough:
#   molecule    a Debian 13 host with Podman and a Debian 12 host with Docker: site, idempotence, testinfra,
#               integration targets, conformance, the profiles of the baseline with every feature tried
#   demo-test   what `make demo` does, on a lab of its own
#   secure-boot three hosts of other firmware, with `all` only
# usage: run_vm_tests.sh test|all [words of a part's name]
#   With words only the parts whose names hold them run, on the hosts as they are, and the labs are kept:
#   "create the hosts" makes them, "remove the hosts" takes them away.
# TEST_LATE_SECONDS: the demo, which is last and takes long, is left out of `test` when more than these have gone by then, for
#   a machine that would be cut in the middle of it otherwise; it says so.
set -euo pipefail
cd "$(dirname "$0")/.."
tier="${1:?test or all}"
only="${2:-}"
inventory="$HOME/.cache/container-host/labs/molecule/inventory.yml"
artifacts="$PWD/tests/output/demo-test"

remove_labs() {
    echo "--- remove the labs"
    molecule destroy --all > tests/output/molecule-destroy.log 2>&1 || cat tests/output/molecule-destroy.log
    python tools/demo.py --lab demo-test --artifacts "$artifacts" --remove
}

part() {
    local started=$SECONDS
    [[ "$1" == *"$only"* ]] || return 0
    echo "--- $1"
    shift
    "$@"
    echo "--- done in $((SECONDS - started)) s"
}

differs_and_says_so() {
    # two releases of a distribution are not the same host: verify has to say so, and fail
    local status=0
    ansible-playbook -i "$inventory" playbooks/verify.yml -e verify_report_directory="$PWD/tests/output/verify" \
        > tests/output/verify.log 2>&1 || status=$?
    tail -40 tests/output/verify.log
    test "$status" -eq 2
    grep -q "kernel" tests/output/verify/verify.xml
}

scenario() {
    # a Molecule scenario from its preparation on: scenario NAME ACTION...
    local name="$1" started=$SECONDS action
    shift
    molecule prepare --scenario-name "$name" --force
    for action in "$@"; do
        molecule "$action" --scenario-name "$name"
        echo "--- $action: $((SECONDS - started)) s since the start"
    done
}

by_name() {
    # JSON files as one document, each under a part of its path: by_name stem|parent.name FILE...
    python -c 'import json, operator, pathlib, sys; name = operator.attrgetter(sys.argv[1]); print(json.dumps({name(path): json.loads(path.read_text()) for path in map(pathlib.Path, sys.argv[2:])}))' "$@"
}

profile() {
    # one profile of the scenario baseline: from a host without it, with a boot, and undone; or the short way
    local action started=$SECONDS actions=(converge idempotence verify side-effect verify cleanup)
    export BASELINE_PROFILE="$1" BASELINE_PATH="$2"
    if [ "$BASELINE_PATH" = short ]; then
        for action in prepare converge idempotence verify; do molecule "$action" --scenario-name baseline; done
        return
    fi
    rm -rf "tests/output/baseline/$1"
    scenario baseline "${actions[@]}"
    python tests/features/summary.py "tests/output/baseline/$1" > "tests/output/baseline-$1.json"
    python tests/proof.py --name "baseline_$1" --where "real VM" --command "bash tests/run_vm_tests.sh all \"profile $1\"" \
        --claim "With the profile $1 every feature of a container host works, after a boot too; undone, the host is what it was" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results "tests/output/baseline-$1.json"
}

kernel() {
    local started=$SECONDS actions=(converge idempotence verify side-effect verify idempotence cleanup)
    scenario kernel "${actions[@]}"
    python tests/proof.py --name kernel_way_back --where "real VM" --command 'bash tests/run_vm_tests.sh all "kernel pinned"' \
        --claim "A pinned kernel is started on trial; after a panic, without a network or a cut of the power a host has one that works" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0
}

patch_fleet() {
    # updates come to three hosts, one after the other; one fails, and the next run finishes all
    local started=$SECONDS actions=(converge verify idempotence side-effect cleanup)
    local provision=(ansible-playbook playbooks/provision.yml -e "provision_inventory_path=$inventory")
    "${provision[@]}" -e @molecule/patch/vars/third_host.yml > tests/output/patch-third-host.log
    ansible-playbook -i "$inventory" playbooks/site.yml -e container_host_targets=debian13-second >> tests/output/patch-third-host.log
    scenario patch "${actions[@]}"
    "${provision[@]}" -e @molecule/default/vars/lab.yml -e provision_purge=true >> tests/output/patch-third-host.log
    by_name parent.name tests/output/patch/{first,failed,mended}/patch.json > tests/output/patch.json
    python tests/proof.py --name patch_in_batches --where "real VM" --command 'bash tests/run_vm_tests.sh all "patched in batches"' \
        --claim "Three hosts are updated one after the other, reboot once and only where needed, and have their containers back; a host that fails stops the batch" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results tests/output/patch.json
}

secure_boot() {
    # the vendors' keys and a key of one's own, on a lab of their own
    local started=$SECONDS actions=(create converge destroy) action
    for action in "${actions[@]}"; do molecule "$action" --scenario-name secure_boot; done
    python tests/proof.py --name secure_boot_own_kernel --where "real VM" --command 'bash tests/run_vm_tests.sh all "Secure Boot"' \
        --claim "A kernel of one's own is refused under Secure Boot before its key is enrolled, and started after" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0
}

cgroups() {
    local started=$SECONDS actions=(converge idempotence verify side-effect verify cleanup)
    rm -rf tests/output/cgroups
    scenario cgroups "${actions[@]}"
    by_name stem tests/output/cgroups/*.json > tests/output/cgroups.json
    python tests/proof.py --name cgroups_fair --where "real VM" --command 'bash tests/run_vm_tests.sh all "cgroups"' \
        --claim "Hogs of memory, processor time, processes and disk get what their slice gives, under both engines, and the system keeps its minimum" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results tests/output/cgroups.json
}

lsm() {
    # SELinux or AppArmor, from a host without it to enforcing, with a boot, a workload's life and attempts to escape
    # With LSM_ENFORCING=false nothing is enforced, and the end is the list of all that would be refused, with its rules.
    local started=$SECONDS actions=(converge idempotence verify side-effect cleanup)
    export LSM_PROVIDER="$1"
    [ "${LSM_ENFORCING:-}" != false ] || actions=(converge verify)
    rm -f tests/output/lsm/"$1"-*.json
    scenario lsm "${actions[@]}"
    [ "${LSM_ENFORCING:-}" != false ] || return 0
    by_name stem tests/output/lsm/"$1"-*.json > "tests/output/lsm-$1.json"
    python tests/proof.py --name "lsm_$1" --where "real VM" --command "bash tests/run_vm_tests.sh all \"confined by $1\"" \
        --claim "Under $1, enforced, nothing is refused at a boot and in a workload's life, and attempts to escape are" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results "tests/output/lsm-$1.json"
}

moves() {
    # a workload that is written to goes from Podman to Docker, and back
    local started=$SECONDS actions=(converge idempotence verify side-effect cleanup)
    scenario move "${actions[@]}"
    by_name stem tests/output/move/there.json tests/output/move/back.json > tests/output/move.json
    python tests/proof.py --name move_there_and_back --where "real VM" --command 'bash tests/run_vm_tests.sh all "moves: there and back"' \
        --claim "A workload that is written to moves from Podman to Docker and back, with every acknowledged record once" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results tests/output/move.json
}

moves_alike() {
    # the same between two hosts of one engine, one of which is made for that: moves_alike ENGINE FIRST SECOND THIRD
    local started=$SECONDS actions=(converge idempotence verify side-effect cleanup) log="tests/output/move-$1.log"
    local provision=(ansible-playbook playbooks/provision.yml -e "provision_inventory_path=$inventory")
    "${provision[@]}" -e "@molecule/move/vars/third_host_$1.yml" > "$log"
    ansible-playbook -i "$inventory" playbooks/site.yml -e "container_host_targets=$4" >> "$log"
    MOVE_FIRST="$2" MOVE_SECOND="$3" scenario move "${actions[@]}"
    "${provision[@]}" -e @molecule/default/vars/lab.yml -e provision_purge=true >> "$log"
    by_name stem tests/output/move/there.json tests/output/move/back.json > "tests/output/move-$1.json"
    python tests/proof.py --name "move_$1_there_and_back" --where "real VM" \
        --command "bash tests/run_vm_tests.sh all \"moves: $1 to $1\"" \
        --claim "A workload that is written to moves from one host with ${1^} to another and back, with every acknowledged record once" \
        --seconds "$((SECONDS - started))" --passed "${#actions[@]}" --failed 0 --results "tests/output/move-$1.json"
}

verdicts() {
    # pairs of hosts that differ in one thing each: the verdict of a move against what happens
    local started=$SECONDS cases
    ansible-playbook -i "$inventory" tests/verdicts/run.yml
    cases="$(grep -c '"code":' tests/output/verdicts.json)"
    python tests/proof.py --name move_verdicts --where "real VM" --command 'bash tests/run_vm_tests.sh all "verdicts of moves"' \
        --claim "What the verdict of a move refuses does not start on the target, and what it allows does" \
        --seconds "$((SECONDS - started))" --passed "$cases" --failed 0 --results tests/output/verdicts.json
}

faults_of_moves() {
    # the essential cells of the fault matrix, each with several seeds
    python tests/faults/run.py --inventory "$inventory" --cells essential --seeds "$1" --proof
}

conformance() {
    # cases that need a restart of the host belong to the long tier
    local marks=(-m "not restarts")
    [ "$tier" = test ] || marks=()
    ANSIBLE_INVENTORY="$inventory" python -m pytest -q "${marks[@]}" --proof \
        --junitxml="${STEP_JUNIT_DIR:-tests/output}/conformance.xml" tests/conformance
}

stacks() {
    # Compose files in the shape of known ones, with images built from Debian's packages
    local started=$SECONDS
    ansible-playbook -i "$inventory" tests/stacks/run.yml
    python tests/stacks/write.py tests/output/stacks --seconds "$((SECONDS - started))" --proof
}

loses_power() {
    # one of two hosts loses its power in the middle of site.yml: it is reported, the other is finished, and the next
    # run finishes both
    local log=tests/output/loses-power.log status=0 site
    local provision=(ansible-playbook playbooks/provision.yml -e @molecule/default/vars/lab.yml
        -e "provision_inventory_path=$inventory")
    ansible-playbook -i "$inventory" playbooks/site.yml -e baseline_state=absent > "$log"
    ansible-playbook -i "$inventory" playbooks/site.yml > "$log" &
    site=$!
    until grep -q "Hold the host to the baseline" "$log"; do sleep 0.2; done
    sleep 4
    "${provision[@]}" -e '{"provision_power": {"debian12": "cut"}}' > tests/output/loses-power-cut.log
    wait "$site" || status=$?
    tail -5 "$log"
    test "$status" -eq 4
    grep -Eq "debian12 .*unreachable=1" "$log"
    grep -Eq "debian13 .*unreachable=0 +failed=0" "$log"
    "${provision[@]}" > tests/output/loses-power-again.log
    ansible-playbook -i "$inventory" playbooks/site.yml > "$log"
    ansible-playbook -i "$inventory" playbooks/site.yml | tee "$log" | tail -4
    test "$(grep -Ec "changed=0 +unreachable=0 +failed=0" "$log")" -eq 2
}

# What takes longest runs with everything else only: site.yml, the conformance cases and the demo have both engines and
# the baseline deploy, harden and read back as well.
essential='["engine_info", "host_contract_info", "oci_image", "qemu_lab", "role_registry"]'
targets=()
[ "$tier" = all ] || targets=(-e "{\"test_targets\": $essential}")

mkdir -p tests/output
export ANSIBLE_FORCE_COLOR=0
if [ -z "$only" ]; then
    # hosts of an earlier run may be half hardened, or gone while Molecule still believes in them: begin without any
    remove_labs
    trap remove_labs EXIT
fi

part "create the hosts" molecule create
part "site.yml" molecule converge
part "site.yml again, which must change nothing" molecule idempotence
part "testinfra" molecule verify
part "verify.yml finds two releases different" differs_and_says_so
part "integration targets" ansible-playbook -i "$inventory" tests/integration/run.yml "${targets[@]}"
[ "$tier" = test ] || part "a host loses its power in the middle of site.yml" loses_power
part "conformance" conformance
if [ "$tier" = all ]; then
    part "ten stacks, deployed and removed" stacks
    for name in level1 level2 strict; do part "profile $name, and back" profile "$name" full; done
    part "kernel pinned, with a way back" kernel
    part "patched in batches, each container's time away told" patch_fleet
    part "cgroups share a host as they are told" cgroups
    part "moves: there and back" moves
    part "moves: docker to docker, from Debian 12 to 13, and back" moves_alike docker debian12 debian13-docker debian13-docker
    part "moves: podman to podman, and back" moves_alike podman debian13 debian13-podman debian13-podman
    part "verdicts of moves, against what happens" verdicts
    part "moves: disturbed in the middle" faults_of_moves 3
    for name in selinux apparmor; do part "containers confined by $name" lsm "$name"; done
    part "each usual setting alone, every feature tried" ansible-playbook -i "$inventory" tests/breaks/run.yml
    part "independent oracles" ansible-playbook -i "$inventory" tests/oracles/run.yml
fi
part "remove the hosts" molecule destroy
[ "$tier" = test ] || part "Secure Boot: a kernel of one's own" secure_boot
if [ "$tier" = test ] && [ "$SECONDS" -gt "${TEST_LATE_SECONDS:-$SECONDS}" ]; then
    echo "--- demo: LEFT OUT, NOT TESTED: this machine took $SECONDS s for what comes before it, more than $TEST_LATE_SECONDS s"
    exit
fi
part "demo" python tools/demo.py --lab demo-test --artifacts "$artifacts" --proof
if [ "$tier" = all ]; then
    part "demo again, hardened as far as it goes" \
        python tools/demo.py --lab demo-test --artifacts "$artifacts" --profile strict
fi
