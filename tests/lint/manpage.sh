#!/bin/sh
# The manual page against the program's own table of options: what the table has the page explains in the section of
# that command, and the other way round. TAP. usage: manpage.sh PROGRAM PAGE
set -u
program=$1 page=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 failed=0

# check STATUS NAME: one line of TAP; 0 holds.
check() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        failed=$((failed + 1))
    fi
}

# The options of the section, one "--NAME" a line: those at the head of an entry.
described() {
    awk -v want="$1" '
        /^\.S[hs] / { title = substr($0, 5); gsub(/\\/, "", title); here = title == want }
        here && /^\.It / { for (i = 2; i < NF; i++) if ($i == "Fl" && $(i + 1) ~ /^-[a-z]/) print "-" $(i + 1) }
    ' "$page" | tr -d , | sort -u
}

"$program" --list-options >"$dir/all"
check $? 'the program lists its options'
[ -s "$dir/all" ]
check $? 'the list is not empty'

# options_of COMMAND: the table's, one "--NAME" a line.
options_of() { awk -v c="$1" '{ name = $NF; sub(/ ?[^ ]+$/, ""); if ($0 == c) print name }' "$dir/all" | sort -u; }

described 'Options of every command' >"$dir/common"
awk '{ sub(/ ?[^ ]+$/, ""); print }' "$dir/all" | uniq >"$dir/commands"
while IFS= read -r command; do
    title="bookend $command" common="$dir/common"
    [ -n "$command" ] || { title='Options before any command' common=/dev/null; }
    options_of "$command" >"$dir/table"
    described "$title" | sort -u - "$common" >"$dir/page"
    comm -3 "$dir/table" "$dir/page" >"$dir/difference"
    [ ! -s "$dir/difference" ]
    check $? "$title: the page has the options that the table has"
    sed 's/^	/# only in the page: /; s/^--/# only in the table: --/' "$dir/difference"
done <"$dir/commands"

if command -v mandoc >/dev/null; then
    mandoc -Tlint -Wstyle "$page" >"$dir/lint" 2>/dev/null
    check $? 'mandoc finds nothing to mend'
    sed 's/^/# /' "$dir/lint"
else
    n=$((n + 1))
    echo "ok $n - mandoc finds nothing to mend # SKIP there is no mandoc"
fi
echo "1..$n"
[ "$failed" -eq 0 ]
