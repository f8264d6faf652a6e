"""Films whose faces are labelled, for programs of bench/ that score crossface on altered copies of them."""
import csv
import os
import subprocess


def run(*words):
    """What a program printed; throws where it fails."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def read_table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_table(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def films_with_labels(films, truth, folder):
    """(name, path, rows of `truth` about it) of each film that has some; each is linked into `folder`."""
    rows = read_table(truth)
    os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(films)):
        mine = [{**row, "video": name} for row in rows if row["video"] in (name, os.path.splitext(name)[0])]
        if not mine:
            continue
        path = os.path.join(films, name)
        if not os.path.exists(f"{folder}/{name}"):
            os.symlink(os.path.abspath(path), f"{folder}/{name}")
        yield name, path, mine


def copy_film(film, filters, quality, out):
    """`film` through ffmpeg's filters, from its first picture on, without sound."""
    run("ffmpeg", "-v", "error", "-y", "-i", film, "-an", "-vf", f"setpts=PTS-STARTPTS,{filters},scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", str(quality), out)
