# Everything a newcomer needs: `make train` and `make test` do their own set-up. V=1 shows every compiler line.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build test test-onednn3 train bench lint format

VERBOSITY := $(if $(V),,--quiet)
# The tests use `package` access, so the library is compiled the same way with and without them: nothing is built twice.
SWIFT_TEST := swift test -c release --disable-testable-imports --disable-xctest --skip-build $(VERBOSITY)
SWIFT_FILES := Package.swift $(wildcard Sources Tests Benchmarks Examples)

help:
	@echo 'make train    train LeNet on Fashion-MNIST; options for the command in ARGS, such as ARGS="--epochs 3"'
	@echo 'make test     run all tests, on the cpu device and on the reference device'
	@echo 'make test-onednn3   the backend and the models on oneDNN 3.2, which is fetched from PyPI'
	@echo 'make build    build the library and the command, as a release build in .build/release'
	@echo 'make bench    compare training steps with PyTorch, and write Documentation/Benchmarks.md'
	@echo 'make setup    install the system packages that Yuyan needs (the targets above do it by themselves)'
	@echo 'make lint     check the format of the sources and the direction of the imports'
	@echo 'make format   format the sources'

setup:
	@Scripts/setup.sh

build: setup
	@[ -e .build/release/yuyan ] || echo 'Building Yuyan; the first build takes some minutes.'
	@swift build -c release --product yuyan $(VERBOSITY)

train: build
	@.build/release/yuyan train lenet $(ARGS)

bench: build
	@python3 Benchmarks/compare.py $(ARGS)

test: setup
	@echo 'Building the tests; the first build takes some minutes.'
	@swift build -c release --build-tests $(VERBOSITY)
	@echo 'Testing on the cpu device.'
	@YUYAN_DEVICE=cpu $(SWIFT_TEST)
	@echo 'Testing on the reference device.'
	@YUYAN_DEVICE=reference $(SWIFT_TEST)

test-onednn3: setup
	@Scripts/test-onednn3.sh

lint:
	@Scripts/setup.sh --swift-only
	@swift format lint --strict --recursive --parallel --configuration .swift-format $(SWIFT_FILES)
	@Scripts/check-imports.sh

format:
	@Scripts/setup.sh --swift-only
	@swift format --in-place --recursive --parallel --configuration .swift-format $(SWIFT_FILES)
