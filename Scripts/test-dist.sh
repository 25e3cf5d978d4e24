#!/usr/bin/env bash
# Tries the tarball of `make dist` where there is no Swift: in a bare Debian 12, made for it by debootstrap and thrown
# away afterwards. Takes about two minutes and 700 MB in the folder for temporary files; needs root, and Debian's archive.
#   Scripts/test-dist.sh [TARBALL]
# YUYAN_DEBIAN_MIRROR names another archive than http://deb.debian.org/debian. The exit status is 77 if this machine
# cannot make a Debian, and 1 if the tarball is at fault.
set -euo pipefail
cd "$(dirname "$0")/.."
mirror=${YUYAN_DEBIAN_MIRROR:-http://deb.debian.org/debian}

cannot() {
    printf 'The tarball was NOT tried: %s\n' "$1" >&2
    exit 77
}
fail() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}

if [ $# -gt 0 ]; then
    archive=$1
else
    archives=(dist/yuyan-*-linux-"$(uname -m)".tar.gz)
    [ ${#archives[@]} -eq 1 ] || fail "several tarballs in dist; name one of them: ${archives[*]}"
    archive=${archives[0]}
fi
[ -f "$archive" ] || fail "there is no tarball $archive; \`make dist\` makes one"

[ "$(id -u)" -eq 0 ] || cannot 'making a Debian needs root; run `sudo make test-dist`'
command -v debootstrap >/dev/null || cannot 'debootstrap is missing; `apt-get install debootstrap` provides it'

# In a mount namespace of its own, so that the mounts below are gone when this script is, however it ends.
if [ -z "${YUYAN_IN_NAMESPACE:-}" ]; then
    unshare --mount true 2>/dev/null || cannot 'this machine allows no mounts (a container without CAP_SYS_ADMIN?)'
    YUYAN_IN_NAMESPACE=1 exec unshare --mount "$0" "$archive"
fi

scratch=$(mktemp -d)
debian=$scratch/debian
trap 'umount "$debian/proc" 2>/dev/null || true; rm -rf --one-file-system "$scratch"' EXIT
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$debian" "$@"; }

echo "Making a bare Debian 12 from $mirror"
debootstrap --variant=minbase bookworm "$debian" "$mirror" >"$scratch/log" 2>&1 || {
    tail -n 5 "$scratch/log" >&2
    cannot "debootstrap failed; is $mirror within reach?"
}
mount -t proc proc "$debian/proc"

tar -xf "$archive" -C "$debian/opt"
folder=$(ls "$debian/opt")
packages=$(cat "$debian/opt/$folder/packages.txt")
echo "Installing what the tarball lists:" $packages dataset-fashion-mnist
inside sh -c 'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"' \
    sh $packages dataset-fashion-mnist >"$scratch/log" 2>&1 || {
    tail -n 5 "$scratch/log" >&2
    if grep -q 'Unable to locate package' "$scratch/log"; then fail 'a package of packages.txt does not exist'; fi
    cannot 'the packages could not be fetched'
}

# That no Swift helps: neither a toolchain nor a runtime library is there.
found=$(find "$debian" -xdev \( -name 'libswift*' -o -name 'libFoundation*' -o -name swift -o -name swiftc \) -print -quit)
[ -z "$found" ] || fail "there is a Swift in the bare Debian: ${found#"$debian"}"

yuyan() {
    printf '\n$ yuyan %s\n' "$*"
    inside "/opt/$folder/bin/yuyan" "$@" || fail "yuyan $* ended with status $?"
}
yuyan --version
found=$(find "$debian" -xdev -name 'liblapack*' -not -path "$debian/opt/*" -print -quit)
[ -z "$found" ] || fail "there is a LAPACK in the bare Debian: ${found#"$debian"}"
inside "/opt/$folder/bin/yuyan" info --json | grep -qF "/opt/$folder/lib/yuyan/liblapack.so.3" \
    || fail 'the LAPACK of the tarball is not found'
yuyan summary lenet
yuyan train linear-regression
yuyan train lenet --epochs 1 --limit 2000 --output /tmp/run
[ -s "$debian/tmp/run/weights.safetensors" ] || fail 'yuyan train lenet wrote no weights'
inside bash -n "/opt/$folder/share/bash-completion/completions/yuyan" || fail 'the completions for bash are broken'
printf '\n%s works in a bare Debian 12 without Swift.\n' "$(basename "$archive")"
