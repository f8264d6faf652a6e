#!/usr/bin/env python3
"""How well a case groups the faces of labels.csv: BCubed over tracks, as JSON.

usage: score.py CASE [LABELS]

A labelled face is the row of the case's faces.csv in the same file, at most 100 ms away and with an IoU of .4 or more
(the nearest in time, then the best overlap). A track is the person of most of its labelled faces of sureness 2 and 3.
Precision is over the labelled tracks that are in a folder; recall over all labelled tracks, an unassigned one being a
group of its own. `by_faces` weighs every track by its faces in the case instead of counting each once. `across_files`
leaves out what is easy, the fragments of one shot: pairs of labelled tracks from different files.
Standard library only. README.md says how the labels were made.
"""
import collections
import csv
import json
import os
import sys

MOST_MS, LEAST_OVERLAP, LEAST_SURE = 100, .4, 2
SIDES = ("yellow", "white")  # a player of one is never one of the other
CROWD = "crowd"              # people of the background whom nobody told apart

Track = collections.namedtuple("Track", "folder faces votes")  # votes: Counter of (label, sure)


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.
    both = width * height
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def box(row):
    return tuple(float(row[name]) for name in "xywh")


def match(faces, labels):
    """The tracks of the case by (file, number), with what the labels say of them; and how many labels met no face."""
    tracks, by_file, unmatched = {}, collections.defaultdict(list), 0
    for row in faces:
        key = (os.path.basename(row["source"]), row["track"])
        track = tracks.setdefault(key, Track(row["person"], [], collections.Counter()))
        track.faces.append(row)
        by_file[key[0]].append((float(row["time_ms"]), box(row), key))
    for label in labels:
        time, place = float(label["start_ms"]), box(label)
        near = [(abs(at - time), -overlap(where, place), key) for at, where, key in by_file[os.path.basename(label["video"])]
                if abs(at - time) <= MOST_MS and overlap(where, place) >= LEAST_OVERLAP]
        if near:
            tracks[min(near)[2]].votes[label["person"], int(label["sure"])] += 1
        else:
            unmatched += 1
    return tracks, unmatched


def majority(track, least_sure):
    """The label of most faces that are labelled surely enough, or None; of equals, the first by name."""
    votes = collections.Counter()
    for (label, sure), count in track.votes.items():
        if sure >= least_sure and label != CROWD:
            votes[label] += count
    return min(votes, key=lambda label: (-votes[label], label)) if votes else None


def bcubed(items):
    """Precision and recall of [(label, folder or '', weight)]; see the top of this file for the unassigned."""
    of_label, of_folder, of_both = collections.Counter(), collections.Counter(), collections.Counter()
    for label, folder, weight in items:
        of_label[label] += weight
        if folder:
            of_folder[folder] += weight
            of_both[label, folder] += weight
    assigned = sum(of_folder.values())
    precision = sum(w * of_both[l, f] / of_folder[f] for l, f, w in items if f)
    recall = sum(w * (of_both[l, f] if f else w) / of_label[l] for l, f, w in items)
    recall_assigned = sum(w * of_both[l, f] / of_label[l] for l, f, w in items if f)
    share = lambda part, whole: round(part / whole, 4) if whole else None
    return {"precision": share(precision, assigned), "recall": share(recall, sum(of_label.values())),
            "recall_of_assigned": share(recall_assigned, assigned)}


def across_files(labelled):
    """Pairs of labelled tracks from different files: in one folder, of one person, and both."""
    together = same = both = 0
    keys = sorted(labelled)
    for i, a in enumerate(keys):
        for b in keys[i + 1:]:
            if a[0] == b[0]:
                continue
            one_folder = labelled[a][1] != "" and labelled[a][1] == labelled[b][1]
            one_person = labelled[a][0] == labelled[b][0]
            together, same, both = together + one_folder, same + one_person, both + (one_folder and one_person)
    return {"pairs_in_one_folder": together, "of_one_person": both, "pairs_of_one_person": same,
            "precision": round(both / together, 4) if together else None, "recall": round(both / same, 4) if same else None}


def mixtures(labelled):
    """The folders with several labels, the most wrong tracks first."""
    folders = collections.defaultdict(lambda: collections.defaultdict(list))
    for key, (label, folder, _) in sorted(labelled.items()):
        if folder:
            folders[folder][label].append(f"{key[0]} track {key[1]}")
    mixed = [{"folder": folder, "labels": {label: len(tracks) for label, tracks in labels.items()},
              "tracks": dict(labels)} for folder, labels in folders.items() if len(labels) > 1]
    wrong = lambda entry: sum(entry["labels"].values()) - max(entry["labels"].values())
    return sorted(mixed, key=lambda entry: (-wrong(entry), entry["folder"]))


def splits(labelled):
    folders = collections.defaultdict(collections.Counter)
    for label, folder, _ in labelled.values():
        if folder:
            folders[label][folder] += 1
    return {label: dict(counts) for label, counts in sorted(folders.items()) if len(counts) > 1}


def sides(tracks):
    """Folders that hold both sides. Here a guess at the person is enough: of the shirt the labels are always sure."""
    seen = collections.defaultdict(collections.Counter)
    for track in tracks.values():
        side = (majority(track, 1) or "").split("_")[0]
        if track.folder and side in SIDES:
            seen[track.folder][side] += 1
    return {folder: dict(counts) for folder, counts in sorted(seen.items()) if len(counts) > 1}


def score(faces, labels):
    tracks, unmatched = match(faces, labels)
    in_folder = collections.Counter(track.folder for track in tracks.values() if track.folder)
    labelled = {key: (majority(track, LEAST_SURE), track.folder, len(track.faces)) for key, track in tracks.items()}
    labelled = {key: entry for key, entry in labelled.items() if entry[0]}
    crowd = [track for track in tracks.values() if any(label == CROWD for label, _ in track.votes) and not majority(track, 1)]
    return {
        "tracks": {"labelled": len(labelled), "assigned": sum(1 for entry in labelled.values() if entry[1]),
                   "of_several_labels": sum(1 for track in tracks.values() if len(
                       {label for label, sure in track.votes if sure >= LEAST_SURE}) > 1)},
        "persons": len({entry[0] for entry in labelled.values()}),
        "labels_without_a_face": unmatched,
        "by_tracks": bcubed([(label, folder, 1) for label, folder, _ in labelled.values()]),
        "by_faces": bcubed(list(labelled.values())),
        "across_files": across_files(labelled),
        "crowd": {"tracks": len(crowd), "assigned": sum(1 for track in crowd if track.folder),
                  "with_another_track": sum(1 for track in crowd if in_folder[track.folder] > 1)},
        "both_sides": sides(tracks),
        "mixed": mixtures(labelled),
        "split": splits(labelled),
    }


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        sys.exit(__doc__.split("\n\n")[1])
    labels = arguments[1] if len(arguments) == 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "labels.csv")
    print(json.dumps(score(read(os.path.join(arguments[0], "faces.csv")), read(labels)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
