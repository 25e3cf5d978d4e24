#!/usr/bin/env bash
# Checks that the tables of labs in README.md and README.zh-CN.md are those of `yuyan lab list --markdown`.
#   --update   writes them
set -euo pipefail
cd "$(dirname "$0")/.."

yuyan=.build/${YUYAN_BUILD:-release}/yuyan
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for file in README.md README.zh-CN.md; do
    language=en
    [ $file = README.md ] || language=zh
    LANGUAGE=$language LC_ALL=C.UTF-8 $yuyan lab list --markdown >"$scratch/table"
    awk -v table="$scratch/table" '
        /^<!-- labs -->$/ { print; print ""; while ((getline line < table) > 0) print line; print ""; inside = 1; next }
        /^<!-- end of labs -->$/ { inside = 0 }
        !inside
    ' $file >"$scratch/$file"
    if [ "${1:-}" = --update ]; then
        cat "$scratch/$file" >$file
    elif ! cmp -s "$scratch/$file" $file; then
        echo "The labs in $file are not those of the command: run Scripts/lab-table.sh --update" >&2
        exit 1
    fi
done
