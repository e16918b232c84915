# Every target sets up what it needs by itself: a virtual environment from the locked versions.
.DEFAULT_GOAL := help
.PHONY: help serve test lint dist bench lock clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
OPTIONS ?=
DIST := dist

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

serve: $(READY)  ## Serve the fake on http://127.0.0.1:4010 (OPTIONS="--port 5000 …")
	@$(BIN)/mockserver serve $(OPTIONS)

test: $(READY)  ## Run the tests with their coverage
	$(BIN)/pytest -n auto --dist worksteal -m "not long" --cov --cov-fail-under=95 $(OPTIONS)
	$(BIN)/pytest -n auto --dist worksteal -m long $(OPTIONS)

lint: $(READY)  ## Check the code and the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mockserver lint

# The file holds the wheel and, in the versions of the lock, what the wheel needs.
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

lock: $(READY)  ## Write requirements.lock anew from pyproject.toml
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --no-emit-options --no-header --output-file requirements.lock pyproject.toml

clean:  ## Remove everything that the targets made
	rm -rf .venv .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist \
		benchmarks/node_modules examples/typescript/node_modules examples/typescript/build

# The build backend is locked too, so that nothing is fetched beside the lock file. The lock is complete: a resolver
# would only look for newer versions of what stands in it with extras.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(READY)
