# NRM: two commands matter, `make demo` and `make test`. `make help` lists the rest.
# Needed beforehand: python3 (3.11 or newer, with venv), make, bash. Everything else is fetched at set-up, by hash.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The distribution's own where it will do: one compiled by hand often lacks the optimisations, and takes half as long again.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
BIN := .venv/bin
DONE := .local/done
SAY = @printf '\n\033[1m== %s\033[0m\n'
NODE_PATH_PREFIX = $(if $(shell command -v npm),,$(CURDIR)/$(BIN):)
# Settings like production's, for the checks that must judge production. Not one of them is a secret.
LIKE_PRODUCTION = env NRM_MODE=production SECRET_KEY=$$(printf 'k%.0s' {1..25})-judged-only-$$(printf '0123456789%.0s' {1..3}) \
	MASTER_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	MATCHING_KEY=YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY= \
	LOCATION_MASTER_KEY=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI= BASE_URL=https://casework.example.org \
	ALLOWED_HOSTS=casework.example.org DATABASE_URL=postgresql://127.0.0.1:1/nrm REDIS_URL=redis://127.0.0.1:1/0 \
	NRM_OWNER_PASSWORD=x NRM_APP_PASSWORD=x NRM_WORKER_PASSWORD=x NRM_BACKUP_PASSWORD=x \
	DEFAULT_FROM_EMAIL=casework@example.org EMAIL_HOST=mail.example.org
IN_TESTS = env NRM_MODE=test
# Two test processes, each with a database server of its own; more do not help two processors.
SIDE_BY_SIDE = -n 2

.PHONY: help setup production frontend browser demo test check lint types contracts deploy-check words words-check bench bench-large bench-deadlines proofs adversary adversary-product chaos locks stop clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(DONE)/python frontend $(DONE)/words ## Everything that demo and tests need
	@echo "setup: ready."

$(DONE)/python: requirements.lock requirements-dev.lock
	$(SAY) "Python packages (by hash, from the lock files)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Say which: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { echo "python3 has no venv module. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.lock -r requirements-dev.lock \
		|| { echo "The packages could not be installed. Is the package index reachable? Run make setup again."; exit 1; }
	@mkdir -p $(DONE) && touch $@

production: $(DONE)/production ## What a server gets: the packages of requirements.lock and no other

$(DONE)/production: requirements.lock
	$(SAY) "Packages of production, in an environment of their own"
	@$(PYTHON) -m venv --clear .local/production
	@.local/production/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@mkdir -p $(DONE) && touch $@

frontend: $(DONE)/frontend ## Build style sheets and scripts

$(DONE)/frontend: $(DONE)/python frontend/package.json frontend/package-lock.json frontend/build.mjs $(shell find frontend/src -type f 2>/dev/null)
	$(SAY) "Front end (design system from the npm registry, built into static/build)"
	@export PATH="$(NODE_PATH_PREFIX)$$PATH"; cd frontend && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build \
		|| { echo "The front end could not be built. Is the npm registry reachable? Run make frontend again."; exit 1; }
	@mkdir -p $(DONE) && touch $@

$(DONE)/words: $(DONE)/python $(shell find locale -name '*.po' 2>/dev/null)
	$(SAY) "Translations"
	@$(IN_TESTS) $(BIN)/python manage.py messages --compile --skip-checks
	@mkdir -p $(DONE) && touch $@

INSTALL = DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends

browser: ## Chromium for the browser tests, whole and lean
	@test -n "$${CHROMIUM:-}" || { command -v chromium && command -v chromium-headless-shell; } >/dev/null || { \
		printf '\n== Chromium (Debian packages, for the browser tests)\n'; \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
			&& apt-get update -qq && { $(INSTALL) chromium chromium-headless-shell || $(INSTALL) chromium; } >/dev/null; } \
		|| command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| { echo "Chromium is missing. Install it (Debian: sudo apt-get install chromium) or set CHROMIUM to its path."; exit 1; }

