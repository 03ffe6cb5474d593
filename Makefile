PYTHON ?= python3
BIN := .venv/bin
# Runs a command in the settings of .env, the environment and, below them, the last `make run`.
IN_ENVIRONMENT := $(BIN)/python -m local.environment

.DEFAULT_GOAL := help
.PHONY: help setup run reset check test test-deploy test-partitions test-upgrade lint lock bench bench-dashboard bench-pipelines migrate
.PHONY: images test-images audit compose-env
.PHONY: alarms chaos load capacity doctor backup backup-key restore
.PHONY: check-telemetry measure-review partitions schema signatures operator seed export metrics plugin rotate key

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ## Install everything into .venv and node_modules
	@$(PYTHON) -m local.setup

run: setup ## Run the whole product here, without any account (Ctrl-C stops it)
	@$(BIN)/python -m local.run

reset: setup ## Forget all local data, keys and logs
	@$(BIN)/python -m local.run reset

# The same as .ci/run.
check: lint test ## Check all that a change must pass: formatting, lint, types and every test

# Each process of the tests has a database and an API of its own. One more than there are cores, as
# many tests wait; those in a browser do not, and share what a file of them has started.
# What fails in one half does not hide the other.
PROCESSES = $$($(BIN)/python -c "import os; print(min(4, os.cpu_count() + 1))")
test: setup ## Run every test, or those of ARGS
	@$(BIN)/python -m local.browser
	@$(BIN)/python -m local.bubblewrap
	@$(BIN)/python -m local.pgbouncer
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@failed=0; \
	$(BIN)/python -m pytest --ignore=tests/e2e -n $(PROCESSES) --dist worksteal || failed=1; \
	$(BIN)/python -m pytest tests/e2e -n logical --maxprocesses 4 --dist loadfile || failed=1; \
	if [ $$failed -ne 0 ]; then echo "Tests failed: each half names its own above."; fi; \
	exit $$failed
endif

test-deploy: setup ## Deploy to a database of a million answers while the product is at work: [ROWS=1000000]
	@TEST_DEPLOY_ROWS="$(or $(ROWS),1000000)" $(BIN)/python -m pytest tests/deploy

test-partitions: setup ## Give tables of a million rows partitions while the product is at work: [ROWS=1000000]
	@TEST_DEPLOY_ROWS="$(or $(ROWS),1000000)" $(BIN)/python -m pytest tests/partitions/test_conversion.py -s -k while_the_product

test-upgrade: setup ## Deploy this version under another's processes, and roll back: [BASE=the newest tag, else HEAD~1]
	@base="$(BASE)"; test -n "$$base" || base="$$(git describe --tags --abbrev=0 2>/dev/null || echo HEAD~1)"; \
	TEST_UPGRADE_BASE="$$base" $(BIN)/python -m pytest tests/upgrade

images: ## Build the images without Docker, on Debian as root: [TARGETS="web worker dashboard builder release"]
	@deploy/build_images.sh $(TARGETS)

test-images: setup ## Run the images that are there as containers beside a local stack: [TAG=this commit]
	@command -v podman >/dev/null && command -v runc >/dev/null || apt-get install -y -qq --no-install-recommends podman runc
	@TEST_IMAGES="$(or $(TAG),$$(git rev-parse --short=12 HEAD))" $(BIN)/python -m pytest tests/images

audit: setup ## Ask what is known against the locked packages, and list their licences
	@$(BIN)/python -m local.audit

compose-env: ## Write the first .env for compose.yaml: SITE=… DASHBOARD=… [SELF_HOSTED=1]
	@test -n "$(SITE)" -a -n "$(DASHBOARD)" || { echo "Say where: make compose-env SITE=buddy.example.com DASHBOARD=ops.example.com"; exit 2; }
	@python3 -m local.compose_env "$(SITE)" "$(DASHBOARD)" $(if $(SELF_HOSTED),--self-hosted)

lint: setup ## Check formatting, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@cd plugin && PATH="../$(BIN):$$PATH" npm run --silent lint

# No address of a package index gets into the locks, whatever this machine is set up to use.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links

lock: setup ## Renew the locked Python packages: all of them, or [ARGS="--upgrade-package flask"]
	@$(LOCK) $(or $(ARGS),--upgrade) requirements.in -o requirements.txt
	@$(LOCK) $(or $(ARGS),--upgrade) requirements-dev.in -c requirements.txt -o requirements-dev.txt

bench: setup ## Measure speed and cost; the results go to bench/results
	@$(BIN)/python -m bench $(ARGS)

bench-dashboard: setup ## Time each page at 100 thousand, 1 and 10 million ledger rows: [ARGS=sizes]
	@$(BIN)/python -m bench.dashboard $(ARGS)

