"""Reads what a program sends to a terminal that can show pixels, and gives the pictures that would be seen: kitty's graphics and sixel.

What crossface uses of both: a picture lies where the cursor was put before it; kitty's go when a=d says so, sixel's with a line of text
that is written over them.
"""
import base64, re, subprocess

TOKEN = re.compile(rb"\x1b\[(\d+);(\d+)H|\x1b\[2J|\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\|\x1bP[0-9;]*q([^\x1b]*)\x1b\\", re.S)
SIXEL = re.compile(rb'"([0-9;]*)|#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|(\$)|(-)')


class Picture:
    """RGB rows, and where on the screen they lie, in pixels."""

    def __init__(self, left, top, rows):
        self.left, self.top, self.rows = left, top, rows
        self.width, self.height = len(rows[0]) // 3, len(rows)

    def save(self, path):
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{self.width}x{self.height}",
                        "-i", "-", "-frames:v", "1", str(path)], input=b"".join(map(bytes, self.rows)), check=True)


def sixel_rows(text):
    palette, colour, x, y, rows = {}, b"", 0, 0, []
    for found in SIXEL.finditer(text):
        raster, number, red, green, blue, times, repeated, single, back, down = found.groups()
        if raster is not None:
            width, height = (int(each) for each in raster.split(b";")[2:4])
            rows = [bytearray(3 * width) for _ in range(height)]
        elif number is not None:
            if red is not None:
                palette[number] = bytes(round(int(part) * 255 / 100) for part in (red, green, blue))
            colour = palette[number]
        elif back:
            x = 0
        elif down:
            x, y = 0, y + 6
        else:
            bits, count = (repeated or single)[0] - 63, int(times or 1)
            for bit in range(6):
                if bits >> bit & 1:
                    rows[y + bit][3 * x:3 * (x + count)] = colour * count
            x += count
    return rows


def kitty_rows(told, data):
    width, height = int(told[b"s"]), int(told[b"v"])
    assert told[b"f"] == b"32" and len(data) == 4 * width * height, (told, len(data))
    rows = []
    for y in range(height):
        row = data[4 * width * y:4 * width * (y + 1)]
        kept = bytearray(3 * width)
        for channel in range(3):
            kept[channel::3] = row[channel::4]
        rows.append(kept)
    return rows


def seen(sent, cell_width, cell_height):
    """The pictures on a terminal with cells of so many pixels, after these bytes."""
    shown, column, row, told, data = [], 0, 0, {}, b""
    for found in TOKEN.finditer(sent):
        if found[0] == b"\x1b[2J":
            shown = [(kind, picture) for kind, picture in shown if kind == "kitty"]
        elif found[1]:
            row, column = int(found[1]) - 1, int(found[2]) - 1
            if column == 0:  # a line of text
                here = range(row * cell_height, (row + 1) * cell_height)
                shown = [(kind, picture) for kind, picture in shown
                         if kind == "kitty" or picture.top + picture.height <= here.start or picture.top >= here.stop]
        elif found[5] is not None:
            shown.append(("sixel", Picture(column * cell_width, row * cell_height, sixel_rows(found[5]))))
        else:
            fields = dict(pair.split(b"=", 1) for pair in found[3].split(b",") if b"=" in pair)
            if fields.get(b"a") == b"d":
                shown = [(kind, picture) for kind, picture in shown if kind != "kitty"]
            if fields.get(b"a") in (b"d", b"q"):
                continue
            if b"a" in fields:
                told, data = fields, b""
            data += base64.b64decode(found[4] or b"")  # each part is padded by itself
            if fields.get(b"m") == b"1":
                continue
            picture = Picture(column * cell_width, row * cell_height, kitty_rows(told, data))
            asked = int(told[b"c"]) * cell_width, int(told[b"r"]) * cell_height
            assert (picture.width, picture.height) == asked, f"{picture.width}x{picture.height} is stretched to {asked}"
            shown.append(("kitty", picture))
    return [picture for _, picture in shown]
