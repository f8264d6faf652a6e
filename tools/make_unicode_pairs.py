#!/usr/bin/env python3
"""Writes src/crossface/util/unicode_pairs.inc: the canonical decompositions of Unicode into two characters.

Usage: tools/make_unicode_pairs.py > src/crossface/util/unicode_pairs.inc
"""
import unicodedata


def main():
    both, apart = [], []
    for code in range(0x80, 0x30000):
        if 0xAC00 <= code <= 0xD7A3:  # Hangul, which is reckoned
            continue
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        row = (code, int(parts[0], 16), int(parts[1], 16))
        (both if unicodedata.normalize("NFC", chr(code)) == chr(code) else apart).append(row)
    print(f"// Made by tools/make_unicode_pairs.py out of Unicode {unicodedata.unidata_version}.")
    for name, rows in (("kComposedPairs", both), ("kNeverComposedPairs", apart)):
        print(f"constexpr Pair {name}[] = {{")
        line = "   "
        for code, first, second in rows:
            item = f" {{0x{code:X}, 0x{first:X}, 0x{second:X}}},"
            if len(line) + len(item) > 110:
                print(line)
                line = "   "
            line += item
        print(line + "\n};")


main()
