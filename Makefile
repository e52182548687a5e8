# MinorGuard. `make run` starts the service, `make test` runs every check; both set up what they need in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CASES ?=

.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench long chaos clean

help:  ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(STAMP): pyproject.toml clients/python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo 'On Debian: sudo apt-get install python3-venv, then the same again.'; rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --editable clients/python
	@touch $@

run: $(STAMP)  ## start the service with a demo policy and key, and say what to try
	$(BIN)/minorguard serve --demo --config var/minorguard.toml

demo: $(STAMP)  ## a child's afternoon and evening through the real service, on a test clock
	$(BIN)/python clients/python/examples/afternoon.py

lint: $(STAMP)  ## ruff, mypy strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml

test: lint  ## every check, then every test, on all processors
	$(BIN)/python -m pytest -n auto --dist worksteal

long:  ## 200,000 generated cases against the oracle (about an hour), and 2,400 lists against the exact optimum
	MINORGUARD_CASES=200000 $(BIN)/python -m pytest tests/engine/test_oracle_sequences.py
	MINORGUARD_CASES=2400 $(BIN)/python -m pytest tests/ranking/test_optimum.py

chaos: $(STAMP)  ## the promises of docs/reliability.md in full, on real processes (about an hour); MINORGUARD_SEED repeats a run
	MINORGUARD_CHAOS=1 $(BIN)/python -m pytest -s tests/reliability tests/engine/test_oracle_zones.py

bench: $(STAMP)  ## ratios of ours to named floors, measured in one run
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.policies
	$(BIN)/python -m tests.benchmarks.layers
	MINORGUARD_SUBJECTS=5000 $(BIN)/python -m tests.benchmarks.redis_store
	$(BIN)/python -m tests.benchmarks.sqlite_tail
	MINORGUARD_ROUNDS=3 $(BIN)/python -m tests.benchmarks.http

clean:  ## remove what make made
	rm -rf $(VENV) var
