"""Time single operations in PyTorch on the CPU.

The operations, sizes and settings are those of `yuyan bench --operations`
(Sources/YuyanCommand/Bench/TimedOperation.swift and OperandSizes.swift): the same names, so that rows join.

usage: torch_operations.py [--threads N] [--filter TEXT] [--elements N,...] [--compile] [--seconds S] [--json FILE]
Prints a line for each operation and size: name, elements, median microseconds. With --compile only the operations of
several passes run, which torch.compile can fuse.
"""

import argparse
import json
import platform
import statistics
import time
import types

import torch
from torch.nn import functional

SIZES = {
    100: ((10, 10), (1, 4, 5, 5), 7, (1, 7, 7)),
    100_000: ((100, 1000), (10, 16, 25, 25), 224, (200, 16, 16)),
    10_000_000: ((10000, 1000), (10, 64, 125, 125), 2240, (1250, 64, 64)),
}


def sizes_of(elements):
    matrix, images, square, batch = SIZES[elements]
    return types.SimpleNamespace(
        matrix=matrix, rows=matrix[0], columns=matrix[1], images=images, square=square, batch=batch
    )


def single(run, low=0, high=1):
    """Of one matrix of random numbers."""
    return lambda sizes: (run, (torch.rand(sizes.matrix) * (high - low) + low,))


def pair(run):
    """Of two matrices of numbers in 0 ..< 1."""
    return lambda sizes: (run, (torch.rand(sizes.matrix), torch.rand(sizes.matrix)))


def with_other(run, other):
    """Of one such matrix and something else."""
    return lambda sizes: (run, (torch.rand(sizes.matrix), other(sizes)))


def select(sizes):
    x, y = torch.rand(sizes.matrix), torch.rand(sizes.matrix)
    return torch.where, (x < y, x, y)


OPERATIONS = {
    "add": pair(lambda x, y: x + y),
    "multiply": pair(lambda x, y: x * y),
    "divide": pair(lambda x, y: x / y),
    "maximum": pair(torch.maximum),
    "less": pair(lambda x, y: x < y),
    "add-number": single(lambda x: x + 1.5),
    "add-row": with_other(lambda x, y: x + y, lambda sizes: torch.rand(sizes.columns)),
    "select": select,
    "select-number": with_other(lambda x, mask: torch.where(mask, x, 0), lambda sizes: torch.rand(sizes.matrix) < 0.5),
    "sqrt": single(torch.sqrt),
    "exp": single(torch.exp, -3, 3),
    "log": single(torch.log),
    "pow": single(lambda x: x.pow(1.5)),
    "sin": single(torch.sin, -3, 3),
    "tanh": single(torch.tanh, -3, 3),
    "sigmoid": single(torch.sigmoid, -3, 3),
    "relu": single(torch.relu, -3, 3),
    "gelu": single(functional.gelu, -3, 3),
    "sum": single(torch.sum),
    "sum-of-columns": single(lambda x: x.sum(0)),
    "sum-of-rows": single(lambda x: x.sum(1)),
    "mean-of-rows": single(lambda x: x.mean(1)),
    "variance-of-rows": single(lambda x: x.var(1)),
    "max": single(torch.max),
    "max-of-rows": single(lambda x: x.amax(1)),
    "argmax-of-columns": single(lambda x: x.argmax(0)),
    "argmax-of-rows": single(lambda x: x.argmax(1)),
    "cumulative-sum-of-rows": single(lambda x: x.cumsum(1)),
    "softmax": single(lambda x: x.softmax(1)),
    "log-softmax": single(lambda x: x.log_softmax(1)),
    "cross-entropy": with_other(
        functional.cross_entropy, lambda sizes: (torch.rand(sizes.rows) * sizes.columns).to(torch.int64)
    ),
    "transpose": single(lambda x: x.t().contiguous()),
    "channels-last": lambda sizes: (lambda x: x.permute(0, 2, 3, 1).contiguous(), (torch.rand(sizes.images),)),
    "concatenate": pair(lambda x, y: torch.cat((x, y), 1)),
    "slice": lambda sizes: (torch.Tensor.contiguous, (torch.rand(sizes.matrix)[:, : sizes.columns // 2],)),
    "broadcast": lambda sizes: (lambda x: x.expand(sizes.matrix).contiguous(), (torch.rand(sizes.columns),)),
    "gather-rows": with_other(lambda x, rows: x.index_select(0, rows), lambda sizes: torch.randperm(sizes.rows)),
    "cast-to-float64": single(lambda x: x.to(torch.float64)),
    "cast-to-int64": single(lambda x: x.to(torch.int64)),
    "matmul": lambda sizes: (torch.matmul, tuple(torch.rand(2, sizes.square, sizes.square))),
    "matrix-vector": with_other(torch.matmul, lambda sizes: torch.rand(sizes.columns)),
    "batched-matmul": lambda sizes: (torch.matmul, (torch.rand(sizes.batch), torch.rand(sizes.batch))),
    "uniform": lambda sizes: (lambda: torch.rand(sizes.matrix), ()),
    "normal": lambda sizes: (lambda: torch.randn(sizes.matrix), ()),
    "dropout": single(lambda x: functional.dropout(x, 0.5)),
}

# Where torch.compile can save passes over memory.
COMPILED = ["gelu", "variance-of-rows", "softmax", "log-softmax", "cross-entropy", "dropout"]

# What one repetition lasts at least: far longer than the clock takes, and far shorter than another program keeps the
# core where there is one, so that the median shows neither.
REPETITION_SECONDS = 0.0003


def elapsed(run, operands, count):
    start = time.perf_counter()
    for _ in range(count):
        run(*operands)
    return time.perf_counter() - start


def median_seconds(name, elements, options):
    run, operands = OPERATIONS[name](sizes_of(elements))
    if options.compile:
        run = torch.compile(run, dynamic=False)
    run(*operands)
    count = 1
    while elapsed(run, operands, count) < min(REPETITION_SECONDS, options.seconds):
        count *= 2
    repetitions, total = [], 0
    while total < options.seconds or len(repetitions) < 3:
        repetition = elapsed(run, operands, count)
        total += repetition
        repetitions.append(repetition / count)
    return statistics.median(repetitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--filter", default="")
    parser.add_argument("--elements", default=",".join(map(str, SIZES)))
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--json", default="")
    options = parser.parse_args()
    names = [name for name in (COMPILED if options.compile else OPERATIONS) if options.filter in name]
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    microseconds = {name: {} for name in names}
    with torch.no_grad():
        for name in names:
            for elements in map(int, options.elements.split(",")):
                microseconds[name][str(elements)] = median_seconds(name, elements, options) * 1e6
                print(f"{name:24s} {elements:10d}  {microseconds[name][str(elements)]:12.3f} µs", flush=True)
    if options.json:
        report = {"torch": torch.__version__, "python": platform.python_version(), "microseconds": microseconds}
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
