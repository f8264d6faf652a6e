#!/usr/bin/env python3
"""What a case costs on a cluster of any size: time, bytes and money, from measured rates (measured.json) and a discrete-event simulation.

usage: simulate.py tables            the tables of docs/scaling.md
       simulate.py check             the measured runs of a Ray cluster, predicted and measured
       simulate.py case --hours H --nodes N [--writers W] [--mean-life HOURS] [--price P] ...   one case
What no measurement stands behind (the store's and the network's speed, prices, how long spot machines live) is an option; --help tells.
Runs of many tasks are simulated small: of 1000 nodes with one line and one writer a hundredth, with a hundredth of their speed.
"""
import argparse
import dataclasses
import json
import math
import pathlib
import random

from cluster_model import Cluster, Run, Task

HERE = pathlib.Path(__file__).parent
MOST_SLOTS, TASKS_PER_SLOT = 160, 16
DIMENSIONS = 640  # of the two ArcFaces together
HOUR = 3600


@dataclasses.dataclass(frozen=True)
class Rates:
    """Per second of film, unless they say otherwise."""
    cpu: float
    bytes: float
    faces: float
    tracks: float
    findings: float         # bytes that a task answers with
    gallery: float          # bytes
    case: float             # bytes of everything that the case folder holds
    shots: float            # each is a transaction of the gallery
    face: float             # seconds of the writer for a face
    commit: float           # seconds of the writer for a transaction: the disk has it
    starting: float         # processor seconds of a program before its first frame: models are loaded
    export: float           # processor seconds per face


def rates_of(measured):
    films, everything, writer = measured["films"], measured["all"], measured["writer"]
    seconds = sum(film["video_seconds"] for film in films)
    faces = sum(film["faces"] for film in films)
    # One alone is at least as quick as each of two: where it was not, somebody else had the disk.
    writer_seconds = min(writer["seconds"], writer["two_seconds"])
    # What a film scanned by itself costs beyond its stages: the program's start.
    starting = sum(film["cpu_seconds"] - sum(film["stages"].values()) for film in films) / len(films)
    return Rates(cpu=sum(sum(film["stages"].values()) for film in films) / seconds, bytes=sum(film["bytes"] for film in films) / seconds,
                 faces=faces / seconds, tracks=sum(film["tracks"] for film in films) / seconds, findings=everything["gallery_bytes"] / seconds,
                 gallery=everything["gallery_bytes"] / seconds, case=everything["case_bytes"] / seconds, shots=everything["shots"] / seconds,
                 face=writer["cpu_seconds"] / writer["faces"], commit=(writer_seconds - writer["cpu_seconds"]) / (2 * writer["sources"]),
                 starting=starting, export=EXPORT_CPU_PER_FACE)


# docs/performance.md, "Grouping many tracks" (bench_clustering --generated): processor seconds of all products, of lists, and how much of
# it was done by the second core; "Large cases": an export of everything with 1,000,000 faces.
EXACT_100K, EXACT_GROWTH = 166.0, 1.53
LISTS_1M, LISTS_GROWTH = 762.0, math.log10(762 / 43)
SERIAL_SHARE = 2 * 463 / 762 - 1
BYTES_PER_TRACK = 3903 * 2**20 / 1e6 * DIMENSIONS / 512
EXPORT_CPU_PER_FACE = 143 / 1e6


def grouping_seconds(tracks, cores):
    if tracks <= 100_000:
        cpu = EXACT_100K * (tracks / 1e5) ** EXACT_GROWTH
    else:
        cpu = LISTS_1M * (tracks / 1e6) ** LISTS_GROWTH
    return cpu * (SERIAL_SHARE + (1 - SERIAL_SHARE) / cores)


def tasks_of(hours, rates, options, rng, most):
    """Films of random lengths, `options.film_minutes` in the mean; where there are more than `most`, several count as one."""
    mean = options.film_minutes * 60
    films = max(1, round(hours * HOUR / mean))
    bundle = max(1, math.ceil(films / most))
    lengths = [sum(rng.lognormvariate(0, 1) for _ in range(min(bundle, films - first))) for first in range(0, films, bundle)]
    scale = hours * HOUR / sum(lengths)
    counts = [min(bundle, films - first) for first in range(0, films, bundle)]
    return [Task(cpu=s * rates.cpu, fetched=s * rates.bytes, findings=s * rates.findings, films=count,
                 writing=s * rates.faces * rates.face + (s * rates.shots + 2 * count) * rates.commit)
            for s, count in zip((length * scale for length in lengths), counts)]


