# Everything a newcomer or a contributor does here. Each verb sets up what it needs; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PYTHONSAFEPATH := 1

CACHE := $(or $(PARKING_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/parking)
UV := $(or $(shell command -v uv 2>/dev/null),$(CACHE)/tools/uv/bin/uv)
RUN := .venv/bin
MANIFEST ?= examples/central.yaml
DATABASE_URI ?= duckdb:///$(CURDIR)/lake.duckdb?access_mode=read_only
ENGINE ?=
PROGRAMS ?=
CRD := charts/parking/files/parkinglots.parking.dev.yaml
PYTEST := $(RUN)/python -Im pytest

.PHONY: help demo down dashboard check-dashboard test-dashboard test test-unit test-cluster e2e cluster cluster-down cluster-binaries cluster-images images image-base check format schemas crd bench-sessions \
	bench-scaling bench-large-lot bench-small-lot bench-spark-settings bench-backlog bench-operator bench-footprint bench-fanout bench-dashboard bench-lake superset-bundle clean

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

$(CACHE)/tools/uv/bin/uv:
	@echo "installing uv into $(CACHE)/tools"
	@python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --upgrade --target $(CACHE)/tools/uv uv

LOCKED := uv.lock $(wildcard */pyproject.toml)
# What a lot runs on; Spark is 400 MB more and comes only for the engine that needs it.
.venv/.runtime: $(LOCKED) | $(UV)
	$(UV) sync --frozen --inexact --no-dev
	@touch $@

# What a lot with a road runs on besides: Spark, pictures, and SQL on the lake.
.venv/.runtime-lake: $(LOCKED) | $(UV)
	$(UV) sync --frozen --inexact --no-dev --extra spark --extra lake
	@touch $@ .venv/.runtime .venv/.runtime-Spark

.venv/.runtime-Spark: $(LOCKED) | $(UV)
	$(UV) sync --frozen --inexact --no-dev --extra spark
	@touch $@ .venv/.runtime

# Node builds the dashboard: the system's, or that of a wheel.
NODE_IS_NEW_ENOUGH = $(shell command -v npm >/dev/null && node -p 'process.versions.node.split(".")[0] * 100 + +process.versions.node.split(".")[1] >= 2019' 2>/dev/null)
.venv/.node: $(LOCKED) | $(UV)
	$(UV) sync --frozen --inexact --no-dev --group node
	@touch $@ .venv/.runtime

.venv/.dev: $(LOCKED) | $(UV)
	$(UV) sync --frozen --inexact --all-packages --all-extras
	@touch $@ .venv/.runtime .venv/.runtime-Spark .venv/.runtime-lake .venv/.node

.venv/.bench: $(LOCKED) .venv/.dev
	$(UV) sync --frozen --inexact --all-packages --all-extras --group bench
	@touch $@

bench/quix/.venv/.synced: bench/quix/uv.lock | $(UV)
	$(UV) sync --frozen --project bench/quix
	@touch $@

HAS_ROAD = $(shell grep -lE '^  road:' $(MANIFEST) 2>/dev/null)
demo: .venv/.runtime$(if $(HAS_ROAD),-lake,$(if $(filter Spark,$(ENGINE)),-Spark)) ## Run a car park on this machine and watch it live (Ctrl-C ends it); ENGINE=Spark for Spark
	@$(MAKE) --no-print-directory dashboard || echo "the gateway will run without its dashboard"
	@$(RUN)/parking up $(MANIFEST) $(if $(ENGINE),--engine $(ENGINE))

down: .venv/.runtime ## End a car park that runs in another terminal
	@$(RUN)/parking down

dashboard: .venv/.runtime $(if $(filter true,$(NODE_IS_NEW_ENOUGH)),,.venv/.node) ## Build the dashboard into the gateway, if it changed
	@$(RUN)/python -m parking_local.dashboard

check-dashboard: .venv/.dev ## Check the dashboard: format, types, and that it fits the gateway's interfaces
	$(RUN)/python -m parking_local.dashboard run check --silent

test-dashboard: .venv/.dev ## Run the dashboard's own tests (seconds)
	$(RUN)/python -m parking_local.dashboard test --silent

# What starts something, by its marker; all other tests share the cores.
SLOW := broker or spark or e2e or cluster or browser or pods or images or superset

test: .venv/.dev cluster-binaries dashboard test-dashboard ## Run every test: unit, real Kafka, real Spark, a browser, Superset, Kubernetes, the whole platform
	$(PYTEST) -n auto -m "not ($(SLOW))" $(ARGS) || [ $$? -eq 5 ] # 5: ARGS chooses none of these
	$(PYTEST) -m "$(SLOW)" $(ARGS)

test-cluster: .venv/.dev cluster-binaries ## Run the tests that need a Kubernetes API server; ARGS="--kube-context NAME" for your own
	$(PYTEST) -m cluster $(ARGS)

e2e: .venv/.dev cluster-binaries ## Run the whole platform on a cluster of one node, with real pods (needs root, or kind and Docker)
	$(PYTEST) -m pods $(ARGS)

# A cluster to try things on; tests take it as it is. With KUBECONFIG from the last line, kubectl and helm are yours.
cluster: .venv/.dev cluster-binaries ## Start a Kubernetes cluster of one node on this machine, with all images (needs root)
	@PYTHONPATH=$(CURDIR) $(RUN)/python -m tests.support.node up

cluster-down: .venv/.dev ## End that cluster and undo all it changed on this machine; ARGS=--images forgets its images too
	@PYTHONPATH=$(CURDIR) $(RUN)/python -m tests.support.node down $(ARGS)

cluster-binaries: .venv/.dev ## Build Kubernetes and its tools for tests, or PROGRAMS="kube helm" of them (once, 8 to 30 minutes)
	@PYTHONPATH=$(CURDIR) $(RUN)/python -m tests.support.cluster.binaries $(PROGRAMS)

cluster-images: .venv/.dev ## Build the images that tests run in pods, where they changed (5 minutes at first; needs root and buildah)
	@PYTHONPATH=$(CURDIR) $(RUN)/python -m tests.support.images

test-unit: .venv/.dev test-dashboard ## Run the tests that need no service (seconds)
	$(PYTEST) -n auto -m "not ($(SLOW))" $(ARGS)

# Needs no environment: Python ≥ 3.11 and buildah, podman or docker. REGISTRY, TAG, BUILDER, SAVE and SBOM are options of it, too.
IMAGE_OPTIONS = $(foreach option,BASE REGISTRY TAG BUILDER SAVE SBOM,$(if $($(option)),--$(shell echo $(option) | tr A-Z a-z) $($(option))))
images: ## Build the container images, or NAMES="jobs api" of them; BASE=localhost/parking-base:bookworm without a registry
	@PYTHONPATH=$(CURDIR) python3 -m images.build $(IMAGE_OPTIONS) $(ARGS) $(NAMES)

image-base: ## Build a base image from Debian packages, for machines that reach no image registry (needs root)
	@PYTHONPATH=$(CURDIR) python3 -m images.base $(ARGS)

check: .venv/.dev check-dashboard ## Format, lint, types, import rules, generated files
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python -m parking.schemas --check domain/schemas
	$(RUN)/python -m parking_api.describe --check api/schemas
	$(RUN)/python -m parking.reference | diff -u docs/guide/manifest.md - || (echo "run make schemas"; exit 1)
	$(RUN)/python -m parking_operator crd | diff -u $(CRD) - || (echo "run make crd"; exit 1)

format: .venv/.dev ## Format the code and mend what can be mended
	$(RUN)/ruff check --fix --quiet --exit-zero .
	$(RUN)/ruff format .

schemas: .venv/.dev ## Write the generated schemas, interfaces and the reference of the manifest
	$(RUN)/python -m parking.schemas --write domain/schemas
	$(RUN)/python -m parking_api.describe --write api/schemas
	$(RUN)/python -m parking.reference > docs/guide/manifest.md

crd: .venv/.dev ## Write the generated definition of ParkingLot into the chart
	$(RUN)/python -m parking_operator crd > $(CRD).new && mv $(CRD).new $(CRD)

# A folder for Python to find what the benchmarks share: safe-path mode leaves out the script's own.
BENCH := PYTHONPATH=$(CURDIR)/bench $(RUN)/python

bench-sessions: .venv/.bench bench/quix/.venv/.synced ## Measure both engines against five others (25 minutes)
	$(BENCH) bench/sessions.py $(ARGS)

bench-scaling: .venv/.bench ## Measure 1, 2 and 4 processes or shards (8 minutes)
	$(BENCH) bench/scaling.py $(ARGS)

bench-large-lot: .venv/.bench ## Measure both engines with a million open sessions (8 minutes)
	$(BENCH) bench/large_lot.py $(ARGS)

bench-small-lot: .venv/.bench ## Measure what 60 bays cost, with cameras and idle (6 minutes)
	$(BENCH) bench/small_lot.py $(ARGS)

bench-spark-settings: .venv/.bench ## Take the Spark engine's settings away one by one (10 minutes)
	$(BENCH) bench/spark_settings.py $(ARGS)

bench-backlog: .venv/.bench ## Let Spark work off a million events with 100,000 open sessions (2 minutes)
	$(BENCH) bench/backlog.py $(ARGS)

bench-operator: PROGRAMS = kube helm
bench-operator: .venv/.bench cluster-binaries ## Measure the operator with 500 lots on a real API server (8 minutes)
	PYTHONPATH=$(CURDIR)/bench:$(CURDIR) $(RUN)/python bench/many_lots.py $(ARGS)

bench-footprint: .venv/.bench cluster-binaries ## Measure what a small lot costs on a cluster, pod by pod (8 minutes; needs root)
	PYTHONPATH=$(CURDIR)/bench:$(CURDIR) $(RUN)/python bench/footprint.py $(ARGS)

bench-dashboard: .venv/.bench dashboard ## Measure the dashboard with 5,000 bays in a real browser (2 minutes; needs Chromium)
	PYTHONPATH=$(CURDIR)/bench:$(CURDIR) $(RUN)/python bench/dashboard.py $(ARGS)

bench-lake: .venv/.bench ## Measure the lake beside a plain Parquet writer (8 minutes)
	PYTHONPATH=$(CURDIR)/bench:$(CURDIR) $(RUN)/python bench/lake.py $(ARGS)

bench-fanout: .venv/.bench ## Measure the gateway's fan-out to many clients
	$(BENCH) bench/fanout.py $(ARGS)

superset-bundle: .venv/.runtime ## Write superset-bundle.zip; DATABASE_URI=trino://… says how Superset reaches the lake
	$(RUN)/python -m parking_jobs.lake.superset --database-uri '$(DATABASE_URI)'

clean: ## Remove what these verbs made here (not the cache)
	rm -rf .venv bench/quix/.venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf dashboard/node_modules dashboard/dist dashboard/src/wire/generated api/src/parking_api/dashboard api/src/parking_api/dashboard.new
