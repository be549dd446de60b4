# `make` prints what there is.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Most of a test is waiting for processes that it started.
TESTS_AT_ONCE ?= 3

.PHONY: help install demo up test faults image check audit lock bench clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## make .venv from the lock file

demo: .venv/installed ## make a small library, scan it, show what comes of it (DEMO_ONCE=1: stop after that)
	@exec $(BIN)/dester demo

up: .venv/installed ## run the whole system in the foreground; settings from the environment or .env
	@exec $(BIN)/dester up

test: .venv/installed-dev ## run all tests, with a real PostgreSQL and Redis
	@$(BIN)/python -m tests.servers
	$(BIN)/python -m pytest --numprocesses $(TESTS_AT_ONCE) --dist loadfile --no-loadscope-reorder

faults: .venv/installed-dev ## break everything in the middle of scans, 200 times, and see that nothing is lost (FAULTS="--seed 2")
	$(BIN)/python -m tests.faults --output faults.md $(FAULTS)

image: .venv/installed-dev ## carry out the Dockerfile without an engine, and run compose.yaml's services on what comes of it
	IMAGE=built $(BIN)/python -m pytest tests/deploy/test_containers.py --timeout 900

check: .venv/installed-dev ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: .venv/installed-dev ## look for packages with known vulnerabilities, and for secrets among the files
	$(BIN)/python .ci/audit.py

bench: .venv/installed-dev ## measure: scans, names, matches, reads, searches, streaming, WebSockets, idleness
	$(BIN)/python -m benchmarks.first_scan
	$(BIN)/python -m benchmarks.first_scan --latency 150
	$(BIN)/python -m benchmarks.first_scan --shows 100
	$(BIN)/python -m benchmarks.first_scan --limit 40
	$(BIN)/python -m benchmarks.registration
	$(BIN)/python -m benchmarks.rescan
	$(BIN)/python -m benchmarks.naming
	$(BIN)/python -m benchmarks.matching
	$(BIN)/python -m benchmarks.reads
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.streaming
	$(BIN)/python -m benchmarks.sockets --scan 300
	$(BIN)/python -m benchmarks.idle

lock: .venv/installed-dev ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the environment and the demo's data
	rm -rf .venv demo-data

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing from requirements.lock …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@echo "Installing from requirements-dev.lock …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
