#!/usr/bin/env python3
"""A long film out of short ones: each as often as is needed, in an order that looks like none, cut together without being coded again, so that
it is as uneven inside as what people join.

usage: bench/ray/make_film.py VIDEOS SECONDS OUT.mp4
"""
import pathlib, random, subprocess, sys, tempfile

FORM = ("scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1,fps=25,format=yuv420p")
CODE = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-bf", "2", "-g", "250", "-threads", "1"]


def main():
    videos, seconds, out = pathlib.Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for number, video in enumerate(sorted(videos.iterdir())):
            part = pathlib.Path(folder) / f"{number}.mp4"
            subprocess.run(["ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-vf", FORM, *CODE, part], check=True)
            parts.append((part, float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", part], check=True,
                                                     stdout=subprocess.PIPE, text=True).stdout)))
        order, length, chance = [], 0.0, random.Random(4)
        while length < seconds:
            again = parts[:]
            chance.shuffle(again)
            order += again
            length += sum(part[1] for part in again)
        listed = pathlib.Path(folder) / "list"
        listed.write_text("".join(f"file '{part}'\n" for part, _ in order))
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", listed, "-c", "copy", "-t", str(seconds), out], check=True)


if __name__ == "__main__":
    main()
