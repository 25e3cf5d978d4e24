# Everything a newcomer needs: `make train` and `make test` do their own set-up. V=1 shows every compiler line.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build build-tests dev test test-devices test-documents docs docs-serve labs test-onednn3 train bench lint format release install uninstall dist test-dist test-example

VERBOSITY := $(if $(V),,--quiet)
# The tests use `package` access, so the library is compiled the same way with and without them: nothing is built twice.
SWIFT_TEST := swift test -c release --disable-testable-imports --disable-xctest --skip-build $(VERBOSITY)
# What is installed and shipped has Swift's runtime inside, and is built apart, so that neither build disturbs the other.
RELEASE := .build-dist/release/yuyan
SOURCES := Package.swift $(shell find Sources -type f)
PREFIX ?= /usr/local

SWIFT_FILES := Package.swift $(wildcard Sources Tests Benchmarks Examples)

help:
	@echo 'make train    train LeNet on Fashion-MNIST; options for the command in ARGS, such as ARGS="--epochs 3"'
	@echo 'make test     run all tests, on the cpu device and on the reference device, and compile the code in the documents'
	@echo 'make test-onednn3   the backend and the models on oneDNN 3.2, which is fetched from PyPI'
	@echo 'make build    build the library and the command, as a release build in .build/release'
	@echo 'make dev      build the command in .build/debug: quick to build again after a change, slow to run'
	@echo 'make docs     write the API reference into .build/docs; docs-serve shows it in a browser'
	@echo 'make labs     run all labs and make their pages in Documentation/Labs anew'
	@echo 'make bench    compare training steps with PyTorch, and write Documentation/Benchmarks.md; ARGS=--inference does the same'
	@echo '              for predictions, InferenceBenchmarks.md, --bfloat16 for bfloat16, BFloat16Benchmarks.md, and --operations for'
	@echo '              single operations, OperationBenchmarks.md'
	@echo 'make install  install the command in $(PREFIX), or in another folder: PREFIX=$$HOME/.local; uninstall removes it'
	@echo 'make dist     pack the command into a tarball that runs without Swift; test-dist tries it in a bare Debian'
	@echo 'make setup    install the system packages that Yuyan needs (the targets above do it by themselves)'
	@echo 'make lint     check the format, the direction of the imports, and how long expressions take to type-check'
	@echo 'make format   format the sources'

setup:
	@Scripts/setup.sh

build: setup
	@[ -e .build/release/yuyan ] || echo 'Building Yuyan; the first build takes some minutes.'
	@swift build -c release --product yuyan $(VERBOSITY)

dev: setup
	@swift build --product yuyan $(VERBOSITY)

train: build
	@.build/release/yuyan train lenet $(ARGS)

bench: build
	@python3 Benchmarks/test_compare.py --quiet
	@python3 Benchmarks/compare.py $(ARGS)

test: test-documents test-devices

build-tests: setup
	@echo 'Building the tests; the first build takes some minutes.'
	@swift build -c release --build-tests $(VERBOSITY)

test-documents: build-tests
	@Scripts/check-snippets.sh
	@Scripts/reference.sh --check
	@Scripts/lab-table.sh

test-devices: build-tests
	@echo 'Testing on the cpu device.'
	@YUYAN_DEVICE=cpu $(SWIFT_TEST)
	@echo 'Testing on the reference device.'
	@YUYAN_DEVICE=reference $(SWIFT_TEST)

labs: build
	@.build/release/yuyan lab run --all --output Documentation/Labs
	@Scripts/lab-table.sh --update
	@Scripts/check-pages.sh

docs: build
	@Scripts/reference.sh

docs-serve: build
	@Scripts/reference.sh --serve

test-onednn3: setup
	@Scripts/test-onednn3.sh

release: $(RELEASE)

# A real file, so that `sudo make install` after `make release` copies and does not build as root.
$(RELEASE): $(SOURCES)
	@Scripts/setup.sh
	@echo 'Building the command with the Swift runtime inside; the first build takes some minutes.'
	@swift build -c release --product yuyan --static-swift-stdlib --scratch-path .build-dist $(VERBOSITY)
	@touch $@

install: $(RELEASE)
	@Scripts/install.sh install $(RELEASE) '$(DESTDIR)$(PREFIX)'
	@echo 'Installed $(DESTDIR)$(PREFIX)/bin/yuyan, its completions and its documents.'

uninstall:
	@Scripts/install.sh uninstall '$(DESTDIR)$(PREFIX)'
	@echo 'Removed yuyan from $(DESTDIR)$(PREFIX).'

dist: $(RELEASE)
	@Scripts/dist.sh $(RELEASE)

# As root, and with network: it makes a Debian of its own to try the tarball in.
test-dist: dist
	@Scripts/test-dist.sh

test-example: setup
	@Scripts/test-example.sh

lint:
	@Scripts/setup.sh --swift-only
	@swift format lint --strict --recursive --parallel --configuration .swift-format $(SWIFT_FILES)
	@Scripts/check-imports.sh
	@Scripts/lab-sources.sh --check
	@Scripts/check-expressions.sh $(EXPRESSION_LIMIT)

format:
	@Scripts/setup.sh --swift-only
	@swift format --in-place --recursive --parallel --configuration .swift-format $(SWIFT_FILES)
