#!/usr/bin/env python3
"""Does it help, and does it harm, that tracks follow their copies (src/crossface/grouping/copied_faces.h)?

    bench/duplicates/copied_faces.py build/release/crossface FILMS TRUTH WORK [--kinds small,poor,mirrored,slower]

FILMS holds films, TRUTH their boxes (make_synth's truth_boxes.csv) or intervals (ground_truth_videos.csv). Makes the copies of each film
in WORK, scans all in one case, scores it (`crossface evaluate`), has copies looked for, groups again and scores again. With boxes it also
prints how far the faces of two tracks of copies overlap that are there at the same moments: of one person, and of two. Needs ffmpeg.
"""
import argparse
import json
import os
import sys
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from labelled_films import copy_film, films_with_labels, read_table, run, write_table  # noqa: E402

KINDS = {  # filter, CRF, the size against the original's, mirrored
    "small": ("scale=trunc(iw*0.2)*2:trunc(ih*0.2)*2", 30, .4, False),
    "poor": ("null", 40, 1, False),
    "mirrored": ("hflip", 30, 1, True),
    "slower": ("fps=15", 32, 1, False),
}
SAME_MOMENT_MS, MOST_OF_THEM = 250, .5  # as in copied_faces.cc


def size_of(film):
    told = run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0", film)
    return tuple(int(number) for number in told.strip().split("\n")[0].split(",")[:2])


def make(films, truth, work, kinds):
    """The films and their copies in WORK/films, and who is in them in WORK/truth.csv."""
    told = []
    for name, film, mine in films_with_labels(films, truth, f"{work}/films"):
        wide = size_of(film)[0]
        told += mine
        for kind in kinds:
            filters, quality, scale, mirrored = KINDS[kind]
            copy = f"{os.path.splitext(name)[0]}__{kind}.mp4"
            if not os.path.exists(f"{work}/films/{copy}"):
                copy_film(film, filters, quality, f"{work}/films/{copy}")
            told += [moved({**row, "video": copy}, wide, scale, mirrored) for row in mine]
    write_table(f"{work}/truth.csv", told)


def moved(row, wide, scale, mirrored):
    if "x" not in row:
        return row
    x, y, w, h = (float(row[side]) for side in "xywh")
    if mirrored:
        x = wide - x - w
    return {**row, **{side: f"{value * scale:.1f}" for side, value in zip("xywh", (x, y, w, h))}}


def score(crossface, work):
    told = json.loads(run(crossface, "evaluate", f"{work}/case", "--truth", f"{work}/truth.csv", "--json"))
    bcubed = told["bcubed"]
    run(crossface, "export", "--case", f"{work}/case", "--quiet")
    people = len({row["person"] for row in read_table(f"{work}/case/appearances.csv")} - {"unassigned", ""})
    return f"BCubed precision {bcubed['precision']:.4f}, recall {bcubed['recall']:.4f}, {people} people"


def overlap(a, b):
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(wide, 0) * max(high, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def who_is(truth, video, time, box):
    best = max(((overlap(box, other), person) for start, end, person, other in truth[video] if start <= time <= end), default=(0, ""))
    return best[1] if best[0] > .3 else ""


def overlaps(work):
    """Of one person and of two: how far the faces of two tracks of copies that are there together overlap, on average."""
    size = {row["source"]: (float(row["width"]), float(row["height"])) for row in read_table(f"{work}/case/sources.csv")}
    truth = defaultdict(list)
    for row in read_table(f"{work}/truth.csv"):
        box = tuple(float(row[side]) for side in "xywh")
        truth[row["video"]].append((float(row["start_ms"]), float(row["end_ms"]), row["person"], box))
    tracks = defaultdict(lambda: defaultdict(list))
    for row in read_table(f"{work}/case/faces.csv"):
        box = tuple(float(row[side]) for side in "xywh")
        tracks[row["source"]][row["track"]].append((float(row["time_ms"]), box, who_is(truth, row["source"], float(row["time_ms"]), box)))
    found = {True: [], False: []}
    for copy in read_table(f"{work}/case/duplicates.csv"):
        if copy["cut_out"] or copy["kind"] == "still":
            continue
        start, length, offset = (float(copy[column]) for column in ("start_ms", "overlap_ms", "offset_ms"))
        mirrored = copy["mirrored"] == "yes"
        for ones in tracks[copy["source"]].values():
            people = {face[2] for face in ones}
            ones = [face for face in ones if start <= face[0] <= start + length]
            for others in tracks[copy["other"]].values():
                same = {face[2] for face in others}
                if len(people) != 1 or len(same) != 1 or "" in people | same:
                    continue
                shares = []
                for time, box, _ in ones:
                    near = min(others, key=lambda face: abs(face[0] - time - offset))
                    if abs(near[0] - time - offset) <= SAME_MOMENT_MS:
                        shares.append(overlap(place(box, size[copy["source"]], mirrored), place(near[1], size[copy["other"]], False)))
                there = sum(start + offset <= face[0] <= start + offset + length for face in others)
                if shares and len(shares) >= MOST_OF_THEM * max(len(ones), there):
                    found[people == same].append(sum(shares) / len(shares))
    return found


def place(box, size, mirrored):
    x = size[0] - box[0] - box[2] if mirrored else box[0]
    return x / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crossface")
    parser.add_argument("films")
    parser.add_argument("truth")
    parser.add_argument("work")
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    work, case = options.work, f"{options.work}/case"
    make(options.films, options.truth, work, options.kinds.split(","))
    run(options.crossface, "identify", f"{work}/films", "--case", case, "--quiet")
    print("as it is:      ", score(options.crossface, work))
    told = json.loads(run(options.crossface, "duplicates", "--case", case, "--json"))
    grouped = json.loads(run(options.crossface, "cluster", "--case", case, "--json"))
    print("copies known:  ", score(options.crossface, work))
    print(f"{told['duplicates']['pairs']} pairs of copies, {grouped['cluster']['copied_tracks']} tracks are copies of another one")
    if "x" not in read_table(f"{work}/truth.csv")[0]:
        return
    for same, shares in overlaps(work).items():
        shares.sort()
        if shares:
            at = [shares[int(share * (len(shares) - 1))] for share in (0, .01, .05, .5, .95, .99, 1)]
            print("one person: " if same else "two people: ", len(shares), "pairs; overlap at 0, 1, 5, 50, 95, 99, 100 %:",
                  " ".join(f"{value:.2f}" for value in at))


if __name__ == "__main__":
    main()
