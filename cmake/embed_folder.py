#!/usr/bin/env python3
"""usage: embed_folder.py HEADER [FOLDER]: writes every file of a web page as constants (for CrossfaceWeb). Without a folder: a page
that says that there is none."""
import hashlib, mimetypes, os, pathlib, sys

NONE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>crossface</title><h1>crossface</h1>
<p>This program was built without its web page. Scripts can use the API below /api/v1/; its description is at /api/v1/openapi.json.</p></html>"""
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
         ".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
header = pathlib.Path(sys.argv[1])
files = {"/index.html": NONE}
if len(sys.argv) > 2:
    folder = pathlib.Path(sys.argv[2])
    files = {"/" + path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    assert "/index.html" in files, f"{folder} is no web page"
lines = ["// Generated.", "#pragma once", "#include <array>", "#include <string_view>", "namespace crossface {",
         "struct WebFile {", "  std::string_view path, type, tag, bytes;", "};"]
rows = []
for number, (name, data) in enumerate(files.items()):
    kind = TYPES.get(pathlib.PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    numbers = ",\n".join(",".join(str(b if b < 128 else b - 256) for b in data[i:i + 64]) for i in range(0, len(data), 64))
    lines.append("inline constexpr char kWebFile%d[] = {%s};" % (number, numbers or "0"))
    rows.append('    WebFile{"%s", "%s", "%s", {kWebFile%d, %d}}' % (name, kind, hashlib.sha256(data).hexdigest()[:16], number, len(data)))
lines += ["inline constexpr std::array<WebFile, %d> kWebFiles = {" % len(rows), ",\n".join(rows), "};", "}  // namespace crossface", ""]
os.makedirs(header.parent, exist_ok=True)
header.write_text("\n".join(lines))
