#!/bin/sh
# Installs the packages of the named sets (build, check, bench, deb, train) that are missing, by apt. Where there is no apt,
# or neither root nor sudo, it names them and stops.
set -eu
build="gcc pkg-config meson ninja-build libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libopenblas-dev
  zlib1g-dev libcurl4-openssl-dev libpango1.0-dev fonts-dejavu-core"
check="ffmpeg python3 python3-numpy python3-scipy python3-pil clang libclang-rt-14-dev mandoc mkvtoolnix mpv procps
  chromium $(test "$(uname -m)" = aarch64 || echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)"
deb="dpkg-dev"
bench="ffmpeg python3 python3-pil python3-torch $(command -v npm >/dev/null || echo nodejs npm)"
train="$(cat "$(dirname "$0")/../doc/recipe-fonts.txt" 2>/dev/null || true)"

want=
for set in "$@"; do
    case $set in
    build) want="$want $build" ;;
    check) want="$want $check" ;;
    deb) want="$want $deb" ;;
    bench) want="$want $bench" ;;
    train) want="$want $train" ;;
    *) echo "packages.sh: no set called $set" >&2; exit 2 ;;
    esac
done

missing=
if command -v dpkg-query >/dev/null; then
    for p in $want; do
        case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null || true) in
        *"ok installed") ;;
        *) missing="$missing $p" ;;
        esac
    done
fi
test -n "$missing" || test -z "$(command -v dpkg-query)" || exit 0

if ! command -v apt-get >/dev/null; then
    command -v meson >/dev/null && command -v ninja >/dev/null && exit 0
    echo "Please install these (names as in Debian):" $want >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then as_root=; elif command -v sudo >/dev/null; then as_root=sudo; else
    echo "Please install, as root: apt-get install$missing" >&2
    exit 1
fi
echo "installing:$missing" >&2
$as_root apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >&2
