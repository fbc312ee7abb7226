# Everything a developer or a newcomer types. Each target does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
LINK := .cache/collections/ansible_collections/anycloud/container_host
IN_VENV := PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH="$(CURDIR)/.cache/collections"

.PHONY: help
help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up -----------------------------------------------------------------------------------------------------------
.PHONY: venv
venv: .venv/.stamp $(LINK) ## Install the tools into .venv

.venv/.stamp: requirements.txt requirements-dev.txt tools/prepare_venv.sh
	@tools/prepare_venv.sh $(PYTHON)

# Ansible finds a collection by its name, so the checkout gets a path that says it.
$(LINK):
	@mkdir -p $(dir $@)
	@ln -sfn ../../../.. $@

# --- tests ------------------------------------------------------------------------------------------------------------
.PHONY: check
check: venv ## Lint, types, documentation in step, unit tests (under 3 minutes)
	@$(BIN)/python tests/run_tier.py check

.PHONY: test
test: venv ## check, build and install, sanity, and the essential path of every scenario on virtual machines
	@$(BIN)/python tests/run_tier.py test

.PHONY: test-all
test-all: venv ## Everything, on every supported ansible-core (hours)
	@$(BIN)/python tests/run_tier.py test-all

.PHONY: test-build
test-build: venv ## Build the collection, install the tarball into an empty path, run it from there
	@$(BIN)/python tests/run_tier.py test --only "build and install"

.PHONY: sanity
sanity: venv ## ansible-test sanity, as far as it runs without containers
	@$(IN_VENV) bash tests/sanity.sh

.PHONY: check-core
check-core: venv ## Unit tests and syntax checks on the oldest and the newest supported ansible-core
	@$(IN_VENV) bash tests/check_core.sh

.PHONY: test-vm
test-vm: venv ## The part of "make test" that needs virtual machines: TIER=all for more, ONLY="words of a part's name"
	@$(IN_VENV) bash tests/run_vm_tests.sh $(or $(TIER),test) "$(ONLY)"

# --- benchmarks -------------------------------------------------------------------------------------------------------
.PHONY: bench-baseline
bench-baseline: venv ## Measure the baseline against plain roles and Ansible itself: QUICK=1 for a short form, ONLY=verify
	@$(IN_VENV) python bench/run_all.py $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

.PHONY: bench-move-data
bench-move-data: venv ## Count what a move sends over what it had to: QUICK=1 for a short form, SHAPED=1 over a slow link
	@$(IN_VENV) python bench/move_data.py $(if $(QUICK),--quick --no-proof) $(if $(SHAPED),--shaped)

.PHONY: bench-move
bench-move: venv ## Time the silence of a move against the plain way, between two hosts: INVENTORY=..., SIZE_MIB=1024, SHAPED=1
	@$(IN_VENV) python bench/move.py --inventory $(or $(INVENTORY),$(error INVENTORY=... has the two hosts)) \
		--size-mib $(or $(SIZE_MIB),1024) $(if $(SHAPED),--shaped)

.PHONY: bench-workload
bench-workload: venv ## Deploy one project side by side with docker-compose and podman-compose: INVENTORY=..., QUICK=1
	@$(IN_VENV) python bench/workload.py --inventory $(or $(INVENTORY),$(error INVENTORY=... has hosts of both engines)) \
		$(if $(QUICK),--quick,--proof) $(if $(SERVICES),--services $(SERVICES))

# --- documentation and release ----------------------------------------------------------------------------------------
.PHONY: docs
docs: venv ## Generate the reference and the tables of the documentation
	@$(IN_VENV) python docs/generate.py

.PHONY: build
build: venv ## Build the collection's tarball
	@$(IN_VENV) ansible-galaxy collection build --force --output-path .artifacts

.PHONY: format
format: venv ## Format the Python code
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

.PHONY: clean
clean: ## Remove what was generated, but not the lab and its cached images
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .ansible tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the lab: local virtual machines as providers ---------------------------------------------------------------------
LAB := .artifacts/inventory.yml
PROVISION := $(IN_VENV) ansible-playbook playbooks/provision.yml -e @examples/lab/demo.yml -e provision_inventory_path=$(CURDIR)/$(LAB)

.PHONY: demo
demo: venv ## The main job, shown on two virtual machines: the same host, the same workload, the proof
	@$(IN_VENV) python tools/demo.py

.PHONY: lab-up
lab-up: venv ## Make and start the demo's hosts (also mends a cut of power or network)
	@$(PROVISION)

.PHONY: lab-down
lab-down: venv ## Remove the demo's hosts and registry with all they left, but not the cached images
	@$(IN_VENV) python tools/demo.py --remove

.PHONY: lab-list
lab-list: venv ## List the demo's hosts
	@$(IN_VENV) ansible localhost -m anycloud.container_host.qemu_lab_info -a directory=~/.cache/container-host/labs/demo

.PHONY: lab-snapshot
lab-snapshot: venv ## Keep the demo's hosts as they are, memory included: NAME=...
	@$(PROVISION) -e provision_snapshot=$(or $(NAME),$(error NAME=... names the snapshot))

.PHONY: lab-restore
lab-restore: venv ## Bring the demo's hosts back to a snapshot: NAME=...
	@$(PROVISION) -e provision_snapshot_state=restored -e provision_snapshot=$(or $(NAME),$(error NAME=... names the snapshot))

.PHONY: lab-power-cut
lab-power-cut: venv ## Cut the power of one host: HOST=...
	@$(PROVISION) -e '{"provision_power": {"$(or $(HOST),$(error HOST=... names the host))": "cut"}}'

.PHONY: lab-network-cut
lab-network-cut: venv ## Cut the network of one host: HOST=...
	@$(PROVISION) -e '{"provision_link": {"$(or $(HOST),$(error HOST=... names the host))": "down"}}'
