#!/usr/bin/env bash
# Fails where the compiler needs more than 300 ms, or MILLISECONDS, to find the types of one expression: such lines cost
# every build, and a little more makes it give up. Needs a build, in .build/release or .build/debug, for the modules that
# each source file imports; compiles nothing itself.
#   check-expressions.sh [MILLISECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."

limit=${1:-300}
build=$(dirname "$(ls -td .build/{release,debug}/Modules 2>/dev/null | head -1)")
[ -d "$build/Modules" ] || { echo "There is no build: run 'swift build --build-tests'." >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The Swift package manager names a package by its folder.
package=$(basename "$PWD" | tr '[:upper:]' '[:lower:]' | tr -c '[:alnum:]\n' _)
options=(-swift-version 6 -package-name "$package" -parse-as-library -I $build/Modules)
for map in $build/*.build/module.modulemap; do options+=(-Xcc "-fmodule-map-file=$PWD/$map"); done
for headers in Sources/*/include; do options+=(-Xcc "-I$headers"); done
for map in Sources/*/module.modulemap; do options+=(-I "$(dirname "$map")"); done

# check FOLDER: type-checks the target in it.
check() {
    local folder=${1%/} target files
    target=$(basename "$folder")
    mapfile -t files < <(find "$PWD/$folder" -name '*.swift' -not -path '*/.build/*')
    [ ${#files[@]} -gt 0 ] && [ ! -e "$folder/Package.swift" ] || return 0
    # Resources that the build turns into Swift.
    mapfile -t -O ${#files[@]} files < <(find "$build/$target.build/DerivedSources" -name 'embedded*.swift' 2>/dev/null)
    swiftc -typecheck "${options[@]}" -module-name "$target" \
        -Xfrontend -warn-long-expression-type-checking="$limit" "${files[@]}" >"$scratch/$target" 2>&1 || {
        cat "$scratch/$target"
        return 1
    }
    if grep '^/.*warning: expression took' "$scratch/$target" | sort -u; then return 1; fi
}

# A process a core at a time, and the status of each.
folders=(Tests/*Tests/ Sources/*/ Examples/*/)
status=0
for ((first = 0; first < ${#folders[@]}; first++)); do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || status=1; done
    check "${folders[first]}" &
done
while [ "$(jobs -p | wc -l)" -gt 0 ]; do wait -n || status=1; done
exit $status
