#!/usr/bin/env python3
"""How many persons get the right name from one enrolled photo, and how many a wrong one.

usage: references.py CROSSFACE PHOTOS WORK

PHOTOS holds photos named Person_0001.jpg, or folders of them by person. Of people with two photos or more every second one
is in the footage (all but the first photo, at most five) and enrolled by the first; the others are enrolled and nowhere in the
footage. Per profile: persons named, how many of them wrongly (most of the person's photos are somebody else's), and how many of the
people in the footage were named. WORK is made; what was scanned there is kept. Standard library only.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys

MOST = 5  # photos of one person in the footage


def person(path):
    return re.sub(r"_\d{4}$", "", os.path.splitext(os.path.basename(path))[0])


def photos_by_person(place):
    people = collections.defaultdict(list)
    for folder, _, names in os.walk(place):
        for name in names:
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                people[person(name)].append(os.path.join(folder, name))
    return {name: sorted(photos) for name, photos in sorted(people.items()) if len(photos) > 1}


def lay_out(people, work):
    for number, (name, photos) in enumerate(people.items()):
        reference = os.path.join(work, "people", name)
        os.makedirs(reference, exist_ok=True)
        shutil.copy(photos[0], reference)
        if number % 2 == 0:
            for photo in photos[1:MOST + 1]:
                shutil.copy(photo, os.path.join(work, "footage"))


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("crossface")
    parser.add_argument("photos")
    parser.add_argument("work")
    options = parser.parse_args()
    case = os.path.join(options.work, "case")
    people = photos_by_person(options.photos)
    present = [name for number, name in enumerate(people) if number % 2 == 0]
    footage = os.path.join(options.work, "footage")
    if not os.path.isdir(footage):
        os.makedirs(footage)
        lay_out(people, options.work)
    crossface = lambda *words: run(options.crossface, *words, "--case", case, "--json")
    crossface("identify", footage)
    enrolled = crossface("people", "enrol", "--from", os.path.join(options.work, "people"))
    names = {each["name"] for each in crossface("people", "references")["references"]}
    present = [name for name in present if name in names]
    print(f"{len(people)} people, {len(names)} enrolled by one photo each, the others' photos passed over "
          f"({len(enrolled['warnings'])} warnings); {len(present)} of the enrolled are in the footage")
    for profile in ("strict", "balanced", "loose"):
        crossface("cluster", "--profile", profile)
        named = crossface("people", "references")["named"]
        wrong = []
        for each in named:
            shown = crossface("people", "show", str(each["id"]))["appearances"]
            whose = collections.Counter(person(appearance["track"].rsplit(":", 1)[0]) for appearance in shown)
            name = each["name"].removesuffix(" (by reference)").replace(" ", "_")
            if whose.most_common(1)[0][0] != name:
                wrong.append(f"{name} for {whose.most_common(1)[0][0]}")
        print(f"{profile}: {len(named)} named, {len(wrong)} wrongly; {(len(named) - len(wrong)) / len(present):.3f} of "
              f"those in the footage" + ("".join(f"\n  {each}" for each in wrong)))


if __name__ == "__main__":
    main()
