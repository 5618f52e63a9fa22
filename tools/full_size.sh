#!/bin/sh
# The notebook's model at its full size (16 layers of 512 numbers, 16 heads, 2048 hidden), trained from nothing on shows
# of the generator and judged on one that it never saw: usage: full_size.sh BOOKEND DIR. About 12 minutes on two idle
# cores; stopped, the same command goes on. The figures of one run are in bench/RESULTS.md.
set -eu
bookend=$1 dir=$2
test -f "$dir/shows/labels.csv" ||
    "$bookend" compose --episodes 48 --shows 3 --openings logo,title_card,montage --credits cards_black,roll_black,cards_art \
        --clean --min-seconds 110 --max-seconds 170 --seed 7 --tracks --out "$dir/shows"
"$bookend" train --labels "$dir/shows/labels.csv" --embeddings "$dir/shows" --val-shows show2 \
    --layers 16 --width 512 --heads 16 --mlp 2048 --batch 8 --epochs 8 --out "$dir/head.safetensors"
"$bookend" eval --labels "$dir/shows/labels.csv" --embeddings "$dir/shows" --shows show2 --head "$dir/head.safetensors" \
    --out "$dir/report"
