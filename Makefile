# make run    set everything up and open the sample session (headless where there is no terminal)
# make test   set everything up and run the tests
# make check  everything CI does: format, lint, types, contracts, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A checkout keeps its store, runs and models to itself.
export STROP_HOME ?= $(CURDIR)/.strop
MODEL := $(STROP_HOME)/models/smollm2-135m-instruct/config.json

.PHONY: run test check static format setup model bench docs clean

# Without a terminal: a first look, with some of the cases. STROP_TRAIN= walks it with all of them.
run: setup model
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/strop demo; \
	else STROP_TRAIN="$${STROP_TRAIN---preset quick --cases 40}" sh sample_data/road.sh \
	  || [ $$? -eq 1 -o $$? -eq 3 ]; fi

test: setup model
	$(BIN)/pytest -n 2 --dist loadfile

check: static test

static: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

model: setup $(MODEL)

$(MODEL):
	$(BIN)/strop model fetch smollm2-135m-instruct

bench: setup model
	$(BIN)/python -m benchmarks

docs: setup
	$(BIN)/python -m engine.delivery.schema > docs/report.schema.json
	$(BIN)/python -m tui.actions

clean:
	rm -rf $(VENV) .strop .mypy_cache .ruff_cache .pytest_cache .hypothesis
