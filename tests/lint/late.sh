#!/bin/sh
# Every function of the library is known to the program without loading it, or has a line in cli/late.c, and those of
# libcurl have theirs in cli/late_curl.c: else the program would wait for FFmpeg, or for what libcurl brings, before it
# prints a page of help. TAP. usage: late.sh PROGRAM
set -u
if ! command -v nm >/dev/null; then
    echo 'ok 1 - the program needs nothing of the library at its start # SKIP there is no nm'
else
    missing=$(nm -D --undefined-only "$1" | awk '$2 ~ /^(bk|curl)_/ { print $2 }')
    [ -z "$missing" ] || printf 'not '
    echo 'ok 1 - the program needs nothing of the library at its start'
    for name in $missing; do echo "# a line in cli/late.c or late_curl.c is missing: $name"; done
fi
echo 1..1
[ -z "${missing:-}" ]
