"""Makes files laid out as facenet-pytorch's releases are, out of the nets that are here: what a loader gets out of them must be
what these nets say.

usage: facenet_pytorch_files_for_test.py MODELS_FOLDER OUT_FOLDER
"""
import collections
import io
import os
import pickle
import struct
import sys
import types
import zipfile

import numpy as np
import onnx
from onnx import numpy_helper

MODELS, OUT = sys.argv[1:]


class StateDict:
    """Weights of a net that is here in the layout of facenet-pytorch's InceptionResnetV1, whose batch normalisations, drawn
    at random, and convolutions come to the same."""

    def __init__(self, source):
        graph = onnx.load(os.path.join(MODELS, source)).graph
        self.arrays = {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
        for node in graph.node:
            if node.op_type == "Cast":
                self.arrays[node.output[0]] = self.arrays[node.input[0]]
        self.convolutions = iter([node for node in graph.node if node.op_type == "Conv"])
        self.dense = next(node for node in graph.node if node.op_type == "Gemm")
        self.random = np.random.default_rng(4)
        self.state = {}
        self.fill()

    def normalised(self, name, kernel, bias, weight_name):
        n = len(bias)
        gain, mean = self.random.uniform(0.5, 2, n), self.random.normal(0, 1, n)
        variance = self.random.uniform(0.5, 2, n)
        scale = gain / np.sqrt(variance + 0.001)
        self.state[weight_name] = kernel / scale.reshape(-1, *[1] * (kernel.ndim - 1))
        for part, array in (("weight", gain), ("bias", bias + mean * scale), ("running_mean", mean),
                            ("running_var", variance)):
            self.state[f"{name}.{part}"] = array
        self.state[f"{name}.num_batches_tracked"] = np.array(7, np.int64)

    def layers(self, *names):
        for name in names:
            node = next(self.convolutions)
            self.normalised(name + ".bn", self.arrays[node.input[1]], self.arrays[node.input[2]], name + ".conv.weight")

    def residual(self, name, *lengths):
        self.layers(name + ".branch0", *(f"{name}.branch{branch}.{index}" for branch, length in enumerate(lengths, 1)
                                         for index in range(length)))
        node = next(self.convolutions)
        self.state[name + ".conv2d.weight"] = self.arrays[node.input[1]]
        self.state[name + ".conv2d.bias"] = self.arrays[node.input[2]]

    def fill(self):
        self.layers(*(f"conv2d_{part}" for part in ("1a", "2a", "2b", "3b", "4a", "4b")))
        for index in range(5):
            self.residual(f"repeat_1.{index}", 2, 3)
        self.layers("mixed_6a.branch0", *(f"mixed_6a.branch1.{index}" for index in range(3)))
        for index in range(10):
            self.residual(f"repeat_2.{index}", 3)
        self.layers(*(f"mixed_7a.branch{branch}.{index}" for branch, length in ((0, 2), (1, 2), (2, 3))
                      for index in range(length)))
        for index in range(5):
            self.residual(f"repeat_3.{index}", 3)
        self.residual("block8", 3)
        assert next(self.convolutions, None) is None
        weight, bias = (self.arrays[name] for name in self.dense.input[1:])
        transposed = any(attribute.name == "transB" and attribute.i for attribute in self.dense.attribute)
        self.normalised("last_bn", weight if transposed else weight.T, bias, "last_linear.weight")
        self.state["logits.weight"] = np.zeros((3, len(bias)))


class TorchPickler(pickle.Pickler):
    """Writes what torch writes, without torch: names of its functions, and tensors as parts of storages."""

    def persistent_id(self, value):
        return value.reference if isinstance(value, Storage) else None


class Storage:
    def __init__(self, array, key, legacy):
        kind = sys.modules["torch"].LongStorage if array.dtype == np.int64 else sys.modules["torch"].FloatStorage
        self.reference = ("storage", kind, key, "cpu", array.size, *([None] if legacy else []))


class Tensor:
    def __init__(self, array, storage):
        strides = tuple(int(np.prod(array.shape[i + 1:])) for i in range(array.ndim))
        self.parts = (storage, 0, array.shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


def name_torch():
    """What pickle asks for to name it."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for module, name in ((torch, "FloatStorage"), (torch, "LongStorage"), (utils, "_rebuild_tensor_v2")):
        named = type(name, (), {"__module__": module.__name__})
        setattr(module, name, named)
        sys.modules[module.__name__] = module


def dump(value):
    text = io.BytesIO()
    TorchPickler(text, 2).dump(value)
    return text.getvalue()


def facenet_pytorch(source, name, legacy, leave_out=()):
    arrays = {key: np.ascontiguousarray(array, np.int64 if array.dtype == np.int64 else np.float32)
              for key, array in StateDict(source).state.items() if key not in leave_out}
    state = collections.OrderedDict((key, Tensor(array, Storage(array, str(index), legacy)))
                                    for index, (key, array) in enumerate(arrays.items()))
    if legacy:
        with open(os.path.join(OUT, name), "wb") as file:
            for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, state, [str(i) for i in range(len(arrays))]):
                file.write(dump(part))
            for array in arrays.values():
                file.write(struct.pack("<q", array.size) + array.tobytes())
        return
    with zipfile.ZipFile(os.path.join(OUT, name), "w") as archive:
        archive.writestr("weights/data.pkl", dump(state))
        for index, array in enumerate(arrays.values()):
            archive.writestr(f"weights/data/{index}", array.tobytes())
        archive.writestr("weights/version", "3\n")


class Caller:
    """What would make a file when it is unpickled."""

    def __reduce__(self):
        return os.system, (f"touch {OUT}/called",)


name_torch()
facenet_pytorch("facenet512_vggface2_fp16w.onnx", "legacy.pt", legacy=True)
facenet_pytorch("inceptionresnetv1_casia_fp16w.onnx", "zipped.pt", legacy=False)
facenet_pytorch("inceptionresnetv1_casia_fp16w.onnx", "incomplete.pt", legacy=False, leave_out=["last_bn.weight"])
with zipfile.ZipFile(os.path.join(OUT, "calling.pt"), "w") as archive:
    archive.writestr("weights/data.pkl", pickle.dumps({"conv2d_1a.conv.weight": Caller()}))
with open(os.path.join(OUT, "zipped.pt"), "rb") as whole, open(os.path.join(OUT, "cut.pt"), "wb") as cut:
    cut.write(whole.read(1_000_000))
