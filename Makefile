# Headwater. `make` lists what can be done here.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export HEADWATER_TOOLS ?= $(HOME)/.cache/headwater/tools
export PATH := $(HEADWATER_TOOLS)/bin:$(PATH)

TARGET = $$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
WEB_SOURCES := $(shell git ls-files -co --exclude-standard web 2>/dev/null | grep -v '^web/dist/')

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## Build and start the platform with the demo pipeline (ARGS="--data-dir …" are passed on)
	exec "$(TARGET)/release/headwater" serve --demo $(ARGS)

build: setup-up web/node_modules/.portal-built ## Build the platform
	cargo build --release --locked -p headwater

test: setup-test fmt-check web/node_modules/.portal-built ## Run all tests
	cargo test --release --locked  # brings the binary, too
	cd web && npm test
	samples/test
	e2e/run

test-cgroup2: setup-cgroup2 ## Run the tests of limits with control groups of version 2, in a virtual machine
	scripts/test-cgroup2

bench: setup-bench build ## Measure beside real peers; writes bench/RESULTS.md (ARGS="--quick")
	cargo run --release --locked -p headwater-bench -- $(ARGS)

fmt: ## Format the code
	cargo fmt --all

lint: web/node_modules/.portal-built ## Check style, types and dependencies
	cargo fmt --all --check
	cargo clippy --release --locked --all-targets -- -D warnings

clean: ## Remove what was built (not the data folder)
	cargo clean
	rm -rf web/dist web/node_modules e2e/node/node_modules

fmt-check:
	cargo fmt --all --check

setup-%:
	@scripts/setup $*

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

# A mark of its own: the binary's build puts a page there that says how to build the Portal.
web/node_modules/.portal-built: $(WEB_SOURCES) web/node_modules/.package-lock.json
	cd web && npm run build
	touch $@

.PHONY: help up build test test-cgroup2 bench fmt lint clean fmt-check
