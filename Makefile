# Everything a fresh clone needs: `make demo` shows the product, `make test` checks it.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types contracts unit client editors editor-test spark-test bench clean

demo: $(READY)
	$(BIN)/huntlens demo --out demo

test: lint types contracts unit client

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest -m 'not editor and not spark' -n 2 -q

client: $(READY)
	$(BIN)/python editor-client/scripts/bundle.py
	cd editor-client && npm ci --ignore-scripts --no-audit --no-fund && npm test

# Tier two: a real VS Code and Neovim, driven by a browser; installs them on first use.
editors: $(READY)
	bash tests/editors/install.sh

# In the order of the files: what happens in one notebook happens step by step.
editor-test: editors client
	$(BIN)/pytest -m editor -p no:randomly -q

# Tier three: the same queries on Spark in local mode; needs Java 17 or later.
spark-test: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[spark]'
	$(BIN)/pytest -m spark -q tests/spark tests/kernel/test_spark.py

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo dist editor-client/node_modules editor-client/out .editors
