#!/bin/sh
# Puts ONNX Runtime for node into FOLDER (some 300 MB), for tests/e2e/onnx.py, unless it is there. Without npm or its
# registry it says so and leaves nothing; the test is then skipped.
# usage: onnxruntime.sh FOLDER
set -u
folder=$1
test -d "$folder/node_modules/onnxruntime-node" && exit 0
if ! command -v npm >/dev/null; then
    echo "onnxruntime.sh: no npm; tests/e2e/onnx.py will be skipped" >&2
    exit 1
fi
rm -rf "$folder.new"
mkdir -p "$folder.new" && cd "$folder.new" && echo '{ "private": true }' >package.json
if timeout 120 npm install --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 onnxruntime-node@1 >npm.log 2>&1; then
    cd .. && rm -rf "$folder" && mv "$folder.new" "$folder"
else
    tail -n 3 npm.log >&2
    cd .. && rm -rf "$folder.new"
    echo "onnxruntime.sh: npm could not install it; tests/e2e/onnx.py will be skipped" >&2
    exit 1
fi
