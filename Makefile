.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each process that starts would compile all our modules again where a machine forbids to keep them compiled.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=
CORPUS ?= ../shared/corpus

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Installs pinned requirements and then the project itself, so that $(BIN)/understudy is there; says how far it is.
# The project is built by the pinned tool that requirements/build.txt names, and stays editable.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Understudy needs Python 3.11 or newer; name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@total=$$(cat $(1) requirements/build.txt | grep -c ==); \
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps $(foreach file,$(1),-r $(file)) \
	  -r requirements/build.txt | awk -v total=$$total -v place=$(VENV) \
	  '/^(Collecting|Processing|Requirement already)/ { n++; if (n % 10 == 0 || n == total) { \
	  printf "Set-up, once: %d of %d packages looked up\n", n, total; fflush() } } \
	  /^Installing collected/ { printf "Installing them into %s ...\n", place; fflush() }'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	$(call install,requirements/runtime.txt)
	@touch $@

$(VENV)/.test: requirements/test.txt requirements/build.txt pyproject.toml
	$(call install,requirements/test.txt)
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.test ## install everything that developing needs into .venv

serve: $(VENV)/.runtime ## play every documented API on http://127.0.0.1:8080 (ARGS="fatora --port 0")
	@$(BIN)/understudy serve $(ARGS)

test: $(VENV)/.test ## run all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/.test ## format, lint, types, contracts, layout, docs, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/understudy validate
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

contract: $(VENV)/.test ## check that the mock behaves as documented (ARGS="fatora --report report")
	@$(BIN)/understudy check $(ARGS)

mutants: $(VENV)/.test ## play every planted fault and print what catches it
	$(BIN)/python -m tests.mutation.mutant_table docs/mutants.md $(ARGS)

generators: $(VENV)/.test ## generate clients from the published documents and list with them (some need Node or Java)
	test -x .generators/venv/bin/python || $(PYTHON) -m venv .generators/venv
	.generators/venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/generators/requirements.txt
	cp tests/generators/package.json .generators
	if command -v npm >/dev/null; then cd .generators && npm install --silent --no-audit --no-fund --ignore-scripts; fi
	UNDERSTUDY_GENERATORS=.generators $(BIN)/python -m pytest tests/generators $(ARGS)

bench: $(VENV)/.test ## measure against Stoplight Prism on this machine (needs wrk and npm)
	$(BIN)/python -m benchmarks $(ARGS)

corpus: $(VENV)/.test ## play a corpus of real documents that is kept elsewhere, and write docs/corpus.md (CORPUS=folder)
	$(BIN)/python -m tools.corpus $(CORPUS) $(ARGS)

soak: $(VENV)/.test ## load a server with faults mixed in and see that it stays as it was
	$(BIN)/python -m benchmarks soak $(ARGS)

.PHONY: help setup serve test check contract mutants generators bench corpus soak
