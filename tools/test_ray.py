#!/usr/bin/env python3
"""Scans on a real Ray cluster: the same bytes as without it, whoever is killed meanwhile.

usage: tools/ray_cluster.sh NODES 1 test_ray.py PROGRAM VIDEOS [--only NAMES] [--kills SECONDS] [--range SECONDS] [--large-case PROGRAM] [--work FOLDER]
VIDEOS: folder; --only: of the files in it, separated by commas. --kills: for so long workers are killed at random, with one run after the
other (0: in one run alone). --range: how long the parts are that long films are divided into; beside the others one is made of them that is
long enough. --large-case: build/release/bench/make_large_case, whose case is grouped too. Exit code 1 when anything is not as it should be.
"""
import argparse, hashlib, os, pathlib, random, re, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, time

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
    """identify, or cluster where there are no videos, with what it prints in a file."""

    ranges = "300"

    def __init__(self, program, videos, case, *more, environment={}):
        verb = ["identify", videos] if videos else ["cluster"]
        if "--ray" in more:
            more += ("--ray-compare-from", "0", *(["--ray-range", self.ranges] if videos else []))
        self.log = open(str(case) + ".log", "wb+")
        self.process = subprocess.Popen([program, *verb, "--case", case, *more], stdout=self.log, stderr=self.log,
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


def kept(case):
    return list((case / "ranges").glob("*"))


def compared(case):
    """How many tasks its last grouping was, and how many of them were handed over again; nothing where it was done without a cluster."""
    tasks = re.findall(r'"ray": ?\{"repeated": ?(\d+), ?"tasks": ?(\d+)\}', (case / "run.jsonl").read_text())
    return (int(tasks[-1][1]), int(tasks[-1][0])) if tasks else None


def same_as_without(arguments, work, expected):
    run = Run(arguments.program, work / "videos", work / "ray", "--ray", "auto")
    code = run.end()
    check(code == 0, f"identify --ray ends well ({code}; {run.text()[-300:] if code != 0 else ''})")
    check(content(work / "ray") == expected, "the case is that of one machine, byte for byte")
    check(compared(work / "ray") is not None, f"tracks were compared by tasks: {compared(work / 'ray')}")
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
    # The survey of the long film and one of its ranges.
    while run.process.poll() is None and len(kept(case)) < 2:
        time.sleep(0.02)
    check(run.process.poll() is None, f"the long film is divided: {len(kept(case))} answers about it are kept")
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
    check(not kept(case), "and nothing is kept any more")


def long_film(videos, to):
    """All of them, one after the other, in one film with a key frame a second."""
    inputs, filters = [], ""
    for number, path in enumerate(videos):
        inputs += ["-i", str(path)]
        filters += f"[{number}:v:0]trim=duration=3,setpts=PTS-STARTPTS,scale=320:240,setsar=1,fps=25,format=yuv420p[v{number}];"
    filters += "".join(f"[v{number}]" for number in range(len(videos))) + f"concat=n={len(videos)}:v=1[v]"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", filters, "-map", "[v]", "-c:v", "libx264", "-g", "25", str(to)],
                   check=True)


def grouping_of(case):
    with sqlite3.connect(f"file:{case / 'crossface.db'}?mode=ro", uri=True) as gallery:
        return [gallery.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("persons", "assignments", "cohesion", "suggestions", "suggestion_tracks")]


def a_large_case(arguments, work):
    """Of which each vector is compared with each other by several tasks; nobody scans anything."""
    made = work / "made"
    subprocess.run([arguments.large_case, made, "--persons", "700", "--tracks", "9000", "--faces", "9000", "--sources", "90"], check=True)
    for name in ("alone", "together", "killed"):
        shutil.copytree(made, work / f"large-{name}")
    alone = work / "large-alone"
    check(Run(arguments.program, None, alone).end() == 0 and compared(alone) is None, "a made case is grouped without a cluster")
    expected = grouping_of(alone)
    for name in ("together", "killed"):
        case = work / f"large-{name}"
        run = Run(arguments.program, None, case, "--ray", "auto")
        kills = 0
        while name == "killed" and run.process.poll() is None and kills < 6:
            time.sleep(random.uniform(0.1, 0.6))
            kills += kill_one(WORKERS)
        code = run.end()
        check(code == 0 and compared(case) is not None, f"and with one, {kills} workers killed ({code}, {compared(case)}; {run.text()[-300:] if code != 0 else ''})")
        check(grouping_of(case) == expected, f"with the same {len(expected[0])} persons, confidences and suggestions")


KEYS = {"ROOT_ACCESS_KEY": "AKIDOFTHISTESTALONE", "ROOT_SECRET_KEY": "secretofthistestalone"}


