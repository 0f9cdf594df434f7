# From a bare clone: `make run` to use it, `make test` to trust it. Each makes what it needs in .venv and .data.

.DEFAULT_GOAL := help
.PHONY: help run dev test lint bench lighthouse shots manifest requirements

VENV := .venv
PYTHON := $(VENV)/bin/python
BARE := $(VENV)/.installed
FULL := $(VENV)/.installed-dev

# The first one that really runs and is new enough (a name on the PATH may be a shim for a version that is not there).
FIND_PYTHON = for python in $(PYTHON_FOR_VENV) python3.13 python3.12 python3.11 python3 python; do \
	if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	printf '%s' "$$python"; break; fi; done

help: ## what you are reading
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' Makefile

run: $(BARE) ## the site with demo money on http://127.0.0.1:8000 (PORT=8001 for another port)
	@exec $(PYTHON) -m wallet_site.serve --demo

dev: $(BARE) ## the same for developing: debug pages, reloads changed code
	@DEBUG=1 exec $(PYTHON) -m wallet_site.serve --demo --develop

# In two processes, each with a PostgreSQL of its own; a file's tests stay together, and files in their order.
test: $(FULL) ## every test, on a throw-away PostgreSQL (PYTEST="-k ledger" for some)
	@exec $(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

lint: $(FULL) ## style, types, boundaries, templates, migrations, deployment checks
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --check --lint --quiet templates
	@$(PYTHON) -m tests.production manage.py makemigrations --check --dry-run
	@$(PYTHON) -m tests.production manage.py check --deploy --fail-level WARNING

bench: $(FULL) ## how fast: a table, and benchmarks/latest.json
	@exec $(PYTHON) -m benchmarks

lighthouse: $(FULL) ## what Lighthouse thinks of the pages: a table, and benchmarks/lighthouse.json
	@exec $(PYTHON) -m benchmarks.lighthouse

shots: $(FULL) ## every page's picture, for the README
	@exec $(PYTHON) -m tests.browser.shots

# In a database of its own, gone afterwards: nobody's changes by hand get into it.
manifest: $(FULL) ## the rules verify_ledger expects, written anew after a migration changed one
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export DEMO=1 DATABASE_URL= OWNER_DATABASE_URL= DATA_DIR=$$folder && \
		$(PYTHON) manage.py migrate --verbosity 0 && $(PYTHON) manage.py ledger_manifest

requirements: $(FULL) ## pin anew what pyproject.toml asks for
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make requirements" pyproject.toml -o requirements.txt
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make requirements" pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

$(PYTHON):
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "This needs Python 3.11 or newer, with venv: install it, then run make again." >&2; exit 1; fi; \
	if [ -n "$(filter run dev,$(MAKECMDGOALS))" ] && [ ! -e .env ]; then "$$python" -m wallet_site.ports || exit 1; fi; \
	echo "Making the virtual environment with $$("$$python" --version)…"; \
	umask 022; "$$python" -m venv --clear $(VENV)

# PostgreSQL may run as another user than root, who must be able to read its programs: hence the umask.
$(BARE): requirements.txt | $(PYTHON)
	@echo "Installing what it needs (a minute, the first time)…"
	@umask 022; $(PYTHON) -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements.txt
	@touch $@

$(FULL): requirements-dev.txt $(BARE) | $(PYTHON)
	@echo "Installing the tools for developing…"
	@umask 022; $(PYTHON) -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements-dev.txt
	@touch $@
