# The two commands of the README. `make demo` builds bookend and runs it on VIDEO (or on a short episode that
# the generator composes), `make check` runs every test. Each installs what it needs on Debian and Ubuntu.
# Everything else is meson: see CONTRIBUTING.md.
#
# `make install PREFIX=... DESTDIR=...` installs (default: what the build was set up for, /usr/local). `make deb` makes
# Debian packages in DEBS; `make deb-check` tries them in a fresh Debian under ROOT, as root.

BUILD ?= build
VIDEO ?=
DEBS ?= build-debs
ROOT ?= /tmp/bookend-root

.PHONY: demo check bench bench-road build install uninstall deb deb-check clean

demo: build
	@tools/demo.sh $(BUILD) "$(VIDEO)"

build:
	@tools/packages.sh build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD) program

check:
	@tools/packages.sh build check
	@tools/check.sh

# bookend against its peers on this machine; VIDEO=film for a film of your own. Two minutes on an idle machine.
bench: build
	@tools/packages.sh bench
	@ninja -C $(BUILD) bench/bench_serve
	@python3 bench/run.py --build $(BUILD) $(if $(VIDEO),--video "$(VIDEO)")

# Whole roads beside theirs, on films of your own: make bench-road VIDEO="film...". An hour on an idle machine.
bench-road: build
	@tools/packages.sh bench
	@python3 bench/road.py --build $(BUILD) $(VIDEO)

# The loader's list of libraries is brought up to date where that is ours to do.
install: build
	$(if $(PREFIX),meson configure $(BUILD) -Dprefix=$(PREFIX) && ninja -C $(BUILD) program)
	meson install -C $(BUILD) --no-rebuild --quiet
	@test -n "$(DESTDIR)" || test "$$(id -u)" != 0 || ldconfig

uninstall:
	ninja -C $(BUILD) uninstall

deb:
	@tools/packages.sh build deb
	@tools/deb.sh $(DEBS)

deb-check:
	@tools/deb_check.sh $(DEBS) $(ROOT) $(VIDEO)

clean:
	rm -rf build build-*
