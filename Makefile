# Reglament's verbs. Each one installs what it needs first; `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Lint, types and tests one after another, also under `make -j`: pytest's total stays the last line.
.NOTPARALLEL:

# An interpreter to build .venv with, when the one that scripts/find-python chooses will not do.
PYTHON ?=
# Arguments passed on: make run ARGS="..."
ARGS ?=
# Arguments for pytest: make test PYTEST_ARGS="-k quota -x"
PYTEST_ARGS ?= --numprocesses=auto --dist=loadscope --no-loadscope-reorder
# Which tests `make test-python` runs.
TESTS ?= tests/unit tests/aws
# Which worlds: make sim SEEDS=7, SEEDS=1-5000 or SEEDS=3,5,8-12
SEEDS ?= 1-1000
# How long to search: make fuzz SECONDS=60
SECONDS ?= 600
# The deployment.
STACK ?= reglament
AWS_REGION ?= eu-west-1
DEPLOY_ARGS ?= --guided

BIN := .venv/bin
# The folders that hold Python by now: a tool that is handed an empty one fails.
PY_DIRS := $(foreach folder,src local scripts generate measure tests,$(if $(wildcard $(folder)/*.py $(folder)/*/*.py),$(folder)))
# What template.yaml names as the run time.
LAMBDA_PYTHON := 3.13
UV_VERSION := 0.13.9

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0

##@ Everyday

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## "; print "usage: make VERB [NAME=value]" } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-19s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: .venv/.stamp ## build .venv with everything that development needs
	@echo ".venv is ready ($$($(BIN)/python --version)). Next: make demo, make test"

.PHONY: demo
demo: .venv/.stamp ## a tour on this machine: letters in, decisions and answers out
	@$(BIN)/python -m local.demo $(ARGS)

.PHONY: run
run: .venv/.stamp ## the whole desk on this machine, with an SMTP door; no AWS account
	@$(BIN)/python -m local $(ARGS)

.PHONY: test
test: lint type ## lint, types and every test; the last line is the total
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: test-fast
test-fast: lint type ## lint, types and the unit tests of the domain, within a minute; ARGS="-k quota"
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal tests/unit/domain $(ARGS)

.PHONY: test-dates
test-dates: .venv/.stamp ## tests and demo as on other days, in other zones, in another order; needs faketime; ARGS="--date 2032-02-29"
	@$(BIN)/python -m scripts.dates $(ARGS) -- $(PYTEST_ARGS)

.PHONY: test-python
test-python: ## the tests that TESTS names on another Python: make test-python VERSION=3.11 TESTS=tests/unit
	@$(if $(VERSION),,echo 'usage: make test-python VERSION=3.11 [TESTS="tests/unit tests/aws"]' >&2; exit 2;) \
	  $(MAKE) --no-print-directory .venv-$(VERSION)/.stamp && .venv-$(VERSION)/bin/python -m pytest $(TESTS) $(PYTEST_ARGS)

.PHONY: test-long
test-long: .venv/.stamp ## the laws of working time on 100,000 examples each (about an hour)
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest --numprocesses=auto --dist=load tests/property/test_working_time.py

.PHONY: sim
sim: .venv/.stamp ## simulated desks, a world a seed, with every invariant checked; SEEDS=7 replays one, SEEDS=1-5000 runs many
	@$(BIN)/python -m tests.sim --seeds '$(SEEDS)' $(ARGS)

