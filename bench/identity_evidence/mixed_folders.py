#!/usr/bin/env python3
"""How many folders of cases hold several people, where every source is a photo named Person_0001.png.

usage: mixed_folders.py [--centre] CASE...

A line per case: folders, those of several people (with their names), their rate per 100 people, pairwise precision and
recall and BCubed recall (an unassigned face is a group of its own), and why faces are unassigned. --centre asks only about
the face nearest the middle of each photo: LFW's photos are cut around the face that they are named after, and who stands
beside it has another name. Standard library only.
"""
import argparse
import collections
import csv
import os
import re

# Labels of LFW that mean one person.
SAME = {"Nan_Wang": "Wang_Nan", "Cristina_Fernandez": "Cristina_Kirchner", "Choi_Sung-hong": "Sung_Hong_Choi",
        "Bill_Pryor": "William_Pryor_Jr", "Bison_Dele": "Brian_Williams"}


def person(source):
    name = re.sub(r"_\d{4}$", "", os.path.splitext(os.path.basename(source))[0])
    return SAME.get(name, name)


def rows(case, log):
    with open(os.path.join(case, log), newline="") as file:
        yield from csv.DictReader(file)


def central_tracks(case):
    """The track, by source, whose face is nearest the middle of the photo."""
    middle = {row["source"]: (float(row["width"]) / 2, float(row["height"]) / 2) for row in rows(case, "sources.csv")}
    nearest = {}
    for row in rows(case, "faces.csv"):
        x, y = middle[row["source"]]
        away = (float(row["x"]) + float(row["w"]) / 2 - x) ** 2 + (float(row["y"]) + float(row["h"]) / 2 - y) ** 2
        if row["source"] not in nearest or away < nearest[row["source"]][0]:
            nearest[row["source"]] = (away, row["track"])
    return {source: track for source, (_, track) in nearest.items()}


def pairs(counts):
    return sum(count * (count - 1) // 2 for count in counts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--centre", action="store_true", help="only the face nearest the middle of each photo")
    parser.add_argument("cases", nargs="+", metavar="CASE")
    options = parser.parse_args()
    for case in options.cases:
        central = central_tracks(case) if options.centre else None
        of_folder, of_person, of_both = collections.Counter(), collections.Counter(), collections.Counter()
        people, assigned, reasons = collections.defaultdict(set), collections.Counter(), collections.Counter()
        for row in rows(case, "appearances.csv"):
            if central is not None and central.get(row["source"]) != row["track"]:
                continue
            who, folder = person(row["source"]), row["person"]
            of_person[who] += 1
            if not folder:
                reasons[row["reason"]] += 1
                continue
            of_folder[folder] += 1
            of_both[folder, who] += 1
            people[folder].add(who)
            assigned[who] += 1
        recall = sum(count * count / of_person[who] for (_, who), count in of_both.items())
        recall += sum((count - assigned[who]) / count for who, count in of_person.items())
        mixed = [sorted(names) for names in people.values() if len(names) > 1]
        right = pairs(of_both.values())
        print(f"{os.path.basename(os.path.normpath(case))}: {len(of_person)} people, {len(of_folder)} folders, {len(mixed)} of"
              f" several people ({100 * len(mixed) / max(1, len(of_person)):.2f} per 100 people), pairwise precision"
              f" {right / max(1, pairs(of_folder.values())):.4f}, recall {right / max(1, pairs(of_person.values())):.4f}, BCubed"
              f" recall {recall / max(1, sum(of_person.values())):.3f}, unassigned {dict(reasons)}", *mixed, sep="\n    ")


if __name__ == "__main__":
    main()
