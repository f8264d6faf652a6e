#!/usr/bin/env bash
# test_package.sh [PACKAGE.deb]: installs the package in a bare Debian 12 of its own and runs it there, then libcrossface-dev
# from beside it, whose library must find all that it needs. Needs root and debootstrap;
# takes apt's mirror and settings from this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
package=${1:-$(ls -t build/crossface_*.deb | head -n 1)}
root=$(mktemp -d)
chmod 755 "$root"  # apt's own user reads it
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
debian=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
  awk 'match($0, /^(deb |URIs:).*https?:[^ ]*\/debian\/?( |$)/) { for (i = 1; i <= NF && !found; i++) if ($i ~ /^https?:/) found = $i } END { print found }' || true)
[ -n "$debian" ] || { echo 'no Debian mirror in /etc/apt' >&2; exit 1; }
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$debian" >"$root.log" || { cat "$root.log" >&2; exit 1; }
rm -f "$root.log"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
cp -L --remove-destination /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
library=${package/crossface_/libcrossface-dev_}
cp "$package" "$library" "$root/tmp/"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
# The dynamic linker asks /proc where the program lies, for libraries that are named relative to it.
mountpoint -q "$root/proc" || mount --bind /proc "$root/proc"
in_root apt-get update -qq
in_root apt-get install -y -qq --no-install-recommends "/tmp/$(basename "$package")" >/dev/null
in_root crossface --version
in_root crossface doctor || [ $? = 6 ]  # no models are installed
in_root test -e /usr/share/crossface/convert_model.py
in_root bash -c 'source /usr/share/bash-completion/completions/crossface && complete -p crossface >/dev/null'
in_root sh -c 'zcat /usr/share/man/man1/crossface.1.gz | grep -q "^.SS \"identify\""'
in_root apt-get install -y -qq --no-install-recommends "/tmp/$(basename "$library")" >/dev/null
in_root sh -c 'library=$(find /usr/lib -name libcrossface.so); test -n "$library" && ! ldd -r "$library" | grep -E "not found|undefined"'
in_root test -e /usr/include/crossface/app/case_service.h
echo 'the package installs and runs on a bare Debian 12'
