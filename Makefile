# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `make` alone lists the targets. Each sets up what it needs in .venv and .cache; outside, only pip and uv cache packages.

RUN = tools/bootstrap.sh && .venv/bin/python -m

.DEFAULT_GOAL := help
# Two targets at once would share .cache; the parts of the checks divide their work themselves.
.NOTPARALLEL:
.PHONY: help venv demo quick test test-all lint unit contract network secrets concurrency package awx event_driven walkthrough guides integration sanity molecule build galaxy_importer matrix
.PHONY: workflow coverage bench mutation simulator fault_injection docs generate measure release record real real-releases real-test real-machine real-down changelog format clean

help: ## this list
	@awk -F ': *## *' '/^[a-z_ -]+: ##/ { sub(/ .*/, " ...", $$1); printf "%-16s %s\n", $$1, $$2 }' Makefile

venv: ## set up .venv, with the tools for all other targets
	@tools/bootstrap.sh

demo: ## set up and deploy an example, on a simulated server or on that of DOKPLOY_URL and DOKPLOY_API_KEY
	@$(RUN) tools.run tools/demo.sh

quick: ## lint and tests of what changed, as after each edit; ARGS=--list: only show what they are
	@$(RUN) tools.quick $(ARGS)

test: ## the checks that every change has to pass
	@$(RUN) tools.check

test-all: ## all checks: both paths of every target, and the parts that take long
	@$(RUN) tools.check --all

lint unit contract network secrets concurrency package awx event_driven walkthrough guides integration sanity molecule build galaxy_importer: ## one part of the checks
	@$(RUN) tools.check $@

fault_injection: ## faults at all requests, killed playbooks: a sample; ARGS=--all-faults: all of it
	@$(RUN) tools.run .venv/bin/python -m pytest -n 2 --dist worksteal -q tests/system/fault_injection $(ARGS)

matrix: ## unit tests, guides, canaries and integration with every ansible-core and Python at hand
	@$(RUN) tools.matrix $(ARGS)

workflow: ## what the workflows of GitHub run: pairs of ansible-core and Python, and the slow parts, as JSON
	@$(RUN) tools.matrix --list

coverage: ## which lines of plugins unit and component tests execute, as pages in .cache/coverage/html
	@mkdir -p .cache/coverage && $(RUN) tools.run .venv/bin/python -m pytest -n 3 --dist worksteal -q --cov --cov-report=xml:.cache/coverage/coverage.xml --cov-report=html:.cache/coverage/html tests/unit tests/component

bench: ## what a task costs: in process, as a module, with ansible.builtin.uri; and what much of something costs
	@$(RUN) tools.run .venv/bin/python tools/bench/run.py $(ARGS)
	@$(RUN) tools.run .venv/bin/python tools/bench/large.py $(LARGE)

simulator: ## a simulated Dokploy server to try a playbook on, until Ctrl-C; ARGS=--seed: with examples on it
	@$(RUN) dokploy_simulator $(ARGS)

mutation: ## whether the unit and component tests notice mistakes in the engine and in descriptions; ARGS="--count 20"
	@$(RUN) tools.mutation $(ARGS)

docs: ## the documentation as HTML pages, measured in a browser if there is one
	@$(RUN) tools.check docs

generate: ## what follows from descriptions and modules: options, return values, actions, options of roles, the schema of documents, tasks
	@$(RUN) tools.generate

measure: ## how many lines each package has
	@$(RUN) tools.measure

release: ## what a release of Dokploy changes: RELEASE=0.31.0 DOCUMENT=openapi.json; WRITE=1: its folder for the simulator
	@$(RUN) tools.new_release $(if $(RELEASE),--release $(RELEASE)) $(if $(DOCUMENT),--document "$(DOCUMENT)") $(if $(KNOWN),--known $(KNOWN)) $(if $(WRITE),--write) $(ARGS)

record: ## what the server of DOKPLOY_URL and DOKPLOY_API_KEY answers to the requests of tests/contract; it removes what it makes
	@$(RUN) tools.record $(if $(RELEASE),--release $(RELEASE)) $(ARGS)

real: ## a real Dokploy on loopback with what it talks to, from SOURCE (a repository or a folder): RELEASE=0.30.2; or IMAGE=dokploy/dokploy:v0.30.2; tools/real/README.md
	@$(RUN) tools.real $(if $(SOURCE),--source "$(SOURCE)") $(if $(IMAGE),--image "$(IMAGE)") $(if $(RELEASE),--release $(RELEASE)) $(if $(ROOM),--room "$(ROOM)") $(if $(PORT),--port $(PORT)) $(if $(BESIDE),--beside "$(BESIDE)") $(ARGS)

real-releases: ## the newest patch of each minor release of Dokploy that has an official image, as a workflow reads them; ARGS=0.31.0: only this one
	@$(RUN) tools.real.releases $(ARGS)

real-test: ## what runs against it or the server of DOKPLOY_URL, on both paths, as one table; ARGS="--target every_child --only tests"
	@$(RUN) tools.real_test $(if $(ROOM),--room "$(ROOM)") $(ARGS)

real-machine: ## Dokploy as services in a Docker of its own, for the role server: images of ROOM's build; ARGS="--also ROOM": of another release
	@$(RUN) tools.real.machine $(if $(ROOM),--room "$(ROOM)") $(ARGS)

real-down: ## stop it and what is beside it, and keep what was built
	@$(RUN) tools.real --down $(if $(ROOM),--room "$(ROOM)") $(if $(PORT),--port $(PORT))

changelog: ## CHANGELOG.md from the fragments, for the version in galaxy.yml
	@$(RUN) tools.run .venv/bin/antsibull-changelog release --update-existing --reload-plugins --refresh-plugins

format: ## bring the Python files into form
	@$(RUN) tools.run .venv/bin/ruff check --fix --exit-zero . && .venv/bin/ruff format .

clean: ## remove everything the other targets made
	@rm -rf "$$(readlink -f .venv)" "$$(readlink -f .cache)" .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis
