#!/usr/bin/env python3
"""Half-precision copies of the models of a folder, for bench_gpu --fp16. They take and give float32.

usage: to_fp16.py MODELS OUT
"""
import pathlib
import sys

import onnx
from onnxconverter_common import float16


def main():
    models, out = map(pathlib.Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(models.glob("*.onnx")):
        model = float16.convert_float_to_float16(onnx.load(path), keep_io_types=True, disable_shape_infer=True)
        onnx.save(model, out / path.name)


if __name__ == "__main__":
    main()
