#!/usr/bin/env python3
"""first_look_test.py PROGRAM: the example on real footage, and stopped in the middle. 77 where ../shared is not there."""
import os, pathlib, re, signal, subprocess, sys, tempfile, time

program = sys.argv[1]
shared = pathlib.Path(os.environ.get("CROSSFACE_SHARED", pathlib.Path(__file__).resolve().parents[2] / "shared"))
videos = shared / "data" / "videos"
if not shared.is_dir():
    print("needs ../shared")
    sys.exit(77)

with tempfile.TemporaryDirectory() as scratch:
    footage = pathlib.Path(scratch) / "footage"
    footage.mkdir()
    for name in ("friends_table.mp4", "hamilton_short.mp4"):
        os.symlink(videos / name, footage / name)
    run = subprocess.Popen([program, footage, f"{scratch}/case"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while run.stderr.read(1) not in ("", "f"):  # until faces are counted
        pass
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, told = run.communicate(timeout=120)
    assert run.returncode == 130, (run.returncode, told)
    print(f"stopped within {time.monotonic() - begun:.1f} s")

    whole = subprocess.run([program, footage, f"{scratch}/case"], capture_output=True, text=True)
    assert whole.returncode == 0, (whole.returncode, whole.stderr)
    print(whole.stdout)
    counts = [int(count) for count in re.findall(r"^(?:found|merged|undone): (\d+) people", whole.stdout, re.MULTILINE)]
    assert len(counts) == 3 and counts[0] >= 2 and counts[1] == counts[0] - 1 and counts[2] == counts[0], counts
