#!/usr/bin/env bash
# Runs the whole-job benchmark on the shared real videos, or on FOOTAGE with its TRUTH.
set -euo pipefail
cd "$(dirname "$0")/.."
footage=${FOOTAGE:-../shared/data/videos}
truth=${TRUTH:-$([ "$footage" = ../shared/data/videos ] && echo ../shared/data/ground_truth_videos.csv || true)}
exec build/release/bench/bench_whole_job "$footage" ${truth:+--truth "$truth"} "$@"
