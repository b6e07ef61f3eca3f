# Two commands are enough: `make run` and `make test`. Both install what they need (Debian, with Swift in the path).

SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
STEPS ?= 400
SEEDS ?= 64
INPUTS ?= 10000000
SECONDS ?= 600

.PHONY: all run test build bench setup assets openapi simulate fuzz-api fuzz-cedar fuzz-cedar-parsers clean

all: build

## Builds the product in release form, with Swift's own libraries in it.
build: setup
	swift build --configuration release --static-swift-stdlib --product guildhall

## Builds, seeds a demonstration on SQLite, serves it, and prints a sign-in link.
run: setup assets
	swift build --product guildhall
	mkdir -p var
	.build/debug/guildhall demo --database var/demo.db --asset-folder var/assets

## Runs every test; starts and stops PostgreSQL, a mail server and a browser by itself.
test:
	Scripts/setup test
	Scripts/test

## Writes docs/openapi.json, which a test compares with what the program says.
openapi:
	swift build --product guildhall
	.build/debug/guildhall openapi > docs/openapi.json

## Measures the product, all of it or one area: make bench ID=O1
bench:
	Scripts/setup bench
	Benchmarks/run $(ID)

## Looks for faults with a seed of its own: make simulate SEED=7 STEPS=1000 SEEDS=10
simulate:
	swift run simulate --seed $(SEED) --steps $(STEPS) --seeds $(SEEDS)

## Asks a demonstration server whatever its API's description allows, with a fresh seed: make fuzz-api SECONDS=3600 SEED=7
fuzz-api:
	swift build --product guildhall
	Scripts/fuzz-api --seconds $(SECONDS) --seed $(SEED)

## Compares the Cedar engine with the reference implementation on fresh random cases.
fuzz-cedar:
	Scripts/fuzz-cedar

## Feeds mutated texts to the parsers of Cedar: make fuzz-cedar-parsers INPUTS=10000000 SEED=7
fuzz-cedar-parsers:
	CASES=0 INPUTS=$(INPUTS) SEED=$(SEED) Scripts/fuzz-cedar

setup:
	Scripts/setup run

assets:
	Scripts/fonts
	Scripts/swagger-ui

clean:
	rm -rf .build .build-python var
