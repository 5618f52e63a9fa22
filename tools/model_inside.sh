#!/bin/sh
# Prints assembly that puts the file $1 into the library as read-only data, between the symbols
# bk_model_inside and bk_model_inside_end. Run by the build, anew when the file changes.
set -eu
cat <<END
/* $(cksum <"$1"): other bytes, another text, so that the build sees that the file has changed */
    .section .rodata
    .balign 64
    .globl bk_model_inside
    .hidden bk_model_inside
bk_model_inside:
    .incbin "$(realpath "$1")"
    .globl bk_model_inside_end
    .hidden bk_model_inside_end
bk_model_inside_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
END
