.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements/runtime.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/runtime.txt
	touch $@

$(VENV)/.test: requirements/test.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/test.txt
	touch $@ $(VENV)/.runtime

setup: $(VENV)/.test ## install everything that developing needs into .venv

serve: $(VENV)/.runtime ## play every documented API on http://127.0.0.1:8080 (ARGS="fatora --port 0")
	@$(BIN)/python -m mock_server serve $(ARGS)

test: $(VENV)/.test ## run all tests
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/.test ## format, lint, types, contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mock_server validate
	$(BIN)/python -m pytest -n 2 $(ARGS)

contract: $(VENV)/.runtime ## check that the mock behaves as documented (ARGS="fatora --report report")
	@$(BIN)/python -m mock_server check $(ARGS)

mutants: $(VENV)/.test ## play every planted fault and print what catches it
	$(BIN)/python -m tests.mutation.mutant_table docs/mutants.md $(ARGS)

bench: $(VENV)/.test ## measure against Stoplight Prism on this machine (needs wrk and npm)
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(VENV)/.test ## load a server with faults mixed in and see that it stays as it was
	$(BIN)/python -m benchmarks soak $(ARGS)

.PHONY: help setup serve test check contract mutants bench soak
