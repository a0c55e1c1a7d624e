# Mesh: everything a person does with this clone. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
CONFIGURATION ?= Release
# Extra words for the program a target starts: make run ARGS="--name other -f my.yaml"
ARGS ?=

##@ Use

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## "; print "usage: make TARGET" } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-zA-Z0-9_-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: deps build ## Build, then start a mesh with bookinfo on this machine (Ctrl-C ends it)
	@bin/mesh up $(ARGS)

.PHONY: up
up: deps build ## The same in the background; returns when everything is ready
	@bin/mesh up --detach $(ARGS)

.PHONY: down
down: ## End the mesh that `make up` started and remove what it left
	@if [ -x bin/mesh ]; then bin/mesh down $(ARGS); else echo "nothing is built, so nothing runs"; fi

##@ Build and check

.PHONY: build
build: dotnet ## Build all programs into bin/ (bin/mesh is the command)
	@.ci/programs.sh $(CONFIGURATION)

.PHONY: native
native: build ## Then sidecar and init as native code, as in the images, for `mesh up` and the tests (make build puts the others back)
	@.ci/deps.sh native
	@.ci/native.sh

.PHONY: test
test: dotnet test-deps build ## Unit, golden, socket, namespace and end-to-end tests; ends with one line of counts
	@.ci/test.sh $(CONFIGURATION)

.PHONY: cluster-test
cluster-test: dotnet test-deps build ## The suite for given clusters on a bare cluster of this machine: deploy, the suite, an older version and back, undeploy (minutes; root; OLDER=COMMIT|none)
	@.ci/cluster-test.sh $(CONFIGURATION)

.PHONY: manifests
manifests: dotnet ## Regenerate crds/, docs/reference/ and config/rbac/ from the code
	@.ci/manifests.sh $(CONFIGURATION)

.PHONY: golden
golden: dotnet ## Rewrite the expected files of the golden tests (look at the diff)
	@MESH_GOLDEN=write .ci/test.sh $(CONFIGURATION) Mesh.Operator.Core.Tests Mesh.ProxyConfig.Tests

.PHONY: verify
verify: manifests ## Fail if a generated file is not what the code generates
	@.ci/verify.sh

.PHONY: clean
clean: ## Remove everything that was built
	@rm -rf bin .mesh/tmp
	@find . -type d \( -name bin -o -name obj -o -name TestResults \) -not -path './.git/*' -prune -exec rm -rf {} +

##@ Measure

.PHONY: bench
bench: dotnet bench-deps build ## Compare one sidecar hop with nginx and HAProxy, cost of mutual TLS, time apply to obedience and convergence, load the API server
	@.ci/bench.sh all $(ARGS)

.PHONY: soak
soak: dotnet deps build ## Faults under load in a mesh of its own: counts, and whether what was promised held (minutes)
	@.ci/bench.sh soak $(ARGS)

.PHONY: bench-hop
bench-hop: dotnet bench-deps build ## Only the cost of one hop
	@.ci/bench.sh hop $(ARGS)

.PHONY: bench-mtls
bench-mtls: dotnet bench-deps build ## Only the cost of mutual TLS between two sidecars
	@.ci/bench.sh mtls $(ARGS)

.PHONY: bench-apply
bench-apply: dotnet deps build ## Only the time from kubectl apply to pods obeying
	@.ci/bench.sh apply $(ARGS)

.PHONY: bench-convergence
bench-convergence: dotnet deps build ## Only the time until the last of 6, 50 and 1,000 proxies obeys
	@.ci/bench.sh convergence $(ARGS)

.PHONY: bench-operator
bench-operator: dotnet deps build ## Only the operator at size: 1,000 Services, 5,000 proxies that acknowledge (minutes; ARGS=--small: 50 and 250, one minute)
	@.ci/bench.sh operator $(ARGS)

.PHONY: bench-publish
bench-publish: dotnet bench-deps build ## Only the ways to publish a sidecar: size, start, memory, CPU a request (needs clang, zlib1g-dev)
	@.ci/deps.sh native
	@.ci/bench.sh publish $(ARGS)

.PHONY: bench-api
bench-api: dotnet ## Only the embedded API server: 5,000 pods, writes under watchers, 100,000 objects
	@.ci/deps.sh bench-api
	@.ci/bench.sh api $(ARGS)

##@ Machine

.PHONY: deps
deps: ## Install what is missing from Debian packages and say what (root)
	@.ci/deps.sh base

.PHONY: test-deps
test-deps: ## The same for `make test`: also redis, MariaDB, nginx, nghttp2-client, openssl and tcpdump
	@.ci/deps.sh base e2e

.PHONY: bench-deps
bench-deps: ## The same for `make bench`: wrk, nghttp2-client, nginx-light, haproxy, etcd-server
	@.ci/deps.sh base bench bench-api

.PHONY: dotnet
dotnet:
	@.ci/deps.sh dotnet

##@ Cluster

# Words that these take, for example make deploy REGISTRY=registry.example/team TAG=1.2 (docs/install.md has them all).
export TAG REGISTRY SDK_IMAGE BASE_IMAGE AOT NUGET_CONFIG IMAGES TOOL LOADED CONFIRM

.PHONY: images
images: ## Build the images mesh/operator, sidecar, init, bookinfo with docker, podman or buildah
	@.ci/images.sh build

.PHONY: images-test
images-test: ## Build them on a base made here, run each in its own root; needs root, buildah, debootstrap (minutes)
	@.ci/deps.sh images
	@.ci/images-test.sh

.PHONY: deploy undeploy undeploy-crds
deploy: ## Put the mesh on the cluster of the current context: images, CRDs, operator; wait until it serves
	@.ci/deploy.sh
undeploy: ## Take it off again; CRDs and what users made stay, pods with a sidecar run on and are listed
	@.ci/undeploy.sh mesh
undeploy-crds: ## Say which CRDs would go with all their objects; with CONFIRM=yes remove them
	@.ci/undeploy.sh crds
