# The one door for people: `make run`, `make local`, `make test`, `make check`, `make deploy`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

CONTACTS ?= examples/contacts.csv
OUTPUT ?= enriched.csv
PROVIDERS ?=
STAGE ?= dev

.PHONY: help run local test test-faults check format bench big soak deploy clean

help:
	@echo "make run [CONTACTS=file] [OUTPUT=file] [PROVIDERS=a,b]  enrich a list on this machine"
	@echo "make local                                             keep the service up on this machine"
	@echo "make test                                              run every test"
	@echo "make test-faults                                       fail every call of a job in every way"
	@echo "make check                                             formatting, lint, types"
	@echo "make bench                                             measure the steps, and a job with a vendor"
	@echo "make big                                               a job of a million contacts"
	@echo "make soak                                              20 jobs at a time for 15 minutes, with faults"
	@echo "make deploy [STAGE=dev] [ARGS=--plan|--delete|--wire]  deploy to your AWS account"

run: $(READY)
	@$(BIN)/python statemachine/local.py run "$(CONTACTS)" -o "$(OUTPUT)" $(if $(PROVIDERS),--providers "$(PROVIDERS)")

local: $(READY)
	@$(BIN)/python statemachine/local.py serve

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-faults: $(READY)
	@$(BIN)/python tests/simulation/faults.py

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

big: $(READY)
	@$(BIN)/python tests/benchmarks/big_job.py

soak: $(READY)
	@$(BIN)/python tests/benchmarks/soak.py

bench: $(READY)
	$(BIN)/python tests/benchmarks/steps.py
	$(BIN)/python tests/benchmarks/vendor_job.py 2>/dev/null

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

deploy: $(READY)
	@$(BIN)/python statemachine/deploy.py --stage "$(STAGE)" $(ARGS)

clean:
	rm -rf $(VENV) .local .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .hypothesis

# uv installs in seconds what takes pip a minute; where there is none to be had, pip does it.
$(READY): requirements.txt requirements-dev.txt
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(READY)
