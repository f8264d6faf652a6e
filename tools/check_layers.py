#!/usr/bin/env python3
"""Fails when a room includes a header of a room that it must not know.

usage: check_layers.py [--graph FILE.svg] SRC_CROSSFACE
ALLOWED names for each room the rooms whose headers it may include, beside its own; what these may include is not implied. Tests
(*_test.cc, *_for_test.h) may also include testing/ and, to make a case, any room but front ends. `--graph` draws what is included.
"""
import pathlib, re, sys

UTIL = ["util"]
FILE = [*UTIL, "media/file"]
MODELS = [*UTIL, "inference/engine", "inference/models"]
STAGES = [*MODELS, "detect", "embed"]
GALLERY = [*STAGES, "media/file", "select", "copies", "gallery"]
ALLOWED = {
    "util": [],
    "io": UTIL,
    "media/file": [*UTIL, "io"],
    "media/metadata": FILE,
    "media/read": [*FILE, "media/metadata"],
    "media/write": [*FILE, "media/read"],
    "inference/engine": UTIL,
    "inference/models": [*UTIL, "inference/engine"],
    "select": [*FILE, "media/read"],
    "copies": [*FILE, "media/read"],
    "detect": MODELS,
    "track": [*MODELS, "detect"],
    "embed": [*MODELS, "detect"],
    "cluster/graph": [*UTIL, "inference/engine", "embed"],
    "cluster/methods": [*UTIL, "embed", "cluster/graph"],
    "cluster/persons": [*UTIL, "embed", "cluster/graph", "cluster/methods"],
    "gallery": GALLERY,
    "export": [*GALLERY, "io", "media/metadata"],
    "calibration": [*STAGES, "io", "media/file", "media/read"],
    # Use cases: sideways only where one rests on another.
    "curation": [*GALLERY, "export"],
    "grouping": [*GALLERY, "export", "cluster/graph", "cluster/methods", "cluster/persons", "curation"],
    "scan": [*GALLERY, "io", "export", "media/read", "track", "grouping"],
    "custody": [*GALLERY, "io", "export", "media/read", "curation", "scan"],
    "search": [*GALLERY, "io", "export", "media/read", "track", "cluster/graph", "grouping", "scan"],
    "redaction": [*GALLERY, "io", "export", "media/read", "media/write", "track", "curation", "scan"],
    # A way to run: above the use cases that it rests on.
    "live": [*GALLERY, "io", "media/read", "media/write", "track", "cluster/graph", "scan", "search"],
    "ray": [*UTIL, "scan", "cluster/graph"],
    # What Ray runs, with strings of its own: it knows messages alone.
    "ray/glue": ["ray"],
    "evaluation": [*GALLERY, "export", "cluster/persons", "curation"],
}
ALLOWED["app"] = list(ALLOWED)
# A front end knows the door and what words are made of, nothing behind.
ALLOWED["server"] = ["app", "util"]
ALLOWED["tui"] = ["app", "util"]
# It starts the others.
ALLOWED["cli"] = ["app", "util", "server", "tui"]
FRONT_ENDS = ["cli", "server", "tui"]


def room_of(path):
    """The longest name of a room that the folder begins with."""
    parts = pathlib.PurePosixPath(path).parts
    for depth in (2, 1):
        if "/".join(parts[:depth]) in ALLOWED or parts[0] == "testing":
            return "/".join(parts[:depth]) if parts[0] != "testing" else "testing"
    return None


def includes(root):
    """(file, line number, its room, room of what it includes or None) of every include of ours."""
    for path in sorted(root.rglob("*")):
        if path.suffix in (".h", ".cc"):
            name = path.relative_to(root)
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = re.match(r'\s*#\s*include\s+["<]crossface/([a-z_/]+)/[a-z_0-9]+\.h', line)
                if found:
                    yield name, number, room_of(name.parent), room_of(found.group(1))


