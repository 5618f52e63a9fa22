#!/bin/sh
# make deb: bookend_VERSION_ARCH.deb (the program, the library, manual, completions) and libbookend-dev_VERSION_ARCH.deb
# (headers, pkg-config file, example) in the folder $1, from a build of their own. All that there is to say about the
# packages stands here. Whose they are: DEBFULLNAME and DEBEMAIL, else the author of the last commit.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "$1"
out=$(realpath "$1")
build=build-deb
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)-1
arch=$(dpkg --print-architecture)
multiarch=$(gcc -print-multiarch)
who=$(git log -1 --format='%an <%ae>' 2>/dev/null || echo "$(id -un) <$(id -un)@$(hostname -f)>")
[ -z "${DEBEMAIL:-}" ] || who="${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>"
when=$(git log -1 --format=%cD 2>/dev/null || date -R)
stage=$(mktemp -d "${TMPDIR:-/tmp}/bookend-deb.XXXXXX")
trap 'rm -rf "$stage"' EXIT INT TERM

# Debian's flags, but the optimisation of a release: the build knows it.
export DEB_BUILD_MAINT_OPTIONS=hardening=+all DEB_CFLAGS_MAINT_STRIP=-O2
if [ ! -f $build/build.ninja ]; then
    CFLAGS="$(dpkg-buildflags --get CFLAGS)" CPPFLAGS="$(dpkg-buildflags --get CPPFLAGS)" \
        LDFLAGS="$(dpkg-buildflags --get LDFLAGS)" \
        meson setup $build --prefix=/usr --libdir="lib/$multiarch" --sysconfdir=/etc >"$stage/log" || { cat "$stage/log"; exit 1; }
fi
# Not the tests: those of the package are tools/deb_check.sh's.
ninja -C $build program >"$stage/log" || { tail -n 40 "$stage/log"; exit 1; }
run=$stage/bookend dev=$stage/libbookend-dev
meson install -C $build --no-rebuild --quiet --destdir "$run"

# ---- what goes where -------------------------------------------------------------------------------------

mkdir -p "$dev/usr/lib/$multiarch" "$dev/usr/share/doc/libbookend-dev" "$run/usr/share/zsh/vendor-completions"
mv "$run/usr/include" "$dev/usr"
mv "$run/usr/lib/$multiarch/pkgconfig" "$run/usr/lib/$multiarch/libbookend.so" "$dev/usr/lib/$multiarch"
mv "$run/usr/share/doc/bookend/examples" "$dev/usr/share/doc/libbookend-dev"
mv "$run/usr/share/zsh/site-functions/_bookend" "$run/usr/share/zsh/vendor-completions"
rmdir "$run/usr/share/zsh/site-functions"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$run/usr/bin/bookend" "$run/usr/lib/$multiarch/"lib*.so.*.*
chmod 644 "$run/usr/lib/$multiarch/"lib*.so.*.*
gzip -9n "$run"/usr/share/man/man?/*

# finish PACKAGE: what every package's documentation holds.
finish() {
    doc=$stage/$1/usr/share/doc/$1 overrides=$stage/$1/usr/share/lintian/overrides
    mkdir -p "$doc" "$overrides" "$stage/$1/DEBIAN"
    cat >"$overrides/$1" <<END
# It is built by whoever wants it, and asks for no place in Debian.
$1: initial-upload-closes-no-bugs *
END
    [ "$1" != bookend ] || cat >>"$overrides/$1" <<END
# The program and its one library come together, so that one file is all there is to install.
$1: package-name-doesnt-match-sonames libbookend0
END
    gzip -9nc CHANGES.md >"$doc/changelog.gz"
    gzip -9n >"$doc/changelog.Debian.gz" <<END
bookend ($version) unstable; urgency=medium

  * See changelog.gz.

 -- $who  $when
END
    cat >"$doc/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: bookend

Files: *
Copyright: $(date -d "$when" +%Y) the authors of bookend
License: Apache-2.0
 On Debian systems the text of this license is in
 /usr/share/common-licenses/Apache-2.0.
END
    chmod -R u=rwX,go=rX "$stage/$1"
    (cd "$stage/$1" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

# pack PACKAGE DEPENDS SECTION SHORT: builds it; the long description comes from stdin.
pack() {
    {
        printf 'Package: %s\nSource: bookend\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' "$1" "$version" "$arch" "$who"
        printf 'Installed-Size: %s\nDepends: %s\nSection: %s\nPriority: optional\n' \
            "$(du -sk --apparent-size "$stage/$1/usr" | cut -f1)" "$2" "$3"
        printf 'Description: %s\n' "$4"
        sed 's/^/ /'
    } >"$stage/$1/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$stage/$1" "$out/$1_${version}_$arch.deb"
}

# ---- the packages ----------------------------------------------------------------------------------------

finish bookend
printf 'libbookend 0 bookend (>= %s)\n' "${version%-*}" >"$run/DEBIAN/shlibs"
echo 'activate-noawait ldconfig' >"$run/DEBIAN/triggers"
mkdir "$stage/debian"
printf 'Source: bookend\n\nPackage: bookend\nArchitecture: any\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O "bookend/usr/bin/bookend" "bookend/usr/lib/$multiarch/"lib*.so.*.* 2>"$stage/log" |
    sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { cat "$stage/log"; exit 1; }
if grep -q 'libcurl\.so\.4' "$stage/bookend/usr/bin/bookend"; then # loaded by its name, which dpkg-shlibdeps does not see
    depends="$depends, $(dpkg-query -S '*/libcurl.so.4' | sed 's/[:,].*//;q')"
fi
pack bookend "$depends" video 'find where the story of a video begins and ends' <<END
bookend looks at the pictures of a film or an episode and says, exact to
the frame, where the opening (logo, titles, recap) is over and where the end
credits begin. It works offline on one file at a time, with its model inside,
and writes chapters, skip lists and reports for many players.
END

finish libbookend-dev
pack libbookend-dev "bookend (= $version)" libdevel 'find where the story of a video begins and ends - development' <<END
Headers, pkg-config file and an example for libbookend, the library behind
bookend: opening and end credits of videos, embedding tracks, training and
evaluation on labels of one's own.
END
rm -f "$stage/log"
if command -v lintian >/dev/null; then
    lintian --fail-on error,warning "$out/bookend_${version}_$arch.deb" "$out/libbookend-dev_${version}_$arch.deb"
fi
