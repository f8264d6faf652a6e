#!/usr/bin/env python3
"""What looks and corrections cost in a large case: time, CPU time, peak memory and flushes to the disk, as a table.

    build/release/bench/make_large_case CASE --persons 1000 --tracks 50000 --faces 200000 --sources 10000
    bench/large_case/measure.py build/release/crossface CASE

The case is changed: a person is renamed, two are merged. Give a copy, or make it anew.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time


def run(command):
    """Wall and CPU seconds, peak MB of one call."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{' '.join(command)}: {errors.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def flushes(command):
    """How often one call asks the system to flush files; None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs", "-o", trace.name, *command],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return len(re.findall(r"(?:fsync|fdatasync|syncfs)\(", trace.read()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crossface")
    parser.add_argument("case")
    parser.add_argument("--rows", default="list,show,first export,export,rename,merge,cluster,cluster again",
                        help="which, by comma")
    options = parser.parse_args()
    people = lambda *words: [options.crossface, "people", *words, "--case", options.case, "--quiet"]
    cluster = [options.crossface, "cluster", "--case", options.case, "--quiet"]
    export = [options.crossface, "export", "--case", options.case, "--quiet"]
    rows = {
        "list": people("list"),
        "show": people("show", "5"),
        "first export": export,
        "export": export,
        "rename": people("rename", "7", f"Renamed {os.getpid()}"),
        "merge": people("merge", "20", "21", "--override"),
        "cluster": cluster,
        "cluster again": cluster,
    }
    print("| what | wall s | CPU s | peak MB | flushes |\n|---|---|---|---|---|")
    for name in options.rows.split(","):
        wall, cpu, peak = run(rows[name])
        # Of a call that can be repeated; a rename is repeated with another name.
        again = {"export": export, "rename": people("rename", "8", f"Renamed too {os.getpid()}")}.get(name)
        count = flushes(again) if again else None
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {'' if count is None else count} |", flush=True)


if __name__ == "__main__":
    main()
