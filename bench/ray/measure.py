#!/usr/bin/env python3
"""What a Ray cluster costs: seconds and processor seconds of a scan with it and without.

usage: tools/ray_cluster.sh NODES 1 bench/ray/measure.py PROGRAM VIDEOS
Without: `scan --threads NODES`. The processor seconds of the cluster are those of all processes beside it: Ray's own too.
"""
import os, pathlib, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from processor_time import all_processor_seconds  # noqa: E402


def measure(name, command, settle):
    before, began = all_processor_seconds(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    time.sleep(settle)  # until those that the cluster ends are gone
    spent = all_processor_seconds() - before
    print(f"{name:24} {seconds:8.1f} s {spent:8.1f} CPU s", flush=True)
    return spent


def main():
    program, videos = sys.argv[1:3]
    nodes = os.environ["CROSSFACE_RAY_NODES"]
    work = pathlib.Path(tempfile.mkdtemp(prefix="crossface-ray-bench."))
    try:
        idle = -all_processor_seconds()
        time.sleep(10)
        idle += all_processor_seconds()
        print(f"the cluster, doing nothing: {idle / 10:.3f} CPU s per second")
        without = measure("without", [program, "scan", videos, "--case", work / "here", "--threads", nodes], 0)
        cluster = measure(f"with {nodes} nodes", [program, "scan", videos, "--case", work / "ray", "--ray", "auto"], 3)
        print(f"{cluster / without:.3f} times the processor seconds")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