def from_a_bucket(arguments, work, expected):
    """Nodes have a profile of their own, in the files that AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE named when they were started; who
    asks has its keys in its environment."""
    profile, config = (os.environ.get(name) for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"))
    server = deps() / "versitygw/versitygw"
    check(profile is not None and config is not None and server.exists(), "there is a server of object storage, and a profile for nodes")
    if not (profile and config and server.exists()):
        return
    (work / "objects/footage").mkdir(parents=True)
    for path in (work / "videos").iterdir():
        shutil.copy(path, work / "objects/footage" / path.name)
    process = subprocess.Popen([server, "--quiet", "--port", "127.0.0.1:7070", "posix", str(work / "objects")], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env={**os.environ, **KEYS})
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", 7070)) == 0:
                    break
            time.sleep(0.05)
        own = {"AWS_ENDPOINT_URL": "http://127.0.0.1:7070", "AWS_ACCESS_KEY_ID": KEYS["ROOT_ACCESS_KEY"],
               "AWS_SECRET_ACCESS_KEY": KEYS["ROOT_SECRET_KEY"], "AWS_REGION": "us-east-1"}
        case = work / "without_profile"
        run = Run(arguments.program, "s3://footage", case, "--ray", "auto", environment=own)
        code = run.end()
        check(code == 3 and "keys" in run.text(), f"nodes without keys say so ({code}; {run.text()[-200:] if code != 3 else ''})")
        pathlib.Path(profile).write_text(f"[default]\naws_access_key_id = {KEYS['ROOT_ACCESS_KEY']}\n"
                                         f"aws_secret_access_key = {KEYS['ROOT_SECRET_KEY']}\n")
        pathlib.Path(config).write_text("[default]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:7070\n")
        run = Run(arguments.program, "s3://footage", case, "--ray", "auto", environment=own)
        code = run.end()
        check(code == 0, f"the next run finds the nodes' own profile ({code}; {run.text()[-300:] if code != 0 else ''})")
        check(without_places(content(case)) == without_places(expected), "and gives the bytes of the same films on a disk")
        logs = pathlib.Path(os.environ.get("CROSSFACE_RAY_FOLDER", "/nowhere"))
        told = subprocess.run(["grep", "-rlaF", "-e", KEYS["ROOT_ACCESS_KEY"], "-e", KEYS["ROOT_SECRET_KEY"], str(case), run.log.name, str(logs)],
                              stdout=subprocess.PIPE, text=True).stdout.split("\n")
        told = [name for name in told if name and name != profile]
        check(logs.is_dir() and not told, f"keys are in no log of Ray's, no log of crossface and no case ({told})")
    finally:
        process.kill()
        process.wait()
        for name in (profile, config):
            pathlib.Path(name).unlink(missing_ok=True)


def without_places(files):
    """sources.csv tells where footage lies, and when it was changed."""
    return {name: content for name, content in files.items() if name != "sources.csv"}


def with_another_token(arguments, work):
    check(os.environ.get("RAY_AUTH_MODE") == "token", "the cluster asks for a token")
    for what, environment in (("another token", {"RAY_AUTH_TOKEN_PATH": "", "RAY_AUTH_TOKEN": "0" * 64}),
                              ("no token", {"RAY_AUTH_MODE": "disabled"})):
        case = work / "refused"
        run = Run(arguments.program, work / "videos", case, "--ray", "auto", environment=environment)
        code = run.end()
        check(code not in (0, None) and "token" in run.text() and not case.exists(), f"{what}: refused, in words ({code}; {run.text()[-300:]})")


def deps():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("CROSSFACE_DEPS") or cache / "crossface/deps")


RAY = r"/ray/core/src/ray/|/default_worker |ray/_private/|ray::|/crossface worker |/crossface-ray-driver "


def with_the_head_killed(arguments, work, expected):
    case = work / "head"
    run = Run(arguments.program, work / "videos", case, "--ray", "auto")
    while run.process.poll() is None and not re.search(r"\d+ frames,", run.text()):
        time.sleep(0.05)
    # What is under way would often be done without a head: nobody goes on.
    for process in processes(r"^\S*/crossface worker "):
        os.kill(process, signal.SIGSTOP)
    for process in processes(r"/gcs_server "):
        os.kill(process, signal.SIGKILL)
    begin = time.monotonic()
    code = run.end()
    check(code == 1 and "run the same command to go on" in run.text(),
          f"{time.monotonic() - begin:.1f} s after the head was killed it is told, with what to do ({code}; {run.text()[-400:] if code != 1 else ''})")
    for _ in range(600):
        left = processes(RAY)
        if not left:
            break
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    folder = tempfile.mkdtemp(prefix="ray", dir=os.environ["CROSSFACE_RAY_FOLDER"])
    subprocess.run([deps() / "ray/bin/ray", "start", "--head", "--port=6379", "--include-dashboard=false", "--num-cpus=2", "--num-gpus=0",
                    "--include-log-monitor=false", "--disable-usage-stats", "--object-store-memory=200000000", f"--temp-dir={folder}"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "RAY_ADDRESS": ""})
    run = Run(arguments.program, work / "videos", case, "--ray", "auto")
    code = run.end()
    check(code == 0 and content(case) == expected, f"with another head the next run goes on, and the case is the same ({code}; {run.text()[-300:] if code != 0 else ''})")


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
    parser.add_argument("--range", type=int, default=2)
    parser.add_argument("--large-case", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    arguments = parser.parse_args()
    Run.ranges = str(arguments.range)
    random.seed(os.environ.get("SEED", "1"))
    work = arguments.work or pathlib.Path(tempfile.mkdtemp(prefix="crossface-ray-test."))
    work.mkdir(exist_ok=True)
    try:
        (work / "videos").mkdir()
        for path in sorted(arguments.videos.iterdir()):
            if not arguments.only or path.name in arguments.only.split(","):
                os.symlink(path.resolve(), work / "videos" / path.name)
        long_film(sorted((work / "videos").iterdir()) * 2, work / "videos/long.mp4")
        run = Run(arguments.program, work / "videos", work / "here")
        code = run.end()
        check(code == 0, f"identify without a cluster ({code})")
        expected = content(work / "here")
        same_as_without(arguments, work, expected)
        with_kills(arguments, work, expected)
        with_the_driver_killed(arguments, work, expected, signal.SIGKILL)
        with_the_driver_killed(arguments, work, expected, signal.SIGINT)
        if arguments.large_case:
            a_large_case(arguments, work)
        from_a_bucket(arguments, work, expected)
        says_what_is_wrong(arguments, work)
        with_another_token(arguments, work)
        with_the_head_killed(arguments, work, expected)
    finally:
        if not arguments.work:
            shutil.rmtree(work)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
