#!/usr/bin/env bash
# Opens each page of Documentation/Labs, or of another folder, in headless Chromium as wide as a phone and as a desktop: nothing
# may be wider than the window, and every picture must load.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath "${1:-Documentation/Labs}")
command -v chromium >/dev/null || { echo 'check-pages.sh needs chromium: apt-get install chromium' >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ln -s "$folder"/*/ "$scratch"

# The page stands in a frame of the width, because Chromium's windows have at least 500 pixels, and tells how wide it is and
# how many pictures it lacks.
cat >"$scratch/script" <<'HTML'
<script>addEventListener("load", () => parent.postMessage(
  [document.documentElement.scrollWidth, [...document.images].filter(i => i.naturalWidth == 0).length].join(" "), "*"));
</script>
HTML
for width in 390 1280; do
    cat >"$scratch/frame$width.html" <<HTML
<body><script>addEventListener("message", e => { document.body.dataset.check = e.data; });</script>
<iframe src="page.html" width="$width" height="900" style="border: 0"></iframe>
HTML
done

faults=0 count=0
for page in "$folder"/*.html; do
    sed 's/ loading="lazy"//' "$page" | cat - "$scratch/script" >"$scratch/page.html"
    for width in 390 1280; do
        found=$(chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1300,900 --dump-dom \
            "file://$scratch/frame$width.html" 2>/dev/null | sed -n 's/.*data-check="\([0-9]* [0-9]*\)".*/\1/p' | head -1)
        count=$((count + 1))
        if [ -z "$found" ] || [ "${found% *}" -gt "$width" ] || [ "${found#* }" != 0 ]; then
            echo "$(basename "$page") at $width px: width ${found% *}, ${found#* } pictures missing" >&2
            faults=$((faults + 1))
        fi
    done
done
echo "$count views checked, $faults faults"
[ $faults -eq 0 ]
