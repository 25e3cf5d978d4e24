#!/usr/bin/env bash
# Builds the tests with the address sanitizer, and runs those of the backend, the tensors and the layers: an access beside a
# buffer ends them. Takes some minutes more than `make test`.
#   Scripts/test-sanitizer.sh [RANDOM-CALLS]      how many random calls, 3,000 unless named
#
# With the condition ExactMemory each buffer is a block of its own, exactly as long as its elements, that goes back to the
# system at once: in the pool's larger blocks, which are used again, the sanitizer would see nothing. Our C loops are
# watched; what oneDNN generates while it runs is not, but its calls of memcpy and the like are. Compiled as a release:
# Swift 6.3 without optimization breaks off tests with two arguments that are shapes.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(-c release --sanitize=address --scratch-path .build-sanitizer -Xswiftc -DExactMemory)
# What lives until the process ends is no leak. Death tests end on purpose.
export ASAN_OPTIONS=detect_leaks=0:handle_abort=0 YUYAN_RANDOM_CALLS=${1:-3000} YUYAN_DEVICE=cpu

swift build --build-tests --quiet "${options[@]}"
for instructions in ALL AVX2; do
    echo "Testing with instructions up to $instructions."
    ONEDNN_MAX_CPU_ISA=$instructions swift test --skip-build --disable-testable-imports --disable-xctest --quiet "${options[@]}" \
        --filter 'YuyanBackendTests|YuyanCoreTests|YuyanNNTests'
done
