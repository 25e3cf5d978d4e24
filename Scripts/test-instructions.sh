#!/usr/bin/env bash
# Tests the vectorized loops as a processor without AVX-512, and one without AVX2, would run them. Elsewhere the tests
# only see the copy that the machine at hand chooses.
set -euo pipefail
cd "$(dirname "$0")/.."

for instructions in AVX2 BASELINE; do
    if [ $instructions = AVX2 ] && ! grep -qw avx2 /proc/cpuinfo; then
        echo 'AVX2 is left out: this processor has none.'
        continue
    fi
    echo "Testing the loops for $instructions."
    options=(-c release --scratch-path .build-instructions -Xcc "-DYUYAN_${instructions}_ONLY" --quiet)
    swift build --build-tests "${options[@]}"
    YUYAN_DEVICE=cpu swift test --skip-build --disable-testable-imports --disable-xctest "${options[@]}" \
        --filter YuyanBackendTests
done
