# Every target does its own setup: a virtual environment with the locked versions. `serve` installs what serving needs;
# the other targets add the tools of development to the same environment.
.DEFAULT_GOAL := help
.PHONY: help serve test coverage thorough lint lowest verify mutants dist bench lock clean

PYTHON ?= python3
BIN := .venv/bin
SERVE := .venv/ready-to-serve
READY := .venv/ready
LOWEST := .venv-lowest/ready
PIP := -m pip install --quiet --disable-pip-version-check
OPTIONS ?=
DIST := dist
# Tests wait for other processes a quarter of their time, so there are more workers than cores.
WORKERS = $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)')
SLOW := tests/long tests/dashboard tests/verify tests/traffic

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

serve: $(SERVE)  ## Serve the fake on http://127.0.0.1:4010 (OPTIONS="--port 5000 …")
	@$(BIN)/mockserver serve $(OPTIONS)

test: $(READY)  ## Run the tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(SLOW:%=--ignore %) --ignore tests/smoke --ignore tests/thorough $(OPTIONS)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(SLOW) $(OPTIONS)

coverage: $(READY)  ## Measure which code the tests reach, without the longest ones
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --ignore tests/long --ignore tests/dashboard --ignore tests/smoke --ignore tests/thorough \
		--cov --cov-fail-under=95 $(OPTIONS)

thorough: $(READY)  ## Run verify against many targets, for minutes; before a release, and after a change of verify
	$(BIN)/pytest -n $(WORKERS) --dist worksteal tests/thorough $(OPTIONS)

lint: $(READY)  ## Check the code and the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mockserver lint

# Old versions warn about each other, which is not an error of ours.
lowest: $(LOWEST)  ## Run the smoke tests with the lowest versions that pyproject.toml allows
	.venv-lowest/bin/pytest -p no:cacheprovider -p no:warnings tests/smoke $(OPTIONS)

verify: $(READY)  ## Run the contract as tests against TARGET (TARGET=http://… OPTIONS="--mode read-only …")
	$(BIN)/mockserver verify $(TARGET) $(OPTIONS)

mutants: $(READY)  ## Show which of forty broken promises are found; takes hours (OPTIONS="--narrow --only NAME,…")
	@$(BIN)/python -m tests.verify $(OPTIONS)

# The file contains the wheel and, in the locked versions, its dependencies.
dist: $(READY)  ## Build a wheel and one runnable file into dist/
	rm -rf build $(DIST)
	$(BIN)/pip wheel --quiet --no-build-isolation --no-deps --wheel-dir $(DIST) .
	$(BIN)/pip install --quiet --no-deps --no-index --target build/wheel $(DIST)/*.whl
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
		> build/requirements.txt
	$(BIN)/pex --no-index --venv-repository .venv -r build/requirements.txt -D build/wheel \
		--entry-point mockserver.__main__:main --output-file $(DIST)/mockserver.pex

bench: $(READY)  ## Measure side by side with other mock servers; needs wrk and npm
	$(BIN)/python -m benchmarks $(OPTIONS)

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --python-version 3.11
lock: $(READY)  ## Write the three lock files from pyproject.toml
	$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra build --constraint requirements.lock --output-file requirements-serve.lock pyproject.toml
	$(COMPILE) --extra build --extra verify --resolution lowest-direct --output-file requirements-lowest.lock pyproject.toml

clean:  ## Remove everything that the targets made
	rm -rf .venv .venv-lowest .mutants .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist \
		benchmarks/node_modules examples/typescript/node_modules examples/typescript/build

# Checked first: pip would fail late, and name a package instead of Python.
CHECK_PYTHON = @$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or \
	sys.exit("Python 3.11 or later is required, found %d.%d" % sys.version_info[:2])'

# The build backend is locked too. The locks are complete, so that `--no-deps` misses nothing.
$(SERVE): requirements-serve.lock pyproject.toml
	$(CHECK_PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --require-hashes --no-deps -r requirements-serve.lock
	$(BIN)/python $(PIP) --no-build-isolation --no-deps --editable .
	@touch $(SERVE)

$(READY): $(SERVE) requirements.lock
	$(BIN)/python $(PIP) --require-hashes --no-deps -r requirements.lock
	@touch $(READY)

$(LOWEST): requirements-lowest.lock pyproject.toml
	$(CHECK_PYTHON)
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python $(PIP) --require-hashes --no-deps -r requirements-lowest.lock
	.venv-lowest/bin/python $(PIP) --no-build-isolation --no-deps --editable .
	@touch $(LOWEST)
