#!/usr/bin/env python3
"""What a Ray cluster costs: seconds and processor seconds of a scan with it and without.

usage: tools/ray_cluster.sh NODES 1 bench/ray/measure.py PROGRAM VIDEOS
Without: `scan --threads NODES`. The processor seconds of the cluster are those of all processes beside it: Ray's own too.
"""
import os, pathlib, shutil, subprocess, sys, tempfile, time

TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds():
    """Of every process here, and of those that have ended and were waited for."""
    ticks = 0
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def measure(name, command, settle):
    before, began = processor_seconds(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    time.sleep(settle)  # until those that the cluster ends are gone
    spent = processor_seconds() - before
    print(f"{name:24} {seconds:8.1f} s {spent:8.1f} CPU s", flush=True)
    return spent


def main():
    program, videos = sys.argv[1:3]
    nodes = os.environ["CROSSFACE_RAY_NODES"]
    work = pathlib.Path(tempfile.mkdtemp(prefix="crossface-ray-bench."))
    try:
        idle = -processor_seconds()
        time.sleep(10)
        idle += processor_seconds()
        print(f"the cluster, doing nothing: {idle / 10:.3f} CPU s per second")
        without = measure("without", [program, "scan", videos, "--case", work / "here", "--threads", nodes], 0)
        cluster = measure(f"with {nodes} nodes", [program, "scan", videos, "--case", work / "ray", "--ray", "auto"], 3)
        print(f"{cluster / without:.3f} times the processor seconds")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
