#!/usr/bin/env bash
# Generates Sources/TensorBoardEvents/events.pb.swift from events.proto. Needs protoc (protobuf-compiler in Debian) and a
# checkout of the packages (`swift package resolve`); the plugin is built in a scratch folder.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp -r .build/checkouts/swift-protobuf "$scratch/swift-protobuf"
swift build --package-path "$scratch/swift-protobuf" --product protoc-gen-swift --quiet
protoc --proto_path=Sources/TensorBoardEvents events.proto \
    --plugin=protoc-gen-swift="$scratch/swift-protobuf/.build/debug/protoc-gen-swift" \
    --swift_opt=Visibility=Package --swift_out=Sources/TensorBoardEvents
