#!/usr/bin/env python3
"""Does a scan keep its pace and its memory over hours, and what does a kill near the end cost?

    bench/long/measure.py film build/release/crossface WORK FOOTAGE... [--hours 10] [--quiet 3] [--kill .9]
    bench/long/measure.py stills build/release/crossface WORK PHOTOS [--count 20000]

film: makes WORK/film.mkv, the footage in a row as 854x480 at 25 frames a second, then so many times as long a picture in which
nothing but noise moves, as cameras on a wall show most of the day, and this over and over; scans it, kills the scan with
SIGKILL at that share of the film, and runs the command again. stills: makes so many different photos out of those in
PHOTOS (cropped by some pixels and compressed anew) and scans them. What is made is kept and used again.

Prints a row for each tenth: seconds of the clock, CPU seconds, most memory; and what the same command takes once more. Needs ffmpeg; for stills Pillow.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
FORMAT = ["-r", "25", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-g", "125", "-an"]
FIT = "scale=854:480:force_original_aspect_ratio=decrease,pad=854:480:-1:-1,setsar=1"


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def length_of(path):
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                           check=True, capture_output=True, text=True)
    return float(shown.stdout)


def films_in(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from (os.path.join(path, name) for name in sorted(os.listdir(path)))
        else:
            yield path


def make_film(work, footage, hours, quiet):
    film = os.path.join(work, "film.mkv")
    if os.path.exists(film):
        return film
    parts = []
    for path in films_in(footage):
        parts.append(os.path.join(work, f"part{len(parts):03}.mkv"))
        ffmpeg("-i", path, "-vf", FIT, *FORMAT, parts[-1])
    busy = sum(map(length_of, parts))
    if quiet > 0:
        parts.append(os.path.join(work, "quiet.mkv"))
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=854x480:d=0.04", "-vf",
               f"gblur=12,eq=brightness=-.15,loop=-1:1,noise=alls=5:allf=t,trim=duration={quiet * busy}", *FORMAT, parts[-1])
    once = os.path.join(work, "once.txt")
    with open(once, "w") as names:
        names.writelines(f"file '{os.path.abspath(part)}'\n" for part in parts)
    unit = os.path.join(work, "unit.mkv")
    ffmpeg("-f", "concat", "-safe", "0", "-i", once, "-c", "copy", unit)
    ffmpeg("-stream_loop", "-1", "-i", unit, "-t", str(hours * 3600), "-c", "copy", film + ".part.mkv")
    os.rename(film + ".part.mkv", film)
    for part in [*parts, unit]:
        os.remove(part)
    return film


def make_stills(work, photos, count):
    folder = os.path.join(work, "stills")
    if os.path.exists(folder):
        return folder
    from PIL import Image
    files = sorted(os.path.join(at, name) for at, _, names in os.walk(photos) for name in names if name.endswith(".jpg"))
    os.makedirs(folder + ".part")
    for number in range(count):
        with Image.open(files[number % len(files)]) as picture:
            by = number // len(files)
            width, height = picture.size
            picture.convert("RGB").crop((by, 2 * by, width - 3 * by, height - by)).save(
                os.path.join(folder + ".part", f"{number:06}.jpg"), quality=90)
    os.rename(folder + ".part", folder)
    return folder


class Job:
    """crossface identify, watched: how much is scanned, CPU seconds, memory."""

    def __init__(self, program, source, case):
        self.began = time.monotonic()
        self.errors = open(case + ".log", "ab+")
        self.start = self.errors.seek(0, os.SEEK_END)
        self.answer = open(case + ".json", "wb+")
        self.child = subprocess.Popen([program, "identify", source, "--case", case, "--json"], stdout=self.answer, stderr=self.errors)
        self.cpu = self.most = self.share = 0

    def look(self):
        try:
            with open(f"/proc/{self.child.pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            with open(f"/proc/{self.child.pid}/status") as status:
                found = re.search(r"VmRSS:\s+(\d+)", status.read())
        except FileNotFoundError:
            return
        self.cpu = (int(fields[11]) + int(fields[12])) / TICKS
        self.most = max(self.most, int(found[1]) / 1024 if found else 0)
        self.errors.seek(self.start)
        text = self.errors.read().decode(errors="replace")
        share = re.findall(r"scan: +(\d+)%", text)
        self.share = int(share[-1]) / 100 if share else 0

    def finish(self):
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.answer.seek(0)
        try:
            return json.loads(self.answer.read() or b"null")
        except ValueError:
            return None


def watch(job, kill):
    """Prints a row a tenth. True when it was killed."""
    print(f"{'share':>6}{'clock s':>10}{'CPU s':>10}{'MiB':>8}", flush=True)
    tenth, before = 1, (0., 0.)
    while os.waitid(os.P_PID, job.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(1)
        job.look()
        clock = time.monotonic() - job.began
        while tenth <= 10 * job.share:
            print(f"{tenth / 10:>6.0%}{clock - before[0]:>10.0f}{job.cpu - before[1]:>10.0f}{job.most:>8.0f}", flush=True)
            tenth, before = int(10 * job.share) + 1, (clock, job.cpu)
            job.most = 0
        if kill and job.share >= kill:
            job.child.send_signal(signal.SIGKILL)
            return True
    return False


def tell_end(name, job, answer):
    clock = time.monotonic() - job.began
    scan = (answer or {}).get("scan", {})
    print(f"{name}: exit {job.child.returncode}, {clock:.0f} s, {job.cpu:.0f} CPU s, "
          f"{scan.get('video_seconds', 0):.0f} s of video and {scan.get('pictures', 0)} pictures scanned, "
          f"{(answer or {}).get('cluster', {}).get('persons')} people in {(answer or {}).get('cluster', {}).get('tracks')} tracks", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["film", "stills"])
    parser.add_argument("crossface")
    parser.add_argument("work")
    parser.add_argument("footage", nargs="+")
    parser.add_argument("--hours", type=float, default=10)
    parser.add_argument("--quiet", type=float, default=3)
    parser.add_argument("--kill", type=float, default=.9)
    parser.add_argument("--count", type=int, default=20000)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    case = os.path.join(options.work, f"case-{options.what}")
    if os.path.exists(case):
        sys.exit(f"{case} is there already: remove it")
    if options.what == "film":
        source, kill = make_film(options.work, options.footage, options.hours, options.quiet), options.kill
        print(f"{length_of(source):.0f} s, {os.path.getsize(source) >> 20} MiB")
    else:
        source, kill = make_stills(options.work, options.footage[0], options.count), 0
    job = Job(options.crossface, source, case)
    if watch(job, kill):
        job.finish()
        print(f"killed after {time.monotonic() - job.began:.0f} s")
        job = Job(options.crossface, source, case)
        watch(job, 0)
    tell_end("end", job, job.finish())
    again = Job(options.crossface, source, case)
    tell_end("again, nothing new", again, again.finish())
    size = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(case) for name in names)
    print(f"the case's folder: {size >> 20} MiB")


if __name__ == "__main__":
    main()
