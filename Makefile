# The one door for people: `make run`, `make local`, `make test`, `make check`, `make deploy`.

BIN := .venv/bin
READY := set-up
READY_DEV := set-up-dev

CONTACTS ?= examples/contacts.csv
OUTPUT ?= enriched.csv
PROVIDERS ?=
ARGS ?=
STAGE ?= dev

# Each run replaces the file that it writes if it is told no other.
REPLACE := $(if $(filter file,$(origin OUTPUT)),--overwrite)

# As they were typed: elsewhere Make would expand the "$" in them.
override CONTACTS := $(value CONTACTS)
override OUTPUT := $(value OUTPUT)
override PROVIDERS := $(value PROVIDERS)
override ARGS := $(value ARGS)
export CONTACTS OUTPUT PROVIDERS ARGS

.PHONY: $(READY) $(READY_DEV) help run local keys test test-faults check format bench big soak lock audit sbom deploy \
	clean

help:
	@echo "make run [CONTACTS=file] [OUTPUT=file] [PROVIDERS=a,b]  enrich a list on this machine (ARGS=--help: more options)"
	@echo "make local                                             keep the service up on this machine"
	@echo "make keys [STAGE=dev] ARGS='create …|list|revoke …'     who may use a stage (also callback-secret)"
	@echo "make test                                              run every test"
	@echo "make test-faults                                       fail every call of a job in every way, steer it at every moment"
	@echo "make check                                             formatting, lint, types, templates"
	@echo "make bench                                             measure it, beside bare processes and Celery"
	@echo "make big                                               a job of a million contacts"
	@echo "make soak                                              20 jobs at a time for 15 minutes, with faults"
	@echo "make lock [ARGS=--upgrade]                              lock the packages, with hashes"
	@echo "make audit                                             look for known weaknesses of the packages"
	@echo "make sbom                                              write what the functions consist of: sbom.json"
	@echo "make deploy [STAGE=dev] [ARGS=--plan|--delete|--wire]  deploy to your AWS account"

run: $(READY)
	@# An option comes first, so that a list that is called like a command is a list.
	@$(BIN)/python statemachine/local.py --args="$$ARGS" run -o "$$OUTPUT" $(REPLACE) \
	  $${PROVIDERS:+--providers "$$PROVIDERS"} "$$CONTACTS"

local: $(READY)
	@$(BIN)/python statemachine/local.py serve

test: $(READY_DEV)
	@# Two processes for two cores, and one that works while they wait.
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-faults: $(READY_DEV)
	@$(BIN)/python tests/simulation/faults.py
	@WHOLE_SIMULATION=1 $(BIN)/python -m pytest -n 2 tests/simulation/test_any_moment.py tests/simulation/test_disorder.py

check: $(READY_DEV)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python tests/check_templates.py

big: $(READY_DEV)
	@$(BIN)/python tests/benchmarks/big_job.py

soak: $(READY_DEV)
	@$(BIN)/python tests/benchmarks/soak.py

bench: $(READY_DEV)
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/requirements.txt
	$(BIN)/python tests/benchmarks/steps.py
	$(BIN)/python tests/benchmarks/offline.py
	$(BIN)/python tests/benchmarks/compare.py
	$(BIN)/python tests/benchmarks/vendor_job.py
	$(BIN)/python tests/benchmarks/cost.py 2>/dev/null

format: $(READY_DEV)
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

lock: $(READY_DEV)
	@sh statemachine/packages/lock.sh $(ARGS)

audit: $(READY_DEV)
	@$(BIN)/python tests/audit.py

sbom: $(READY_DEV)
	@$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-file sbom.json requirements.txt
	@echo "sbom.json has the libraries of the functions, as CycloneDX."

deploy: $(READY)
	@$(BIN)/python statemachine/deploy.py --stage "$(STAGE)" $(ARGS)

keys: $(READY)
	@$(BIN)/python statemachine/keys.py --stage "$(STAGE)" $(ARGS)

clean:
	rm -rf .venv .local .chalice/deployments .mypy_cache .pytest_cache .ruff_cache .hypothesis sbom.json

$(READY):
	@sh statemachine/set_up.sh run

$(READY_DEV):
	@sh statemachine/set_up.sh dev
