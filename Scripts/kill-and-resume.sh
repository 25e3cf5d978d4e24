#!/usr/bin/env bash
# Kills trainings at random moments (SIGKILL), resumes each until it is done, and compares weights, numbers and test
# results with those of one that nobody disturbed: not a byte may differ.
#   Scripts/kill-and-resume.sh [KILLS] [MODEL…]      20 kills of lenet and of mlp, unless said otherwise
# Options for the trainings are in ARGS; these train on 6,000 images with --patience unless it is set. Networks with 3×3
# convolutions need --deterministic there: their kernels are chosen by timing, in each training anew.
set -euo pipefail
cd "$(dirname "$0")/.."

yuyan=$PWD/.build/release/yuyan
kills=${1:-20}
models=("${@:2}")
[ ${#models[@]} -gt 0 ] || models=(lenet mlp)
read -r -a options <<<"${ARGS:---limit 6000 --epochs 6 --patience 2 --momentum 0.5 --learning-rate 0.3 --workers 1 --checkpoint-every 7steps}"
[ -x "$yuyan" ] || { echo "There is no $yuyan: run 'make build'." >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# wait_for PID MILLISECONDS: waits so long, or until the process has ended.
wait_for() {
    local end=$(($(date +%s%3N) + $2))
    while kill -0 "$1" 2>/dev/null && [ "$(date +%s%3N)" -lt $end ]; do sleep 0.005; done
}

for model in "${models[@]}"; do
    start=$(date +%s%3N)
    "$yuyan" train "$model" "${options[@]}" --output "$scratch/$model" --quiet >/dev/null
    length=$(($(date +%s%3N) - start))
    killed=0 resumed=0 runs=0
    while [ $killed -lt "$kills" ]; do
        run=$scratch/$model-$runs
        runs=$((runs + 1))
        while true; do
            if [ -e "$run/checkpoints/last.safetensors" ]; then
                command=(train --resume "$run" --quiet)
                resumed=$((resumed + 1))
            else
                rm -rf "$run"
                command=(train "$model" "${options[@]}" --output "$run" --quiet)
            fi
            "$yuyan" "${command[@]}" >/dev/null &
            child=$!
            if [ $killed -lt "$kills" ]; then
                wait_for $child $((RANDOM % (length * 6 / 10 + 1)))
                kill -KILL $child 2>/dev/null || true
            fi
            status=0
            wait $child 2>/dev/null || status=$?
            if [ $status -eq 0 ]; then break; fi
            if [ $status -ne 137 ]; then echo "$model: resumed after $killed kills, it failed" >&2; exit 1; fi
            killed=$((killed + 1))
        done
        for file in weights.safetensors metrics.csv test.csv; do
            cmp "$scratch/$model/$file" "$run/$file"
        done
        rm -rf "$run"
    done
    echo "$model: killed $killed times and resumed $resumed times in $runs runs of $length ms: the same bytes"
done
