#!/usr/bin/env python3
"""Fits the weights of src/crossface/embed/identity_evidence.cc and judges them on kinds left out.

usage: fit_evidence.py SIGNS.csv...   (tables of measure_signs; needs numpy and scikit-learn)

What a face of a kind should be worth follows from how far strangers of that kind are taken for one person: their
highest scores, in units of the scores of untouched strangers, are the scatter that the pair score grants to pictures
of that quality (models/calibration.json: tail_quality, tail_growth). Fitted on every other person; a kind is judged
by weights that saw neither its family nor the people it is judged on.
"""
import csv
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

from altered_kinds import FAMILY

TAIL_QUALITY, TAIL_GROWTH = .62, 2.3
FORMING_QUALITY, FORMING_EVIDENCE = .45, .2  # scan/track_builder.cc
LIKELY_ONE_PERSON, PRIOR_ITEMS, PRIOR_MEAN, LEAST_SLOPE, LEAST_BELOW = 4.3, 20, 5, 6, .4  # cluster/graph/cohort.cc
# The target is stretched by so much below that of an untouched face: faces of kinds that nobody has seen are told less
# surely than those of the fit. 1, 1.3 and 1.6 were tried; see docs/accuracy.md.
SHARPNESS = 1.3
UNTOUCHED_TARGET, UNTOUCHED_WEIGHT = .97, 10
THRESHOLD = 6.3  # log-odds of the balanced profile in small cases
NETS = {"both": ("ms1m", "foamliu"), "ms1m": ("ms1m",), "foamliu": ("foamliu",)}


def read(paths):
    rows = []
    for path in paths:
        rows += list(csv.DictReader(open(path, newline="")))
    return rows


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def signs(rows, nets):
    probe = "foamliu" if "foamliu" in nets else "ms1m"
    zero = np.zeros(len(rows))
    a = np.log(column(rows, "norm_ms1m") / 3.77) if "ms1m" in nets else zero
    b = np.log(column(rows, "norm_foamliu") / 18.3) if "foamliu" in nets else zero
    lower, upper, blur = (column(rows, f"{part}_{probe}") for part in ("lower", "upper", "blur"))
    score = np.log(np.maximum(column(rows, "score"), .3) / .8)
    proportion = column(rows, "proportion")
    return np.stack([np.ones(len(rows)), a, b, a * a, b * b, proportion, proportion ** 2, score, lower, upper,
                     lower ** 2, upper ** 2, blur, blur ** 2], 1)


def scores(rows):
    a, b = (np.array([np.array(row[net].split(), float) for row in rows]) for net in ("ms1m", "foamliu"))
    return ((a @ a.T - .0085) / .0992 + (b @ b.T - .0127) / .1039) / 1.909


def log_odds(score, quality):
    expected = 6.93 * (.02 + .98 * np.minimum(1, quality / 1.06))
    scatter = 1 + TAIL_GROWTH * np.maximum(0, TAIL_QUALITY - quality)
    return .5308 * expected * (score / scatter - .3759 * expected)


def among_cohort(score, evidence):
    """The scores after cohort normalisation, as cluster/graph/cohort.cc does it with no links."""
    cohort = np.where(score > LIKELY_ONE_PERSON, np.nan, score)
    count = np.sum(~np.isnan(cohort), 1)
    if len(score) < 2 or not count.all():
        return score
    middle = np.nanmedian(cohort, 1)
    spread = np.maximum(1, middle - np.nanquantile(cohort, .1587, axis=1))
    say = count / (count + PRIOR_ITEMS)
    mean = say * np.maximum(middle, 0) + (1 - say) * PRIOR_MEAN * (1 - evidence) ** 2
    mean = np.maximum(mean, LEAST_SLOPE * np.maximum(0, LEAST_BELOW - evidence))
    spread = 1 + say * (spread - 1)
    return (score - (mean[:, None] + mean) / 2) / np.sqrt(spread[:, None] * spread)