demo: setup ## The whole application here, with fictitious cases (PORT=8000)
	@exec $(BIN)/python -m nrm.demo

stop: ## Stop embedded PostgreSQL and Redis, should a demo have left them
	@$(BIN)/python -m nrm.services stop

test: setup production browser ## All tests, in a real browser too (ARGS="tests/cases -k guardian" for some)
	$(SAY) "Tests (own PostgreSQL 18, real browser)"
	@$(BIN)/python -m pytest -q $(if $(ARGS),$(ARGS),$(SIDE_BY_SIDE))
	@echo "test: all passed."

check: setup production browser lint types contracts deploy-check words-check ## What CI runs: lint, types, contracts, settings, words, tests
	$(SAY) "Tests (own PostgreSQL 18, real browser)"
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)
	@echo "check: everything holds."

lint: $(DONE)/python ## Style of Python and of the front end
	$(SAY) "Lint"
	@$(BIN)/ruff check . || { echo "Mend with: .venv/bin/ruff check --fix ."; exit 1; }
	@$(BIN)/ruff format --check . || { echo "Mend with: .venv/bin/ruff format ."; exit 1; }

types: $(DONE)/python ## mypy, strict
	$(SAY) "Types"
	@$(IN_TESTS) $(BIN)/mypy .

contracts: $(DONE)/python ## Imports go downwards only
	$(SAY) "Import contracts"
	@$(BIN)/lint-imports

deploy-check: $(DONE)/python ## Settings fit for production; models without drift from migrations
	$(SAY) "Production settings and migrations"
	@$(LIKE_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(IN_TESTS) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run

words: $(DONE)/python ## Collect new strings into the translation files
	@$(IN_TESTS) $(BIN)/python manage.py messages --skip-checks

words-check: $(DONE)/python ## Every string is translated
	$(SAY) "Translations complete"
	@$(IN_TESTS) $(BIN)/python manage.py messages --check --skip-checks

proofs: setup production browser ## The full form of every proof, one line of figures each (ARGS="-k matrix" for some)
	$(SAY) "Proofs, in full (about an hour on two cores)"
	@NRM_PROOFS=full $(BIN)/python -m pytest -q -m proof $(ARGS)

adversary: setup ## The adversary on the pure model: every seeded fault with its shortest attack, then 5,000,000 acts (ARGS="100000" for fewer)
	@$(BIN)/python -m tests.adversary $(ARGS)

adversary-product: setup ## The adversary on the product, 20,000 acts in two processes (ARGS="1000" for fewer)
	@$(BIN)/python -m tests.adversary.product $(ARGS)

chaos: setup ## Reminders under faults: 5 seeds, 10,000 reminders and 40 faults each, a table (about half an hour)
	@$(IN_TESTS) $(BIN)/python -m tests.chaos $(ARGS)

bench-deadlines: setup ## Claims, clearing and a changed rule with 1,000,000 open deadlines (about ten minutes)
	@$(IN_TESTS) $(BIN)/python -m tests.bench.deadlines $(ARGS)

bench: setup ## Benchmarks at 10,000 and 100,000 cases
	@$(IN_TESTS) $(BIN)/python -m tests.bench $(ARGS)

bench-large: setup ## 1,000,000 cases, 500 organisations, beside stock guardian and beside no check (about half an hour, 20 GB)
	@$(IN_TESTS) $(BIN)/python -m tests.bench --large $(ARGS)

locks: ## Renew the lock files (hashes, no registry address)
	@$(PYTHON) -m venv .local/lock-tools && .local/lock-tools/bin/pip install --quiet pip-tools
	@for name in requirements requirements-dev; do .local/lock-tools/bin/pip-compile --quiet --upgrade --generate-hashes \
		--allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate \
		--no-header -o $$name.lock $$name.in; done

clean: ## Forget what set-up made (the demo's data stays)
	@rm -rf $(DONE) .local/production static/build staticfiles .mypy_cache .ruff_cache .pytest_cache
