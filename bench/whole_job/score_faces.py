#!/usr/bin/env python3
"""How well faces are grouped, whoever grouped them: BCubed over boxes of the truth, as JSON.

usage: score_faces.py FACES.csv TRUTH_BOXES.csv

FACES.csv: a case's, or one of peers.py. A box of the truth (make_synth: 200 ms of one person) is the face found in the
same film nearest in time, at most 600 ms away, with an IoU of .4 or more: programs look at other frames, and where
nothing moves at few. `found`: share of the boxes that met a face in anybody's folder. Precision is over these, recall
over all boxes; `strangers`: share of the faces in folders that meet no box of the truth. Standard library only.
"""
import bisect
import collections
import csv
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "broadcast"))
from score import bcubed, box, overlap  # noqa: E402

MOST_MS, LEAST_OVERLAP = 600, .4


def stem(name):
    return os.path.splitext(os.path.basename(name))[0]


def score(faces, truth):
    by_film = collections.defaultdict(list)
    for number, row in enumerate(faces):
        by_film[stem(row["source"])].append((float(row["time_ms"]), number))
    for film in by_film.values():
        film.sort()
    places = [box(row) for row in faces]
    met, items = set(), []
    for label in truth:
        middle = (float(label["start_ms"]) + float(label["end_ms"])) / 2
        film, where = by_film[stem(label["video"])], box(label)
        near = film[bisect.bisect_left(film, (middle - MOST_MS, -1)):bisect.bisect_right(film, (middle + MOST_MS, len(faces)))]
        same = [(abs(at - middle), -overlap(where, places[number]), number)
                for at, number in near if overlap(where, places[number]) >= LEAST_OVERLAP]
        met.update(number for _, _, number in same)
        items.append((label["person"], faces[min(same)[2]]["person"] if same else "", 1))
    result = bcubed(items)
    in_folders = [number for number, row in enumerate(faces) if row["person"]]
    return {"precision": result["precision"], "recall": result["recall"],
            "found": round(sum(1 for _, folder, _ in items if folder) / max(1, len(items)), 4),
            "strangers": round(sum(number not in met for number in in_folders) / max(1, len(in_folders)), 4),
            "folders": len({faces[number]["person"] for number in in_folders}), "people": len({i[0] for i in items})}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], newline="") as faces, open(sys.argv[2], newline="") as truth:
        print(json.dumps(score([row for row in csv.DictReader(faces) if row["x"] != ""], list(csv.DictReader(truth)))))


if __name__ == "__main__":
    main()
