# Everything a person or CI types. Set-up is done on demand and stamped: the second time it costs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= var
# Behind a proxy that inspects TLS only the system's certificates know it; pip uses them anyway, uv when told.
export UV_SYSTEM_CERTS ?= 1
# Where it is set, every start compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE
# Matrices are small: more threads of one process would only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1
ORGANISATIONS ?= 500
KILLS ?= 200
ATTACKED ?= 50
SEED ?= 1

.PHONY: audit test check format bench calibration campaign serve docs lock clean
.DEFAULT_GOAL := audit

audit: $(VENV)/.runtime
	@$(BIN)/equity-audit --home $(HOME_DIR) demo

# A file's tests stay with one process, so that the home that they share is published once. The files with most to do are
# among the first in the alphabet.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --processes 2 assets/sql

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix --processes 2 assets/sql

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench

# An hour: what the guarantees are worth, on simulated recruitment. Writes docs/calibration.md. ATTACKED: organisations
# whose tables are attacked.
calibration: $(VENV)/.dev
	@$(BIN)/python -m tests.calibration --organisations $(ATTACKED)

# Hours: made-up organisations published, killed and attacked. Smaller: make campaign ORGANISATIONS=20 KILLS=10 ATTACKED=5
campaign: $(VENV)/.dev
	@$(BIN)/python -m tests.campaign --organisations $(ORGANISATIONS) --kills $(KILLS) --attacked $(ATTACKED) \
		--seed $(SEED) $(CAMPAIGN)

serve: $(VENV)/.runtime
	@$(BIN)/equity-audit --home $(HOME_DIR) serve

# The tables and settings pages are written from the code that they describe.
docs: $(VENV)/.dev
	@$(BIN)/python -m docs.generate

# Versions stay where they are unless their bounds in pyproject.toml have moved. Extras are kept, because pip checks
# hashes by requirement; uv itself writes no address of a registry here.
lock: $(BIN)/uv
	@$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header -o requirements/runtime.lock
	@$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --group dev -o requirements/dev.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# uv comes from a hashed file of its own; everything else is installed by it, with hashes, and compiled once because a
# start without bytecode takes twice as long.
$(BIN)/uv: requirements/bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.runtime: $(BIN)/uv requirements/runtime.lock pyproject.toml
	@echo "Setting up (once) ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/runtime.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/dev.lock
	@touch $@

# Debian keeps the venv module in a package of its own.
.PHONY: venv-package
venv-package:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null; \
	else \
		echo "python3 -m venv does not work here. Install it first: sudo apt install python3-venv"; exit 2; \
	fi
	@$(PYTHON) -m venv --clear $(VENV)
