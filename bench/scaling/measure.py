#!/usr/bin/env python3
"""Measures the rates that simulate.py computes with, and the runs that it has to reproduce. Writes measured.json beside itself.

usage: bench/scaling/measure.py films PROGRAM VIDEOS        what every film costs by itself, and all of them
       bench/scaling/measure.py writer MAKE_LARGE_CASE      what a writer of the gallery takes, one alone and two beside each other
       tools/ray_cluster.sh NODES 1 bench/scaling/measure.py ray PROGRAM VIDEOS   a scan with so many nodes, and one without beside it
       tools/ray_cluster.sh 1 1 bench/scaling/measure.py ray PROGRAM FILM ray_one_film     what speaking to Ray costs
Processor seconds are of all processes of a run, Ray's own too. Wall clock is told as well; on a busy machine it is worth little.
"""
import json
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from processor_time import all_processor_seconds  # noqa: E402

MEASURED = HERE / "measured.json"


def run(command):
    """Standard output, seconds, processor seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def case_bytes(case):
    return sum(path.stat().st_size for path in case.rglob("*") if path.is_file())


def films(program, videos):
    work = pathlib.Path(tempfile.mkdtemp(prefix="crossface-scaling."))
    try:
        found = []
        for film in sorted(path for path in pathlib.Path(videos).iterdir() if path.is_file()):
            output, seconds, cpu = run([program, "scan", film, "--case", work / film.name, "--threads", "1", "--json"])
            scan = json.loads(output)["scan"]
            found.append({"film": film.name, "bytes": film.stat().st_size, "video_seconds": scan["video_seconds"], "faces": scan["faces"],
                          "tracks": scan["tracks"], "cpu_seconds": round(cpu, 2), "stages": {k: round(v, 3) for k, v in scan["cpu_seconds"].items()},
                          "gallery_bytes": (work / film.name / "crossface.db").stat().st_size})
        case = work / "all"
        output, _, all_cpu = run([program, "scan", videos, "--case", case, "--threads", "1", "--json"])
        gallery = (case / "crossface.db").stat().st_size
        # A shot is a transaction.
        shots = sqlite3.connect(case / "crossface.db").execute("SELECT count(*) FROM (SELECT DISTINCT source_id, shot FROM tracks)").fetchone()[0]
        _, _, group = run([program, "cluster", "--case", case])
        _, _, export = run([program, "export", "--case", case])
        total = {"cpu_seconds": round(all_cpu, 2), "shots": shots, "gallery_bytes": gallery, "cluster_cpu_seconds": round(group, 2), "export_cpu_seconds": round(export, 2),
                 "case_bytes": case_bytes(case)}
        return {"films": found, "all": total}
    finally:
        shutil.rmtree(work)


def writer(make_large_case):
    """The least of several: others use the disk too."""
    sizes = {"persons": 500, "tracks": 5000, "faces": 20_000, "sources": 500}
    work = pathlib.Path(tempfile.mkdtemp(prefix="crossface-scaling."))

    def make(writers):
        shutil.rmtree(work)
        work.mkdir()
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        running = [subprocess.Popen([make_large_case, work / str(number), *(f"--{name}={size}" for name, size in sizes.items())],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for number in range(writers)]
        if any(process.wait() for process in running):
            raise SystemExit("make_large_case failed")
        seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    try:
        rounds = [(make(1), make(2)) for _ in range(4)]
        seconds, cpu = (min(alone[of] for alone, _ in rounds) for of in range(2))
        two = min(together for _, (together, _) in rounds)
        gallery = sqlite3.connect(work / "0" / "crossface.db")
        rows = sum(gallery.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                   for (table,) in gallery.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall())
        return {"writer": {**sizes, "rows": rows, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "two_seconds": round(two, 2)}}
    finally:
        shutil.rmtree(work)


def ray(program, videos, name=None):
    nodes, videos = os.environ["CROSSFACE_RAY_NODES"], pathlib.Path(videos)
    films = [videos] if videos.is_file() else [path for path in videos.iterdir() if path.is_file()]
    work = pathlib.Path(tempfile.mkdtemp(prefix="crossface-scaling."))
    try:
        figures = {}
        for run_name, more in (("without", ["--threads", nodes]), ("with", ["--ray", "auto"])):
            before, began = all_processor_seconds(), time.monotonic()
            subprocess.run([program, "scan", videos, "--case", work / run_name, *more], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds = time.monotonic() - began
            time.sleep(3)  # until those that the cluster ends are gone
            figures[run_name] = {"seconds": round(seconds, 1), "cpu_seconds": round(all_processor_seconds() - before, 1)}
        return {name or f"ray_{nodes}": {"cores": len(os.sched_getaffinity(0)), "films": sorted(path.name for path in films), **figures}}
    finally:
        shutil.rmtree(work)


def main():
    measured = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    measured.update({"films": films, "writer": writer, "ray": ray}[sys.argv[1]](*sys.argv[2:]))
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
