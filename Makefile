# The same recipes as CI.  Needs Python 3.11+ (with venv) and make; nothing else.
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lab lint contract types bench docs clean install up down doctor
.DEFAULT_GOAL := demo

demo: $(STAMP)  ## impute real data through the whole system, watch it, leave nothing running
	@$(BIN)/jupyter-wrangler demo

test: $(STAMP)  ## the whole test suite; it starts and stops its own servers
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations=20 \
		--cov=jupyter_wrangler --cov-report=
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 \
		--nbval-sanitize-with notebooks/nbval_sanitize.cfg \
		-p no:cacheprovider notebooks

lab: $(STAMP)  ## JupyterLab on the quickstart
	$(BIN)/jupyter lab --notebook-dir=notebooks notebooks/01_quickstart.ipynb \
		$$( if [ "$$(id -u)" = 0 ]; then echo --allow-root; fi )

lint: $(STAMP)  ## style, imports, floors, spelling, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/deptry jupyter_wrangler
	$(BIN)/mypy
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" jlpm lint:check \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test

contract: $(STAMP)  ## write the OpenAPI document and the TypeScript types of the contract again
	$(BIN)/python -m jupyter_wrangler.service.openapi
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" jlpm contract:generate

bench: $(STAMP)  ## measured figures of README and docs
	$(BIN)/python tests/benchmarks/jobs.py
	$(BIN)/python tests/benchmarks/spent.py
	$(BIN)/python tests/benchmarks/engine.py
	$(BIN)/python tests/benchmarks/peers.py
	$(BIN)/python tests/benchmarks/runner.py
	$(BIN)/python tests/benchmarks/look.py large recommend
	$(BIN)/python tests/benchmarks/lists.py
	$(BIN)/python tests/benchmarks/choice.py 50

up down doctor: $(STAMP)
	@$(BIN)/jupyter-wrangler $@

install: $(STAMP)

$(STAMP): pyproject.toml labextension/package.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Found $$($(PYTHON) --version 2>&1), and Python 3.11 or newer is wanted."; \
		echo "Install it, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing. Install it, then run make again:"; \
		echo "  sudo apt install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
		exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip install -q --python $(BIN)/python -e '.[dev]'
	@touch $@

clean:  ## remove what make and the tests made here
	rm -rf $(VENV) jupyter_wrangler/labextension labextension/lib labextension/node_modules