.PHONY: test-dynamodb-local
test-dynamodb-local: .venv/.stamp ## the store's tests on the DynamoDB Local that runs at ENDPOINT=http://localhost:8000
	@$(if $(ENDPOINT),,printf '%s\n' \
	    "usage: make test-dynamodb-local ENDPOINT=http://localhost:8000" \
	    "DynamoDB Local is AWS's own and is not part of this project: its licence asks for an AWS account. Get it from" \
	    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.html, start it with -inMemory" \
	    "-sharedDb, and name its address." >&2; exit 2;) \
	  DYNAMODB_LOCAL_ENDPOINT='$(ENDPOINT)' $(BIN)/python -m pytest tests/conformance -k dynamodb-local $(ARGS)

.PHONY: bench
bench: .venv/.stamp .venv-bench/.stamp ## ratios of speed and memory, and the bars they must pass; ARGS="--only working-time"
	@$(BIN)/python -m measure.bench $(ARGS)

.PHONY: corpus
corpus: .venv/.stamp ## read every letter below DIR (any name, Maildir, mbox); prints kinds and failures, no contents
	@$(if $(DIR),,echo "usage: make corpus DIR=folder" >&2; exit 2;) $(BIN)/python -m measure.corpus '$(DIR)' $(ARGS)

.PHONY: quality
quality: .venv/.stamp ## how well labelled letters in DIR are understood, against the bars; ARGS=--errors lists the wrong ones
	@$(if $(DIR),,echo "usage: make quality DIR=folder" >&2; exit 2;) $(BIN)/python -m measure.quality '$(DIR)' $(ARGS)

.PHONY: vocabulary
vocabulary: .venv-vocabulary/.stamp ## how many ordinary Russian words the rule against obscene words flags; ARGS="--every 10" is faster
	@PYTHONPATH=src .venv-vocabulary/bin/python -m measure.vocabulary $(ARGS)

.PHONY: fuzz
fuzz: .venv-fuzz/.stamp ## search for letters that the reader fails on or is slow over, for SECONDS=600
	@PYTHONPATH=src .venv-fuzz/bin/python -m measure.fuzz --seconds $(SECONDS) $(ARGS)

.PHONY: mutants
mutants: .venv-mutants/.stamp ## change the code of deadlines, decisions and quotas, and count what the tests notice (about an hour)
	@.venv-mutants/bin/python -m measure.mutants $(ARGS)

.PHONY: lint
lint: .venv/.stamp ## style, likely bugs, layout
	@$(BIN)/ruff check $(PY_DIRS)
	@$(BIN)/ruff format --check --quiet $(PY_DIRS) || \
	  { echo "The files above are not laid out as 'make format' does it:"; $(BIN)/ruff format --check $(PY_DIRS); exit 1; }

.PHONY: type
type: .venv/.stamp ## strict type check
	@$(BIN)/mypy $(PY_DIRS)

.PHONY: format
format: .venv/.stamp ## lay the code out and apply the safe fixes
	@$(BIN)/ruff check --fix-only --quiet $(PY_DIRS)
	@$(BIN)/ruff format $(PY_DIRS)

##@ Deployment

.PHONY: validate
validate: .venv/.stamp .venv-sam/.stamp ## check template.yaml; needs no AWS account
	@$(BIN)/cfn-lint template.yaml
	@.venv-sam/bin/sam validate --lint --template-file template.yaml --region $(AWS_REGION)

.PHONY: build
build: .venv/.stamp .venv-sam/.stamp ## build the Lambda packages into .aws-sam/build; needs Python 3.13, no Docker
	@$(BIN)/reglament regulation check
	@$(with_sam); sam build --template-file template.yaml $(ARGS) && scripts/compile-packages .aws-sam/build

.PHONY: deploy
deploy: build ## deploy to AWS as STACK, asking first; DEPLOY_ARGS= takes the answers kept in samconfig.toml
	@$(BIN)/python -m scripts.deployment guard --stack $(STACK) --region $(AWS_REGION) -- $(DEPLOY_ARGS)
	@$(with_sam); sam deploy --stack-name $(STACK) --region $(AWS_REGION) \
	  --capabilities CAPABILITY_NAMED_IAM --resolve-s3 $(DEPLOY_ARGS)
	@$(BIN)/python -m scripts.deployment protect --stack $(STACK) --region $(AWS_REGION)
	@echo "Deployed. Mail is accepted once the receipt rule set is active: make activate ARGS='--stack $(STACK)'"

.PHONY: protect
protect: .venv/.stamp ## protect the deployed table from deletion, as `make deploy` does; ARGS=--off before deleting the stack
	@$(BIN)/python -m scripts.deployment protect --stack $(STACK) --region $(AWS_REGION) $(ARGS)

.PHONY: deploy-local
deploy-local: .venv/.stamp .venv-sam/.stamp ## deploy template.yaml to the embedded AWS on this machine
	@$(with_sam); $(BIN)/python -m local.deploy $(ARGS)

##@ Operations

.PHONY: activate
activate: .venv/.stamp ## make the deployed SES receipt rule set the active one
	@$(BIN)/reglament activate $(ARGS)

.PHONY: reconcile
reconcile: .venv/.stamp ## finish the letters that stayed in incoming/
	@$(BIN)/reglament reconcile $(ARGS)

.PHONY: redrive
redrive: .venv/.stamp ## bring back what the functions failed on for good; ARGS="--dry-run" only counts
	@$(BIN)/reglament redrive $(ARGS)

.PHONY: drill
drill: .venv/.stamp ## an exercise on this machine: a marked fault is paged and answered; seconds to each
	@$(BIN)/python -m local.watch_drill $(ARGS)

.PHONY: drill-loss
drill-loss: .venv/.stamp ## an exercise on this machine: functions stop, die and lose messages; no letter is lost
	@$(BIN)/python -m local.drill $(ARGS)

##@ Upkeep

.PHONY: model
model: .venv/.stamp ## train the model of specialists' answers on generate/answers; ARGS=--check only compares
	@$(BIN)/python -m generate.answers_model $(ARGS)

.PHONY: train
train: .venv-train/.stamp ## train the model of what letters are about on generate/letters; ARGS=--check only compares
	@PYTHONPATH=src .venv-train/bin/python -m generate.letters_model $(ARGS)

.PHONY: calendar
calendar: .venv/.stamp ## regenerate src/domain/calendars from the holidays package and the corrections
	@$(BIN)/python -m generate.calendar $(ARGS)

.PHONY: events
events: .venv/.stamp ## write events/*.json again, from the letters beside them and generate/event_cases.py
	@$(BIN)/python -m generate.events $(ARGS)

.PHONY: lock
lock: .venv-lock/.stamp ## pin the requirements again; ARGS=--upgrade takes newer versions
	@set -e; lock() { .venv-lock/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS) "$$@"; }; \
	  unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL UV_FIND_LINKS; \
	  lock src/requirements.in --output-file src/requirements.txt; \
	  lock requirements/dev.in --constraints src/requirements.txt --output-file requirements/dev.txt; \
	  lock requirements/bench.in --constraints requirements/dev.txt --output-file requirements/bench.txt; \
	  lock src/requirements.in requirements/fuzz.in --constraints requirements/dev.txt --output-file requirements/fuzz.txt; \
	  lock src/requirements.in requirements/vocabulary.in --constraints requirements/dev.txt --output-file requirements/vocabulary.txt; \
	  lock requirements/train.in --output-file requirements/train.txt; \
	  lock requirements/dev.in requirements/mutants.in --constraints requirements/dev.txt --output-file requirements/mutants.txt; \
	  lock requirements/sam.in --output-file requirements/sam.txt

