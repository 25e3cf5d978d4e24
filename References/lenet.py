"""Trains LeNet and an MLP for five steps with PyTorch: lenet.safetensors and mlp.safetensors.

The tests load the same weights into Yuyan's models and compare the losses; they need no Python. To make the files
again:

    python3 -m venv ~/yuyan-references          # any folder outside the repository
    ~/yuyan-references/bin/pip install torch numpy safetensors
    ~/yuyan-references/bin/python References/lenet.py

Each file holds one batch of 16 random images in [0, 1) (`images`, [16, 1, 28, 28]) and their labels (`labels`, int64),
the initial weights under PyTorch's names (`weights.0.weight`), and the losses before each of five SGD steps on that
batch, from the same weights in float32 and in float64 (`losses.float32`, `losses.float64`). The learning rate is in the
metadata. Made with torch 2.15.0 and numpy 2.4.6.
"""

import os

import numpy
import safetensors.torch
import torch
from torch import nn

SEED = 20250901
BATCH_SIZE = 16
STEPS = 5


def lenet():
    """d2l chapter 6; Xavier uniform weights, PyTorch's default biases."""
    net = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.Sigmoid(),
        nn.Linear(120, 84),
        nn.Sigmoid(),
        nn.Linear(84, 10),
    )
    for layer in net:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(layer.weight)
    return net


def mlp():
    """d2l chapter 4; weights from N(0, 0.01²), PyTorch's default biases."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 0.01)
    return net


def train(net, weights, images, labels, learning_rate, dtype):
    """The loss before each step, from the given weights."""
    net.to(dtype)
    net.load_state_dict({name: value.to(dtype) for name, value in weights.items()})
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    losses = []
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(net(images.to(dtype)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def store(name, net, learning_rate):
    generator = numpy.random.default_rng(SEED)
    images = torch.tensor(generator.uniform(0, 1, (BATCH_SIZE, 1, 28, 28)).astype(numpy.float32))
    labels = torch.tensor(generator.integers(0, 10, BATCH_SIZE))
    weights = {key: value.clone() for key, value in net.state_dict().items()}
    tensors = {"images": images, "labels": labels}
    tensors |= {f"weights.{key}": value for key, value in weights.items()}
    for dtype in (torch.float32, torch.float64):
        losses = train(net, weights, images, labels, learning_rate, dtype)
        tensors[f"losses.{str(dtype).removeprefix('torch.')}"] = losses
        print(name, dtype, [round(loss, 6) for loss in losses.tolist()])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.safetensors")
    # One entry: the order of several changes from run to run, and the file with it.
    safetensors.torch.save_file(tensors, path, metadata={"learningRate": str(learning_rate)})
    print(f"{path}: {os.path.getsize(path)} bytes")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    store("lenet", lenet(), 0.9)
    store("mlp", mlp(), 0.1)


if __name__ == "__main__":
    main()
