#!/usr/bin/env python3
"""What it costs to compare the tracks of a large case on a Ray cluster: seconds, processor seconds, bytes between nodes and memory of `cluster`
with it and without.

usage: tools/ray_cluster.sh NODES 1 bench/ray/measure_grouping.py PROGRAM CASE [THREADS]
CASE: of build/release/bench/make_large_case; it is copied. Without: as many threads as there are nodes, or THREADS. Bytes are those of the
loopback interface, which has nothing else in the cluster's namespace; memory is each program's own, sampled, without what it shares.
"""
import os, pathlib, re, shutil, sqlite3, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from processor_time import all_processor_seconds  # noqa: E402

PROGRAMS = {"who asks": r"/crossface cluster ", "driver": r"/crossface-ray-driver ", "worker": r"/crossface worker ", "Ray's worker": r"/default_worker "}


def bytes_sent():
    for line in pathlib.Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split(":")[1].split()[8])
    return 0


def note_memory(most):
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            name = next((name for name, pattern in PROGRAMS.items() if re.search(r"^\S*" + pattern, line)), None)
            if name:
                own = re.search(r"RssAnon:\s+(\d+)", (folder / "status").read_text())
                most[name] = max(most.get(name, 0), int(own.group(1)) / 1024)
        except OSError:
            pass


def measure(name, command, settle):
    spent, sent, began, most = -all_processor_seconds(), -bytes_sent(), time.monotonic(), {}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        note_memory(most)
        time.sleep(0.2)
    if process.returncode != 0:
        sys.exit(process.stderr.read())
    seconds = time.monotonic() - began
    time.sleep(settle)  # until those that the cluster ends are gone
    spent, sent = spent + all_processor_seconds(), sent + bytes_sent()
    memory = ", ".join(f"{who} {megabytes:.0f}" for who, megabytes in most.items())
    print(f"{name:16} {seconds:8.1f} s {spent:8.1f} CPU s {sent / 1e6:8.0f} MB between nodes; MB of memory: {memory}", flush=True)


def grouping_of(case):
    with sqlite3.connect(case / "crossface.db") as gallery:
        return [gallery.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("persons", "assignments", "cohesion", "suggestions", "suggestion_tracks")]


def main():
    program, case = sys.argv[1], pathlib.Path(sys.argv[2])
    nodes = os.environ["CROSSFACE_RAY_NODES"]
    threads = sys.argv[3] if len(sys.argv) > 3 else nodes
    with tempfile.TemporaryDirectory(prefix="crossface-ray-bench.") as folder:
        work = pathlib.Path(folder)
        shutil.copytree(case, work / "here")
        shutil.copytree(case, work / "ray")
        measure(f"{threads} threads", [*(["taskset", "-c", "0"] if threads == "1" else []), program, "cluster", "--case", work / "here"], 0)
        measure(f"{nodes} nodes", [program, "cluster", "--case", work / "ray", "--ray", "auto"], 3)
        tasks = re.findall(r'"ray": ?\{[^}]*\}', (work / "ray/run.jsonl").read_text())
        print(tasks[-1] if tasks else "nothing was handed over")
        same = grouping_of(work / "here") == grouping_of(work / "ray")
        print("the same persons, confidences and suggestions" if same else "ANOTHER GROUPING")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
