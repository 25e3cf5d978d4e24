#!/usr/bin/env bash
# Compiles every block of Swift in the documents against the release build, and fails with the document's name and line.
#   Scripts/check-snippets.sh                all documents
#   Scripts/check-snippets.sh DOCUMENT...    these
# The blocks of a document are one program: each sees what those before it declare, and may declare the same anew. What a
# block needs and does not show stands in a comment in front of it, which readers do not see:
#   <!-- swift
#   let images = Tensor.zeros([1, 1, 28, 28])
#   -->
# A block that begins with "// swift-tools-version" is a package's manifest. A document without imports has those of
# Foundation and Yuyan.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
modules=$root/.build/release/Modules
[ -e "$modules/Yuyan.swiftmodule" ] || {
    echo 'There is no release build to check the documents against; make build makes one.' >&2
    exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# extract DOCUMENT NUMBER FOLDER: writes its blocks as FOLDER/document-NUMBER.swift and FOLDER/manifest-NUMBER-LINE.swift.
extract() {
    awk -v document="$1" -v number="$2" -v folder="$3" '
        function flush_program() {
            if (body == "") return
            file = folder "/document-" number ".swift"
            if (imports == "") imports = "import Foundation\nimport Yuyan\n"
            printf "%sfunc document%d() async throws {\n%s", imports, number, body >file
            for (i = 0; i <= depth; i++) print "}" >file
            close(file)
        }
        function place(line) { return sprintf("#sourceLocation(file: \"%s\", line: %d)\n", document, line) }
        function add(line) {
            if (line ~ /^import /) {
                imports = imports place(FNR) line "\n"
                line = ""
            }
            body = body line "\n"
        }
        state == "" && /^<!-- swift$/ { state = "context"; start = FNR; body = body place(FNR + 1); next }
        state == "context" && /^-->$/ { state = ""; next }
        state == "" && /^```swift$/ { state = "block"; start = FNR; manifest = ""; next }
        state == "" && /^[-*+>0-9. ]*```swift/ { print document ":" FNR ": error: a block of Swift begins with ```swift alone"; bad = 1 }
        state == "block" && FNR == start + 1 {
            if (/^\/\/ swift-tools-version/) {
                manifest = folder "/manifest-" number "-" start ".swift"
                printf "%s", place(FNR) >manifest
            } else if (hasBlock) {
                # A scope of its own, so that names may be declared anew.
                body = body "do {\n" place(FNR)
                depth++
            } else {
                body = body place(FNR)
                hasBlock = 1
            }
        }
        state == "block" && /^```$/ { state = ""; if (manifest != "") close(manifest); next }
        state == "block" && manifest != "" { print >manifest; next }
        state != "" { add($0) }
        END {
            if (state != "") { print document ":" start ": error: this is not closed"; bad = 1 }
            flush_program()
            exit bad
        }' "$1" >&2
}

# check DOCUMENT...: compiles the blocks of documents, named from here.
check() {
    local folder number=0 status=0 document
    folder=$(mktemp -d -p "$scratch")
    for document in "$@"; do
        number=$((number + 1))
        extract "$document" "$number" "$folder" || status=1
    done
    local options=(-typecheck -wmo -swift-version 6 -suppress-warnings -module-cache-path "$scratch/cache")
    local programs=("$folder"/document-*.swift) manifests=("$folder"/manifest-*.swift) map manifest
    if [ -e "${programs[0]}" ]; then
        # The modules in C that the others are built on.
        local maps=()
        for map in "$root"/.build/release/*.build/module.modulemap "$root"/Sources/*/module.modulemap; do
            maps+=(-Xcc "-fmodule-map-file=$map")
        done
        swiftc "${options[@]}" -parse-as-library -I "$modules" "${maps[@]}" "${programs[@]}" || status=1
    fi
    for manifest in "${manifests[@]}"; do
        [ -e "$manifest" ] || continue
        swiftc "${options[@]}" -package-description-version 6.1.0 -I "$manifest_api" "$manifest" || status=1
    done
    return $status
}
manifest_api=$(dirname "$(readlink -f "$(command -v swift)")")/../lib/swift/pm/ManifestAPI

if [ $# -gt 0 ]; then
    check "$@"
    exit
fi
cd "$root"
mapfile -t documents < <(find . -name '.?*' -prune -o -path ./Tests -prune -o -name '*.md' -print | sed 's|^\./||' | sort)
check "${documents[@]}" || {
    echo 'Not every block of Swift in the documents compiles.' >&2
    exit 1
}

# A check that finds nothing would pass, too.
faults=$(cd Tests/Snippets && check Broken.md 2>&1) && {
    echo 'The broken blocks of Tests/Snippets/Broken.md were taken for sound ones.' >&2
    exit 1
}
for line in 12 18 27 35; do
    grep -q "^Broken.md:$line:.*error: " <<<"$faults" || {
        printf 'The fault in line %s of Tests/Snippets/Broken.md was not found:\n%s\n' "$line" "$faults" >&2
        exit 1
    }
done
