"""scikit-learn's clustering beside ours, on the same vectors: DBSCAN, average linkage, HDBSCAN.

Usage: scikit_learn.py VECTORS.f32 DIMENSIONS LABELS JSON. Thresholds are told the truth's best guess: a distance of
.5, half-way between strangers and pictures of one person. Methods that would need all pairs in memory are left out
above 20,000 vectors, HDBSCAN above 20,000 as well, for its time.
"""
import json
import resource
import sys
import time

import numpy
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering
from sklearn.metrics.cluster import pair_confusion_matrix

MOST = 20_000


def pairwise(truth, found):
    """Pairwise precision and recall; what is noise (-1) is a cluster of its own."""
    found = found.copy()
    noise = found < 0
    found[noise] = found.max() + 1 + numpy.arange(noise.sum())
    (_, wrong), (missed, right) = pair_confusion_matrix(truth, found)
    return right / max(1, right + wrong), right / max(1, right + missed), len(set(found))


def main(vectors, dimensions, labels, out):
    rows = numpy.fromfile(vectors, "<f4").reshape(-1, int(dimensions))
    truth = numpy.loadtxt(labels, dtype=int)
    results = []
    if len(rows) <= MOST:
        methods = {
            "sklearn dbscan": DBSCAN(eps=0.3, min_samples=3, metric="cosine", n_jobs=-1),
            "sklearn average": AgglomerativeClustering(n_clusters=None, distance_threshold=0.5, metric="cosine", linkage="average"),
            "sklearn hdbscan": HDBSCAN(min_cluster_size=3, metric="euclidean", n_jobs=-1),
        }
        for name, method in methods.items():
            start, cpu = time.time(), time.process_time()
            precision, recall, persons = pairwise(truth, method.fit_predict(rows))
            seconds, cpu = time.time() - start, time.process_time() - cpu
            score = 2 * precision * recall / max(1e-12, precision + recall)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{'generated':<22} {name:<14} {len(rows):8}  P {precision:.4f} R {recall:.4f} F {score:.4f}  "
                  f"persons {persons:6} / {len(set(truth)):6}  {seconds:8.2f} s  cpu {cpu:8.2f} s {peak:6} MiB", flush=True)
            results.append({"data": "generated", "method": name, "items": len(rows), "pairwise": [precision, recall, score],
                            "persons": [persons, len(set(truth))], "seconds": seconds, "cpu_seconds": cpu, "peak_mib": peak})
    with open(out, "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
