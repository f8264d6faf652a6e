#!/usr/bin/env bash
# make_bundle.sh BUILD OUT: one folder with all that a node of a Ray cluster needs: program, its libraries, what speaks to Ray, models.
# What is left out is glibc, which every Linux of Debian 12's age or later has. OUT is replaced.
set -euo pipefail
build=$1 out=$2
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
models=${CROSSFACE_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/crossface/models}
[ -x "$build/ray/crossface-ray-driver" ] || { echo 'make_bundle: there is nothing to speak to Ray with: make build RAY=ON' >&2; exit 1; }
[ -d "$models" ] || { echo "make_bundle: no models in $models: crossface models install" >&2; exit 1; }
part=$out.part
rm -rf "$part" && mkdir -p "$part/bin" "$part/lib" "$part/ray" "$part/models"
cp "$build/crossface" "$part/bin/"
ldd "$build/crossface" | awk '$3 ~ /^\// { print $3 }' |
  grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|libutil|libanl|libnss_[a-z]+)\.so\.[0-9]+$' | xargs cp -L -t "$part/lib"
# What computes on NVIDIA cards is opened while the program runs.
runtime=$(dirname "$(ldd "$build/crossface" | awk '$1 ~ /^libonnxruntime\.so/ { print $3 }')")
if [ -e "$runtime/libonnxruntime_providers_cuda.so" ]; then cp -L "$runtime"/*.so* "$part/lib/"; fi
cp "$build/ray/crossface-ray-driver" "$build/ray/libcrossface_ray_tasks.so" "$part/ray/"
cp -L "$deps/ray/cpp/lib/libray_api.so" "$part/ray/"
cp -r "$models/." "$part/models/"
cp LICENSE "$part/"
cat >"$part/crossface" <<'END'
#!/bin/sh
# crossface with the libraries and models that lie beside it.
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$here/lib:$here/ray${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} CROSSFACE_RAY=$here/ray CROSSFACE_MODELS=$here/models exec "$here/bin/crossface" "$@"
END
chmod +x "$part/crossface"
rm -rf "$out" && mv -T "$part" "$out"
echo "$out: $(du -sh "$out" | cut -f1). Copy it to the same place on every node, and run $out/crossface on one of them."
