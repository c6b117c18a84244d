# What one does with a checkout. Everything is set up in .venv by the first target that needs it, and again only when
# pyproject.toml, the locked versions or the packages of platform/ change.

PYTHON ?= python3
# How many processes run the tests, and further arguments for pytest: make test ARGS="tests/engine -k number"
JOBS ?= 2
ARGS ?=
FUZZ_SECONDS ?= 300
SLOW_MS ?= 300
CRASH_SECONDS ?= 120
KILLS ?= 200

VENV := .venv
BIN := $(VENV)/bin
BLUEPRINTS := $(sort $(wildcard blueprints/*.yaml))
BUILD_INPUTS := pyproject.toml setup.py constraints.txt frontend/package-lock.json frontend/assets.py frontend/backend.py
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Dozens of tests start Blankett anew; without the files that Python keeps of compiled modules each start compiles all.
unexport PYTHONDONTWRITEBYTECODE

# The extra `durable` of pyproject.toml; given by itself, it need not be built for everything else to be installed.
DURABLE := durable_rules; python_version < "3.13"

.PHONY: help demo serve test test-slow-browser nightly fuzz crash kill bench check lint format vendor wheel lock clean FORCE
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

demo: $(VENV)/.product vendor  ## start Blankett with demo data, on SQLite
	$(BIN)/blankett demo $(ARGS)

serve: $(VENV)/.product vendor  ## start Blankett on your own data
	$(BIN)/blankett serve $(ARGS)

# In the order of the folders: the few long files of the browser come early, and many short ones let both processes
# end together.
test: $(VENV)/.developer vendor  ## run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow-browser: $(VENV)/.developer vendor  ## run the browser tests over a line that is SLOW_MS late by chance (default 300)
	BLANKETT_SLOW_MS=$(SLOW_MS) $(BIN)/python -m pytest tests/browser $(ARGS)

nightly: $(VENV)/.developer  ## compare both engines of rules on 10,000 sets of rules, and make 1,000 whole blueprints
	BLANKETT_RULE_CASES=10000 BLANKETT_CASES=1000 $(BIN)/python -m pytest -n $(JOBS) \
	  tests/engine/rules/test_rule_evaluator.py tests/engine/rules/test_durable.py tests/engine/analysis/test_rule_analysis.py \
	  tests/engine/test_whole_blueprints.py $(ARGS)

crash: $(VENV)/.developer  ## throw hostile records and rules at both engines of rules, for CRASH_SECONDS (default 120)
	$(BIN)/python -m tests.engine.rules.crash --seconds $(CRASH_SECONDS) $(ARGS)

kill: $(VENV)/.developer  ## kill KILLS processes that publish and do jobs (default 200), and look whether anything is lost
	$(BIN)/python -m tests.work.crash --kills $(KILLS) $(ARGS)

# Atheris has wheels for some versions of Python only; hypothesis looks as long as it takes where there is none.
fuzz: $(VENV)/.developer  ## throw formulas at the language, for FUZZ_SECONDS (default 300)
	@if $(PIP_INSTALL) --only-binary :all: 'atheris>=3' 2>/dev/null; then \
	  mkdir -p build/fuzz && $(BIN)/python tests/fuzz/formulas.py -max_total_time=$(FUZZ_SECONDS) -timeout=20 \
	    -artifact_prefix=build/fuzz/ build/fuzz $(ARGS); \
	else \
	  echo "atheris has no wheel for this Python: hypothesis does the looking"; \
	  BLANKETT_HYPOTHESIS=thorough $(BIN)/python -m pytest tests/engine/feel/test_fuzz.py tests/engine/feel/test_hostile.py; \
	fi

bench: $(VENV)/.developer vendor  ## measure the product beside the same form by hand, and a bare Flask route
	$(BIN)/python -m bench $(ARGS)

check: lint  ## lint, types, and every blueprint with its scenarios, which must cover all of it
	$(BIN)/blankett check --strict $(BLUEPRINTS)
	$(BIN)/blankett test --coverage --require-all $(BLUEPRINTS)

lint: $(VENV)/.developer
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: $(VENV)/.developer  ## put the code into the house's format
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

vendor: $(VENV)/.product  ## bring the files for browsers up to date (icons of changed templates)
	@$(BIN)/python frontend/assets.py

wheel: $(VENV)/.developer  ## build the sdist and, from it, the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

lock: $(VENV)/.product  ## take the newest versions that pyproject.toml allows into constraints.txt
	rm -rf $(VENV)/lock
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dev,postgres,durable]'
	{ sed -n '/^#/p' constraints.txt; $(VENV)/lock/bin/python -m pip freeze --exclude blankett; } > $(VENV)/lock/new
	mv $(VENV)/lock/new constraints.txt
	rm -rf $(VENV)/lock

clean:  ## remove what builds and test runs made, and .venv
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	rm -rf platform/web/static/vendor frontend/node_modules $(VENV)

# --- set-up -------------------------------------------------------------------------------------------------------

$(VENV)/.product: $(BUILD_INPUTS) $(VENV)/.layout
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Blankett needs Python 3.11 or newer; $(PYTHON) is older. Say which to take: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "setting up $(VENV) (a minute or two the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) --editable .
	@$(PIP_INSTALL) '$(DURABLE)' >$(VENV)/durable.log 2>&1 && $(BIN)/python -c 'import durable.engine' 2>>$(VENV)/durable.log \
	  || echo "durable-rules is not there (see $(VENV)/durable.log): Blankett decides business rules without it"
	@touch $@

$(VENV)/.developer: $(VENV)/.product
	@echo "installing what the tests need"
	@$(PIP_INSTALL) --editable '.[dev,postgres]'
	@touch $@

# An editable install knows where the folder was and which packages platform/ had; write both down, touch only on change.
$(VENV)/.layout: FORCE
	@mkdir -p $(VENV)
	@echo '$(CURDIR) $(sort $(wildcard platform/*/__init__.py))' | cmp -s - $@ \
	  || echo '$(CURDIR) $(sort $(wildcard platform/*/__init__.py))' > $@
