#!/usr/bin/env bash
# The API reference, by DocC from the comments in the sources of the release build. Needs no network.
#   Scripts/reference.sh             writes it into .build/docs, for any web server
#   Scripts/reference.sh --serve     shows it at http://localhost:8080/documentation/yuyan until Ctrl-C
#   Scripts/reference.sh --update    also writes the page of all layers, losses and so on in Documentation/Yuyan.docc
#   Scripts/reference.sh --check     writes nothing, and fails unless that page is up to date
# Public symbols without a comment, and links to what there is not, are errors.
set -euo pipefail
cd "$(dirname "$0")/.."
build=.build/${YUYAN_BUILD:-release}
catalogue=Documentation/Yuyan.docc
page=$catalogue/Contents.md
[ -e "$build/Modules/Yuyan.swiftmodule" ] || {
    echo "There is no build in $build to document; make build makes one." >&2
    exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/graphs" "$scratch/extensions" "$scratch/joined"

# The modules in C that the others are built on.
options=()
for map in "$build"/*.build/module.modulemap Sources/*/module.modulemap; do
    options+=(-Xcc "-fmodule-map-file=$map")
done
target=$(swiftc -print-target-info | sed -n 's/^ *"unversionedTriple": "\(.*\)",$/\1/p')
options+=(-I "$build/Modules" -target "$target" -minimum-access-level public -skip-synthesized-members)
# Twice: what is added to Yuyan's own types belongs to them, what is added to Swift's needs a place of its own.
for module in $(sed -n 's/^@_exported import //p' Sources/Yuyan/Yuyan.swift Sources/YuyanCore/Exports.swift); do
    swift symbolgraph-extract -module-name "$module" "${options[@]}" -output-dir "$scratch/graphs"
    swift symbolgraph-extract -module-name "$module" "${options[@]}" -emit-extension-block-symbols \
        -output-dir "$scratch/extensions"
done
cp "$scratch"/extensions/*@Swift.symbols.json "$scratch/graphs/"
swift -swift-version 6 Scripts/reference.swift "$scratch/graphs" "$scratch/joined" "$scratch/page.md"

if [ "${1:-}" = --update ]; then
    cp "$scratch/page.md" "$page"
elif ! cmp -s "$scratch/page.md" "$page"; then
    diff "$page" "$scratch/page.md" >&2 || true
    echo "$page is not what the comments in the sources say; Scripts/reference.sh --update writes it." >&2
    exit 1
fi

output=.build/docs
case ${1:-} in --check | --serve) output=$scratch/docs ;; esac
rm -rf "$output"
arguments=(
    "$catalogue" --additional-symbol-graph-dir "$scratch/joined" --output-path "$output" --fallback-display-name Yuyan
    --fallback-bundle-identifier yuyan --fallback-default-module-kind Package
)
if [ "${1:-}" = --serve ]; then
    docc preview "${arguments[@]}"
    exit
fi
docc convert "${arguments[@]}" --warnings-as-errors
[ "${1:-}" = --check ] || echo "The reference is in $output, for any web server; 'make docs-serve' shows it."
