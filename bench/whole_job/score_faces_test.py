#!/usr/bin/env python3
"""Tests of score_faces.py."""
import unittest

import score_faces


def face(person, time, x):
    return {"person": person, "source": "a/film.mp4", "time_ms": str(time), "x": str(x), "y": "0", "w": "10", "h": "10"}


def label(person, time, x):
    return {"video": "film", "person": person, "start_ms": str(time - 100), "end_ms": str(time + 100), "x": str(x), "y": "0", "w": "10",
            "h": "10"}


class Scoring(unittest.TestCase):
    def test_folders_that_are_right_are_right(self):
        score = score_faces.score([face("1", 0, 0), face("2", 0, 50)], [label("A", 0, 1), label("B", 0, 51)])
        self.assertEqual((score["precision"], score["recall"], score["found"], score["strangers"]), (1, 1, 1, 0))

    def test_two_people_in_one_folder_cost_precision(self):
        score = score_faces.score([face("1", 0, 0), face("1", 0, 50)], [label("A", 0, 1), label("B", 0, 51)])
        self.assertEqual((score["precision"], score["recall"]), (.5, 1))

    def test_one_person_in_two_folders_and_in_none_costs_recall(self):
        truth = [label("A", 0, 0), label("A", 2000, 0), label("A", 4000, 0)]
        score = score_faces.score([face("1", 0, 0), face("2", 2000, 0), face("", 4000, 0)], truth)
        self.assertEqual((score["precision"], score["recall"], score["found"]), (1, .3333, .6667))

    def test_a_face_is_met_near_in_time_and_place_only(self):
        for other in (face("1", 700, 0), face("1", 0, 9)):
            score = score_faces.score([other], [label("A", 0, 0)])
            self.assertEqual((score["found"], score["strangers"]), (0, 1))


if __name__ == "__main__":
    unittest.main()
