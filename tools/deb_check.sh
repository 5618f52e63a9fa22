#!/bin/sh
# make deb-check: the packages in the folder $1 in a Debian of their own, which debootstrap makes under $2 from the mirror
# of this machine: they install, the program finds, the end-to-end test passes on what is installed, and the example
# builds against it. A film $3, if given, is looked at too. As root; some minutes, some gigabytes, much of it download.
set -eu
cd "$(dirname "$0")/.."
debs=$(realpath "$1") root=$2 film=${3:-}
suite=bookworm
mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" = 0 ] || { echo "deb_check.sh: debootstrap and chroot need root" >&2; exit 1; }
[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 5 "$root.log"
    exit 1
}
# The network as it is here: names, certificates, and what apt is told.
for file in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d/*; do
    [ ! -f "$file" ] || cp "$file" "$root$file"
done

inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
step() { echo "== $*"; }

mkdir -p "$root/try"
cp "$debs"/bookend_*.deb "$debs"/libbookend-dev_*.deb "$root/try"
cp tests/e2e/cli.sh examples/find.c "$root/try"
inside apt-get update -qq
step 'the program alone'
inside sh -c 'apt-get install -y -qq --reinstall --no-install-recommends /try/bookend_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; exit 1; }'
inside bookend --version
if [ -n "$film" ]; then
    cp "$film" "$root/try/film"
    inside bookend detect --format json /try/film
fi
step 'the end-to-end test on what is installed'
inside sh -c 'apt-get install -y -qq --no-install-recommends ffmpeg procps >/try/apt.log 2>&1 || { cat /try/apt.log; exit 1; }'
inside sh /try/cli.sh /usr/bin/bookend >"$root/try/cli.tap" || { grep -A10 '^not ok' "$root/try/cli.tap"; exit 1; }
echo "$(grep -c '^ok' "$root/try/cli.tap") passed, $(grep -c '# SKIP' "$root/try/cli.tap" || true) of them skipped"
step 'the example against the library'
inside sh -c 'apt-get install -y -qq --reinstall --no-install-recommends gcc libc6-dev pkg-config /try/libbookend-dev_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; exit 1; }
    cd /try && ffmpeg -v error -y -f lavfi -i testsrc2=size=160x90:rate=8:duration=6 -g 40 t.mkv </dev/null &&
    cc -Wall -Werror find.c $(pkg-config --cflags --libs bookend) -o find && ./find t.mkv'
step 'and away with it'
inside sh -c 'apt-get remove -y -qq bookend >/try/apt.log 2>&1 && ! command -v bookend'
echo 'all held'
