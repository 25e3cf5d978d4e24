#!/usr/bin/env bash
# Compares random calls of all operations on the device cpu with the reference device: 100,000, or as many as are named,
# from a seed that is printed, or named as well. Uses the tests that `make test` has built. ONEDNN_MAX_CPU_ISA=AVX2 in front
# does it as a processor without AVX-512 would.
#   Scripts/random-calls.sh [COUNT [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
export YUYAN_DEVICE=cpu YUYAN_RANDOM_CALLS=${1:-100000} YUYAN_RANDOM_SEED=${2:-$RANDOM}

echo "Comparing $YUYAN_RANDOM_CALLS calls of seed $YUYAN_RANDOM_SEED."
swift test -c release --skip-build --disable-testable-imports --disable-xctest --quiet --filter RandomCallsTests
