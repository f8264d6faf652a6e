#!/usr/bin/env python3
"""Photos of faces altered as in footage that tells nobody apart: OUT/<kind>/<photo>.png.

usage: altered_kinds.py STILLS OUT [--photos 2] [--kinds a,b] (needs numpy and opencv-python-headless)

STILLS holds a folder of photos per person, 250x250, the face in the middle (LFW). Kinds of one FAMILY stand for
each other: whoever judges a kind leaves its whole family out of the fit.
"""
import argparse
import glob
import os
import zlib

import cv2
import numpy as np

FAMILY = {"pixelated_fine": "pixelated", "blurred_little": "blurred", "motion": "blurred", "small": "blurred",
          "squeezed_tall": "squeezed", "squeezed_little": "squeezed", "squeezed_flat": "squeezed", "eye_bar": "eyes",
          "sunglasses": "eyes", "visor": "hood", "balaclava": "hood", "blot": "hood", "scarf": "mouth",
          "mask": "mouth", "hand": "mouth", "edges": "colour", "thermal": "colour", "poster": "colour",
          "negative": "colour", "dark": "haze", "fog": "haze", "night": "noise", "noise": "noise", "lying": "turned",
          "upside_down": "turned"}


def ellipse(image, centre, axes, colour, angle=0):
    cv2.ellipse(image, centre, axes, angle, 0, 360, colour, -1)
    return image


def masked(image, mask, texture):
    image[mask > 0] = texture[mask > 0]
    return image


def mask(image, rng):
    points = np.array([(88, 132), (125, 126), (162, 132), (158, 168), (125, 188), (92, 168)])
    cv2.fillPoly(image, [points], [(225, 205, 170), (240, 240, 235), (40, 38, 36)][rng.integers(3)])
    return image


def scarf(image, rng):
    area = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(area, [np.array([(70, 128), (125, 120), (180, 128), (185, 190), (125, 230), (65, 190)])], 255)
    colour = np.array([(40, 40, 130), (90, 120, 80), (200, 200, 200), (30, 30, 30)][rng.integers(4)])
    cloth = np.zeros_like(image) + colour.astype(np.uint8)
    for row in range(0, 250, 8):
        cloth[row:row + 3] = np.clip(colour * .6 + 60, 0, 255).astype(np.uint8)
    return masked(image, area, cloth)


def hand(image, rng):
    return ellipse(image, (125, 160), (30, 26), (120, 150, 200), 20)


def sunglasses(image, rng):
    for x in (107, 143):
        ellipse(image, (x, 112), (17, 12), (15, 15, 15))
    cv2.line(image, (90, 110), (160, 110), (15, 15, 15), 4)
    return image


def eye_bar(image, rng):
    image[100:124, 82:168] = 0
    return image


def balaclava(image, rng):
    area = ellipse(np.zeros(image.shape[:2], np.uint8), (125, 118), (62, 88), 255)
    ellipse(area, (125, 112), (42, 13), 0)
    cloth = np.clip(np.full(image.shape, 26.) + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
    return masked(image, area, cloth)


def visor(image, rng):
    image[85:200, 70:180] = (image[85:200, 70:180] * .15 + np.array([70, 60, 55])).astype(np.uint8)
    return image


def blot(image, rng):
    return ellipse(image, (125, 128), (34, 40), image[60:200, 70:180].mean((0, 1)).tolist())


def half(image, rng):
    image[:, 125:] = (90, 100, 110)
    return image


def pixelate(block):
    def alter(image, rng):
        face = image[60:200, 70:180]
        h, w = face.shape[:2]
        small = cv2.resize(face, (w // block, h // block), interpolation=cv2.INTER_AREA)
        image[60:200, 70:180] = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)
        return image
    return alter


def blur(sigma):
    def alter(image, rng):
        image[50:205, 60:190] = cv2.GaussianBlur(image, (0, 0), sigma)[50:205, 60:190]
        return image
    return alter


def motion(image, rng):
    kernel = np.zeros((25, 25), np.float32)
    angle = rng.uniform(0, np.pi)
    for along in np.linspace(-9, 9, 80):
        kernel[round(12 + along * np.sin(angle)), round(12 + along * np.cos(angle))] = 1
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def small(image, rng):
    tiny = cv2.resize(image, None, fx=.13, fy=.13, interpolation=cv2.INTER_AREA)
    return cv2.resize(tiny, (250, 250), interpolation=cv2.INTER_CUBIC)


def swirl(image, rng):
    y, x = np.mgrid[0:250, 0:250].astype(np.float32)
    dx, dy = x - 125, y - 125
    far = np.hypot(dx, dy)
    angle = np.arctan2(dy, dx) + 2.2 * np.exp(-(far / 40) ** 2)
    return cv2.remap(image, np.float32(125 + far * np.cos(angle)), np.float32(125 + far * np.sin(angle)), cv2.INTER_LINEAR)


def night(image, rng):
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), rng.uniform(.8, 2))
    grey = 40 + grey * .4 + rng.normal(0, rng.uniform(6, 18), grey.shape)
    return np.clip(np.dstack([grey * .3, grey * 1.2, grey * .3]), 0, 255).astype(np.uint8)


def thermal(image, rng):
    return cv2.applyColorMap(cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (0, 0), 2.5), cv2.COLORMAP_INFERNO)


def edges(image, rng):
    drawn = 255 - cv2.Canny(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 40, 110)
    return cv2.cvtColor(cv2.GaussianBlur(drawn, (0, 0), .8), cv2.COLOR_GRAY2BGR)


def added(gain, base, noise):
    return lambda image, rng: np.clip(image * gain + base + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


def scaled(width, height):
    return lambda image, rng: cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


KINDS = {
    "untouched": lambda image, rng: image, "mask": mask, "scarf": scarf, "hand": hand, "sunglasses": sunglasses,
    "eye_bar": eye_bar, "balaclava": balaclava, "visor": visor, "blot": blot, "half": half, "pixelated": pixelate(9),
    "pixelated_fine": pixelate(6), "blurred": blur(6), "blurred_little": blur(3), "motion": motion, "small": small,
    "swirl": swirl, "night": night, "noise": added(1, 0, 60), "dark": added(.05, 3, 3), "fog": added(.12, 190, 3),
    "negative": lambda image, rng: 255 - image, "thermal": thermal, "edges": edges,
    "poster": lambda image, rng: image // 86 * 86 + 20,
    "jpeg": lambda image, rng: cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 4])[1], 1),
    "squeezed_flat": scaled(250, 125), "squeezed_tall": scaled(125, 250), "squeezed_little": scaled(250, 187),
    "upside_down": lambda image, rng: cv2.rotate(image, cv2.ROTATE_180),
    "lying": lambda image, rng: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stills")
    parser.add_argument("out")
    parser.add_argument("--photos", type=int, default=2)
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    for kind in options.kinds.split(","):
        os.makedirs(os.path.join(options.out, kind), exist_ok=True)
        for person in sorted(os.listdir(options.stills)):
            for photo in sorted(glob.glob(os.path.join(options.stills, person, "*.jpg")))[:options.photos]:
                name = os.path.splitext(os.path.basename(photo))[0]
                rng = np.random.default_rng(zlib.crc32((kind + name).encode()))
                cv2.imwrite(os.path.join(options.out, kind, name + ".png"), KINDS[kind](cv2.imread(photo), rng))


if __name__ == "__main__":
    main()
