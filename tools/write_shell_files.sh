#!/bin/sh
# write_shell_files.sh CROSSFACE FOLDER: the manual page and the completion scripts, which the program makes out of the tables that parse
# its command line.
set -e
"$1" man | gzip -9n >"$2/crossface.1.gz"
"$1" completion bash >"$2/crossface"
"$1" completion zsh >"$2/_crossface"
"$1" completion fish >"$2/crossface.fish"
