#!/usr/bin/env bash
# check_tidy.sh BUILD [BASE]: clang-tidy over the sources that differ from the commit BASE (else $CROSSFACE_TIDY_BASE, else the
# one fifty before the last), committed or not. `.clang-tidy` says what is asked; everything it finds is an error. What was clean
# once is not looked at again until it changes, it or a header of ours that it includes. Of the rest the $CROSSFACE_TIDY_MOST
# (16) that differ most are looked at, since one costs up to half a minute; the others come with the next run.
set -euo pipefail
cd "$(dirname "$0")/.."
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) ||
  { echo 'check_tidy: there is no clang-tidy (tools/setup.sh --tests installs it)' >&2; exit 1; }
base=${2:-${CROSSFACE_TIDY_BASE:-$(git rev-list --first-parent --max-count=51 HEAD 2>/dev/null | tail -n 1)}}
git rev-parse -q --verify "$base^{commit}" >/dev/null || { echo "check_tidy: no commit $base to compare with: nothing is looked at" >&2; exit 0; }
most=${CROSSFACE_TIDY_MOST:-16}
clean=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/crossface/tidy
mkdir -p "$clean"
find "$clean" -type f -mtime +60 -delete

mapfile -t differ < <(git diff --numstat --diff-filter=d "$base" -- 'src/*.cc' 'examples/*.cc' |
  awk '{ print $1 + $2 "\t" $3 }' | sort -rn | cut -f2)
[ ${#differ[@]} -gt 0 ] || { echo "check_tidy: no source differs from $base"; exit 0; }
# A digest and a source, in turns.
unknown=()
while read -r digest source; do
  [ -e "$clean/$digest" ] || unknown+=("$digest" "$source")
done < <(python3 tools/source_digest.py "$("$tidy" --version)" "${differ[@]}")

commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
python3 tools/compile_commands.py "$1" > "$commands/compile_commands.json"
left=("${unknown[@]:2 * most}")
unknown=("${unknown[@]:0:2 * most}")
export tidy commands clean
[ ${#unknown[@]} -eq 0 ] || printf '%s\n' "${unknown[@]}" |
  xargs -P 2 -n 2 bash -c '"$tidy" -p "$commands" --quiet "$2" && : > "$clean/$1"' check_tidy 2> >(grep -v 'warnings generated' >&2)
echo "check_tidy: of ${#differ[@]} sources that differ from $base, $((${#unknown[@]} / 2)) were looked at and are clean; $((${#left[@]} / 2)) are left for the next run"
