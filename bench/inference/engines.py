#!/usr/bin/env python3
"""What a net's run costs by ONNX Runtime and by OpenVINO, on one thread, in processor milliseconds (the least of several).

usage: engines.py MODELS_FOLDER

Shapes are those of a default scan. `off` is the largest difference of any output from ONNX Runtime's, as a share of that
output's largest value. Needs numpy, onnxruntime (1.25.1, as crossface has it) and openvino.
"""
import os
import sys
import time

import numpy as np
import onnxruntime
import openvino

RUNS = 15
CASES = [("scrfd_500m_kps", (1, 3, 480, 864)), ("scrfd_500m_kps", (1, 3, 192, 320)), ("scrfd_500m_kps", (1, 3, 960, 960)),
         ("scrfd_500m_kps", (1, 3, 224, 224)), ("scrfd_2.5g_bnkps", (1, 3, 224, 224)), ("retinaface_mnet025", (1, 3, 224, 224)),
         ("yunet_n", (1, 3, 224, 224)), ("mtcnn_pnet", (1, 3, 96, 96)), ("mtcnn_rnet", (20, 3, 24, 24)),
         ("mtcnn_onet", (4, 3, 48, 48)), ("arcface_mobilefacenet512_ms1m", (1, 3, 112, 112)),
         ("arcface_mobilefacenet128_foamliu", (1, 3, 112, 112)), ("facenet512_vggface2_fp16w", (1, 3, 160, 160))]


def cost(run):
    least = float("inf")
    for _ in range(RUNS):
        begin = time.process_time()
        run()
        least = min(least, time.process_time() - begin)
    return 1000 * least


def by_onnxruntime(model, values):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    return session.run(None, {name: values}), cost(lambda: session.run(None, {name: values}))


def by_openvino(model, values, precision):
    core = openvino.Core()
    net = core.read_model(model)
    net.reshape({0: openvino.PartialShape(list(values.shape))})
    compiled = core.compile_model(net, "CPU", {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1,
                                               "NUM_STREAMS": 1, "CPU_DENORMALS_OPTIMIZATION": True})
    request = compiled.create_infer_request()
    spent = cost(lambda: request.infer({0: values}))
    return [request.get_tensor(output).data for output in compiled.outputs], spent


def off(ours, theirs):
    return max(float(np.abs(a.reshape(-1) - b.reshape(-1)).max() / np.abs(a).max()) for a, b in zip(ours, theirs))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("| net | input | ONNX Runtime | OpenVINO f32 | off | OpenVINO bf16 | off |\n|---|---|---|---|---|---|---|")
    for name, shape in CASES:
        values = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        model = os.path.join(sys.argv[1], name + ".onnx")
        ours, spent = by_onnxruntime(model, values)
        row = [f"{spent:.2f}"]
        for precision in ("f32", "bf16"):
            theirs, spent = by_openvino(model, values, precision)
            row += [f"{spent:.2f}", f"{off(ours, theirs):.0e}"]
        print(f"| {name} | {'x'.join(map(str, shape))} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
