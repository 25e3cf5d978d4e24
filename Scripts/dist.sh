#!/usr/bin/env bash
# Packs a built `yuyan` into dist/yuyan-VERSION-linux-ARCH.tar.gz. Called by `make dist`.
#   Scripts/dist.sh BINARY
# The same sources, toolchain and folder give the same bytes: order, owners and times are fixed, the time being that of
# the last commit (or SOURCE_DATE_EPOCH).
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] && [ -x "$1" ] || {
    sed -n '3s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
program=$1

version=$("$program" --version)
name=yuyan-$version-linux-$(uname -m)
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
commit=$(git rev-parse --short=12 HEAD)
if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    echo 'Note: there are changes that are not committed; they are in the tarball.' >&2
    commit="$commit, with changes that were not committed"
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
folder=$stage/$name
Scripts/install.sh install "$program" "$folder"
packages=$(Scripts/list-libraries.sh --packages "$program" | tr '\n' ' ')
packages=${packages% }
. /etc/os-release
{
    echo "The system libraries that yuyan $version was linked with on ${PRETTY_NAME:-$ID}, and their packages there."
    echo 'A library that is "indirect" is needed by another one of them, and comes with its package.'
    echo
    Scripts/list-libraries.sh "$program"
} >"$folder/LIBRARIES.txt"
sed -e "s|@VERSION@|$version|g" -e "s|@NAME@|$name|g" -e "s|@PACKAGES@|$packages|g" -e "s|@COMMIT@|$commit|g" \
    -e "s|@SYSTEM@|${PRETTY_NAME:-$ID}|g" Scripts/shipping/README.txt >"$folder/README.txt"
printf '%s\n' $packages >"$folder/packages.txt"

mkdir -p dist
archive=dist/$name.tar.gz
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --format=gnu -C "$stage" -cf - "$name" \
    | gzip -9 -n >"$archive.tmp"
mv "$archive.tmp" "$archive"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$archive  $(du -h "$archive" | cut -f 1)"
