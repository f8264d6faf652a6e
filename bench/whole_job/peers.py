#!/usr/bin/env python3
"""What people do without crossface, on the same films: two recipes, each in the way its documentation shows.

usage: peers.py RECIPE FACES.csv VIDEO... [--models FOLDER] [--threads N] [--every N] [--apart DISTANCE]

face_recognition   every N-th frame: HOG detector, dlib's 128 numbers a face, dlib's Chinese whispers at .5, which is
                   what dlib's example of clustering faces does (face_recognition 1.3, dlib)
scrfd_arcface      every N-th frame: SCRFD 2.5G at 640, five points to 112 x 112, ArcFace (512 numbers), scikit-learn's
                   agglomerative clustering with average linkage of cosine distances, cut at DISTANCE

Writes person, source, time_ms, x, y, w, h of every face found; whoever was met once is nobody's. With RECIPE `none`
the films are only decoded. Needs, for the one, face_recognition; for the other onnxruntime, scikit-learn; numpy and
OpenCV for both.
"""
import argparse
import csv
import os
import sys

import cv2
import numpy as np

# On make_synth's seed 912 the distances .45, .5, .55, .6, .65, .7, .75 were tried; what was best there is judged on others.
APART = .6


def frames(path, every):
    """(time in milliseconds, BGR picture) of every so many frames."""
    film = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not film.isOpened():
        sys.exit(f"{path} cannot be read")
    number = 0
    while film.grab():
        if number % every == 0:
            time_ms = film.get(cv2.CAP_PROP_POS_MSEC)
            read, picture = film.retrieve()
            if read:
                yield time_ms, picture
        number += 1


class Dlib:
    def __init__(self, options):
        import dlib
        import face_recognition
        self.dlib, self.recipe = dlib, face_recognition

    def faces(self, picture):
        rgb = np.ascontiguousarray(picture[:, :, ::-1])
        places = self.recipe.face_locations(rgb)
        vectors = self.recipe.face_encodings(rgb, places)
        return [((left, top, right - left, bottom - top), vector)
                for (top, right, bottom, left), vector in zip(places, vectors)]

    def people(self, vectors):
        return self.dlib.chinese_whispers_clustering([self.dlib.vector(v) for v in vectors], .5)


class ScrfdArcface:
    TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
                        np.float32)

    def __init__(self, options):
        import onnxruntime
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.log_severity_level = 3
        settings.add_session_config_entry("session.set_denormal_as_zero", "1")
        load = lambda name: onnxruntime.InferenceSession(os.path.join(options.models, name), settings,
                                                         providers=["CPUExecutionProvider"])
        self.detector, self.embedder = load("scrfd_2.5g_bnkps.onnx"), load("arcface_mobilefacenet512_ms1m.onnx")
        self.outputs = [output.name for output in self.detector.get_outputs()]
        self.apart = options.apart

    def detect(self, picture):
        scale = 640 / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale)
        padded = np.zeros((640, 640, 3), np.uint8)
        padded[:small.shape[0], :small.shape[1]] = small
        blob = cv2.dnn.blobFromImage(padded, 1 / 128, (640, 640), (127.5,) * 3, swapRB=True)
        found = dict(zip(self.outputs, self.detector.run(None, {self.detector.get_inputs()[0].name: blob})))
        boxes, scores, points = [], [], []
        for stride in (8, 16, 32):
            part = lambda kind: next(v for k, v in found.items() if k.startswith(kind) and k.endswith(f"_{stride}")).reshape(
                -1, {"score": 1, "bbox": 4, "kps": 10}[kind])
            score = part("score")[:, 0]
            y, x = np.divmod(np.arange(len(score)) // 2, 640 // stride)
            centre = np.stack([x, y], 1) * stride
            keep = score > .5
            sides, ways = part("bbox")[keep] * stride, part("kps")[keep].reshape(-1, 5, 2) * stride
            at = centre[keep]
            boxes.append(np.hstack([at - sides[:, :2], sides[:, :2] + sides[:, 2:]]))
            points.append(at[:, None] + ways)
            scores.append(score[keep])
        boxes, scores, points = np.vstack(boxes), np.hstack(scores), np.vstack(points)
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), .5, .4)
        return [(boxes[i] / scale, (points[i] / scale).astype(np.float32)) for i in np.array(kept, int).flatten()]

    def faces(self, picture):
        result = []
        for box, points in self.detect(picture):
            move, _ = cv2.estimateAffinePartial2D(points, self.TEMPLATE, method=cv2.LMEDS)
            if move is None:
                continue
            chip = cv2.warpAffine(picture, move, (112, 112))
            blob = cv2.dnn.blobFromImage(chip, 1 / 127.5, (112, 112), (127.5,) * 3)
            vector = self.embedder.run(None, {self.embedder.get_inputs()[0].name: blob})[0][0]
            result.append((box, vector / np.linalg.norm(vector)))
        return result

    def people(self, vectors):
        from sklearn.cluster import AgglomerativeClustering
        if len(vectors) < 2:
            return [0] * len(vectors)
        return AgglomerativeClustering(n_clusters=None, distance_threshold=self.apart, metric="cosine",
                                       linkage="average").fit_predict(np.array(vectors))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=["none", "face_recognition", "scrfd_arcface"])
    parser.add_argument("faces")
    parser.add_argument("videos", nargs="+")
    parser.add_argument("--models", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--apart", type=float, default=APART)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    recipe = {"none": lambda _: None, "face_recognition": Dlib, "scrfd_arcface": ScrfdArcface}[options.recipe](options)
    rows, vectors = [], []
    for video in options.videos:
        for time_ms, picture in frames(video, options.every):
            for box, vector in recipe.faces(picture) if recipe else []:
                rows.append([os.path.basename(video), round(time_ms, 1), *(round(float(part), 1) for part in box)])
                vectors.append(vector)
    people = [int(person) for person in recipe.people(vectors)] if vectors else []
    with open(options.faces, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow("person source time_ms x y w h".split())
        for person, row in zip(people, rows):
            out.writerow([f"peer-{person}" if people.count(person) > 1 else "", *row])


if __name__ == "__main__":
    main()
