#!/usr/bin/env bash
# Counts the instructions and memory allocations of small training steps, and compares them with the thresholds in
# Benchmarks/Thresholds/<Swift version>.json: at most 5% more instructions and not one more allocation; tensor memory
# is never taken from the system by a warm step. Counts, unlike times, are the same on a busy machine.
#   --update   stores the counts as the new thresholds
# Valgrind shows the program one and the same processor, with AVX2, whatever the machine has beyond that.
set -euo pipefail
cd "$(dirname "$0")/.."

yuyan=.build/release/yuyan
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
thresholds=Benchmarks/Thresholds/$version.json
# A workload, and how many of its steps are counted.
workloads=(linear-regression:400 softmax-regression:20 mlp:4 dropout-mlp:4 lenet:2)

say() { printf '%s\n' "$*" >&2; }
[ -x $yuyan ] || { say "There is no $yuyan: run 'make build'."; exit 1; }
grep -qw avx2 /proc/cpuinfo || { say 'Not counted: the thresholds are for processors with AVX2.'; exit 0; }
if [ "${1:-}" != --update ] && [ ! -e "$thresholds" ]; then
    say "Not counted: there are no thresholds for Swift $version. Scripts/check-counts.sh --update stores them."
    exit 0
fi
if ! command -v valgrind >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends valgrind >/dev/null
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Valgrind cannot read all debug information that Swift writes.
strip --strip-debug -o "$scratch/yuyan" $yuyan
# One thread, so that nobody waits in a loop; nothing that differs from run to run.
export OMP_NUM_THREADS=1 DNNL_MAX_CPU_ISA=AVX2 SWIFT_DETERMINISTIC_HASHING=1 YUYAN_DEVICE=cpu

# count WORKLOAD STEPS: prints instructions, allocations, and blocks of tensor memory taken from the system.
count() {
    local profile=$scratch/$1.$2 blocks
    blocks=$(valgrind --quiet --tool=callgrind --callgrind-out-file="$profile" \
        "$scratch/yuyan" bench --workloads "$1" --threads 1 --steps "$2" 2>"$profile.log" \
        | sed -n 's/.* \([0-9]*\) blocks from the system/\1/p')
    [ -n "$blocks" ] || { say "$1 failed under valgrind:"; cat "$profile.log" >&2; return 1; }
    # Calls of the allocating functions: "cfn=(id) name" (the name only the first time), then "calls=count …".
    awk -v blocks="$blocks" '
        /^c?fn=/ {
            id = $1; sub(/^c?fn=/, "", id)
            if (NF > 1) name[id] = $2
            callee = $1 ~ /^cfn/ ? name[id] : ""
        }
        /^calls=/ && callee ~ /^(malloc|calloc|realloc|posix_memalign|aligned_alloc|memalign)$/ {
            calls = $1; sub(/^calls=/, "", calls); allocations += calls
        }
        /^(summary|totals):/ { instructions = $2 }
        END { printf "%.0f %d %d\n", instructions, allocations, blocks }' "$profile"
}

# stored WORKLOAD KEY: a number from the thresholds, which this script writes one workload a line.
stored() { sed -n "s/.*\"$1\":.*\"$2\": \([0-9]*\).*/\1/p" "$thresholds"; }

faults=0
lines=()
printf '%-20s %14s %14s %12s %10s\n' 'per step' instructions threshold allocations threshold
for entry in "${workloads[@]}"; do
    name=${entry%:*} steps=${entry#*:}
    # What the first steps do once is in both counts, which are taken at the same time.
    count "$name" "$steps" >"$scratch/first" &
    count "$name" $((2 * steps)) >"$scratch/second"
    wait $!
    read -r instructions1 allocations1 blocks1 <"$scratch/first"
    read -r instructions2 allocations2 blocks2 <"$scratch/second"
    instructions=$(((instructions2 - instructions1) / steps))
    allocations=$(((allocations2 - allocations1 + steps / 2) / steps))
    lines+=("    \"$name\": { \"instructions\": $instructions, \"allocations\": $allocations }")
    if [ "$blocks1" -ne "$blocks2" ]; then
        say "$name: steps $((steps + 1)) to $((2 * steps)) took $((blocks2 - blocks1)) blocks of tensor memory"
        faults=$((faults + 1))
    fi
    if [ "${1:-}" = --update ]; then
        printf '%-20s %14d %14s %12d %10s\n' "$name" "$instructions" '' "$allocations" ''
        continue
    fi
    most_instructions=$(stored "$name" instructions) most_allocations=$(stored "$name" allocations)
    printf '%-20s %14d %14d %12d %10d\n' "$name" "$instructions" "$most_instructions" "$allocations" "$most_allocations"
    if [ $((instructions * 100)) -gt $((most_instructions * 105)) ]; then
        say "$name: over 5% more instructions than the threshold"
        faults=$((faults + 1))
    fi
    if [ "$allocations" -gt "$most_allocations" ]; then
        say "$name: more allocations than the threshold"
        faults=$((faults + 1))
    fi
done

if [ "$faults" -gt 0 ]; then
    say "$faults faults. If the change is worth it: Scripts/check-counts.sh --update"
    exit 1
fi
if [ "${1:-}" = --update ]; then
    mkdir -p "$(dirname "$thresholds")"
    {
        echo '{'
        for index in "${!lines[@]}"; do
            [ "$index" -eq $((${#lines[@]} - 1)) ] && echo "${lines[$index]}" || echo "${lines[$index]},"
        done
        echo '}'
    } >"$thresholds.tmp"
    mv "$thresholds.tmp" "$thresholds"
    echo "stored in $thresholds"
fi
