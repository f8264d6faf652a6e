"""Makes files that are laid out as the official ones are (inputs, outputs, colours, fixed sizes), out of the nets that are here:
what a loader gets out of them must be what these nets say.

usage: official_files_for_test.py MODELS_FOLDER OUT_FOLDER
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MODELS, OUT = sys.argv[1:]


def rename(graph, old, new):
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]


def rename_all(graph):
    """Official files have numbers for names, which the net may have as well."""
    for value in (*graph.initializer, *graph.input, *graph.output):
        value.name = "net_" + value.name
    for node in graph.node:
        node.input[:] = [name and "net_" + name for name in node.input]
        node.output[:] = [name and "net_" + name for name in node.output]


def set_shape(value, shape):
    value.type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, shape))


def put_in_front(graph, new_input, shape, nodes, weights):
    """`nodes` lead from the new input to the one that the net had."""
    graph.initializer.extend(weights)
    for node in reversed(nodes):
        graph.node.insert(0, node)
    graph.input[0].name = new_input
    set_shape(graph.input[0], shape)


def save(model, name):
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(OUT, name))


def insightface_embedder(name, output):
    """RGB, from a net that takes BGR."""
    model = onnx.load(os.path.join(MODELS, "arcface_mobilefacenet512_ms1m.onnx"))
    graph = model.graph
    rename_all(graph)
    old = graph.input[0].name
    put_in_front(graph, "input.1", ["None", 3, 112, 112],
                 [helper.make_node("Gather", ["input.1", "swap"], [old], axis=1)],
                 [numpy_helper.from_array(np.array([2, 1, 0], np.int64), "swap")])
    rename(graph, graph.output[0].name, output)
    graph.output[0].name = output
    set_shape(graph.output[0], [1, 512])
    save(model, name)


def sface():
    """RGB from 0 to 255, scaled inside, a batch of one."""
    model = onnx.load(os.path.join(MODELS, "arcface_mobilefacenet128_foamliu.onnx"))
    graph = model.graph
    rename_all(graph)
    mean = np.array([.485, .456, .406], np.float32).reshape(1, 3, 1, 1) * 255
    deviation = np.array([.229, .224, .225], np.float32).reshape(1, 3, 1, 1) * 255
    old = graph.input[0].name
    put_in_front(graph, "data", [1, 3, 112, 112],
                 [helper.make_node("Sub", ["data", "mean"], ["centred"]),
                  helper.make_node("Div", ["centred", "deviation"], [old])],
                 [numpy_helper.from_array(mean, "mean"), numpy_helper.from_array(deviation, "deviation")])
    rename(graph, graph.output[0].name, "fc1")
    graph.output[0].name = "fc1"
    set_shape(graph.output[0], [1, 128])
    save(model, "face_recognition_sface_2021dec.onnx")


def insightface_detector(source, name, numbers):
    """Nine outputs whose names are numbers: scores, boxes, points, without a batch."""
    model = onnx.load(os.path.join(MODELS, source))
    graph = model.graph
    rename_all(graph)
    del graph.output[:]
    numbers = iter(numbers)
    for kind, width in (("score", 1), ("bbox", 4), ("kps", 10)):
        graph.initializer.append(numpy_helper.from_array(np.array([-1, width], np.int64), kind + "_rows"))
        for stride in (8, 16, 32):
            number = next(numbers)
            graph.node.append(helper.make_node("Reshape", [f"net_{kind}_{stride}", kind + "_rows"], [number]))
            graph.output.append(helper.make_tensor_value_info(number, TensorProto.FLOAT, [f"rows_{number}", width]))
    rename(graph, graph.input[0].name, "input.1")
    graph.input[0].name = "input.1"
    set_shape(graph.input[0], [1, 3, "height", "width"])
    save(model, name)


def yunet():
    """Says that it takes 640x640 only."""
    model = onnx.load(os.path.join(MODELS, "yunet_n.onnx"))
    set_shape(model.graph.input[0], [1, 3, 640, 640])
    for output in model.graph.output:
        stride, width = int(output.name.split("_")[1]), {"bbox": 4, "kps": 10}.get(output.name.split("_")[0], 1)
        set_shape(output, [1, (640 // stride) ** 2, width])
    save(model, "yunet_of_640.onnx")


insightface_embedder("w600k_r50.onnx", "683")
insightface_embedder("w600k_mbf.onnx", "516")
sface()
insightface_detector("scrfd_500m_kps.onnx", "det_500m.onnx", ["443", "468", "493", "446", "471", "496", "449", "474", "499"])
insightface_detector("scrfd_2.5g_bnkps.onnx", "det_10g.onnx", ["448", "471", "494", "451", "474", "497", "454", "477", "500"])
yunet()
