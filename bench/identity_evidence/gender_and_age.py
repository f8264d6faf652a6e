#!/usr/bin/env python3
"""Would gender and age, as a network reads them, tell apart whom the embeddings join?

usage: gender_and_age.py CASE PHOTOS MODEL
CASE: a grouped case whose sources are photos named PERSON_NNNN.jpg (as LFW's); PHOTOS: the folder that they lie in, searched with its
sub-folders; MODEL: faceres (input [b,3,224,224], BGR less the means of VGGFace2; outputs gender, age).
Of each photo its largest face counts, because the name tells who that is. Prints, for limits of the two readings, how many pairs of
photos of one person they would part, how many pairs of strangers, and how many of the pairs of two people who stand in one folder;
pairs of one person by how sure the network is on average that he or she is a man, to show whom an error would cost more.
Needs numpy, opencv and onnxruntime.
"""
import collections, itertools, pathlib, random, re, sqlite3, sys
import cv2, numpy, onnxruntime

MEANS = numpy.float32([103.939, 116.779, 123.68])


def read(session, photo, box):
    x, y, width, height = box
    side = max(width, height)
    scale = 224 / side
    move = numpy.float32([[scale, 0, 112 - (x + width / 2) * scale], [0, scale, 112 - (y + height / 2) * scale]])
    cut = cv2.warpAffine(photo, move, (224, 224)).astype(numpy.float32) - MEANS
    gender, age = session.run(["gender", "age"], {session.get_inputs()[0].name: cut.transpose(2, 0, 1)[None]})
    sure = float(numpy.clip(gender.ravel()[0], 1e-4, 1 - 1e-4))
    return numpy.log(sure / (1 - sure)), float((age.ravel() * numpy.arange(age.size)).sum())


def main(case, photos, model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    files = {path.name: path for path in pathlib.Path(photos).rglob("*.jpg")}
    database = sqlite3.connect(f"file:{case}/crossface.db?mode=ro&immutable=1", uri=True)
    largest = {}
    for name, folder, *box in database.execute(
            "SELECT s.name, a.person_id, f.x, f.y, f.width, f.height FROM faces f JOIN tracks t ON t.id = f.track_id "
            "JOIN sources s ON s.id = t.source_id LEFT JOIN assignments a ON a.track_id = t.id"):
        if name not in largest or box[2] * box[3] > largest[name][1][2] * largest[name][1][3]:
            largest[name] = (folder, box)
    people, folders = collections.defaultdict(list), collections.defaultdict(list)
    for name, (folder, box) in sorted(largest.items()):
        person = re.sub(r"_\d{4}$", "", pathlib.Path(name).stem)
        reading = read(session, cv2.imread(str(files[pathlib.Path(name).name])), box)
        people[person].append(reading)
        if folder is not None:
            folders[folder].append((person, reading))
    own = [pair for readings in people.values() for pair in itertools.islice(itertools.combinations(readings, 2), 20)]
    random.seed(1)
    strangers = [tuple(random.choice(people[person]) for person in random.sample(sorted(people), 2)) for _ in range(20000)]
    joined = [((a, x), (b, y)) for readings in folders.values()
              for (a, x), (b, y) in itertools.combinations(readings, 2) if a != b]
    # Each wrong pair of names counts once, by its two most typical readings.
    wrong = {}
    for (a, x), (b, y) in joined:
        wrong.setdefault(tuple(sorted((a, b))), []).append((x, y))
    print("people who stand in one folder:", *(f"{a} and {b}" for a, b in sorted(wrong)), sep="\n  ")
    median = [tuple(numpy.median([pair[side] for pair in pairs], axis=0) for side in (0, 1)) for pairs in wrong.values()]
    print(f"{'limit':28} {'one person':>11} {'strangers':>10} {'joined':>8}")
    for limit in (0, 1, 2, 3):
        parts = lambda pair: pair[0][0] * pair[1][0] < 0 and min(abs(pair[0][0]), abs(pair[1][0])) > limit
        report(f"gender differs, logits > {limit}", parts, own, strangers, median)
    for limit in (10, 15, 20, 30):
        report(f"age differs by > {limit}", lambda pair: abs(pair[0][1] - pair[1][1]) > limit, own, strangers, median)
    for label, keep in (("read as women", lambda m: m < 0), ("read as men", lambda m: m >= 0)):
        pairs = [pair for pair in own if keep(pair[0][0] + pair[1][0])]
        differ = numpy.mean([pair[0][0] * pair[1][0] < 0 for pair in pairs])
        print(f"pairs of one person {label} on the whole: {len(pairs)}, gender differs within {differ:.3f}")


def report(label, parts, own, strangers, joined):
    share = [numpy.mean([parts(pair) for pair in pairs]) if pairs else 0 for pairs in (own, strangers)]
    print(f"{label:28} {share[0]:11.4f} {share[1]:10.4f} {sum(map(parts, joined)):4} of {len(joined)}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
