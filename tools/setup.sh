#!/usr/bin/env bash
# Installs what the build needs on Debian 12: packages, and ONNX Runtime (library from its Python wheel, headers from
# Debian's next release). Does nothing the second time. Needs root only where packages are missing.
set -euo pipefail
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
# From 1.27 on PRelu is six times slower. CMake reads the version here; each has its folder, so that a program that was
# linked with another one still finds it.
onnxruntime_version=1.25.1
onnxruntime=$deps/onnxruntime-$onnxruntime_version
say() { printf 'setup: %s\n' "$*" >&2; }

packages=(ca-certificates build-essential cmake ninja-build ccache lld pkg-config git unzip ffmpeg python3 python3-venv python3-pip
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-video-dev
  libsqlitecpp-dev libsqlite3-dev libcli11-dev libfmt-dev nlohmann-json3-dev libeigen3-dev libspectra-dev libigraph-dev
  libfaiss-dev libhnswlib-dev libopenblas-pthread-dev libexiv2-dev zlib1g-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev libmediainfo-dev libssl-dev
  libgtest-dev libgmock-dev librapidcheck-dev)
if [ "${1:-}" = --tests ]; then packages+=(chromium libimage-exiftool-perl clang-format-14); fi
# Without a mirror of the models one of them comes through npm's client; a test fetches it in any case.
mirror=${CROSSFACE_MODELS_MIRROR:-$(dirname "$0")/../../shared/models}
if ! command -v npm >/dev/null && { [ "${1:-}" = --tests ] || [ ! -d "$mirror" ]; }; then packages+=(npm); fi
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${#missing[@]} packages: ${missing[*]}"
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -d "$onnxruntime" ]; then
  say "fetching ONNX Runtime $onnxruntime_version into $deps"
  work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$work" "onnxruntime==$onnxruntime_version" ||
    { say 'the onnxruntime wheel could not be fetched with pip; is the package registry reachable?'; exit 1; }
  unzip -q "$work"/onnxruntime-*.whl 'onnxruntime/capi/libonnxruntime.so*' -d "$work/wheel"
  # Debian 12 has no ONNX Runtime; the next release's -dev package holds only headers, so unpacking it here is safe.
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/parts"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  debian=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk 'match($0, /^(deb |URIs:).*https?:[^ ]*\/debian\/?( |$)/) { for (i = 1; i <= NF && !found; i++) if ($i ~ /^https?:/) found = $i } END { print found }' || true)
  [ -n "$debian" ] || { say 'no Debian mirror in /etc/apt to fetch the ONNX Runtime headers from'; exit 1; }
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' "$debian" "$keyring" >"$work/apt/parts/next.sources"
  apt_private=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/apt/parts" -o "Dir::State::lists=$work/apt/lists"
    -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${apt_private[@]}" -qq update
  (cd "$work" && apt-get "${apt_private[@]}" -qq download libonnxruntime-dev)
  dpkg -x "$work"/libonnxruntime-dev_*.deb "$work/dev"
  # Whole or not there: it gets its name last.
  mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/onnxruntime.XXXXXX") && chmod 755 "$unpacked" && mkdir "$unpacked/lib" "$unpacked/include"
  cp "$work/wheel/onnxruntime/capi/libonnxruntime.so.$onnxruntime_version" "$unpacked/lib/"
  ln -s libonnxruntime.so.1 "$unpacked/lib/libonnxruntime.so"
  ln -s "libonnxruntime.so.$onnxruntime_version" "$unpacked/lib/libonnxruntime.so.1"
  cp -r "$work/dev/usr/include/onnxruntime" "$unpacked/include/"
  mv -T "$unpacked" "$onnxruntime"
fi

# The programs that tests read the exports back with, none of them ours.
if [ "${1:-}" = --tests ]; then
  readers=(opentimelineio==0.18.1 otio-cmx3600-adapter==1.0.0 bagit==1.9.0 jsonschema==4.26.0 networkx==3.6.1 webvtt-py==0.6.0 datumaro==1.13.12
    setuptools==80.9.0)
  if [ "$(cat "$deps/readers/installed" 2>/dev/null)" != "${readers[*]}" ]; then
    say "fetching ${#readers[@]} Python packages into $deps/readers"
    rm -rf "$deps/readers" && python3 -m venv "$deps/readers"
    "$deps/readers/bin/python" -m pip install -q --disable-pip-version-check "${readers[@]}"
    echo "${readers[*]}" >"$deps/readers/installed"
  fi
fi
say 'ready'
