#!/usr/bin/env bash
# Steps of LeNet and the MLP beside programs that keep the cores busy: at normal priority, and at the lowest, as Yuyan's
# own data workers run. Prints a table for Documentation/Performance.md. Takes about two minutes; run it on an otherwise
# idle machine.
set -euo pipefail
cd "$(dirname "$0")/.."
yuyan=.build/release/yuyan
[ -x $yuyan ] || { echo "There is no $yuyan: run 'make build'." >&2; exit 1; }

hogs=()
stop() { [ ${#hogs[@]} -eq 0 ] || kill "${hogs[@]}" 2>/dev/null || true; hogs=(); }
scratch=$(mktemp -d)
trap 'stop; rm -rf "$scratch"' EXIT

# row NAME HOGS NICENESS
row() {
    for _ in $(seq "$2"); do
        nice -n "$3" sh -c 'while :; do :; done' &
        hogs+=($!)
    done
    local cells=
    for threads in 2 1; do
        $yuyan bench --workloads mlp,lenet --threads $threads --seconds 3 --json "$scratch/steps.json" >/dev/null
        for workload in mlp lenet; do
            cells+=" $(awk -v name="\"$workload\"" \
                '/"ms" :/ { found = 1 } found && $1 == name { printf "%.3g", $3; exit }' "$scratch/steps.json") |"
        done
    done
    stop
    printf '| %s |%s\n' "$1" "$cells"
}

echo '| beside, ms a step | mlp, 2 threads | lenet, 2 threads | mlp, 1 thread | lenet, 1 thread |'
echo '| --- | ---: | ---: | ---: | ---: |'
row 'nothing' 0 0
row '1 busy program' 1 0
row '2 busy programs' 2 0
row '6 busy programs' 6 0
row '2 busy programs, nice 19' 2 19
