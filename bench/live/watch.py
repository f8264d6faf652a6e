#!/usr/bin/env python3
"""Watches real RTSP streams on this computer and prints how it went, as rows for docs/live.md.

    bench/live/watch.py build/release/crossface VIDEO... [--streams 4] [--seconds 75] [--beside FOOTAGE] [--compare]

The videos are cut together into one film (1280x720, 25 frames a second, H.264), which ffmpeg sends in a loop, each stream beginning
elsewhere in it, through the RTSP server of the tests (crossface_rtsp_server, built with the program). --beside runs `identify` of
other footage into a case of its own meanwhile. --compare groups the case again after the watch, identifies the same segments in a
fresh case, and holds both against each other face by face. Everything lies in --work, which is kept.
"""
import argparse
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def make_film(videos, film, skip_s):
    """The videos one after the other, beginning `skip_s` later and ending with what came before."""
    inputs = [word for video in videos for word in ("-i", video)]
    shown = "".join(f"[{i}:v]scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1,fps=25,setsar=1[v{i}];"
                    for i in range(len(videos)))
    joined = "".join(f"[v{i}]" for i in range(len(videos)))
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, "-filter_complex",
                    f"{shown}{joined}concat=n={len(videos)}:v=1:a=0,split[a][b];[a]trim=start={skip_s},setpts=PTS-STARTPTS[x];"
                    f"[b]trim=end={max(skip_s, .04)},setpts=PTS-STARTPTS[y];[x][y]concat=n=2:v=1:a=0",
                    "-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "50", "-bf", "0", "-tune", "zerolatency",
                    "-f", "mpegts", film], check=True)


def serve(program, film, port):
    """A server of the film in a loop: its processes."""
    feed = subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", film, "-c", "copy", "-f", "rtp",
                             f"rtp://127.0.0.1:{port + 1}?pkt_size=1200"], stdout=subprocess.DEVNULL)
    server = subprocess.Popen([program, str(port), str(port + 1)], stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    return [feed, server]


class Follow(threading.Thread):
    """Memory and processor seconds of a process, and the load of the computer, once a second."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.rows = process, []

    def run(self):
        while self.process.poll() is None:
            try:
                fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                memory = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                return
            self.rows.append((memory * PAGE / 1e6, (int(fields[11]) + int(fields[12])) / TICK, os.getloadavg()[0]))
            time.sleep(1)


def quantile(values, share):
    return sorted(values)[round(share * (len(values) - 1))] if values else float("nan")


def watch(options, work):
    names = [f"cam{i + 1}" for i in range(options.streams)]
    servers = []
    for i, name in enumerate(names):
        film = work / f"{name}.ts"
        if not film.exists():
            make_film(options.videos, str(film), 3.0 * i)
        servers += serve(options.server, str(film), options.port + 10 * i)
    time.sleep(1)
    beside = None
    if options.beside:
        shutil.rmtree(work / "beside", ignore_errors=True)
        beside = subprocess.Popen([options.crossface, "identify", options.beside, "--case", str(work / "beside"), "--quiet"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    case = work / "case"
    shutil.rmtree(case, ignore_errors=True)
    words = [f"{name}=rtsp://127.0.0.1:{options.port + 10 * i}/live" for i, name in enumerate(names)]
    with open(work / "events.jsonl", "w") as out:
        process = subprocess.Popen([options.crossface, "live", *words, "--case", str(case), "--for", str(options.seconds), "--json",
                                    "--quiet", "--no-identify", *(["--threads", str(options.threads)] if options.threads else [])],
                                   stdout=out)
        follow = Follow(process)
        follow.start()
        code = process.wait()
    for each in servers:
        each.kill()
    if beside:
        beside.send_signal(signal.SIGINT)
        beside.wait()
    if code != 0:
        sys.exit(f"live ended with {code}")
    return case, follow.rows


def report(work, rows, options):
    events = [json.loads(line) for line in open(work / "events.jsonl")]
    stats = [event for event in events if event["event"] == "stats" and event["seconds"] > 5]
    seen = [event["delay_ms"] / 1000 for event in events if event["event"] == "seen"]
    looked, dropped = (sum(event[name] for event in stats) for name in ("looked_at", "dropped"))
    half, most = ([event[name] / 1000 for event in stats if event["looked_at"]] for name in ("delay_p50_ms", "delay_p95_ms"))
    memory, load = [row[0] for row in rows], [row[2] for row in rows]
    later = memory[len(memory) // 3:]
    print(f"streams {options.streams}, {options.seconds} s" + (", beside identify" if options.beside else ""))
    print(f"load {min(load):.1f} to {max(load):.1f}")
    print(f"frames worth a look that got one: {looked} of {looked + dropped}")
    print(f"from a frame to the end of its look, by ten seconds: median {quantile(half, 0):.2f} to {quantile(half, 1):.2f} s, "
          f"95th percentile {quantile(most, 0):.2f} to {quantile(most, 1):.2f} s")
    print(f"from a frame to the line that names its face: {quantile(seen, .5):.2f} s / {quantile(seen, .95):.2f} s of {len(seen)}")
    print(f"processor seconds {rows[-1][1]:.0f}, memory at most {max(memory):.0f} MB; by thirds at most "
          + ", ".join(f"{max(memory[i * len(memory) // 3:(i + 1) * len(memory) // 3]):.0f}" for i in range(3)))
    print(f"people named by the watch: {events[-1]['people']}, tracks {events[-1]['tracks']}, segments {events[-1]['segments']}, "
          f"{events[-1]['recorded_bytes'] / 1e6:.0f} MB")
    if later and max(later) > 1.2 * later[0]:
        print("memory is not flat")


def people_of(case):
    """Person by face: where the face is tells it in both cases."""
    with open(case / "faces.csv", newline="") as table:
        return {(row["source"], row["track"], row["face"]): row["person"] for row in csv.DictReader(table)}


def compare(options, work, case):
    fresh = work / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    for words in (["identify", str(case / "recordings"), "--case", str(case)], ["cluster", "--case", str(case)],
                  ["identify", str(case / "recordings"), "--case", str(fresh)]):
        code = subprocess.run([options.crossface, *words, "--quiet"], stdout=subprocess.DEVNULL, check=False).returncode
        if code not in (0, 3):
            sys.exit(f"{words[0]} ended with {code}")
    one, other = people_of(case), people_of(fresh)
    pairs = {(one.get(face, "-"), other.get(face, "-")) for face in one.keys() | other.keys()}
    people = sorted({person for person in one.values() if person})
    same = one.keys() == other.keys() and len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    print(f"the case and a fresh one: {len(one)} and {len(other)} faces, {len(people)} people, "
          + ("the same people" if same else f"not the same: {sorted(pairs)}"))
    return same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crossface")
    parser.add_argument("videos", nargs="+")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=75)
    parser.add_argument("--threads", type=int, default=0, help="that look; without it as many as live takes by itself")
    parser.add_argument("--beside", help="footage that is identified meanwhile")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--server", help="the tests' RTSP server", default="build/release/src/crossface/crossface_rtsp_server")
    parser.add_argument("--port", type=int, default=18554)
    parser.add_argument("--work", default="/tmp/crossface-live")
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    case, rows = watch(options, work)
    report(work, rows, options)
    if options.compare and not compare(options, work, case):
        sys.exit(1)


if __name__ == "__main__":
    main()
