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

# LAPACK, which the program opens when it needs it, and what that needs: Debian's own files, whatever else is installed.
arch=$(dpkg --print-architecture)
shipped=()
ship() {
    local library=$1 package=$2 file version
    file=$(dpkg-query -L "$package:$arch" 2>/dev/null | grep "/${library//./\\.}\$" | head -n 1) || {
        echo "$library is not here; \`apt-get install $package\` provides it." >&2
        exit 1
    }
    version=$(dpkg-query -W -f '${Version}' "$package:$arch")
    install -D -m 644 "$(readlink -f "$file")" "$folder/lib/yuyan/$library"
    install -D -m 644 "/usr/share/doc/$package/copyright" "$folder/share/doc/yuyan/licenses/$package.txt"
    shipped+=("$library $package $version")
}
ship liblapack.so.3 liblapack3
ship libblas.so.3 libblas3
ship libgfortran.so.5 libgfortran5
# Fortran has its own quadruple precision on some processors only.
! readelf -d "$folder/lib/yuyan/libgfortran.so.5" | grep -q libquadmath || ship libquadmath.so.0 libquadmath0
for license in GPL-3 LGPL-2.1; do
    install -m 644 "/usr/share/common-licenses/$license" "$folder/share/doc/yuyan/licenses/$license.txt"
done

packages=$(Scripts/list-libraries.sh --packages "$program" | tr '\n' ' ')
packages=${packages% }
. /etc/os-release
{
    echo "The system libraries that yuyan $version was linked with on ${PRETTY_NAME:-$ID}, and their packages there."
    echo 'A library that is "indirect" is needed by another one of them, and comes with its package.'
    echo
    Scripts/list-libraries.sh "$program"
    echo
    echo 'Unchanged from these packages in lib/yuyan, and opened when matrices are factorized; `apt-get source PACKAGE`'
    echo 'fetches their sources, and their licences are in share/doc/yuyan/licenses.'
    echo
    printf '%s\n' "${shipped[@]}" | awk '{ printf "%-32s %-20s %s\n", $1, $2, $3 }'
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