.PHONY: clean
clean: ## remove the environments, the builds and the caches; what var/ holds stays
	rm -rf .venv .venv-* .aws-sam build mutants reglament.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(wildcard src local scripts generate measure tests) -type d -name __pycache__ -prune -exec rm -rf {} +

# --- Environments --------------------------------------------------------------------------------
# requirements/NAME.txt pins what .venv-NAME holds (.venv: requirements/dev.txt). Each has a stamp that is older than
# what it was made from once that changes. An environment whose interpreter is gone is made again.

# $(call venv,directory,version): the directory becomes an environment that runs.
venv = if ! $(1)/bin/python -c '' 2>/dev/null; then \
         python=$$(PYTHON='$(PYTHON)' scripts/find-python $(2)) && echo "$(1): made with $$python" && \
         rm -rf $(1) && "$$python" -m venv $(1); \
       fi

# `sam build` starts the first python3.13 on PATH, and that must run and have pip, which neither a
# version manager's shim nor a distribution's bare interpreter promises: .venv-sam's own comes first.
with_sam = [ -x .venv-sam/bin/python$(LAMBDA_PYTHON) ] || { \
    echo "The Lambda packages need Python $(LAMBDA_PYTHON), but .venv-sam was made with $$(.venv-sam/bin/python --version)." >&2; \
    echo "Install Python $(LAMBDA_PYTHON) (scripts/find-python $(LAMBDA_PYTHON) must find it), then: rm -r .venv-sam && make $@" >&2; exit 1; }; \
  PATH="$(CURDIR)/.venv-sam/bin:$$PATH"; export PATH

# $(call install,directory,requirements): what the file pins is installed there.
install = $(call venv,$(1)) && \
  echo "$(1): installing what $(2) pins (about a minute)" && \
  $(1)/bin/python -m pip install --quiet --quiet --require-hashes --requirement $(2)

.venv/.requirements: requirements/dev.txt
	@$(call install,.venv,$<)
	@touch $@

.venv/.stamp: .venv/.requirements pyproject.toml
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What a single verb needs: its environment has nothing else.
.venv-%/.stamp: requirements/%.txt
	@$(call install,$(@D),$<)
	@touch $@

# Another Python's: `make test-python`.
.venv-3.%/.stamp: requirements/dev.txt pyproject.toml
	@$(call venv,$(@D),3.$*)
	@$(call install,$(@D),$<)
	@$(@D)/bin/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-lock/.stamp: Makefile
	@$(call venv,.venv-lock)
	@.venv-lock/bin/python -m pip install --quiet --quiet uv==$(UV_VERSION)
	@touch $@
