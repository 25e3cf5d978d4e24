#!/usr/bin/env bash
# Tests the vectorized loops as a processor without AVX-512, and one without AVX2, would run them. Elsewhere the tests
# only see the copy that the machine at hand chooses.
set -euo pipefail
cd "$(dirname "$0")/.."

# A package of the backend and its tests alone, which is built in a fraction of the time of the whole.
make_package() {
    local folder=$1 instructions=$2 name
    mkdir -p "$folder/Sources" "$folder/Tests"
    for name in YuyanKernels COneDNN YuyanBackend; do ln -sfn "$PWD/Sources/$name" "$folder/Sources/$name"; done
    ln -sfn "$PWD/Tests/YuyanBackendTests" "$folder/Tests/YuyanBackendTests"
    cat >"$folder/Package.swift.new" <<EOF
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Yuyan",
    targets: [
        .target(
            name: "YuyanKernels", cSettings: [.define("YUYAN_${instructions}_ONLY")],
            linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),
        .target(name: "COneDNN", cSettings: [.define("YUYAN_ONEDNN")], linkerSettings: [.linkedLibrary("dnnl")]),
        .target(
            name: "YuyanBackend", dependencies: ["YuyanKernels", "COneDNN"], swiftSettings: [.define("OneDNN")]),
        .testTarget(
            name: "YuyanBackendTests", dependencies: ["YuyanBackend"], swiftSettings: [.define("OneDNN")]),
    ],
    swiftLanguageModes: [.v6]
)
EOF
    cmp -s "$folder/Package.swift.new" "$folder/Package.swift" || cp "$folder/Package.swift.new" "$folder/Package.swift"
    rm "$folder/Package.swift.new"
}

for instructions in AVX2 BASELINE; do
    if [ $instructions = AVX2 ] && ! grep -qw avx2 /proc/cpuinfo; then
        echo 'AVX2 is left out: this processor has none.'
        continue
    fi
    echo "Testing the loops for $instructions."
    folder=.build-instructions/$instructions
    make_package "$folder" $instructions
    swift build -c release --build-tests --quiet --package-path "$folder"
    YUYAN_DEVICE=cpu swift test -c release --skip-build --disable-testable-imports --disable-xctest --quiet \
        --package-path "$folder"
done
