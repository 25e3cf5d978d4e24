#!/usr/bin/env bash
# Builds and runs Tests/Consumer, a package that depends on Yuyan as any other package would: by URL and version. The
# version is a tag on a clone in a scratch folder, so only committed changes take part. One of its programs uses all of
# Yuyan, the other tensors and layers alone, which must not be linked with the rest. A copied lab is built and run, too.
# Leaves nothing behind.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# CI often checks out as another user than the one who builds, which git refuses unless told otherwise. The settings of
# the user stay in force.
cat >"$scratch/gitconfig" <<CONFIG
[include]
    path = ${GIT_CONFIG_GLOBAL:-${HOME:-}/.gitconfig}
[include]
    path = ${XDG_CONFIG_HOME:-${HOME:-}/.config}/git/config
[safe]
    directory = *
[advice]
    detachedHead = false
CONFIG
export GIT_CONFIG_GLOBAL=$scratch/gitconfig

if [ -n "$(git -C "$root" status --porcelain --untracked-files=no)" ]; then
    echo 'Note: there are changes that are not committed; the consumer is built without them.' >&2
fi
git clone --quiet --no-tags "file://$root" "$scratch/Yuyan"
version=$(sed -n 's/^public let currentYuyanVersion = "\(.*\)"$/\1/p' "$scratch/Yuyan/Sources/YuyanTraining/Runs/Version.swift")
git -C "$scratch/Yuyan" tag "$version"

cp -r "$root/Tests/Consumer" "$scratch/Consumer"
cd "$scratch/Consumer"
sed -e "s|@YUYAN_URL@|file://$scratch/Yuyan|" -e "s|@YUYAN_VERSION@|$version|" Package.swift.template >Package.swift

# A lab that a learner has copied. It is compiled as a part of this package, which is sooner done than one more build.
"$root/.build/release/yuyan" lab copy linreg-scratch --package "file://$scratch/Yuyan" --output "$scratch/lab"
swift package --package-path "$scratch/lab" dump-package >/dev/null
cp -r "$scratch/lab/Sources" Sources/linreg-scratch

# Caches of the scratch clone would otherwise pile up in the user's home.
options=(-c release --cache-path "$scratch/cache" --security-path "$scratch/security")
swift build --quiet "${options[@]}"
programs=$(swift build --quiet "${options[@]}" --show-bin-path)

# learn PROGRAM: runs it. Its last line is 'final loss: NUMBER', and the line must have been learned.
learn() {
    local output
    output=$("$programs/$1")
    printf '%s\n' "$output"
    awk '/^final loss: / { found = 1; learned = $3 + 0 < 0.001 && $3 ~ /^[0-9.e-]+$/ } END { exit !(found && learned) }' \
        <<<"$output" || {
        echo "The program $1 printed no final loss below 0.001." >&2
        exit 1
    }
}
learn consumer
learn tensors
"$programs/linreg-scratch" --seed 1 --output "$scratch/labs"
[ -s "$scratch/labs/linreg-scratch.zh.html" ]

# parts PROGRAM: those parts of Yuyan that not every program needs and this one is linked with, in code or as libraries.
parts() {
    local libraries symbols part
    libraries=$(objdump -p "$programs/$1" | awk '$1 == "NEEDED" { print $2 }')
    symbols=$(nm --format=just-symbols "$programs/$1")
    for part in libpng libturbojpeg libz libzip libisal; do
        ! grep -q "^$part[0-9]*\.so" <<<"$libraries" || echo "$part"
    done
    for part in SwiftProtobuf Mustache SwiftCSV YuyanData YuyanPlot YuyanTraining; do
        # A mangled name has the module's with its length in front.
        ! grep -q "\$s${#part}$part" <<<"$symbols" || echo "$part"
    done
}
all='libpng libturbojpeg libz libzip libisal SwiftProtobuf Mustache SwiftCSV YuyanData YuyanPlot YuyanTraining'
# The first shows that the second would be found.
found=$(parts consumer | paste -sd' ')
[ "$found" = "$all" ] || {
    echo "Yuyan is linked with '$found' instead of '$all': Scripts/test-consumer.sh must look for what is there." >&2
    exit 1
}
found=$(parts tensors | paste -sd' ')
[ -z "$found" ] || {
    echo "A program that uses tensors alone is linked with $found." >&2
    exit 1
}
echo 'A program that uses tensors alone is linked with nothing else.'
