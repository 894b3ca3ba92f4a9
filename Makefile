# Each target runs one script of eng/, which prints what it does and does not prompt.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help prepare build image pictures demo demo-api test test-fast envtest manifests man bench format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

prepare: ## install what the machine lacks (the other targets do it by themselves)
	@eng/prepare.sh all

build: ## publish the one executable: artifacts/podfence
	@eng/build.sh

image: build ## build the container image: artifacts/image/podfence-VERSION-ARCH.tar (IMAGE=NAME:TAG names it)
	@eng/image.sh

demo: build ## watch a policy isolate a pod in a cluster of network namespaces
	@artifacts/podfence demo

demo-api: build ## the same through a real API server, which a first time takes minutes to build
	@eng/envtest.sh
	@artifacts/podfence demo --api-server

test: ## run every test; the last line is the sum
	@eng/test.sh

test-fast: ## run the tests that need neither root nor minutes
	@eng/test.sh --fast

envtest: ## provide a real API server for the tests (built once, kept in the user's cache)
	@eng/envtest.sh

manifests: ## make the plain manifests of deploy/ from the Helm chart; with IMAGE=NAME:TAG, manifests of that image in artifacts/manifests
	@eng/manifests.sh

man: build ## write the manual pages of every verb into artifacts/man
	@eng/man.sh

pictures: build ## draw the pictures of README and docs from the product's output
	@eng/pictures.sh

bench: build ## measure what docs/operate/benchmarks.md publishes
	@eng/bench.sh

format: ## bring the sources into shape
	@eng/format.sh

clean: ## remove everything that was built
	@eng/clean.sh
