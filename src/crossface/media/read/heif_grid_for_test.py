"""Puts pictures of one size together as telephones store theirs: a HEIF file of a grid of tiles (ISO 23008-12, 6.6.2.3).

usage: heif_grid_for_test.py OUT COLUMNS QUARTER_TURNS TILE.heic...

Tiles, in rows, are files of heif-enc with one picture each. QUARTER_TURNS, anticlockwise, is what the file says of turning it.
"""
import struct
import sys


def boxes(data, at, end):
    while at + 8 <= end:
        size, name = struct.unpack(">I4s", data[at:at + 8])
        yield name.decode(), at + 8, at + size
        at += size


def find(data, path):
    begin, end = 0, len(data)
    for wanted in path:
        begin, end = next((b, e) for name, b, e in boxes(data, begin, end) if name == wanted)
        begin += 4 if wanted == "meta" else 0
    return begin, end


def box(name, *parts):
    payload = b"".join(parts)
    return struct.pack(">I4s", 8 + len(payload), name.encode()) + payload


def full(name, version, flags, *parts):
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def main():
    out, columns, turns, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    tiles = []
    for name in files:
        data = open(name, "rb").read()
        properties = {kind: data[b:e] for kind, b, e in boxes(data, *find(data, ["meta", "iprp", "ipco"]))}
        tiles.append(data[slice(*find(data, ["mdat"]))])
    width, height = struct.unpack(">II", properties["ispe"][4:12])
    count, rows = len(tiles), len(files) // columns
    width, height = width * columns, height * rows
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)

    def entry(item, kind, hidden):
        return full("infe", 2, hidden, struct.pack(">HH4s", item, 0, kind.encode()), b"\0")

    ids = range(2, count + 2)
    kept = [box("hvcC", properties["hvcC"]), box("ispe", properties["ispe"]),
            full("ispe", 0, 0, struct.pack(">II", width, height)), box("irot", bytes([turns]))]
    owners = [struct.pack(">HBBB", 1, 2, 3, 0x84)] + [struct.pack(">HBBB", i, 2, 0x81, 2) for i in ids]

    def meta(places):
        items = [struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(grid))]
        items += [struct.pack(">HHHHII", i, 0, 0, 1, place, len(tile)) for i, place, tile in zip(ids, places, tiles)]
        return full(
            "meta", 0, 0, full("hdlr", 0, 0, struct.pack(">I4sIII", 0, b"pict", 0, 0, 0), b"\0"),
            full("pitm", 0, 0, struct.pack(">H", 1)),
            full("iloc", 1, 0, struct.pack(">BBH", 0x44, 0, count + 1), *items),
            full("iinf", 0, 0, struct.pack(">H", count + 1), entry(1, "grid", 0), *[entry(i, "hvc1", 1) for i in ids]),
            full("iref", 0, 0, box("dimg", struct.pack(">HH", 1, count), *[struct.pack(">H", i) for i in ids])),
            box("iprp", box("ipco", *kept), full("ipma", 0, 0, struct.pack(">I", count + 1), *owners)), box("idat", grid))

    head = box("ftyp", b"heic", struct.pack(">I", 0), b"mif1heic")
    at = len(head) + len(meta([0] * count)) + 8
    places = []
    for tile in tiles:
        places.append(at)
        at += len(tile)
    open(out, "wb").write(head + meta(places) + box("mdat", *tiles))


main()