bench-pipelines: setup ## What a pipeline costs in CPU and what a machine carries, about an hour: [ARGS=runs]
	@$(BIN)/python -m local.browser
	@$(BIN)/python -m local.bubblewrap
	@$(BIN)/python -m bench.pipelines $(ARGS)

chaos: setup ## Ten minutes of faults under load, and the books at the end: [ARGS="--minutes 3 --seed 7"]
	@$(BIN)/python -m bench.chaos $(ARGS)

alarms: setup ## Each alert against its fault, half an hour; told once, and its end once: [ARGS="--only silence,certificate"]
	@$(BIN)/python -m bench.alarms $(ARGS)

load: setup ## A thousand people at once on loopback, four minutes: [ARGS="--soak 20"] judges memory and sizes too
	@$(BIN)/python -m bench.load $(ARGS)

capacity: setup ## What 100 to a million answers a day need, what breaks first, and what it costs
	@$(BIN)/python -m bench.capacity

measure-review: setup ## Measure the review itself: public pages, seeded flaws, clean designs: [ARGS="flaws --json FILE"]
	@$(BIN)/python -m local.browser
	@$(BIN)/python -m bench.review $(ARGS)

plugin: setup ## Build what Figma loads into plugin/dist: [SITE=https://buddy.example.com] [ID=the plugin's id]
	@$(BIN)/python -m local.plugin $(SITE) $(if $(ID),--id $(ID))

check-telemetry: ## Have promtool check the rules for Prometheus, and play each fault to them
	@command -v promtool >/dev/null || { echo "promtool is missing. On Debian: apt-get install prometheus"; exit 1; }
	@cd deploy/telemetry/prometheus && promtool check config --syntax-only prometheus.yaml && promtool check rules rules.yaml \
		&& promtool test rules rules_test.yaml

metrics: setup ## Write docs/metrics.md from the dashboard's dictionary of figures
	@$(BIN)/python -m dashboard.parts.metrics_document

migrate: setup ## Apply sql/ to DATABASE_URL, or to the running local stack
	@$(IN_ENVIRONMENT) $(BIN)/python -m sql.apply $(ARGS)

partitions: setup ## Give a full table partitions by time, or say how they stand: [TABLE=answers] [ARGS=--undo]
	@$(IN_ENVIRONMENT) $(BIN)/python -m sql.partitions $(TABLE) $(ARGS)

schema: setup ## Write sql/schema.sql anew from sql/migrations and sql/functions
	@$(BIN)/python -m local.schema

signatures: setup ## Write sql/signatures.txt, what this version's processes rely on: with each release
	@$(BIN)/python -m local.signatures

operator: setup ## Let somebody use the dashboard: EMAIL=… ROLE=founder|support|finance [PASSWORD=…]
	@test -n "$(EMAIL)" -a -n "$(ROLE)" || { echo "Say who and as what: make operator EMAIL=… ROLE=founder"; exit 2; }
	@$(IN_ENVIRONMENT) $(BIN)/python -m sql.set_operator "$(EMAIL)" "$(ROLE)"

seed: setup ## Fill the running local stack with demo data
	@$(IN_ENVIRONMENT) $(BIN)/python -m local.seed $(ARGS)

export: setup ## Write the files of a month, as the billing page gives them: MONTH=2026-10 [OUT=exports]
	@test -n "$(MONTH)" || { echo "Say which month: make export MONTH=2026-10"; exit 2; }
	@$(IN_ENVIRONMENT) $(BIN)/python -m dashboard.exports.export_month "$(MONTH)" "$(or $(OUT),exports)"

doctor: setup ## Say what is wrong with this set-up and what to do: [ARGS="--json --only database"]
	@$(IN_ENVIRONMENT) $(BIN)/python -m doctor $(ARGS)

backup: setup ## Write one sealed, checked file with everything into BACKUP_FOLDER
	@$(IN_ENVIRONMENT) $(BIN)/python -m backup.make_backup

backup-key: setup ## Make the pair of keys that backups are sealed with: [OUT=backup-key.txt]
	@$(BIN)/python -m backup.make_key "$(or $(OUT),backup-key.txt)"

restore: setup ## Bring a backup back into an empty project: FILE=… KEY=the private key's file
	@test -n "$(FILE)" -a -n "$(KEY)" || { echo "Say which: make restore FILE=… KEY=backup-key.txt"; exit 2; }
	@$(BIN)/python -m local.restore "$(FILE)" --key "$(KEY)"

rotate: setup ## Move all stored secrets to the first of TOKEN_ENCRYPTION_KEYS
	@$(IN_ENVIRONMENT) $(BIN)/python -m service.secrets.rotate_keys $(ARGS)

# 32 random bytes in URL-safe base64 is what Fernet asks of a key; nothing has to be installed for it.
key: ## Print a new value for TOKEN_ENCRYPTION_KEYS
	@python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"