def simulate_case(hours, nodes, rates, options, seed=1):
    """A dict of everything that the tables tell."""
    slots = nodes * options.cores
    few = max(1, round(nodes / max(1, math.ceil(slots / MOST_SLOTS))))
    small = nodes / few  # so many times smaller than it is
    rng = random.Random(seed)
    tasks = tasks_of(hours / small, rates, options, rng, TASKS_PER_SLOT * few * options.cores)
    tasks = [dataclasses.replace(task, writing=task.writing * small) for task in tasks]
    cluster = Cluster(nodes=few, slots=options.cores, cores=options.cores, store_stream=options.stream_mb * 1e6,
                      store_total=options.store_gb * 1e9 / small, line=options.line_gb * 1e9 / small, writers=options.writers,
                      start=options.start_seconds + rates.starting, mean_life=options.mean_life * HOUR, replaced_after=options.replaced_after)
    run = Run(tasks, cluster, seed).go()
    tracks, faces = hours * HOUR * rates.tracks, hours * HOUR * rates.faces
    grouping = grouping_seconds(tracks, options.head_cores)
    exporting = faces * rates.export
    elapsed = run.seconds + grouping + exporting
    shares = run.shares()
    money = nodes * run.seconds / HOUR * options.price + elapsed / HOUR * options.head_price
    return {"hours": hours, "nodes": nodes, "scan": run.seconds, "shares": shares, "bound": max(shares, key=shares.get),
            "lost": run.lost_cpu / (run.lost_cpu + run.spent_cpu), "waiting": run.most_waiting * small, "tracks": tracks, "faces": faces,
            "grouping": grouping, "vectors": tracks * BYTES_PER_TRACK, "export": exporting, "elapsed": elapsed, "footage": hours * HOUR * rates.bytes,
            "gallery": hours * HOUR * rates.gallery, "case": hours * HOUR * rates.case, "money": money}


def predict_ray(measured, nodes):
    """The runs of `measure.py ray`: (name, predicted and measured seconds, predicted and measured processor seconds). What speaks to Ray is
    known from a scan of one film; the rest of a run from what films cost by themselves."""
    rates, real, glue = rates_of(measured), measured[f"ray_{nodes}"], measured["ray_one_film"]
    cores = real["cores"]
    tasks = [Task(cpu=sum(film["stages"].values()), fetched=0, findings=0, writing=0) for film in measured["films"] if film["film"] in real["films"]]
    work = sum(task.cpu for task in tasks)
    without = rates.starting + Run(tasks, Cluster(nodes=nodes, slots=1, cores=cores, nodes_share_a_machine=True)).go().seconds
    # A further node is a further worker, which loads the models by itself.
    extra_cpu = glue["with"]["cpu_seconds"] - glue["without"]["cpu_seconds"]
    extra_seconds = glue["with"]["seconds"] - glue["without"]["seconds"]
    start = rates.starting + extra_seconds + max(0, nodes - cores) / cores * rates.starting
    run = Run(tasks, Cluster(nodes=nodes, slots=1, cores=cores, nodes_share_a_machine=True, start=start)).go()
    return [("without", without, real["without"]["seconds"], work + rates.starting, real["without"]["cpu_seconds"]),
            ("with", run.seconds, real["with"]["seconds"], work + rates.starting + extra_cpu + (nodes - 1) * rates.starting,
             real["with"]["cpu_seconds"])]


def duration(seconds):
    for limit, unit, name in ((90, 1, "s"), (5400, 60, "min"), (48 * HOUR, HOUR, "h")):
        if seconds < limit:
            return f"{seconds / unit:.1f} {name}" if seconds / unit < 10 else f"{seconds / unit:.0f} {name}"
    return f"{seconds / HOUR / 24:.1f} d" if seconds < 240 * HOUR else f"{seconds / HOUR / 24:.0f} d"


