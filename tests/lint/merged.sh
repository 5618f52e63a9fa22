#!/bin/sh
# No file keeps the marks of a merge that was not finished. TAP. Run from the root of the sources.
set -u
bad=$(grep -rnE '^(<{7}|>{7}) ' --include='*.[ch157]' --include='*.md' --include='*.py' --include='*.sh' --include='*.lua' \
    --include='*.build' --include='Makefile' --exclude-dir='build*' . | head -5)
if [ -z "$bad" ]; then echo "ok 1 - every merge is finished"; else
    echo "not ok 1 - every merge is finished"
    echo "$bad" | sed 's/^/# /'
fi
echo "1..1"
test -z "$bad"
