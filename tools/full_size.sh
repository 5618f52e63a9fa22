#!/bin/sh
# The notebook's model at its full size (16 layers of 512 numbers, 16 heads, 2048 hidden), trained from nothing on
# shows of the generator and judged on one that it never saw: usage: full_size.sh BOOKEND DIR. About 15 minutes on
# two idle cores; stopped, the same command goes on. The figures of one run are in bench/RESULTS.md.
set -eu
bookend=$1 shows=$2/shows head=$2/head.safetensors report=$2/report
test -f "$shows/labels.csv" ||
    "$bookend" compose --episodes 48 --shows 3 --seed 7 --min-seconds 110 --max-seconds 170 --clean --tracks \
        --openings logo,title_card,title_card --credits cards_black,roll_black,cards_art --out "$shows"
"$bookend" train --labels "$shows/labels.csv" --embeddings "$shows" --val-shows show2 \
    --layers 16 --width 512 --heads 16 --mlp 2048 --batch 8 --epochs 6 --out "$head"
"$bookend" eval --labels "$shows/labels.csv" --embeddings "$shows" --shows show2 --head "$head" --out "$report"
