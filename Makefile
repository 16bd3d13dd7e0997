# `make book` and `make test` need Python 3.11 or newer and nothing else; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
PROFILE ?= quick
DEVICE ?= cpu
JOBS ?= 2
MINUTES ?= 8

.DEFAULT_GOAL := help
.PHONY: help book pdf test browser lint links bench gpu clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Options: PYTHON=python3.12 (makes the environment), JOBS=4 (make book, make test), PROFILE=laptop DEVICE=cuda (make book)."

book: $(READY) ## run what changed and build the site in _build/site
	$(BIN)/ntkbook book --profile $(PROFILE) --device $(DEVICE) --jobs $(JOBS)

pdf: book ## print the whole book, _build/site/ntkbook.pdf (needs Chromium)
	$(BIN)/ntkbook pdf

test: $(READY) ## run the fast tests
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile

browser: $(READY) ## test the built site in Chromium; pictures of its pages in _build/screenshots
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	  { echo "expected a browser, found none; on Debian or Ubuntu: apt-get install chromium" >&2; exit 1; }
	$(BIN)/pytest -q -m browser tests/browser

lint: $(READY) ## check style, format, types and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/codespell

links: book ## ask every external link of the built book whether it still answers (needs the network)
	$(BIN)/jupyter-book build _build/stage --path-output _build/links --builder linkcheck

bench: $(READY) ## measure speed and memory against peers (takes minutes)
	$(BIN)/python -m benchmarks

gpu: $(READY) ## check, train and time on one GPU (MINUTES=8), results in gpu/
	$(BIN)/ntkbook gpu --minutes $(MINUTES) --out gpu

clean: ## remove everything built; the environment stays
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

# The stamp is written last, so that an install that was cut off starts again.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "expected Python 3.11 or newer, found $$($(PYTHON) --version 2>&1 | head -n 1); try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
	  { echo "expected the module venv, found none; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@
