#!/usr/bin/env bash
# Runs all labs at full size with three seeds, and writes Documentation/Labs/Seeds.md: how many claims hold in each.
set -euo pipefail
cd "$(dirname "$0")/.."

yuyan=.build/release/yuyan
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
seeds=(0 1 2)
for seed in "${seeds[@]}"; do
    LANGUAGE=en COLUMNS=80 $yuyan lab run --all --seed "$seed" --output "$scratch/$seed" | tee "$scratch/$seed.txt" || true
done

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
instructions=AVX2
grep -qw avx512f /proc/cpuinfo && instructions=AVX-512
{
    echo '# The labs with three seeds'
    echo
    echo 'Of each lab, how many of its claims hold at full size, and the seconds that it takes. Written by `Scripts/lab-seeds.sh` on'
    echo "$(nproc) cores of an $processor with $instructions; one seed is \`yuyan lab run --all --seed 1\`."
    echo
    echo '| Lab | Seed 0 | Seed 1 | Seed 2 | Time |'
    echo '|---|---:|---:|---:|---:|'
    awk '$1 == "PASS" || $1 == "FAIL" { if (!($2 in seen)) { seen[$2] = 1; order[++n] = $2 } held[$2] = held[$2] " | " $3; time[$2] = $4 " " $5 }
        END { for (i = 1; i <= n; i++) print "| `" order[i] "`" held[order[i]] " | " time[order[i]] " |" }' \
        "$scratch"/{0,1,2}.txt
} >Documentation/Labs/Seeds.md
