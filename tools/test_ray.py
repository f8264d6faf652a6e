#!/usr/bin/env python3
"""Scans on a real Ray cluster: the same bytes as without it, whoever is killed meanwhile.

usage: tools/ray_cluster.sh NODES 1 test_ray.py PROGRAM VIDEOS [--only NAMES] [--kills SECONDS] [--work FOLDER]
VIDEOS: folder; --only: of the files in it, separated by commas. --kills: for so long workers are killed at random, with one run after the
other (0: in one run alone). Exit code 1 when anything is not as it should be.
"""
import argparse, hashlib, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time

LONGEST_S = 900
wrong = []


def check(holds, what):
    print(("ok     " if holds else "WRONG  ") + what, flush=True)
    if not holds:
        wrong.append(what)


def content(case):
    """Everything that a case shows: its tables, and its people's files by their hashes."""
    found = {path.name: path.read_bytes() for path in case.glob("*.csv")}
    for path in sorted((case / "people").rglob("*")):
        if path.is_file():
            found[str(path.relative_to(case))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def processes(pattern):
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if re.search(pattern, line):
                found.append(int(folder.name))
    return found


# What runs a task: Ray's process, and the program that it asks. The raylet names the first among its arguments.
WORKERS = r"^\S*/default_worker |^\S*/crossface worker "


def kill_one(pattern):
    found = processes(pattern)
    if found:
        try:
            os.kill(random.choice(found), signal.SIGKILL)
            return 1
        except ProcessLookupError:
            pass
    return 0


class Run:
    """identify, with what it prints in a file."""

    def __init__(self, program, videos, case, *more, environment={}):
        self.log = open(str(case) + ".log", "wb+")
        self.process = subprocess.Popen([program, "identify", videos, "--case", case, *more], stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL, env={**os.environ, **environment})

    def text(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def end(self):
        try:
            return self.process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


def same_as_without(arguments, work, expected):
    run = Run(arguments.program, work / "videos", work / "ray", "--ray", "auto")
    code = run.end()
    check(code == 0, f"identify --ray ends well ({code}; {run.text()[-300:] if code != 0 else ''})")
    check(content(work / "ray") == expected, "the case is that of one machine, byte for byte")
    run = Run(arguments.program, work / "videos", work / "ray", "--ray", "auto")
    check(run.end() == 0 and content(work / "ray") == expected, "again, with nothing to do")


def with_kills(arguments, work, expected):
    end = time.monotonic() + arguments.kills
    runs = kills = 0
    while runs == 0 or time.monotonic() < end:
        case = work / f"killed{runs}"
        run = Run(arguments.program, work / "videos", case, "--ray", "auto")
        runs += 1
        in_this = 0
        while run.process.poll() is None:
            time.sleep(random.uniform(0.5, 3))
            if in_this < 12:
                in_this += kill_one(WORKERS)
        kills += in_this
        code = run.end()
        check(code == 0, f"a run with {in_this} workers killed ends well ({code}; {run.text()[-300:] if code != 0 else ''})")
        check(content(case) == expected, "byte for byte, and nothing twice")
        shutil.rmtree(case)
    check(kills > 0, f"{kills} workers were killed in {runs} runs")


def with_the_driver_killed(arguments, work, expected, how):
    case = work / ("stopped" if how == signal.SIGINT else "driver")
    run = Run(arguments.program, work / "videos", case, "--ray", "auto")
    while run.process.poll() is None and not re.search(r"\d+ frames,", run.text()):
        time.sleep(0.05)
    run.process.send_signal(how)
    code = run.end()
    check(code == (-9 if how == signal.SIGKILL else 130), f"the driver ends with signal {int(how)} ({code})")
    left = []
    for _ in range(200):
        left = processes(r"^\S*/crossface(-ray-driver)? (worker |\S+:\d+ )")
        if not left:
            break
        time.sleep(0.1)
    check(not left, "and no worker works for nobody")
    run = Run(arguments.program, work / "videos", case, "--ray", "auto")
    code = run.end()
    check(code == 0 and content(case) == expected, f"the next run goes on, and the case is the same ({code})")


def says_what_is_wrong(arguments, work):
    for address, environment, words in (("127.0.0.1:1", {}, "there is no Ray cluster at 127.0.0.1:1"), ("nonsense", {}, "no address"),
                                        ("auto", {"CROSSFACE_RAY": "/nowhere"}, "cannot speak to Ray")):
        case = work / "refused"
        run = Run(arguments.program, work / "videos", case, "--ray", address, environment=environment)
        code = run.end()
        check(code not in (0, None) and words in run.text() and not case.exists(), f"--ray {address}: {words}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("videos", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--kills", type=float, default=0)
    parser.add_argument("--work", type=pathlib.Path)
    arguments = parser.parse_args()
    random.seed(os.environ.get("SEED", "1"))
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="crossface-ray-test."))
    work.mkdir(exist_ok=True)
    try:
        (work / "videos").mkdir()
        for path in sorted(arguments.videos.iterdir()):
            if not arguments.only or path.name in arguments.only.split(","):
                os.symlink(path.resolve(), work / "videos" / path.name)
        run = Run(arguments.program, work / "videos", work / "here")
        code = run.end()
        check(code == 0, f"identify without a cluster ({code})")
        expected = content(work / "here")
        same_as_without(arguments, work, expected)
        with_kills(arguments, work, expected)
        with_the_driver_killed(arguments, work, expected, signal.SIGKILL)
        with_the_driver_killed(arguments, work, expected, signal.SIGINT)
        says_what_is_wrong(arguments, work)
    finally:
        if not arguments.work:
            shutil.rmtree(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
