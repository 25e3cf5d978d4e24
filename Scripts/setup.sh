#!/usr/bin/env bash
# Checks for Swift and installs the system packages that Yuyan needs. Silent when all is there.
#   --swift-only   checks for Swift and installs nothing
# YUYAN_SKIP_SETUP=1 skips everything, for systems that provide the libraries in their own way.
set -euo pipefail

[ -z "${YUYAN_SKIP_SETUP:-}" ] || exit 0

say() { printf '%s\n' "$*" >&2; }

if ! command -v swift >/dev/null; then
    say 'Yuyan needs Swift 6.1 or later, and there is no `swift` in PATH.'
    say 'Install it from https://www.swift.org/install/linux/ and put its usr/bin folder in PATH.'
    exit 1
fi
[ "${1:-}" != --swift-only ] || exit 0

# Names of missing packages, and a line about each.
packages=()
reasons=()
need() {
    packages+=("$1")
    reasons+=("  $1: $2")
}

# A toolchain unpacked from the archive of swift.org may still lack libraries that it is linked with. (A `swift` that is
# only a launcher has no such neighbours and looks after itself.)
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
if [ -e "$toolchain/swift-package" ]; then
    missing=$(ldd "$toolchain"/{swift-frontend,swift-package,clang,lld} 2>/dev/null | awk '/not found/ { print $1 }' | sort -u)
    for library in $missing; do
        case $library in
        libcurl.so.4) need libcurl4 'the Swift toolchain is linked with it' ;;
        libedit.so.2) need libedit2 'the Swift toolchain is linked with it' ;;
        libncurses.so.6 | libtinfo.so.6) need libncurses6 'the Swift toolchain is linked with it' ;;
        libsqlite3.so.0) need libsqlite3-0 'the Swift toolchain is linked with it' ;;
        libstdc++.so.6) need libstdc++6 'the Swift toolchain is linked with it' ;;
        libxml2.so.2) need libxml2 'the Swift toolchain is linked with it' ;;
        libz.so.1) need zlib1g 'the Swift toolchain is linked with it' ;;
        esac
    done
fi

# Tools are looked for by command, because several packages offer them.
command -v git >/dev/null || need git 'fetches the Swift packages Yuyan depends on'
command -v make >/dev/null || need make 'runs the commands of the Makefile'
command -v pkg-config >/dev/null || need pkg-config 'tells the Swift package manager where libraries are'

# Pictures: drawn by programs that several packages offer, in any font that has Chinese characters.
command -v gnuplot >/dev/null || need gnuplot-nox 'draws curves, bars, heat maps and grids of images'
command -v dot >/dev/null || need graphviz 'draws graphs'
command -v fc-list >/dev/null || need fontconfig 'knows the fonts that pictures may use'
[ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ] || need fonts-wqy-microhei 'a font for Chinese text in pictures'

# The linker wants libstdc++ and libgomp (OpenMP) of whichever GCC is installed.
runtimes=(/usr/lib/gcc/*/*/libgomp.so)
[ -e "${runtimes[0]}" ] && [ -e "$(dirname "${runtimes[-1]}")/libstdc++.so" ] \
    || need g++ 'has the C++ and OpenMP libraries that the program is linked with'

if command -v dpkg-query >/dev/null; then
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
        libdnnl-dev zlib1g-dev libpng-dev libturbojpeg0-dev libexif-dev libisal-dev libzip-dev liblapack3 dataset-fashion-mnist 2>/dev/null || true)
    has() { grep -qx "installed $1" <<<"$installed"; }
else
    # Not Debian's packages: look for the headers and the data themselves.
    has() {
        case $1 in
        libdnnl-dev) clang -E -x c - <<<'#include <oneapi/dnnl/dnnl.h>' >/dev/null 2>&1 ;;
        libexif-dev) clang -E -x c - <<<'#include <libexif/exif-data.h>' >/dev/null 2>&1 ;;
        libisal-dev) clang -E -x c - <<<'#include <isa-l/crc.h>' >/dev/null 2>&1 ;;
        liblapack3) PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q 'liblapack\.so\.3' ;;
        libpng-dev) clang -E -x c - <<<'#include <png.h>' >/dev/null 2>&1 ;;
        libturbojpeg0-dev) clang -E -x c - <<<'#include <turbojpeg.h>' >/dev/null 2>&1 ;;
        libzip-dev) clang -E -x c - <<<'#include <zip.h>' >/dev/null 2>&1 ;;
        zlib1g-dev) clang -E -x c - <<<'#include <zlib.h>' >/dev/null 2>&1 ;;
        dataset-fashion-mnist) [ -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ] ;;
        esac
    }
fi
has libdnnl-dev || need libdnnl-dev 'oneDNN, the kernels of the cpu device'
has zlib1g-dev || need zlib1g-dev 'zlib, which reads compressed data sets'
has libpng-dev || need libpng-dev 'libpng, which reads and writes PNG images'
has libturbojpeg0-dev || need libturbojpeg0-dev 'TurboJPEG, which reads JPEG images'
has libexif-dev || need libexif-dev 'libexif, which tells how to turn the JPEG images of cameras'
has libzip-dev || need libzip-dev 'libzip, which reads and writes .npz files of NumPy'
has libisal-dev || need libisal-dev 'ISA-L, the checksums of files for TensorBoard'
has liblapack3 || need liblapack3 'LAPACK, which factorizes matrices'
has dataset-fashion-mnist || need dataset-fashion-mnist 'the Fashion-MNIST images, 30 MB'

[ ${#packages[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    say 'Yuyan needs these packages, named as in Debian; install what your system calls them and try again:'
    printf '%s\n' "${reasons[@]}" >&2
    say 'If all is there but not found here, set YUYAN_SKIP_SETUP=1.'
    exit 1
fi

say 'Installing the Debian packages that Yuyan needs:'
printf '%s\n' "${reasons[@]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    # Without a terminal nobody can type a password.
    [ -t 0 ] || as_root=(sudo -n)
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
        say 'That needs root, and sudo is not to be had here. As root, run:'
        say "  apt-get update && apt-get install ${packages[*]}"
        exit 1
    fi
fi
# A failed update is shown but not fatal: the lists that are there may be enough.
"${as_root[@]}" apt-get update -qq || say 'apt-get update failed; trying to install all the same.'
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null; then
    say "apt-get could not install: ${packages[*]}"
    exit 1
fi
