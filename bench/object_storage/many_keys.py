#!/usr/bin/env python3
"""What a bucket of many objects costs: seconds, processor seconds and memory until `scan` has listed it, and whether that says how far it is
and can be stopped.

usage: bench/object_storage/many_keys.py PROGRAM [--keys N] [--folders N]
A server of object storage of its own (versitygw, tools/setup.sh --tests) on 127.0.0.1. Objects are made in the folder that lies behind it,
named as films that are none (8 bytes): what is measured ends where the first of them is looked at. --folders: they lie in so many.
"""
import argparse, os, pathlib, select, signal, socket, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from processor_time import processor_seconds_of  # noqa: E402

KEYS = {"ROOT_ACCESS_KEY": "AKIDOFTHISBENCH", "ROOT_SECRET_KEY": "secretofthisbench"}
LONGEST_S = 1200


def deps():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("CROSSFACE_DEPS") or cache / "crossface/deps")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def peak_mb(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


class Scan:
    def __init__(self, program, work, port, name):
        environment = {**os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": KEYS["ROOT_ACCESS_KEY"],
                       "AWS_SECRET_ACCESS_KEY": KEYS["ROOT_SECRET_KEY"], "AWS_REGION": "us-east-1", "AWS_PROFILE": "",
                       "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        self.process = subprocess.Popen([program, "scan", "s3://footage/many", "--case", work / name], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
        self.case = work / name
        self.began = time.monotonic()
        self.listing = []  # (seconds, line) of how far it is

    def wait_until_listed(self):
        """The case is made when it is known what there is."""
        while time.monotonic() - self.began < LONGEST_S and self.process.poll() is None and not self.case.exists():
            if select.select([self.process.stderr], [], [], 0.02)[0]:
                for line in os.read(self.process.stderr.fileno(), 1 << 16).decode(errors="replace").splitlines():
                    if "looking for footage" in line:
                        self.listing.append((time.monotonic() - self.began, line))
        return self.case.exists()

    def stop(self):
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return time.monotonic() - began, code


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--folders", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crossface-keys.") as folder:
        work = pathlib.Path(folder)
        for number in range(arguments.keys):
            place = work / "objects/footage/many" / (f"day {number % arguments.folders:05}" if arguments.folders > 1 else "")
            if number < arguments.folders:
                place.mkdir(parents=True)
            (place / f"film {number:06}.mp4").write_bytes(b"no film\n")
        port = free_port()
        server = subprocess.Popen([deps() / "versitygw/versitygw", "--quiet", "--port", f"127.0.0.1:{port}", "posix", work / "objects"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **KEYS})
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            scan = Scan(arguments.program, work, port, "case")
            before = processor_seconds_of(server.pid)
            listed = scan.wait_until_listed()
            seconds = time.monotonic() - scan.began
            print(f"{arguments.keys} objects in {arguments.folders} folders: {'listed' if listed else 'NOT LISTED'} after {seconds:.1f} s, "
                  f"{processor_seconds_of(scan.process.pid):.1f} processor seconds, {peak_mb(scan.process.pid):.0f} MB; the server took "
                  f"{processor_seconds_of(server.pid) - before:.1f}")
            for at, line in scan.listing[:2] + scan.listing[2:][-2:]:
                print(f"  {at:6.1f} s  {line}")
            taken, code = scan.stop()
            print(f"stopped while objects are looked at: {taken:.2f} s, exit code {code}")
            scan = Scan(arguments.program, work, port, "stopped")
            time.sleep(min(3, seconds / 2))
            taken, code = scan.stop()
            print(f"stopped while it lists: {taken:.2f} s, exit code {code}")
        finally:
            server.kill()
            server.wait()
    return 0 if listed and code == 130 else 1


if __name__ == "__main__":
    sys.exit(main())
