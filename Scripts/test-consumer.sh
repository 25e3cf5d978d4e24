#!/usr/bin/env bash
# Builds and runs Tests/Consumer, a package that depends on Yuyan as any other package would: by URL and version. The
# version is a tag on a clone in a scratch folder, so only committed changes take part. Leaves nothing behind.
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
git -C "$scratch/Yuyan" tag 0.1.0

cp -r "$root/Tests/Consumer" "$scratch/Consumer"
cd "$scratch/Consumer"
sed "s|@YUYAN_URL@|file://$scratch/Yuyan|" Package.swift.template >Package.swift

# Caches of the scratch clone would otherwise pile up in the user's home.
options=(-c release --cache-path "$scratch/cache" --security-path "$scratch/security")
swift build --quiet "${options[@]}"
output=$(swift run --quiet --skip-build "${options[@]}" consumer)
printf '%s\n' "$output"

# The last line is 'final loss: NUMBER', and the line must have been learned.
awk '/^final loss: / { found = 1; learned = $3 + 0 < 0.001 && $3 ~ /^[0-9.e-]+$/ } END { exit !(found && learned) }' \
    <<<"$output" || {
    echo 'The consumer printed no final loss below 0.001.' >&2
    exit 1
}
