#!/usr/bin/env python3
"""source_digest.py WITH FILE...: for each source a line with a SHA-256 and its name. The digest is of the source, of all headers of
the project that it includes, near and far, of .clang-tidy, and of the text WITH. Run at the project's root."""
import functools
import hashlib
import pathlib
import re
import sys


@functools.cache
def included_by(path):
    """Headers of the project that the file itself includes; those that a build makes are not there."""
    named = re.findall(r'^\s*#\s*include\s+"(crossface/[^"]+)"', path.read_text(errors="replace"), re.M)
    return [header for header in (pathlib.Path("src") / name for name in named) if header.is_file()]


@functools.cache
def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def all_of(source):
    known, waiting = {source}, [source]
    while waiting:
        new = set(included_by(waiting.pop())) - known
        known |= new
        waiting += new
    return known


for name in sys.argv[2:]:
    parts = [sys.argv[1], digest_of(pathlib.Path(".clang-tidy"))]
    parts += sorted(f"{digest_of(path)} {path}" for path in all_of(pathlib.Path(name)))
    print(hashlib.sha256("\n".join(parts).encode()).hexdigest(), name)