def targets(kinds, people, rows):
    highest, own = np.zeros(len(rows)), np.zeros(len(rows))
    for kind in set(kinds):
        at = np.where(kinds == kind)[0]
        score = scores([rows[i] for i in at])
        same = people[at][:, None] == people[at][None]
        highest[at] = [np.sort(score[i][~same[i]])[-2:].mean() for i in range(len(at))]
        np.fill_diagonal(same, False)
        own[at] = score[same].mean() if same.any() else 0
        highest[at] = (highest[at] + highest[at].mean()) / 2
    usual_highest, usual_own = highest[kinds == "untouched"].mean(), own[kinds == "untouched"].mean()
    target = TAIL_QUALITY - (highest / usual_highest - 1) / TAIL_GROWTH
    target = np.minimum(target, own / usual_own)  # what is not even like its own person tells nothing either
    target = np.clip(UNTOUCHED_TARGET + SHARPNESS * (target - UNTOUCHED_TARGET), .02, UNTOUCHED_TARGET)
    target[kinds == "untouched"] = UNTOUCHED_TARGET
    return target


def fit(values, target, kinds):
    weight = np.array([100 / np.sum(kinds == kind) for kind in kinds])
    weight[kinds == "untouched"] *= UNTOUCHED_WEIGHT
    mean, deviation = values.mean(0), values.std(0)
    deviation[deviation == 0] = 1
    mean[0], deviation[0] = 0, 1
    scaled = (values - mean) / deviation
    model = LogisticRegression(C=10, max_iter=5000, fit_intercept=False)
    model.fit(np.vstack([scaled, scaled]), np.r_[np.ones(len(target)), np.zeros(len(target))],
              np.r_[weight * target, weight * (1 - target)])
    weights = model.coef_[0] / deviation
    weights[0] -= np.sum(weights[1:] * mean[1:])
    return weights


def main():
    rows = read(sys.argv[1:])
    kinds = np.array([row["kind"] for row in rows])
    people = np.array([row["photo"].rsplit("_", 1)[0] for row in rows])
    odd = np.array([sorted(set(people)).index(person) % 2 for person in people])
    family = np.array([FAMILY.get(kind, kind) for kind in kinds])
    target, quality = targets(kinds, people, rows), column(rows, "quality")
    for name, nets in NETS.items():
        values = signs(rows, nets)
        print(f"{name}: weights", ", ".join(f"{w:.3f}f" for w in fit(values, target, kinds)))
        print("  kind              n  target evidence  may found  wrong pairs: quality alone, evidence's bar, and cohorts   own pairs: alone, now")
        all_before = all_bar = all_now = 0
        for kind in dict.fromkeys(kinds):
            train = ((family != FAMILY.get(kind, kind)) | (kinds == "untouched")) & (odd == 0)
            at = np.where((kinds == kind) & (odd == 1))[0]
            evidence = 1 / (1 + np.exp(-values[at] @ fit(values[train], target[train], kinds[train])))
            score = scores([rows[i] for i in at])
            differ = np.triu(people[at][:, None] != people[at][None])
            same = np.triu(people[at][:, None] == people[at][None], 1)

            worth = np.sqrt(quality[at][:, None] * quality[at][None])

            def found(scores_of_pairs, forms):
                return forms[:, None] & forms[None] & (log_odds(scores_of_pairs, worth) > THRESHOLD)

            good = quality[at] >= FORMING_QUALITY
            forms = good & (evidence >= FORMING_EVIDENCE)
            before, now = found(score, good), found(among_cohort(score, evidence), forms)
            bar = found(score, forms)
            all_bar += np.sum(bar & differ)
            all_before, all_now = all_before + np.sum(before & differ), all_now + np.sum(now & differ)
            print(f"  {kind:15s} {len(at):3d}  {target[at].mean():.2f}   {np.median(evidence):.2f}"
                  f"      {np.mean(forms):.3f}     {np.sum(before & differ):5d} {np.sum(bar & differ):5d} {np.sum(now & differ):5d}"
                  f"    {np.mean(before[same]) if same.any() else 0:.3f} {np.mean(now[same]) if same.any() else 0:.3f}")
        print(f"  all wrong pairs: {all_before} {all_bar} {all_now}")
        weights = fit(values, target, kinds)
        for kind in dict.fromkeys(kinds):
            evidence = 1 / (1 + np.exp(-values[kinds == kind] @ weights))
            print(f"  with all kinds in the fit: {kind:15s} median {np.median(evidence):.2f}, may found {np.mean(evidence >= FORMING_EVIDENCE):.3f}")


if __name__ == "__main__":
    main()