def size(amount):
    for limit, unit, name in ((1e9, 1e6, "MB"), (1e12, 1e9, "GB"), (1e15, 1e12, "TB")):
        if amount < limit:
            return f"{amount / unit:.1f} {name}" if amount / unit < 10 else f"{amount / unit:,.0f} {name}"
    return f"{amount / 1e15:.1f} PB"


def percent(share):
    return f"{100 * share:.0f} %"


def row(*cells):
    print("| " + " | ".join(cells) + " |")


SIZES, NODES = (1_000, 10_000, 100_000, 1_000_000), (10, 100, 1000)


def print_tables(rates, options):
    print("What footage comes to, whoever scans it:\n")
    row("hours", "footage", "tracks", "faces", "gallery", "case folder", "vectors in memory", "grouping", "export")
    row(*["---"] * 9)
    for hours in SIZES:
        c = simulate_case(hours, 10, rates, options)
        row(f"{hours:,}", size(c["footage"]), f"{c['tracks']:,.0f}", f"{c['faces']:,.0f}", size(c["gallery"]), size(c["case"]), size(c["vectors"]),
            duration(c["grouping"]), duration(c["export"]))
    for writers, life, title in ((1, math.inf, "One writer, nodes that stay"),
                                 (1, options.spot_life, f"One writer, spot machines that are taken away after {options.spot_life:.0f} hours in the mean"),
                                 (64, math.inf, "64 galleries, each with a writer")):
        print(f"\n{title}:\n")
        row("hours", "nodes", "scan", "cores busy", "store", "line", "writer", "held up by", "work lost", "findings that wait", "money")
        row(*["---"] * 11)
        changed = dataclasses.replace(options, writers=writers, mean_life=life, price=options.spot_price if life < math.inf else options.price)
        for hours in SIZES:
            for nodes in NODES:
                c = simulate_case(hours, nodes, rates, changed)
                shares = c["shares"]
                row(f"{hours:,}", f"{nodes:,}", duration(c["scan"]), percent(shares["cores"]), percent(shares["store"]), percent(shares["line"]),
                    percent(shares["writer"]), c["bound"], percent(c["lost"]), size(c["waiting"]), f"{c['money']:,.0f}")


def print_check(measured):
    row("nodes", "scan", "seconds predicted", "measured", "processor seconds predicted", "measured")
    row(*["---"] * 6)
    for nodes in (1, 4):
        for name, seconds, real_seconds, cpu, real_cpu in predict_ray(measured, nodes):
            row(str(nodes), f"{name} Ray", f"{seconds:.1f}", f"{real_seconds:.1f}", f"{cpu:.1f}", f"{real_cpu:.1f}")


@dataclasses.dataclass(frozen=True)
class Options:
    """Not measured: change them to what you have."""
    cores: int = 16                  # of a node
    head_cores: int = 16             # of the machine that asks
    film_minutes: float = 10         # mean length of a film
    stream_mb: float = 60            # megabytes a second that one fetch gets of the store
    store_gb: float = 10             # gigabytes a second that the store gives in all
    line_gb: float = 1.25            # gigabytes a second into the machine that asks
    writers: int = 1
    start_seconds: float = 60        # until nodes are up
    mean_life: float = math.inf      # hours until a node is taken away
    spot_life: float = 12            # the same of spot machines, in the tables
    replaced_after: float = 180      # seconds
    price: float = 0.70              # of a node for an hour
    spot_price: float = 0.25
    head_price: float = 0.70


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("tables", "check", "case"))
    parser.add_argument("--hours", type=float, default=1000)
    parser.add_argument("--nodes", type=int, default=10)
    for field in dataclasses.fields(Options):
        parser.add_argument("--" + field.name.replace("_", "-"), type=field.type, default=field.default)
    given = parser.parse_args()
    options = Options(**{field.name: getattr(given, field.name) for field in dataclasses.fields(Options)})
    measured = json.loads((HERE / "measured.json").read_text())
    if given.what == "check":
        print_check(measured)
    elif given.what == "tables":
        print_tables(rates_of(measured), options)
    else:
        print(json.dumps(simulate_case(given.hours, given.nodes, rates_of(measured), options), indent=1))


if __name__ == "__main__":
    main()
