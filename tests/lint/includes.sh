#!/bin/sh
# Holds the table of who may include whom (doc/tour.md). TAP. Run from the root of the sources.
set -u
n=0 failed=0
check() { # folder, extended regular expression of the folders it may include
    n=$((n + 1))
    bad=$(grep -nE '^#include "' "$1"/*.[ch] | grep -vE "#include \"($2)/" | grep -vE '#include "[a-z0-9_]+\.h"' || true)
    if [ -z "$bad" ]; then echo "ok $n - $1 includes only $2"; else
        failed=1
        echo "not ok $n - $1 includes only $2"
        echo "$bad" | sed 's/^/# /'
    fi
}
check src/base 'base|bookend'
check src/store 'base|store|bookend'
check src/picture 'base|picture|bookend'
check src/nn 'base|nn|bookend'
check src/media 'base|media|bookend'
check src/out 'base|store|out|bookend'
check src/marks 'base|store|marks|bookend'
check src/model 'base|store|picture|nn|model|bookend'
check src/onnx 'base|store|picture|nn|model|onnx|bookend'
check src/find 'base|store|nn|marks|model|find|bookend'
check src/learn 'base|store|picture|nn|media|out|model|find|learn|bookend'
check cli 'bookend'

n=$((n + 1))
if grep -lE '#include <lib(av|sw)' -r src cli | grep -v '^src/media/'; then
    failed=1
    echo "not ok $n - only media/ sees libav*"
else echo "ok $n - only media/ sees libav*"; fi
n=$((n + 1))
if grep -lE '#include <(curl/|sys/socket|netdb|netinet/|arpa/)' -r src cli | grep -vE '^cli/(http|late_curl)\.c$'; then
    failed=1
    echo "not ok $n - only cli/http.c sees a network, and what loads libcurl for it"
else echo "ok $n - only cli/http.c sees a network, and what loads libcurl for it"; fi
echo "1..$n"
exit $failed
