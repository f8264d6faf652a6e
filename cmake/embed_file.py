#!/usr/bin/env python3
"""usage: embed_file.py FILE HEADER SYMBOL: writes FILE's bytes as a C++ string_view constant (for CrossfaceRoom builds)."""
import os
import sys

source, header, symbol = sys.argv[1:]
data = open(source, "rb").read()
rows = [", ".join(str(b if b < 128 else b - 256) for b in data[i : i + 64]) for i in range(0, len(data), 64)]
os.makedirs(os.path.dirname(header), exist_ok=True)
with open(header, "w") as out:
    out.write("// Generated from %s.\n#pragma once\n#include <string_view>\nnamespace crossface {\n" % os.path.basename(source))
    out.write("inline constexpr char %sBytes[] = {%s};\n" % (symbol, ",\n".join(rows) or "0"))
    out.write("inline constexpr std::string_view %s{%sBytes, %d};\n}  // namespace crossface\n" % (symbol, symbol, len(data)))
