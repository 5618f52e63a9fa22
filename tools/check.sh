#!/bin/sh
# Every test: the release build's unit and end-to-end tests, then the unit tests once more under the address and
# undefined-behaviour sanitizers (with clang) and the threads' under the thread sanitizer, and the kernels for 64-bit
# ARM under qemu, where that and the cross compiler are installed. The last line is the tally.
set -u
cd "$(dirname "$0")/.."
failed=0
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0

run() { # build directory, meson options, test arguments, what to build: all
    dir=$1 options=$2 tests=$3 targets=${4:-}
    test -f "$dir/build.ninja" || meson setup "$dir" $options >"$dir.log" 2>&1 || { cat "$dir.log"; failed=1; return; }
    rm -f "$dir.log" "$dir/meson-logs/testlog.json"
    ninja -C "$dir" $targets >"$dir/ninja.log" 2>&1 || { tail -n 40 "$dir/ninja.log"; failed=1; return; }
    meson test -C "$dir" --no-rebuild --print-errorlogs $tests || failed=1
}

tools/onnxruntime.sh "$PWD/build/onnxruntime" # the judge of exported graphs; a test is skipped without it
run build "" ""
CC=clang run build-asan "-Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized -Dwerror=true" "--suite unit --suite fuzz -t 5"
CC=clang run build-tsan "-Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized" "--suite threads -t 5" threaded
arm=build-aarch64
if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
    run $arm "--cross-file tools/aarch64.ini -Dkernels_only=true -Dwerror=true" ""
else
    echo "$arm: skipped, as aarch64-linux-gnu-gcc or qemu-aarch64 is missing"
    arm=skipped
fi
python3 tools/tally.py $failed build build-asan build-tsan $arm
