"""Takes three training steps with PyTorch's batch normalization and then evaluates: batchnorm.safetensors.

The tests take the same steps with Yuyan's layers and compare; they need no Python. To make the file again:

    python3 -m venv ~/yuyan-references          # any folder outside the repository
    ~/yuyan-references/bin/pip install torch numpy safetensors
    ~/yuyan-references/bin/python References/batchnorm.py

The file holds four batches of random images (`images`, [4, 6, 2, 5, 5]) and labels (`labels`, [4, 6]), the initial state
under PyTorch's names (`start.0.weight`), and for float32 and float64 the losses of the three steps on the first three
batches (`float32.losses`), the running averages and counters after each step (`float32.step0.1.running_mean`), the
state after all (`float32.end.0.weight`), and the outputs for the fourth batch in evaluation (`float32.output`). Steps are
SGD's, with a learning rate of 0.5. Made with torch 2.15.0 and numpy 2.4.6.
"""

import os

import numpy
import safetensors.torch
import torch
from torch import nn

SEED = 20251126
STEPS = 3


def network():
    return nn.Sequential(
        nn.Conv2d(2, 4, kernel_size=3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(36, 6),
        nn.BatchNorm1d(6, eps=1e-3, momentum=None, affine=False),
        nn.Sigmoid(),
        nn.Linear(6, 3),
    )


def trace(start, images, labels, dtype):
    net = network().to(dtype)
    net.load_state_dict({name: value.to(dtype) if value.is_floating_point() else value for name, value in start.items()})
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    tensors, losses = {}, []
    for step in range(STEPS):
        loss = nn.functional.cross_entropy(net(images[step].to(dtype)), labels[step])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        for name, buffer in net.named_buffers():
            tensors[f"step{step}.{name}"] = buffer.clone()
    tensors["losses"] = torch.stack(losses)
    tensors |= {f"end.{name}": value.clone() for name, value in net.state_dict().items()}
    net.eval()
    tensors["output"] = net(images[STEPS].to(dtype)).detach()
    return tensors


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    generator = numpy.random.default_rng(SEED)
    # Far from mean 0 and deviation 1, so that normalization has something to do.
    images = torch.tensor(generator.normal(3, 2, (STEPS + 1, 6, 2, 5, 5)).astype(numpy.float32))
    labels = torch.tensor(generator.integers(0, 3, (STEPS + 1, 6)))
    start = {name: value.clone() for name, value in network().state_dict().items()}
    tensors = {"images": images, "labels": labels} | {f"start.{name}": value for name, value in start.items()}
    for dtype, name in [(torch.float32, "float32"), (torch.float64, "float64")]:
        tensors |= {f"{name}.{key}": value for key, value in trace(start, images, labels, dtype).items()}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "batchnorm.safetensors")
    safetensors.torch.save_file(tensors, path)
    print(f"{path}: {len(tensors)} tensors, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
