#!/usr/bin/env python3
"""Fails when a layer includes a header of a layer that is not below it.

usage: check_layers.py SRC_CROSSFACE
The order is the design's: a layer may include itself and every layer on a lower rank. Two layers on one rank may include
each other only where ALLOWED names it, lower one second.
"""
import pathlib, re, sys

RANKS = [["util"], ["media", "inference"], ["select", "copies", "detect"], ["track", "embed"], ["cluster"], ["gallery"],
         ["export"], ["pipeline"], ["cli"]]
RANK = {layer: rank for rank, layers in enumerate(RANKS) for layer in layers}


def main(root):
    root = pathlib.Path(root)
    wrong, seen = [], 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        layer = path.relative_to(root).parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            # A property whose outcome is dropped cannot fail.
            if re.match(r"\s*rc::check\(", line):
                wrong.append(f"{path.relative_to(root)}:{number} drops the outcome of rc::check")
        if layer == "testing":
            continue
        if layer not in RANK:
            wrong.append(f"{path}: the folder {layer} is no layer; add it to {sys.argv[0]} and docs/architecture.md")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+["<]crossface/([a-z_]+)/', line)
            if not found:
                continue
            seen += 1
            other = found.group(1)
            if other == "testing" and path.name.endswith(("_test.cc", "_for_test.h")):
                continue
            if other != layer and (other not in RANK or RANK[other] >= RANK[layer]):
                wrong.append(f"{path}:{number}: {layer} must not include {other}")
    print("\n".join(wrong) if wrong else f"{seen} includes keep to the layers")
    if not seen:
        wrong.append("no includes found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
