# The two commands of the README. `make demo` builds bookend and runs it on VIDEO (or on a short episode that
# the generator composes), `make check` runs every test. Each installs what it needs on Debian and Ubuntu.
# Everything else is meson: see CONTRIBUTING.md.

BUILD ?= build
VIDEO ?=

.PHONY: demo check build install clean

demo: build
	@tools/demo.sh $(BUILD) "$(VIDEO)"

build:
	@tools/packages.sh build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

check:
	@tools/packages.sh build check
	@tools/check.sh

install: build
	meson install -C $(BUILD)

clean:
	rm -rf build build-*
