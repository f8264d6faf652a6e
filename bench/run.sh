#!/usr/bin/env bash
# Runs the whole-job benchmark on the shared real videos, or on FOOTAGE with its TRUTH. After tools/setup.sh --peers also what
# people do without crossface.
set -euo pipefail
cd "$(dirname "$0")/.."
footage=${FOOTAGE:-../shared/data/videos}
truth=${TRUTH:-$([ "$footage" = ../shared/data/videos ] && echo ../shared/data/ground_truth_videos.csv || true)}
deps=${CROSSFACE_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/crossface/deps}
peers=$([ -e "$deps/peers/installed" ] && echo "$deps/peers/bin/python" || true)
exec build/release/bench/bench_whole_job "$footage" ${truth:+--truth "$truth"} ${peers:+--peers "$peers"} "$@"
