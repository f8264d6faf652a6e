#!/usr/bin/env bash
# Fails when a file is not as `make format` leaves it, and says which.
set -euo pipefail
cd "$(dirname "$0")/.."
find src bench examples python -name '*.h' -o -name '*.cc' | xargs clang-format-14 --dry-run -Werror || { echo 'run: make format' >&2; exit 1; }
