"""Computes the catalogue's samples with PyTorch and stores the results, a file a family, in Operations/.

The tests compare Yuyan with these files and need no Python. To make it again, after a change to a sample:

    python3 -m venv ~/yuyan-references          # any folder outside the repository
    ~/yuyan-references/bin/pip install torch numpy safetensors
    .build/release/yuyan operations --json > operations.json
    ~/yuyan-references/bin/python References/generate.py operations.json

Operands are drawn in float64 by a NumPy generator seeded with the operation's name and the sample's number, then
rounded to float32, so that both runs read the same numbers. Each sample is computed with its real operands in float32
and in float64; a sample without real operands runs once, as float32. In a sample's expression a, b, c to g are the
operands; c is the run's float type if there is no third operand.

Gradients are those of L = sum of w[i] * y[i] over the elements of the result in row-major order, with
w[i] = 0.5 + (i mod 7) / 7, for every real operand, if the result is a real number that depends on it.

Tensors are named OPERATION/SAMPLE/a, OPERATION/SAMPLE/float32/output, OPERATION/SAMPLE/float32/gradient/a.
"""

import json
import os
import sys
import zlib

import numpy
import safetensors.torch
import torch

SEED = 20250901


def draw(generator, operand):
    """One operand: a float32, int64 or bool tensor."""
    shape, low, high = operand["shape"], operand["low"], operand["high"]
    if operand["kind"] == "real":
        return torch.tensor(generator.uniform(low, high, shape).astype(numpy.float32))
    values = torch.tensor(generator.integers(int(low), int(high), shape))
    return values.bool() if operand["kind"] == "boolean" else values


def evaluate(expression, operands, dtype):
    """The result of a sample and its gradients, by operand name."""
    values = {}
    for name, operand in operands.items():
        is_real = operand.is_floating_point()
        values[name] = operand.to(dtype).clone().requires_grad_() if is_real else operand
    result = eval(expression, {"torch": torch}, {"c": dtype} | values)
    gradients = {}
    if result.is_floating_point() and result.requires_grad:
        weights = (0.5 + (torch.arange(result.numel()) % 7).double() / 7).to(dtype).reshape(result.shape)
        (result * weights).sum().backward()
        for name, value in values.items():
            if value.is_floating_point():
                gradients[name] = torch.zeros_like(value) if value.grad is None else value.grad
    return result.detach(), gradients


def compute(operations):
    tensors = {}
    for operation in operations:
        for index, sample in enumerate(operation["samples"]):
            if not sample["torch"]:
                continue
            prefix = f"{operation['name']}/{index}"
            generator = numpy.random.default_rng([SEED, zlib.crc32(operation["name"].encode()), index])
            operands = {name: draw(generator, operand) for name, operand in zip("abcdefg", sample["operands"])}
            for name, operand in operands.items():
                tensors[f"{prefix}/{name}"] = operand.contiguous()
            has_reals = any(operand.is_floating_point() for operand in operands.values())
            for dtype in [torch.float32, torch.float64] if has_reals else [torch.float32]:
                result, gradients = evaluate(sample["torch"], operands, dtype)
                run = f"{prefix}/{str(dtype).removeprefix('torch.')}"
                tensors[f"{run}/output"] = result.contiguous()
                for name, gradient in gradients.items():
                    tensors[f"{run}/gradient/{name}"] = gradient.contiguous()
    return tensors


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py OPERATIONS.json")
    torch.set_num_threads(1)
    with open(sys.argv[1]) as file:
        operations = json.load(file)
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Operations")
    os.makedirs(folder, exist_ok=True)
    # One entry: the order of several changes from run to run, and the file with it.
    source = f"torch {torch.__version__.split('+')[0]}, numpy {numpy.__version__}, seed {SEED}"
    for family in dict.fromkeys(operation["family"] for operation in operations):
        tensors = compute([operation for operation in operations if operation["family"] == family])
        path = os.path.join(folder, f"{family}.safetensors")
        safetensors.torch.save_file(tensors, path, metadata={"source": source})
        print(f"{path}: {len(tensors)} tensors, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
