# make demo   sets everything up and runs the main job on sample footage (or VIDEOS=folder)
# make test   sets everything up and runs every test
# make build  leaves build/release/crossface
SHELL := /bin/bash
CROSSFACE := build/release/crossface
CASE ?= demo-case

.PHONY: build models demo test bench format clean
build:
	@tools/setup.sh
	@cmake --preset release >/dev/null
	@cmake --build --preset release

models: build
	@$(CROSSFACE) models install --accept-licences --quiet

demo: models
	@tools/demo.sh "$(VIDEOS)" "$(CASE)"

test: export CCACHE_SLOPPINESS = pch_defines,time_macros
test:
	@tools/setup.sh --tests
	@cmake --preset release -DCROSSFACE_TESTS=ON >/dev/null
	@cmake --build --preset release
	@$(CROSSFACE) models install --accept-licences --quiet
	@ctest --preset release --parallel 2

bench: build
	@bench/run.sh

format:
	@git ls-files '*.h' '*.cc' | xargs clang-format-14 -i

clean:
	@rm -rf build
