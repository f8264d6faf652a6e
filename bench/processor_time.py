"""Processor seconds of everything that runs here, for what is measured with all its helpers. Standard library only."""
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
