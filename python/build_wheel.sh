#!/usr/bin/env bash
# build_wheel.sh BUILD OUT [PREFIX]: leaves the Python module's wheel in the folder OUT. Compiles nothing of crossface anew: stands on
# the library as it is installed at PREFIX, or installs it there out of the folder BUILD. Python and its packages are those of
# tools/setup.sh --python.
set -euo pipefail
build=$(realpath "$1") out=$(realpath -m "$2") prefix=${3:-}
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$prefix" ]; then
  prefix=$scratch/prefix
  for component in runtime library; do cmake --install "$build" --prefix "$prefix" --component "$component" >/dev/null; done
fi
compiler=()
if command -v ccache >/dev/null; then compiler=(-C cmake.define.CMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
# A copy, so that nothing is left in the source folder.
cp -r "$(dirname "$0")" "$scratch/python"
mkdir -p "$out" && rm -f "$out"/crossface-*.whl
"$deps/python/bin/python" -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -w "$out" \
  -C cmake.define.CMAKE_PREFIX_PATH="$prefix" "${compiler[@]}" "$scratch/python"
ls "$out"/crossface-*.whl
