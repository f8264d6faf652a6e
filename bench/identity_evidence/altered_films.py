#!/usr/bin/env python3
"""Films beside altered copies of themselves, scored: does a kind of picture that nobody foresaw mix people?

    bench/identity_evidence/altered_films.py build/release/crossface FILMS TRUTH WORK [--kinds night,sepia,...]

FILMS holds films, TRUTH their boxes (make_synth's truth_boxes.csv). A kind is an ffmpeg filter that leaves faces where they are. Each kind is a
case of its own in WORK, of all films and of their altered copies; prints BCubed precision and recall of all, and of the altered ones alone.
"""
import argparse
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from labelled_films import copy_film, films_with_labels, run, write_table  # noqa: E402

KINDS = {
    "night": "hue=s=0,colorchannelmixer=rr=.1:gg=1:bb=.15,noise=alls=25:allf=t",
    "sepia": "colorchannelmixer=.393:.769:.189:0:.349:.686:.168:0:.272:.534:.131",
    "negative": "negate",
    "one bit": "format=monow,format=yuv420p",
    "slow shutter": "tmix=frames=8",
    "overexposed": "eq=brightness=.35:contrast=1.6",
    "fog": "eq=contrast=.35",
    "vhs": "chromashift=cbh=8:crh=-8,gblur=sigma=3:sigmaV=.1,noise=alls=20:allf=t",
    "sharpened": "unsharp=9:9:4",
    "blue light": "lutrgb=r=val*.25:g=val*.35:b=val",
    "smoothed": "bilateral=sigmaS=6:sigmaR=.15",
    "painted": "median=radius=4",
    "posterised": "lutyuv=y=floor(val/64)*64",
    "quarter size": "scale=iw/4:-2,scale=iw*4:-2:flags=neighbor",
    "embossed": "convolution=" + ":".join(["-2 -1 0 -1 1 1 0 1 2"] * 4),
    "vignette": "vignette=PI/2.1",
}


def make(films, truth, work, filters):
    """The films and their altered copies in WORK/films; who is in them: all.csv, and altered.csv of the copies alone."""
    shutil.rmtree(work, ignore_errors=True)
    everything, altered = [], []
    for name, film, mine in films_with_labels(films, truth, f"{work}/films"):
        copy = f"{os.path.splitext(name)[0]}__altered.mp4"
        copy_film(film, filters, 26, f"{work}/films/{copy}")
        of_copy = [{**row, "video": copy} for row in mine]
        everything += mine + of_copy
        altered += of_copy
    write_table(f"{work}/all.csv", everything)
    write_table(f"{work}/altered.csv", altered)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crossface")
    parser.add_argument("films")
    parser.add_argument("truth")
    parser.add_argument("work")
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    print("kind            all: precision, recall   altered: precision, recall")
    for kind in options.kinds.split(","):
        work = f"{options.work}/{kind.replace(' ', '_')}"
        make(options.films, options.truth, work, KINDS[kind])
        run(options.crossface, "identify", f"{work}/films", "--case", f"{work}/case", "--quiet")
        scores = []
        for which in ("all", "altered"):
            told = json.loads(run(options.crossface, "evaluate", f"{work}/case", "--truth", f"{work}/{which}.csv", "--json"))
            bcubed = told["bcubed"]
            scores += [bcubed["precision"], bcubed["recall"]]
        print(f"{kind:15s}", " ".join(f"{score:11.4f}" for score in scores), flush=True)


if __name__ == "__main__":
    main()
