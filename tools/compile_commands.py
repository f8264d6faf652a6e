#!/usr/bin/env python3
"""compile_commands.py BUILD: its compile commands for tools of clang, to standard output: a command per file where files are
compiled together, and without the headers that gcc has precompiled, which are nothing to clang."""
import json
import pathlib
import re
import sys


def apart(entry):
    """The commands of the files that one command compiles."""
    command = re.sub(r"-Winvalid-pch -include \S+", "", entry["command"])
    together = entry["file"]
    files = [together]
    if "/Unity/unity_" in together:
        files = re.findall(r'^#include "(.+)"$', pathlib.Path(together).read_text(), re.M)
    return [{**entry, "file": file, "command": command.replace(together, file)} for file in files]


entries = json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text())
json.dump([one for entry in entries for one in apart(entry)], sys.stdout, indent=1)
