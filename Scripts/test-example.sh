#!/usr/bin/env bash
# Builds Examples/Prediction, trains a LeNet for it and asks it about one image: its command, and its server over HTTP.
# Leaves nothing behind but the example's build.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}
command -v curl >/dev/null || fail 'curl is missing, which sends the requests'

swift build --quiet -c release --product yuyan
swift build --quiet -c release --package-path Examples/Prediction
example=Examples/Prediction/.build/release
.build/release/yuyan train lenet --epochs 2 --quiet --output "$scratch"
weights=$scratch/weights.safetensors

# The first test image: 784 bytes after a header of 16.
gunzip -c /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz >"$scratch/images"
head -c 800 "$scratch/images" | tail -c 784 >"$scratch/image"
"$example/classify" --weights "$weights" "$scratch/image"

"$example/serve" --weights "$weights" --port 0 >"$scratch/log" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/^listening on //p' "$scratch/log")
    [ -z "$url" ] || break
    kill -0 "$server" 2>/dev/null || fail 'the server ended at once'
    sleep 0.1
done
[ -n "$url" ] || fail 'the server did not listen within 10 s'

# expect STATUS PATTERN CURL-OPTION...: sends a request, and checks status and answer.
expect() {
    local status=$1 pattern=$2 actual
    shift 2
    actual=$(curl -s --max-time 20 -o "$scratch/answer" -w '%{http_code}' "$@")
    echo "$actual $(cat "$scratch/answer")"
    [ "$actual" = "$status" ] || fail "status $actual instead of $status for: curl $*"
    grep -qE "$pattern" "$scratch/answer" || fail "the answer does not match $pattern"
}
json=(-H 'Content-Type: application/json')
expect 200 '^ok$' "$url/health"
expect 200 '^\{"classes":\[\{"label":[0-9],"name":"[a-z -]+","probability":' --data-binary "@$scratch/image" "$url/predict"
cp "$scratch/answer" "$scratch/of-bytes"
{ echo '['; od -An -v -t u1 "$scratch/image" | tr -s ' \n' ',' | sed 's/^,//; s/,$//'; echo ']'; } >"$scratch/image.json"
expect 200 classes "${json[@]}" --data-binary "@$scratch/image.json" "$url/predict"
cmp "$scratch/answer" "$scratch/of-bytes" || fail 'bytes and JSON give different answers'
expect 400 '3 bytes; an image is' --data-binary abc "$url/predict"
expect 400 '0 bytes; an image is' -X POST "$url/predict"
expect 400 'not valid JSON' "${json[@]}" --data-binary '[1, 2' "$url/predict"
expect 400 'not a JSON array of numbers' "${json[@]}" --data-binary '{"pixels": 1}' "$url/predict"
expect 400 'an array of 2 numbers' "${json[@]}" --data-binary '[1, 2]' "$url/predict"
printf '[256%s]' "$(printf ',0%.0s' $(seq 783))" >"$scratch/bright.json"
expect 400 'number 0 is 256; a pixel is' "${json[@]}" --data-binary "@$scratch/bright.json" "$url/predict"
expect 413 'more than' --data-binary "@$scratch/images" "$url/predict"
expect 405 'with POST' "$url/predict"

# Many at once: every answer is that of the first.
seq 64 | xargs -P 8 -I{} curl -s --max-time 20 -o "$scratch/parallel-{}" --data-binary "@$scratch/image" "$url/predict"
for answer in "$scratch"/parallel-*; do
    cmp "$answer" "$scratch/of-bytes" || fail 'requests at the same time get different answers'
done
[ "$(ls "$scratch"/parallel-* | wc -l)" -eq 64 ] || fail 'not every request was answered'
echo 'The example works.'
