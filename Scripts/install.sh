#!/usr/bin/env bash
# Installs a built `yuyan`, or removes it again. Called by `make install`, `make uninstall` and `make dist`.
#   Scripts/install.sh install BINARY FOLDER     FOLDER is a prefix such as /usr/local, DESTDIR already in front of it
#   Scripts/install.sh uninstall FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

binary=bin/yuyan
bash_completion=share/bash-completion/completions/yuyan
zsh_completion=share/zsh/site-functions/_yuyan
fish_completion=share/fish/vendor_completions.d/yuyan.fish
documents=share/doc/yuyan

usage() {
    sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# The licence of everything whose code is inside the binary.
install_licenses() {
    local checkouts=$1 folder=$2 toolchain license package
    install -D -m 644 "$root/LICENSE" "$folder/Yuyan.txt"
    install -D -m 644 "$root/Scripts/shipping/LICENSE-Unicode.txt" "$folder/Unicode-ICU.txt"
    install -D -m 644 "$root/Sources/CDatasets/ames.LICENSE" "$folder/Ames.txt"
    for package in "$checkouts"/*/; do
        for license in "$package"LICENSE*; do
            [ ! -e "$license" ] || install -D -m 644 "$license" "$folder/$(basename "$package").txt"
        done
    done
    toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift || echo /none/bin/swift)")")")
    license=$toolchain/share/swift/LICENSE.txt
    # Swift's licence is Yuyan's, with an exception that asks for nothing more.
    [ -e "$license" ] || license=$root/LICENSE
    install -D -m 644 "$license" "$folder/Swift.txt"
}

install_all() {
    local source=$1 prefix=$2 file
    # The names of functions stay, for backtraces. The two sections hold what the compiler compares between builds, which
    # is another in each build of the same sources, and a number made from it; nothing reads them afterwards.
    install -D -m 755 "$source" "$prefix/$binary"
    strip --strip-debug --remove-section=.swift_modhash --remove-section=.note.gnu.build-id "$prefix/$binary"
    for shell in bash zsh fish; do
        local variable=${shell}_completion
        file=$prefix/${!variable}
        install -d "$(dirname "$file")"
        "$source" --generate-completion-script "$shell" >"$file"
        chmod 644 "$file"
    done
    for file in README.md README.zh-CN.md CHANGELOG.md LICENSE; do
        install -D -m 644 "$root/$file" "$prefix/$documents/$file"
    done
    install_licenses "$root/.build-dist/checkouts" "$prefix/$documents/licenses"
}

uninstall_all() {
    local prefix=$1 file
    for file in "$binary" "$bash_completion" "$zsh_completion" "$fish_completion"; do
        rm -f "$prefix/$file"
    done
    rm -rf "${prefix:?}/$documents"
}

case ${1:-} in
install)
    [ $# -eq 3 ] || usage
    install_all "$2" "$3"
    ;;
uninstall)
    [ $# -eq 2 ] || usage
    uninstall_all "$2"
    ;;
*) usage ;;
esac
