# Two commands: `make run` and `make test`. Both work on a fresh machine with Python 3.11 or newer.
# HOST, PORT, DATA_DIR and DATABASE_URL may be given on the line: make run PORT=9000

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
LOCK = uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11

.PHONY: run test bench lint messages screenshots setup lock clean

run: $(VENV)/installed ## Serve the emulator and print how to reach it
	@$(BIN)/cxadmin up

test: setup ## Run all tests: on SQLite, and on PostgreSQL if one answers
	@$(BIN)/python -m tests

bench: setup $(VENV)-bench/installed ## Measure against the peers and the honest limit: make bench OPTIONS="--quick"
	@$(BIN)/python -m benchmarks --peers $(VENV)-bench $(OPTIONS)

lint: setup ## Check style, types, templates and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint

messages: setup ## Bring the catalogues of translations up to date with the code
	@$(BIN)/python -m tests.messages

screenshots: setup ## Take the pictures of docs/tour.md anew, with Chromium
	@$(BIN)/python -m tests.tour

setup: $(VENV)/installed-dev

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "cxadmin needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing cxadmin into $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt || { \
	  echo "The packages could not be installed; is the package index reachable? Run the same command again to retry."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@echo "Installing the development tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)-bench/installed: benchmarks/requirements.txt benchmarks/scimmy/package.json
	@echo "Installing the peers into $(VENV)-bench and benchmarks/scimmy"
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --requirement benchmarks/requirements.txt
	@if command -v npm >/dev/null; then cd benchmarks/scimmy && npm install --silent --no-audit --no-fund --no-package-lock; \
	  else echo "npm is missing: SCIMMY is left out"; fi
	@touch $@

lock: ## Pin what pyproject.toml asks for; needs uv
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) --extra dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

clean: ## Remove the environment; data stays
	rm -rf $(VENV) $(VENV)-bench benchmarks/scimmy/node_modules
