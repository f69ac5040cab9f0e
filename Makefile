# Every target makes .venv by itself. Settings: PROFILE (of the studies), JOBS (cells trained at once), SEED_OFFSET.
PROFILE ?= default
JOBS ?=
SEED_OFFSET ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true

.DEFAULT_GOAL := help
.PHONY: help site test lint bench clean

help:
	@echo "make site [PROFILE=quick] [JOBS=2]   train what is missing, build the site into site/"
	@echo "make test                            lint, types, import contract and all tests"
	@echo "make lint                            the same without the tests"
	@echo "make bench                           measure how fast it is"
	@echo "make clean                           remove the site and caches; keeps results/ and .venv"

site: $(STAMP)
	@$(BIN)/reportgen build --profile $(PROFILE) $(if $(JOBS),--jobs $(JOBS)) $(if $(SEED_OFFSET),--seed-offset $(SEED_OFFSET))

test: lint
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

lint: $(DEV_STAMP)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(DEV_STAMP)
	@for script in tests/benchmarks/bench_*.py; do echo "$$script" && $(BIN)/python "$$script" || exit 1; done

clean:
	@find site -mindepth 1 ! -path site/README.md -delete
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find reportgen tests -name __pycache__ -prune -exec rm -rf {} +

# A Python that only pretends to be there (a version manager's shim) or that lacks venv is passed over.
$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3 python; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "reportgen needs Python 3.11 or later with the venv module." >&2; \
	echo "Debian and Ubuntu: apt install python3-venv; elsewhere: https://www.python.org/downloads/" >&2; \
	exit 1

# The build backend comes first and is pinned too, so nothing is fetched outside the constraints. Modules are compiled
# on all cores; pip would use one. A file that cannot be compiled is for another Python.
$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV); the first time this takes a few minutes."
	@$(PIP) install --no-compile -c constraints.txt hatchling editables
	@$(PIP) install --no-compile -c constraints.txt --no-build-isolation -e '.[run]'
	@$(COMPILE)
	@touch $@

$(DEV_STAMP): $(STAMP)
	@$(PIP) install --no-compile -c constraints.txt --no-build-isolation -e '.[run,dev]'
	@$(COMPILE)
	@touch $@
