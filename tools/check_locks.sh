#!/usr/bin/env bash
# check_locks.sh BUILD: clang's thread safety analysis of every file that takes a Mutex (util/mutex.h). Says what is read or
# written without its mutex, and which file uses std::mutex, which nothing checks. Needs clang, and
# BUILD/compile_commands.json.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
commands=$(mktemp)
trap 'rm -f "$commands"' EXIT
python3 tools/compile_commands.py "$build" > "$commands"
clang=$(command -v clang++-14 || command -v clang++) ||
  { echo 'check_locks: there is no clang++ (tools/setup.sh --tests installs it)' >&2; exit 1; }
failed=0
# What speaks to Ray is built apart, against its strings (src/crossface/ray/glue). Libraries that ask for a mutex of the standard's, or that are locked as a whole, have nothing to guard.
unchecked=$(grep -rl 'std::mutex' --include='*.h' --include='*.cc' src/crossface | grep -v -e '_test\.cc$' -e '/testing/' -e '/ray/glue/' |
  grep -vxF -e src/crossface/util/mutex.h -e src/crossface/media/metadata/exif.cc || true)
[ -z "$unchecked" ] || { echo "check_locks: std::mutex instead of Mutex in: $unchecked" >&2; failed=1; }
flags_of() {
  python3 - "$commands" "$1" <<'END'
import json, shlex, sys
for entry in json.load(open(sys.argv[1])):
    if entry["file"].endswith("/" + sys.argv[2]):
        words = shlex.split(entry["command"])
        kept = [word for word in words if word.startswith(("-I", "-D", "-std"))]
        kept += [part for i, word in enumerate(words) if word == "-isystem" for part in (word, words[i + 1])]
        print(*map(shlex.quote, kept))
        break
END
}
sources=$(grep -rl 'MutexLock' --include='*.cc' src/crossface | grep -v -e '_test\.cc$' -e '/testing/' | sort)
for source in $sources; do
  flags=$(flags_of "$source")
  file=$PWD/$source
  (cd "$build" && eval "$clang -fsyntax-only -w -Wthread-safety -Werror=thread-safety $flags '$file'") || failed=1
done
[ "$failed" = 0 ] && echo "check_locks: $(wc -w <<<"$sources") files keep to their mutexes"
exit "$failed"
