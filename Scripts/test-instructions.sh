#!/usr/bin/env bash
# Runs the tests of the backend and of what computes with it as processors without AVX-512 and without AVX2 would: one
# variable limits oneDNN and our own loops. Uses the tests that `make test` has built.
#   Scripts/test-instructions.sh [TIMES]
set -euo pipefail
cd "$(dirname "$0")/.."
times=${1:-1}

for instructions in AVX2 SSE41; do
    for round in $(seq "$times"); do
        echo "Testing with instructions up to $instructions, round $round of $times."
        ONEDNN_MAX_CPU_ISA=$instructions YUYAN_DEVICE=cpu swift test -c release --skip-build --disable-testable-imports \
            --disable-xctest --quiet --filter 'YuyanBackendTests|YuyanCoreTests|YuyanNNTests|YuyanModelsTests|YuyanDeviceTests'
    done
done
