#!/usr/bin/env python3
"""Writes the table of docs/metadata.md: what crossface and exiftool say about the same files.

usage: metadata_table.py CROSSFACE FOLDER [DOCUMENT]

Prints the table, or puts it between the marks of DOCUMENT. Needs exiftool (Debian: libimage-exiftool-perl).
"""
import json
import pathlib
import re
import subprocess
import sys

NO_VALUE = (None, "", "0000:00:00 00:00:00", "1904:01:01 00:00:00+00:00")  # the epoch is how zero reads as UTC
BEGIN, END = "<!-- table: tools/metadata_table.py -->", "<!-- end of table -->"
FIELDS = {
    "created": ["Keys:CreationDate", "ExifIFD:DateTimeOriginal", "QuickTime:CreateDate", "RIFF:DateTimeOriginal", "RIFF:DateCreated",
                "Theora:CreationTime", "Matroska:DateTimeOriginal", "H264:DateTimeOriginal"],
    "position": ["Composite:GPSPosition"],
    "device": ["Keys:Make", "Keys:Model"],
    "software": ["Keys:Software", "RIFF:Software", "ItemList:Encoder", "Keys:Encoder", "UserData:SoftwareVersion", "Matroska:MuxingApp",
                 "XMP-xmp:CreatorTool", "Vorbis:Encoder", "Keys:AndroidVersion"],
    "rotation": ["Composite:Rotation"],
    "time code": ["UserData:StartTimecode"],
}


def theirs(path):
    run = subprocess.run(["exiftool", "-json", "-G1", "-n", "-q", "-q", "-api", "QuickTimeUTC=1", "-api", "TimeZone=UTC", str(path)],
                         capture_output=True, text=True)
    said = json.loads(run.stdout)[0] if run.stdout else {}
    found = {}
    for field, tags in FIELDS.items():
        values = [str(said[tag]) for tag in tags if said.get(tag) not in NO_VALUE]
        if field != "device":
            values = values[:1]
        found[field] = " ".join(values)
    found["created"] = re.sub(r"^(\d{4}):(\d\d):(\d\d)", r"\1-\2-\3", found["created"]).replace(" ", "T").replace("+00:00", "Z")
    found["created"] = re.sub(r"\.0+Z$", "Z", found["created"])
    return found


def ours(source):
    position = "" if source.get("latitude") is None else f"{source['latitude']:.6g} {source['longitude']:.6g}"
    return {"created": source.get("created") or "", "position": position,
            "device": " ".join(filter(None, [source.get("make"), source.get("model")])), "software": source.get("software") or "",
            "rotation": str(source.get("rotation", "")), "time code": source.get("timecode") or ""}


def cell(mine, other):
    mine, other = mine.replace("|", "\\|"), other.replace("|", "\\|")
    alike = mine == other or mine == "Android " + other
    if not alike and mine and other:
        try:
            alike = all(abs(float(a) - float(b)) < 2e-5 for a, b in zip(mine.split(), other.split(), strict=True))
        except ValueError:
            pass
    return mine if alike else f"{mine or '–'} ≠ {other or '–'}"


def table(program, folder):
    run = subprocess.run([program, "metadata", "--json", *sorted(map(str, pathlib.Path(folder).iterdir()))], capture_output=True, text=True)
    lines = ["| file | " + " | ".join(FIELDS) + " | created from |", "|---|" + "---|" * (len(FIELDS) + 1)]
    for source in json.loads(run.stdout)["sources"]:
        path = pathlib.Path(folder) / source["source"]
        if "error" in source:
            lines.append(f"| `{path.name}` | not read: {source['error'].split(': ', 1)[-1]} |" + " |" * len(FIELDS))
            continue
        mine, other = ours(source), theirs(path)
        # What has no rotation has none: exiftool leaves the field out for most containers.
        other["rotation"] = other["rotation"] or "0"
        lines.append(f"| `{path.name}` | " + " | ".join(cell(mine[f], other[f]) for f in FIELDS) + f" | {source.get('created_from') or ''} |")
    return "\n".join(lines)


made = table(sys.argv[1], sys.argv[2])
if len(sys.argv) > 3:
    document = pathlib.Path(sys.argv[3])
    text = document.read_text()
    before, rest = text.split(BEGIN)
    document.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END)[1]}")
else:
    print(made)