def check(root):
    wrong, seen = [], 0
    for path in sorted(root.rglob("*.cc")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            # Its library has other strings, and nothing of crossface is linked with it.
            if re.match(r"\s*#\s*include\s+<ray/", line) and path.parent.relative_to(root) != pathlib.Path("ray/glue"):
                wrong.append(f"{path.relative_to(root)}:{number} includes Ray outside of ray/glue")
            # A property whose outcome is dropped cannot fail.
            if re.match(r"\s*rc::check\(", line):
                wrong.append(f"{path.relative_to(root)}:{number} drops the outcome of rc::check")
    for folder in sorted({path.parent.relative_to(root) for path in root.rglob("*.cc")}):
        if room_of(folder) is None or room_of(folder) not in (str(folder), "testing"):
            wrong.append(f"the folder {folder} is no room; add it to {sys.argv[0]} and docs/architecture.md")
    for name, number, room, other in includes(root):
        seen += 1
        is_test = name.name.endswith(("_test.cc", "_for_test.h"))
        if room == "testing" or other == room or (is_test and other is not None and other not in FRONT_ENDS):
            continue
        if other not in ALLOWED.get(room, ()):
            wrong.append(f"{name}:{number}: {room} must not include {other}")
    print("\n".join(wrong) if wrong else f"{seen} includes keep to the rooms")
    return 1 if wrong or not seen else 0


def draw(root, target):
    """Rooms as boxes, the lowest at the bottom, each as high as its longest way down; an arrow is an include."""
    edges = {(room, other) for name, _, room, other in includes(root)
             if not name.name.endswith(("_test.cc", "_for_test.h")) and "testing" not in (room, other) and room != other}
    lines = {room: 0 for room in ALLOWED}
    for path in root.rglob("*"):
        if path.suffix in (".h", ".cc") and not path.name.endswith("_test.cc") and room_of(path.relative_to(root).parent) in lines:
            lines[room_of(path.relative_to(root).parent)] += len(path.read_text().splitlines())
    height = {}
    def rise(room):
        if room not in height:
            height[room] = 1 + max((rise(other) for one, other in edges if one == room), default=-1)
        return height[room]
    rows = {}
    for room in ALLOWED:
        rows.setdefault(rise(room), []).append(room)
    box, gap, step, top = 132, 18, 78, max(rows)
    width = max(len(row) for row in rows.values()) * (box + gap) + gap
    at = {}
    for level, row in rows.items():
        left = (width - len(row) * (box + gap) + gap) / 2
        for index, room in enumerate(row):
            at[room] = (left + index * (box + gap), (top - level) * step + 12)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {(top + 1) * step}" font-family="sans-serif" font-size="13">',
           f'<rect width="{width}" height="{(top + 1) * step}" fill="#fff"/>']
    # What follows from other arrows is left out of the picture, or it would be black.
    def reaches(room, goal):
        return any(one == room and (other == goal or reaches(other, goal)) for one, other in edges)
    for one, other in sorted(edges):
        if any(via != other and reaches(via, other) for start, via in edges if start == one):
            continue
        (x1, y1), (x2, y2) = at[one], at[other]
        out.append(f'<path d="M{x1 + box / 2} {y1 + 42} C{x1 + box / 2} {y1 + 66} {x2 + box / 2} {y2 - 24} {x2 + box / 2} {y2}" fill="none" stroke="#9aa5b1"/>')
    for room, (x, y) in at.items():
        out.append(f'<rect x="{x}" y="{y}" width="{box}" height="42" rx="6" fill="#eef3f8" stroke="#52606d"/>'
                   f'<text x="{x + box / 2}" y="{y + 18}" text-anchor="middle">{room}</text>'
                   f'<text x="{x + box / 2}" y="{y + 34}" text-anchor="middle" font-size="11" fill="#52606d">{lines[room]} lines</text>')
    pathlib.Path(target).write_text("\n".join([*out, "</svg>", ""]))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--graph"]:
        draw(pathlib.Path(arguments[2]), arguments[1])
        sys.exit(0)
    sys.exit(check(pathlib.Path(arguments[0])))
