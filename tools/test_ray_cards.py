#!/usr/bin/env python3
"""Tasks that ask a Ray cluster for NVIDIA cards, of which there are two made ones (src/crossface/testing/fakes): each worker sees one of
its own, films are decoded by it, and the case is that of one machine without a card.

usage: CROSSFACE_RAY_GPUS=2 FAKE_CUDA_CARDS=2 FAKE_NVDEC_FILMS=... LD_LIBRARY_PATH=build/release/fake_nvidia tools/ray_cluster.sh 1 2 tools/test_ray_cards.py PROGRAM
Exit code 1 when anything is not as it should be.
"""
import json, os, pathlib, subprocess, sys, tempfile, time

from test_ray import LONGEST_S, check, wrong


def tables(case):
    return {path.name: path.read_bytes() for path in case.glob("*.csv")}


def cards_seen():
    """CUDA_VISIBLE_DEVICES of each worker that runs; the namespace has no other."""
    seen = set()
    for folder in pathlib.Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and b"/crossface\0worker\0" in (folder / "cmdline").read_bytes():
                environment = dict(each.split(b"=", 1) for each in (folder / "environ").read_bytes().split(b"\0") if b"=" in each)
                seen.add((folder.name, environment.get(b"CUDA_VISIBLE_DEVICES", b"").decode()))
        except OSError:
            pass
    return seen


def main():
    program, films = sys.argv[1], os.environ["FAKE_NVDEC_FILMS"].split(":")
    with tempfile.TemporaryDirectory(prefix="crossface-cards.") as work:
        work = pathlib.Path(work)
        subprocess.run([program, "identify", *films, "--case", work / "here", "--quiet", "--device", "cpu"], check=True, stdout=subprocess.DEVNULL)
        seen, end = set(), time.monotonic() + LONGEST_S
        with open(work / "answer", "wb+") as answer:
            run = subprocess.Popen([program, "identify", *films, "--case", work / "there", "--ray", "auto", "--decode", "nvdec", "--json"], stdout=answer)
            while run.poll() is None and time.monotonic() < end:
                seen |= cards_seen()
                time.sleep(0.2)
            run.kill()
            code = run.wait()
        check(code == 0, f"identify --ray --decode nvdec ({code})")
        by_worker = dict(sorted(seen))
        check(sorted(by_worker.values()) == ["0", "1"], f"two workers, each with a card of its own ({by_worker})")
        check(tables(work / "there") == tables(work / "here") != {}, "the tables are those of one machine without a card")
        decoded = json.loads((work / "answer").read_text())["scan"]["decoded_by"] if code == 0 else []
        check(len(decoded) == len(films) and all(film["nvdec_frames"] > 0 and film["software_frames"] == 0 for film in decoded),
              f"every film was decoded by a card ({decoded})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
