#!/usr/bin/env bash
# check_tidy.sh BUILD [BASE]: clang-tidy over the sources that differ from the commit BASE (else $CROSSFACE_TIDY_BASE, else the
# one before the last), committed or not: those that differ most, since one costs up to half a minute. `.clang-tidy` says
# what is asked; everything it finds is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${2:-${CROSSFACE_TIDY_BASE:-HEAD~1}}
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) ||
  { echo 'check_tidy: there is no clang-tidy (tools/setup.sh --tests installs it)' >&2; exit 1; }
git rev-parse -q --verify "$base^{commit}" >/dev/null || { echo "check_tidy: no commit $base to compare with: nothing is looked at" >&2; exit 0; }
most=16
mapfile -t changed < <(git diff --numstat --diff-filter=d "$base" -- 'src/*.cc' 'examples/*.cc' |
  awk '{ print $1 + $2 "\t" $3 }' | sort -rn | cut -f2)
if [ ${#changed[@]} -gt $most ]; then
  echo "check_tidy: ${#changed[@]} sources differ from $base; not looked at: ${changed[*]:$most}"
  changed=("${changed[@]:0:$most}")
fi
[ ${#changed[@]} -gt 0 ] || { echo "check_tidy: no source differs from $base"; exit 0; }
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
python3 tools/compile_commands.py "$1" > "$commands/compile_commands.json"
printf '%s\n' "${changed[@]}" | xargs -P 2 -n 1 "$tidy" -p "$commands" --quiet 2> >(grep -v 'warnings generated' >&2)
echo "check_tidy: ${#changed[@]} sources that differ from $base are clean"
