#!/usr/bin/env bash
# Trainings beside programs that keep the cores busy. Prints a table for Documentation/Performance.md: samples a second as
# Yuyan adapts by itself, with one thread, with waiting that never spins (OMP_WAIT_POLICY=passive) and with the spinning of
# libgomp's default, which GOMP_SPINCOUNT=300000 keeps. Each is the median of ROUNDS runs, which take turns. Takes half an
# hour; run it on an otherwise idle machine.
#   Benchmarks/loaded.sh [ROUNDS] [OTHER]      OTHER is a `yuyan` to compare with, in place of the spinning
set -euo pipefail
cd "$(dirname "$0")/.."
yuyan=.build/release/yuyan
rounds=${1:-20}
other=${2:-}
[ -x $yuyan ] || { echo "There is no $yuyan: run 'make build'." >&2; exit 1; }

hogs=()
stop() { [ ${#hogs[@]} -eq 0 ] || kill "${hogs[@]}" 2>/dev/null || true; hogs=(); }
scratch=$(mktemp -d)
trap 'stop; rm -rf "$scratch"' EXIT

# measure FILE COMMAND...: appends samples a second of a training to a file.
measure() {
    local file=$scratch/$1
    shift
    "$@" --no-save --quiet --seed 1 --json | grep -o '"samples_per_second":[0-9.]*' | awk -F: '
        { seconds += 1 / $2; epochs++ }
        END { printf "%.0f\n", epochs / seconds }' >>"$file"
}
# whole PROGRAM: the options by which it trains on all samples, as a version without validation does by itself.
whole() { ! "$1" train --help | grep -q -e --validation-fraction || echo --validation-fraction 0; }
median() { sort -n "$scratch/$1" | awk '{ x[NR] = $1 } END { print int((x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2) }'; }

# row NAME HOGS WORKERS MODEL OPTION...
row() {
    local name=$1 count=$2 workers=$3 model=$4 number
    shift 4
    local train=(train "$model" "$@" --workers "$workers")
    rm -f "$scratch"/{own,one,passive,other}
    for _ in $(seq "$count"); do
        # It ends by itself if this script cannot end it.
        sh -c 'ulimit -t 3600; while :; do :; done' &
        hogs+=($!)
    done
    sleep 0.3
    for _ in $(seq "$rounds"); do
        measure own $yuyan "${train[@]}" --validation-fraction 0
        if [ -n "$other" ]; then
            measure other "$other" "${train[@]}" $(whole "$other")
        else
            measure other env GOMP_SPINCOUNT=300000 $yuyan "${train[@]}" --validation-fraction 0
        fi
        measure one $yuyan "${train[@]}" --validation-fraction 0 --threads 1
        measure passive env OMP_WAIT_POLICY=passive $yuyan "${train[@]}" --validation-fraction 0
    done
    stop
    wait 2>/dev/null || true
    echo "$(median own) $(median one) $(median passive) $(median other)" | awk -v start="| $model | $name | $workers |" '{
        best = $2 > $3 ? $2 : $3
        printf "%s %d | %d | %d | %d | %.2f | %.2f |\n", start, $1, $2, $3, $4, best / $1, $4 / $1 }'
}

label=spinning
[ -z "$other" ] || label='other build'
echo "| training | beside | workers | Yuyan | one thread | passive | $label | better of those two / Yuyan | $label / Yuyan |"
echo '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |'
for beside in 'nothing:0' '1 busy program:1' '2 busy programs:2'; do
    for workers in 0 1 2; do
        row "${beside%:*}" "${beside#*:}" "$workers" lenet --epochs 2 --limit 4000
        row "${beside%:*}" "${beside#*:}" "$workers" mlp --epochs 6 --limit 20000
    done
done
