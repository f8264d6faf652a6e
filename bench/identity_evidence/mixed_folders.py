#!/usr/bin/env python3
"""How many folders of cases hold several people, where every source is a photo named Person_0001.png.

usage: mixed_folders.py CASE...

A line per case: folders, those of several people (with their names), BCubed recall over tracks (an unassigned track is a
group of its own), and why tracks are unassigned. Standard library only.
"""
import collections
import csv
import os
import re
import sys


def person(source):
    return re.sub(r"_\d{4}$", "", os.path.splitext(os.path.basename(source))[0])


def main():
    for case in sys.argv[1:]:
        of_folder, of_person, of_both = collections.defaultdict(set), collections.Counter(), collections.Counter()
        assigned, reasons = collections.Counter(), collections.Counter()
        with open(os.path.join(case, "appearances.csv"), newline="") as file:
            for row in csv.DictReader(file):
                who = person(row["source"])
                of_person[who] += 1
                if row["person"]:
                    of_folder[row["person"]].add(who)
                    of_both[row["person"], who] += 1
                    assigned[who] += 1
                else:
                    reasons[row["reason"]] += 1
        recall = sum(count * count / of_person[who] for (_, who), count in of_both.items())
        recall += sum((count - assigned[who]) / count for who, count in of_person.items())
        mixed = [sorted(people) for people in of_folder.values() if len(people) > 1]
        print(f"{os.path.basename(os.path.normpath(case))}: {len(of_folder)} folders, {len(mixed)} of several people,"
              f" recall {recall / max(1, sum(of_person.values())):.3f}, unassigned {dict(reasons)}", *mixed, sep="\n    ")


if __name__ == "__main__":
    main()
