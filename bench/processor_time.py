"""Processor seconds of a process, and of everything that runs here for what is measured with all its helpers. Standard library only."""
import os
import pathlib

TICK = os.sysconf("SC_CLK_TCK")


def all_processor_seconds():
    """Of every process that this one sees, and of those that have ended and were waited for."""
    ticks = 0
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def processor_seconds_of(process):
    """Of its threads, without those of processes that it started; 0 for one that has ended."""
    try:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:13]) / TICK
