"""On the case of real footage that CASE names: tools/test_library.py makes it."""
import csv
import os
import pickle
import signal
import threading
import unittest

import crossface
import pandas

CASE = os.environ["CASE"]


def table(name):
    with open(os.path.join(CASE, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class ACase(unittest.TestCase):
    def setUp(self):
        self.case = crossface.open(CASE)

    def agree(self, frame, name, texts=(), numbers=()):
        rows = table(name)
        self.assertGreater(len(rows), 0)
        self.assertEqual(len(frame), len(rows))
        for column in texts:
            self.assertEqual(frame[column].fillna("").tolist(), [row[column] for row in rows], column)
        for column in numbers:
            for ours, row in zip(frame[column], rows):
                self.assertAlmostEqual(ours, float(row[column]), delta=0.051 if column in "xywh" else 0.00051, msg=column)

    def test_its_tables_are_those_of_its_csv_files(self):
        self.agree(self.case.sources(), "sources.csv", ("source", "sha256", "codec", "status"), ("bytes", "duration_ms", "width", "kept", "faces", "tracks"))
        self.agree(self.case.appearances(), "appearances.csv", ("person", "source", "portrait", "start_time", "reason"),
                   ("track", "start_ms", "end_ms", "faces", "confidence"))
        self.agree(self.case.faces(), "faces.csv", ("person", "source", "detectors", "image", "reason"),
                   ("track", "face", "time_ms", "frame", "x", "y", "w", "h", "score", "quality"))

    def test_people_come_to_what_their_tracks_come_to(self):
        people, appearances = self.case.people(), self.case.appearances()
        self.assertGreater(len(people), 1)
        self.assertEqual(people.screen_ms.tolist(), sorted(people.screen_ms, reverse=True))
        for person in people.itertuples():
            theirs = appearances[appearances.person_id == person.person_id]
            self.assertEqual((person.tracks, person.faces, person.sources), (len(theirs), theirs.faces.sum(), theirs.source.nunique()))
            self.assertEqual(set(theirs.person), {person.person})

    def test_a_picture_out_of_the_footage_is_found_where_it_was_taken(self):
        faces = self.case.faces()
        best = faces[faces.person_id > 0].sort_values("quality").iloc[-1]
        hits = self.case.search(os.path.join(CASE, best.image), face=1, limit=3)
        self.assertEqual(hits["rank"].tolist(), [1, 2, 3])
        first = hits.iloc[0]
        self.assertTrue(first.likely)
        self.assertEqual((first.source, first.track, first.person), (best.source, best.track, best.person))
        self.assertTrue((hits.log10_likelihood_ratio.diff().dropna() <= 0).all())

    def test_what_is_nobody_is_missing(self):
        appearances = self.case.appearances()
        nobody = appearances[appearances.person_id == 0]
        self.assertTrue(nobody.person.isna().all())
        self.assertTrue(appearances[appearances.person_id > 0].reason.isna().all())


class WhatFails(unittest.TestCase):
    def test_a_folder_that_is_no_case_is_told(self):
        with self.assertRaises(crossface.Error) as raised:
            crossface.open(os.path.join(CASE, "people"))
        self.assertIn("people", str(raised.exception))
        self.assertTrue(raised.exception.code)
        again = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual((str(again), again.code), (str(raised.exception), raised.exception.code))

    def test_a_photo_that_is_not_there_is_told(self):
        with self.assertRaises(crossface.Error) as raised:
            crossface.open(CASE).search("/nowhere/photo.jpg")
        self.assertEqual(raised.exception.code, "not found")

    def test_models_that_are_not_there_are_told_with_what_to_do(self):
        with self.assertRaises(crossface.Error) as raised:
            crossface.open(CASE).search(os.path.join(CASE, table("faces.csv")[0]["image"]), models="/nowhere")
        self.assertEqual(raised.exception.code, "model missing")

    def test_no_threads_are_refused(self):
        with self.assertRaises(ValueError):
            crossface.set_threads(0)


class LongCalls(unittest.TestCase):
    def search(self):
        image = os.path.join(CASE, table("faces.csv")[0]["image"])
        return crossface.open(CASE).search([image] * 8)

    def test_other_threads_go_on_meanwhile(self):
        turns, done = 0, threading.Event()
        searching = threading.Thread(target=lambda: (self.search(), done.set()))
        searching.start()
        while not done.wait(0.005):
            turns += 1
        searching.join()
        self.assertGreater(turns, 5)

    def test_ctrl_c_stops_them(self):
        timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            for _ in range(100):
                self.search()
        timer.join()


if __name__ == "__main__":
    unittest.main()
