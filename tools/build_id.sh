#!/bin/sh
# Prints C source with two checksums: of the model inside, the file $1, and of the library's sources, the rest of the
# arguments. A cached answer bears both, so that it ends with the program that gave it, released or not.
set -eu
model=$1
shift
echo "/* Made by tools/build_id.sh. */"
echo "extern const char bk_build_id[], bk_model_inside_id[];"
echo "const char bk_build_id[] = \"$(cat "$@" | cksum | tr ' ' -)\";"
echo "const char bk_model_inside_id[] = \"inside-$(cksum <"$model" | tr ' ' -)\";"
