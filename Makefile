# `make help` lists what can be done here. Everything is installed into .venv and node_modules.

BIN := .venv/bin
LINTED := $(wildcard conftest.py src tests tools benchmarks)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# A machine behind a proxy of its own often has that proxy's certificate in the system's store only.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
# Three workers keep two cores busy: tests wait for programs, servers and browsers about a third of their time.
WORKERS ?= 3
# Whatever the environment says: Python keeps what it has compiled, for the tests start the program hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-dev run test check format feature screenshots bench lock docs assets assets-dev services wheel
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.runtime .venv/.package assets ## install Parley into .venv and build its web assets

setup-dev: .venv/.dev .venv/.package assets-dev ## the same, with everything that tests and checks need

run: setup ## set up, then serve on http://127.0.0.1:8000 (make run ARGS="--port 9000")
	@exec $(BIN)/parley serve $(ARGS)

test: setup-dev services ## set up, install the services the tests use, run the suite (ARGS="-k widget")
	@echo "Running the tests on $(WORKERS) workers ..."
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: setup-dev ## style, types, declared imports, import contracts and the project's own rules
	@echo "Checking style ..."
	@$(BIN)/ruff check $(LINTED)
	@$(BIN)/ruff format --check --quiet $(LINTED)
	@echo "Checking types ..."
	@$(BIN)/mypy $(LINTED)
	@echo "Checking that what is imported is declared ..."
	@$(BIN)/deptry src --no-ansi --extend-exclude '.*/(tests/|conftest)' --optional-dependencies-dev-groups dev
	@$(BIN)/deptry . --no-ansi --exclude '\.venv' --ignore DEP002
	@echo "Checking imports between features ..."
	@$(BIN)/lint-imports --no-logo
	@echo "Checking the project's own rules ..."
	@$(BIN)/python -m tools.lint

format: setup-dev ## lay the code out as `make check` wants it
	@$(BIN)/ruff check --fix $(LINTED)
	@$(BIN)/ruff format $(LINTED)

feature: setup-dev ## lay out a new feature, all green (make feature NAME=holidays AREA=conversations)
	@$(BIN)/python -m tools.make_feature NAME=$(NAME) AREA=$(AREA) NOUN=$(NOUN) SCOPE=$(or $(SCOPE),ticket)

screenshots: setup-dev ## keep every page in three sizes and both themes in build/screenshots/, and docs/images/ anew
	@$(BIN)/python -m pytest tests/browser/walk_every_page.py

bench: setup-dev ## measure speed and memory, and say which aims are reached and what became slower (ARGS="size --keep")
	@tools/install_services.sh wrk
	@$(BIN)/python -m benchmarks $(ARGS)

docs: setup-dev ## write the generated pages of docs/ anew
	@$(BIN)/python -m tools.docs

lock: .venv/.uv ## write the lock files anew from pyproject.toml and tools/*.in
	@echo "Resolving the dependencies ..."
	@$(LOCK) pyproject.toml --output-file requirements.lock
	@$(LOCK) pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(LOCK) tools/uv.in --output-file tools/uv.lock
	@$(LOCK) tools/node.in --output-file tools/node.lock

wheel: .venv/.uv assets ## build dist/parley-*.whl with the web assets inside
	@echo "Building the wheel ..."
	@$(BIN)/uv build --quiet --wheel --out-dir dist
	@ls dist/*.whl

assets: .venv/.uv ## compile the style sheet and fetch the widget, when out of date
	@$(BIN)/python tools/build_assets.py

assets-dev: .venv/.uv
	@$(BIN)/python tools/build_assets.py --with-tests

services: ## install PostgreSQL, Redis, Chromium, Dovecot, Postfix and SimpleSAMLphp from Debian when they are absent
	@tools/install_services.sh

# ------------------------------------------------------------------ stamps
# Each step leaves a stamp inside .venv, so a second set-up has nothing to do. uv is fast, but it doesn't
# read pip's configuration; where packages are reached only through that, pip installs the same lock.

$(BIN)/python:
	@PYTHON="$(PYTHON)" tools/make_venv.sh

.venv/.uv: tools/uv.lock | $(BIN)/python
	@echo "Installing uv ..."
	@$(PIP_INSTALL) --require-hashes -r tools/uv.lock
	@touch $@

.venv/.runtime: requirements.lock .venv/.uv
	@echo "Installing what Parley runs on ..."
	@$(INSTALL) --compile-bytecode --require-hashes -r requirements.lock || \
		{ echo "Trying again with pip ..."; $(PIP_INSTALL) --require-hashes -r requirements.lock; }
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.uv
	@echo "Installing what Parley runs on, and the tools to test and check it ..."
	@$(INSTALL) --compile-bytecode --require-hashes -r requirements-dev.lock || \
		{ echo "Trying again with pip ..."; $(PIP_INSTALL) --require-hashes -r requirements-dev.lock; }
	@touch $@ .venv/.runtime

.venv/.package: pyproject.toml .venv/.uv
	@echo "Installing Parley itself ..."
	@$(INSTALL) --no-deps --editable . || $(PIP_INSTALL) --no-deps --editable .
	@touch $@
