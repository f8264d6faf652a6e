# make demo   sets everything up and runs the main job on sample footage (or VIDEOS=folder)
# make demo-ray  the same on a Ray cluster of a head and three nodes that it starts on this machine, and ends
# make test   sets everything up and runs every test
# make check  runs every test under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer; takes hours
# make build  leaves build/release/crossface, without tests and benchmarks (WEB=OFF: and without the web page, for who has no npm; RAY=ON: with
#             what speaks to a Ray cluster)
# make cuda     the same build with the ONNX Runtime that computes on NVIDIA cards; fetches 2 GB (docs/gpu.md)
# make package  leaves build/crossface_VERSION_ARCHITECTURE.deb, and libcrossface-dev_... beside it
# make bundle   leaves build/crossface-bundle, a folder with all that a node of a Ray cluster needs
# make python   leaves build/python/crossface-VERSION-....whl, a module for this machine's Python
SHELL := /bin/bash
CROSSFACE := build/release/crossface
CASE ?= demo-case
WEB ?= ON
RAY ?= OFF

.PHONY: build cuda models demo demo-ray test check bench package bundle python format clean
# The tests' programs are several times the work: whoever only wants to run crossface does not wait for them.
build:
	@tools/setup.sh $(if $(filter OFF,$(WEB)),--without-web)
	@$(if $(filter ON,$(RAY)),tools/setup.sh --ray)
	@cmake --preset release -DCROSSFACE_WEB=$(WEB) >/dev/null
	@echo 'build: compiling crossface; the first time takes several minutes, [done/all] counts up' >&2
	@cmake --build --preset release --target crossface $(if $(filter ON,$(RAY)),crossface_ray_glue)

cuda:
	@tools/setup.sh $(if $(filter OFF,$(WEB)),--without-web)
	@tools/setup.sh --cuda
	@cmake --preset release -DCROSSFACE_WEB=$(WEB) -DCROSSFACE_CUDA=ON >/dev/null
	@cmake --build --preset release --target crossface
	@$(CROSSFACE) doctor

models: build
	@$(CROSSFACE) models install --accept-licences --quiet

demo: models
	@tools/demo.sh "$(VIDEOS)" "$(CASE)"

demo-ray:
	@$(MAKE) models RAY=ON
	@tools/demo.sh "$(VIDEOS)" "$(CASE)" --ray

test:
	@tools/setup.sh --tests
	@cmake --preset release -DCROSSFACE_TESTS=ON >/dev/null
	@cmake --build --preset release
	@$(CROSSFACE) models install --accept-licences --quiet
	@ctest --preset release --parallel 2

check:
	@tools/setup.sh --tests
	@for preset in asan tsan; do \
	  cmake --preset $$preset -DCROSSFACE_TESTS=ON >/dev/null && cmake --build --preset $$preset && \
	  ctest --preset $$preset --parallel 2 || exit 1; done

bench: build
	@cmake --build --preset release
	@bench/run.sh

package: build
	@cmake --build --preset release --target crossface_library
	@cd build/release && cpack >/dev/null
	@rm -rf build/_CPack_Packages && ls build/*.deb

bundle:
	@$(MAKE) models RAY=ON
	@tools/make_bundle.sh build/release build/crossface-bundle

python: build
	@tools/setup.sh --python
	@cmake --build --preset release --target crossface_library
	@python/build_wheel.sh build/release build/python

format:
	@find src bench examples python -name '*.h' -o -name '*.cc' | xargs clang-format-14 -i

clean:
	@rm -rf build
