#!/usr/bin/env python3
"""Half-precision copies of the models of a folder, for bench_gpu --fp16. They take and give float32. Those whose weights are float16
already, and computed with as float32, are left out.

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
        model = onnx.load(path)
        if any(weights.data_type == onnx.TensorProto.FLOAT16 for weights in model.graph.initializer):
            print(f"{path.name}: has float16 weights, left out", file=sys.stderr)
            continue
        onnx.save(float16.convert_float_to_float16(model, keep_io_types=True, disable_shape_infer=True), out / path.name)


if __name__ == "__main__":
    main()
