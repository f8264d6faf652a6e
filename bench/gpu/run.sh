#!/usr/bin/env bash
# run.sh [DEVICE] [bench_gpu's options]: what a device makes of the installed models, in fp32 and fp16, as a table for docs/gpu.md.
# Needs make cuda, and cmake --build --preset release --target bench_gpu; fetches two Python packages for the fp16 copies.
set -euo pipefail
cd "$(dirname "$0")/../.."
device=${1:-cuda}; shift || true
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
models=${CROSSFACE_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/crossface/models}
packages=(onnx==1.23.2 onnxconverter-common==1.16.0)
if [ "$(cat "$deps/fp16/installed" 2>/dev/null)" != "${packages[*]}" ]; then
  rm -rf "$deps/fp16" && python3 -m venv "$deps/fp16"
  "$deps/fp16/bin/python" -m pip install -q --disable-pip-version-check "${packages[@]}"
  echo "${packages[*]}" >"$deps/fp16/installed"
fi
copies=$(mktemp -d); trap 'rm -rf "$copies"' EXIT
"$deps/fp16/bin/python" bench/gpu/to_fp16.py "$models" "$copies"
build/release/bench/bench_gpu --device "$device" --models "$models" --fp16 "$copies" "$@"
