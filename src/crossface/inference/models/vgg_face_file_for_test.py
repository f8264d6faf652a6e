"""usage: vgg_face_file_for_test.py FOLDER: writes files of the structure of the published vgg_face_weights.h5, with random weights
and narrow layers (the descriptor keeps its 4,096 values), and what the net answers, computed here in plain numpy.

FOLDER/vgg_face_weights.h5   whole
FOLDER/short.h5              one convolution is missing
FOLDER/input.f32             [2, 3, 224, 224]
FOLDER/descriptor.f32        [2, 4096]
"""
import sys

import h5py
import numpy as np

WIDTHS = [3, 4, 5, 6, 5, 7, 6, 5, 7, 8, 6, 5, 6, 7]  # input, then the thirteen convolutions
BLOCKS = [2, 2, 3, 3, 3]
random = np.random.default_rng(20)


def weights(rows, columns, inputs, outputs):
    kernel = random.normal(0, np.sqrt(2 / (rows * columns * inputs)), (rows, columns, inputs, outputs))
    return kernel.astype(np.float32), random.normal(0, 0.1, outputs).astype(np.float32)


def convolution(maps, kernel, bias):
    """maps [n, row, column, channel], no padding, then ReLU."""
    windows = np.lib.stride_tricks.sliding_window_view(maps, kernel.shape[:2], axis=(1, 2))
    return np.maximum(np.einsum("nhwcrs,rsco->nhwo", windows, kernel, optimize=True) + bias, 0)


def pooling(maps):
    n, height, width, channels = maps.shape
    return maps.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def write(path, layers):
    """layers: (Keras class, weights or None) in the order of the model."""
    with h5py.File(path, "w") as file:
        names, counts = [], {}
        for kind, arrays in layers:
            counts[kind] = counts.get(kind, 0) + 1
            name = f"{kind}_{counts[kind]}"
            names.append(name)
            group = file.create_group(name)
            parts = [f"{name}/kernel:0", f"{name}/bias:0"] if arrays else []
            group.attrs["weight_names"] = np.array(parts, "S")
            for part, array in zip(parts, arrays or ()):
                group[part] = array
        file.attrs["layer_names"] = np.array(names, "S")
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.0.8"


def main(folder):
    maps = random.uniform(-100, 100, (2, 3, 224, 224)).astype(np.float32)
    maps.tofile(f"{folder}/input.f32")
    maps = maps.transpose(0, 2, 3, 1).astype(np.float64)
    layers, index = [], 0
    for count in BLOCKS:
        for _ in range(count):
            arrays = weights(3, 3, WIDTHS[index], WIDTHS[index + 1])
            layers += [("zero_padding2d", None), ("conv2d", arrays)]
            maps = convolution(np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0))), *arrays)
            index += 1
        layers.append(("max_pooling2d", None))
        maps = pooling(maps)
    for side, inputs, outputs in ((7, WIDTHS[-1], 24), (1, 24, 4096)):
        arrays = weights(side, side, inputs, outputs)
        layers += [("conv2d", arrays), ("dropout", None)]
        maps = convolution(maps, *arrays)
    maps.reshape(2, 4096).astype(np.float32).tofile(f"{folder}/descriptor.f32")
    layers += [("conv2d", weights(1, 1, 4096, 3)), ("flatten", None), ("activation", None)]
    write(f"{folder}/vgg_face_weights.h5", layers)
    del layers[1]
    write(f"{folder}/short.h5", layers)


main(sys.argv[1])
