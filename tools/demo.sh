#!/bin/sh
# The demo: bookend on a film, or on a short episode with the truth, which the generator composes on the spot: opening
# credits over moving pictures, a roll over a still one.
set -eu
build=$1 video=${2:-}
if [ -n "$video" ]; then
    exec "$build/bookend" detect "$video"
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/bookend-demo.XXXXXX")
trap 'rm -rf "$dir"' EXIT INT TERM
echo "Composing a short episode ..." >&2
"$build/bookend" compose --out "$dir" --episodes 1 --seed 7 --min-seconds 80 --max-seconds 110 --width 640 --height 360 --fps 24 \
    --openings over_footage --credits roll_art --quiet
film=$dir/show000_e0000.mp4
"$build/bookend" detect "$film"
echo
echo "The truth, from the generator that composed it:"
sed 's/.*"start_main":\([0-9.]*\).*"end_main":\([0-9.]*\).*/  the story begins at \1 s and ends at \2 s/' "$dir/truth.jsonl"
