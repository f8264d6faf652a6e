#!/usr/bin/env python3
"""Tests of score.py and of what labels.csv promises."""
import os
import unittest

import score

FOLDER = os.path.dirname(os.path.abspath(__file__))


def face(person, source, track, time, x):
    return {"person": person, "source": source, "track": str(track), "time_ms": str(time), "x": str(x), "y": "0", "w": "10", "h": "10"}


def label(person, video, time, x, sure=3):
    return {"video": video, "person": person, "start_ms": str(time), "x": str(x), "y": "0", "w": "10", "h": "10", "sure": str(sure)}


class Matching(unittest.TestCase):
    def votes(self, faces, labels):
        tracks, unmatched = score.match(faces, labels)
        return {key: dict(track.votes) for key, track in tracks.items() if track.votes}, unmatched

    def test_needs_time_place_and_file(self):
        faces = [face("p", "a.mp4", 1, 1000, 0)]
        self.assertEqual(self.votes(faces, [label("x", "a.mp4", 1100, 4)]), ({("a.mp4", "1"): {("x", 3): 1}}, 0))
        for stranger in (label("x", "a.mp4", 1101, 0), label("x", "a.mp4", 1000, 5), label("x", "b.mp4", 1000, 0)):
            self.assertEqual(self.votes(faces, [stranger]), ({}, 1))

    def test_takes_the_nearest_in_time_then_the_best_overlap(self):
        faces = [face("p", "a.mp4", 1, 1000, 0), face("p", "a.mp4", 2, 1050, 1), face("p", "a.mp4", 3, 1050, 2)]
        self.assertEqual(self.votes(faces, [label("x", "a.mp4", 1040, 2)])[0], {("a.mp4", "3"): {("x", 3): 1}})

    def test_knows_a_file_whatever_folder_the_case_was_made_of(self):
        self.assertEqual(self.votes([face("p", "clips/a.mp4", 1, 0, 0)], [label("x", "a.mp4", 0, 0)])[1], 0)

    def test_a_track_is_whom_most_of_its_sure_labels_name(self):
        faces = [face("p", "a.mp4", 1, time, 0) for time in range(0, 1200, 200)]
        labels = [label("x", "a.mp4", 0, 0), label("x", "a.mp4", 200, 0, 2), label("y", "a.mp4", 400, 0)]
        guesses = [label("z", "a.mp4", time, 0, 1) for time in (600, 800, 1000)]
        tracks, _ = score.match(faces, labels + guesses)
        self.assertEqual(score.majority(tracks["a.mp4", "1"], 2), "x")
        self.assertEqual(score.majority(tracks["a.mp4", "1"], 1), "z")


class Scores(unittest.TestCase):
    # Two tracks of x and one of y in folder p, x alone in q, x in no folder.
    FACES = [face("p", "a.mp4", 1, 0, 0), face("p", "a.mp4", 1, 200, 0), face("p", "b.mp4", 1, 0, 0), face("p", "c.mp4", 1, 0, 0),
             face("q", "d.mp4", 1, 0, 0), face("", "e.mp4", 1, 0, 0)]
    LABELS = [label("yellow_x", "a.mp4", 0, 0), label("yellow_x", "b.mp4", 0, 0), label("white_y", "c.mp4", 0, 0),
              label("yellow_x", "d.mp4", 0, 0), label("yellow_x", "e.mp4", 0, 0)]

    def test_bcubed(self):
        found = score.score(self.FACES, self.LABELS)
        self.assertEqual(found["tracks"], {"labelled": 5, "assigned": 4, "of_several_labels": 0})
        self.assertEqual(found["by_tracks"]["precision"], round((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, 4))
        self.assertEqual(found["by_tracks"]["recall"], round((2 / 4 + 2 / 4 + 1 + 1 / 4 + 1 / 4) / 5, 4))
        self.assertEqual(found["by_faces"]["precision"], round((3 * 3 / 4 + 1 / 4 + 1) / 5, 4))
        self.assertEqual(found["across_files"]["pairs_in_one_folder"], 3)
        self.assertEqual(found["across_files"]["of_one_person"], 1)
        self.assertEqual(found["across_files"]["pairs_of_one_person"], 6)

    def test_names_mixed_and_split(self):
        found = score.score(self.FACES, self.LABELS)
        self.assertEqual([(entry["folder"], entry["labels"]) for entry in found["mixed"]], [("p", {"yellow_x": 2, "white_y": 1})])
        self.assertEqual(found["split"], {"yellow_x": {"p": 2, "q": 1}})
        self.assertEqual(found["both_sides"], {"p": {"yellow": 2, "white": 1}})

    def test_a_guess_counts_for_the_shirt_only(self):
        labels = self.LABELS[:2] + [label("white_y", "c.mp4", 0, 0, 1)]
        found = score.score(self.FACES, labels)
        self.assertEqual(found["mixed"], [])
        self.assertEqual(found["both_sides"], {"p": {"yellow": 2, "white": 1}})

    def test_counts_the_crowd_in_folders_with_others(self):
        labels = [label("crowd", file, 0, 0, 0) for file in ("c.mp4", "d.mp4", "e.mp4")]
        self.assertEqual(score.score(self.FACES, labels)["crowd"], {"tracks": 3, "assigned": 2, "with_another_track": 1})
        self.assertEqual(score.score(self.FACES, labels)["tracks"]["labelled"], 0)


class Labels(unittest.TestCase):
    def setUp(self):
        self.labels = score.read(os.path.join(FOLDER, "labels.csv"))

    def test_only_the_crowd_is_without_sureness(self):
        self.assertGreater(len(self.labels), 0)
        for row in self.labels:
            self.assertIn(row["sure"], "0" if row["person"] == score.CROWD else ("1", "2", "3"), row)
            self.assertEqual(int(row["end_ms"]) - int(row["start_ms"]), 33, row)

    def test_nobody_is_in_two_places_and_no_place_is_of_two(self):
        moments = {}
        for row in self.labels:
            moments.setdefault((row["video"], row["start_ms"]), []).append(row)
        for rows in moments.values():
            for i, a in enumerate(rows):
                for b in rows[i + 1:]:
                    if score.CROWD in (a["person"], b["person"]):
                        continue
                    self.assertNotEqual(a["person"], b["person"], (a, b))
                    self.assertLess(score.overlap(score.box(a), score.box(b)), score.LEAST_OVERLAP, (a, b))


if __name__ == "__main__":
    unittest.main()
