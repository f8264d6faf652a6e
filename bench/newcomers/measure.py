#!/usr/bin/env python3
"""Is somebody found who comes into a running shot and goes again, by how long they stay?

    bench/newcomers/measure.py build/release/crossface WORK PHOTOS [--each 30] [--scene turning|still|walking] [--size 854x480]
        [--high 80 230] [--light 1]

Makes WORK/newcomers-SCENE.mp4 (854x480, 25 frames a second): one person stays; others appear beside, for .2 to 2 seconds
each, at any place and (as --high says of the cut-out) 50 to 150 pixels high, without a cut. turning: the one who stays moves a little, so that five frames a
second are kept; still: nothing but the newcomer moves; walking: newcomers cross the picture meanwhile. --light: all of it darker by this factor, but not the sensor's noise. Scans it and prints
for each length how many were found (a face of the case at their place and time) and how many came into somebody's folder.
Needs Python with OpenCV, and ffmpeg.
"""
import argparse
import csv
import os
import random
import shutil
import subprocess

import cv2
import numpy as np

STAYS = [.2, .3, .4, .5, .6, .8, 1., 1.5, 2.]
FPS, GAP_S = 25, 1.6


def photos_in(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".jpg"))


def face_of(path, height):
    """The middle of an LFW photo, where the face is, and a soft mask."""
    picture = cv2.imread(path)
    side = picture.shape[0]
    cut = picture[int(side * .18):int(side * .82), int(side * .22):int(side * .78)]
    cut = cv2.resize(cut, (int(cut.shape[1] * height / cut.shape[0]), height), interpolation=cv2.INTER_AREA if height < cut.shape[0] else cv2.INTER_CUBIC)
    mask = np.zeros(cut.shape[:2], np.float32)
    cv2.ellipse(mask, (cut.shape[1] // 2, cut.shape[0] // 2), (int(cut.shape[1] * .46), int(cut.shape[0] * .48)), 0, 0, 360, 1, -1)
    return cut, cv2.GaussianBlur(mask, (0, 0), height / 40)[:, :, None]


def paste(frame, face, at):
    cut, mask = face
    x, y = int(at[0]), int(at[1])
    part = frame[y:y + cut.shape[0], x:x + cut.shape[1]]
    part[:] = (part * (1 - mask) + cut * mask).astype(np.uint8)


def make(film, photos, options, seed=11):
    """Writes the film; gives (stay, first and last second, first and last place as x, y, w, h) of each newcomer."""
    dice = random.Random(seed)
    wide_film, high_film = map(int, options.size.split("x"))
    dice.shuffle(photos)
    sink = subprocess.Popen(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{wide_film}x{high_film}", "-r", str(FPS),
                             "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", film], stdin=subprocess.PIPE)
    noise = np.random.default_rng(seed)
    back = cv2.resize(noise.integers(70, 150, (12, 20, 3), np.uint8), (wide_film, high_film), interpolation=cv2.INTER_CUBIC)
    one = face_of(photos.pop(), 150)
    order = [stay for stay in STAYS for _ in range(options.each)]
    dice.shuffle(order)
    number, newcomers = 0, []

    def write(other=None, at=None):
        nonlocal number
        frame = back.copy()
        way = 6 * np.sin(number / 7) if options.scene == "turning" else 0
        paste(frame, one, (60 + way, 150 + way / 2))
        if other is not None:
            paste(frame, other, at)
        frame = cv2.add((frame * options.light).astype(np.uint8), noise.integers(0, 4, frame.shape, np.uint8))
        sink.stdin.write(frame.tobytes())
        number += 1

    for stay in order:
        for _ in range(int((GAP_S + dice.random()) * FPS)):
            write()
        other = face_of(photos.pop(), dice.randint(*options.high))
        high, wide = other[0].shape[:2]
        frames = max(1, round(stay * FPS))
        begin = (dice.randint(260, wide_film - wide - 1), dice.randint(0, high_film - high - 1))
        end = (dice.randint(260, wide_film - wide - 1), begin[1]) if options.scene == "walking" else begin
        first = number / FPS
        for i in range(frames):
            share = i / max(1, frames - 1)
            write(other, [a + (b - a) * share for a, b in zip(begin, end)])
        newcomers.append((stay, first, number / FPS, begin, end, wide, high))
    for _ in range(FPS):
        write()
    sink.stdin.close()
    if sink.wait() != 0:
        raise SystemExit("ffmpeg failed")
    return newcomers


def is_at(row, newcomer):
    _, first, last, begin, end, wide, high = newcomer
    time = float(row["time_ms"]) / 1000
    if not first - .05 <= time <= last + .05:
        return False
    share = min(1, max(0, (time - first) / max(.04, last - first - .04)))
    x, y = (a + (b - a) * share for a, b in zip(begin, end))
    middle = (float(row["x"]) + float(row["w"]) / 2, float(row["y"]) + float(row["h"]) / 2)
    return x - 10 <= middle[0] <= x + wide + 10 and y <= middle[1] <= y + high


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crossface")
    parser.add_argument("work")
    parser.add_argument("photos")
    parser.add_argument("--each", type=int, default=30)
    parser.add_argument("--scene", choices=["turning", "still", "walking"], default="turning")
    parser.add_argument("--size", default="854x480")
    parser.add_argument("--high", nargs=2, type=int, default=[80, 230], metavar=("FROM", "TO"))
    parser.add_argument("--light", type=float, default=1)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    film = os.path.join(options.work, f"newcomers-{options.scene}.mp4")
    newcomers = make(film, photos_in(options.photos), options)
    case = os.path.join(options.work, f"case-{options.scene}")
    shutil.rmtree(case, ignore_errors=True)
    subprocess.run([options.crossface, "identify", film, "--case", case, "--quiet"], check=True)
    with open(os.path.join(case, "faces.csv"), newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["x"]]
    print(f"{options.scene}: stay, found, in a folder, of")
    for stay in STAYS:
        own = [each for each in newcomers if each[0] == stay]
        met = [[row for row in rows if is_at(row, each)] for each in own]
        print(f"{stay:>5.1f} s {sum(map(bool, met)):>5}{sum(any(row['person'] for row in each) for each in met):>5}{len(own):>5}")


if __name__ == "__main__":
    main()
