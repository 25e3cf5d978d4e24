"""Takes ten steps with each of PyTorch's optimizers: optimizers.safetensors.

The tests take the same steps with Yuyan's and compare the parameters after each; they need no Python. To make the file
again:

    python3 -m venv ~/yuyan-references          # any folder outside the repository
    ~/yuyan-references/bin/pip install torch numpy safetensors
    ~/yuyan-references/bin/python References/optimizers.py

The file holds two parameters of N(0, 1), [4, 5], and their gradients for ten steps, [10, 4, 5] (`start.a`,
`gradients.a`, `start.b`, `gradients.b`). The first two rows of `a` never have a gradient but zeros, the second of them
from a start of zeros; `b` has none at all in the steps of `absent`. A trace is a parameter after each step, [10, 4, 5]:
`adam.decay.a.float32` for Adam with weight decay, in float32; `adam.plain.a.float32` without. The options that are not
PyTorch's defaults are in the metadata. Made with torch 2.15.0 and numpy 2.4.6.
"""

import json
import os

import numpy
import safetensors.torch
import torch

SEED = 20251125
STEPS = 10
SHAPE = (4, 5)
ABSENT = [0, 1, 5]
WEIGHT_DECAY = 0.1
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "adam": (torch.optim.Adam, {"lr": 0.05}),
    "adamw": (torch.optim.AdamW, {"lr": 0.05}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.05}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.05}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0}),
}


def trace(make, options, start, gradients, dtype):
    """Each parameter after each step."""
    parameters = {name: torch.nn.Parameter(value.to(dtype, copy=True)) for name, value in start.items()}
    optimizer = make(list(parameters.values()), **options)
    values = {name: [] for name in parameters}
    for step in range(STEPS):
        for name, parameter in parameters.items():
            is_absent = name == "b" and step in ABSENT
            parameter.grad = None if is_absent else gradients[name][step].to(dtype, copy=True)
        optimizer.step()
        for name, parameter in parameters.items():
            values[name].append(parameter.detach().clone())
    return {name: torch.stack(value) for name, value in values.items()}


def main():
    torch.set_num_threads(1)
    generator = numpy.random.default_rng(SEED)

    def normal(*shape):
        return torch.tensor(generator.standard_normal(shape).astype(numpy.float32))

    start = {name: normal(*SHAPE) for name in "ab"}
    gradients = {name: normal(STEPS, *SHAPE) for name in "ab"}
    start["a"][1] = 0
    gradients["a"][:, :2] = 0
    tensors = {"absent": torch.tensor(ABSENT)}
    for name in "ab":
        tensors |= {f"start.{name}": start[name], f"gradients.{name}": gradients[name]}
    for optimizer, (make, options) in OPTIMIZERS.items():
        for label, decay in (("plain", 0.0), ("decay", WEIGHT_DECAY)):
            for dtype in (torch.float32, torch.float64):
                values = trace(make, options | {"weight_decay": decay}, start, gradients, dtype)
                for name, value in values.items():
                    tensors[f"{optimizer}.{label}.{name}.{str(dtype).removeprefix('torch.')}"] = value
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.safetensors")
    # One entry: the order of several changes from run to run, and the file with it.
    options = {name: options | {"weight_decay": WEIGHT_DECAY} for name, (_, options) in OPTIMIZERS.items()}
    safetensors.torch.save_file(tensors, path, metadata={"options": json.dumps(options)})
    print(f"{path}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
