"""Trains small forms of the book's convolutional networks for five steps with PyTorch: networks.safetensors.

The tests give Yuyan's networks the same weights, images and labels, and compare; they need no Python. To make the file
again:

    python3 -m venv ~/yuyan-references          # any folder outside the repository
    ~/yuyan-references/bin/pip install torch numpy safetensors
    ~/yuyan-references/bin/python References/networks.py

Weights and images are not stored: both sides compute them by `uniform` below, from the number of the tensor in PyTorch's
state dictionary (images: 1000). Networks are those of d2l chapters 7.1 to 7.7 and torchvision's resnet18, built with the
same names, with all hidden widths divided by RATIO and without dropout, whose random numbers differ.

For each NETWORK and type, float32 and float64: `NETWORK/float64/logits` in training, `/losses` before each of five SGD
steps on the same batch, `/gradients`, a row for each parameter with the norm of its first gradient, its sum with signs
+ and - in turn, and its first, middle and last elements; `/running.NAME` after the first step, `/end`, a row of norm, sum
with signs and three elements for each parameter after five steps, and `/evaluation`, the logits in evaluation after them.
The metadata have for each network its settings, and the names and shapes of its state, in PyTorch's order.
Made with torch 2.15.0 and numpy 2.4.6.
"""

import json
import os

import numpy
import safetensors.torch
import torch
from torch import nn

RATIO = 16
CLASSES = 10
STEPS = 5


def narrow(width):
    return max(1, width // RATIO)


def convolution(inputs, outputs, *arguments, **options):
    return [nn.Conv2d(inputs, outputs, *arguments, **options), nn.ReLU()]


class Parts(nn.Module):
    """The notes' AlexNet: two sequences."""

    def __init__(self, conv, fc):
        super().__init__()
        self.conv, self.fc = conv, fc

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))


def alexnet(features):
    first, second, third, hidden = narrow(96), narrow(256), narrow(384), narrow(4096)
    conv = nn.Sequential(
        *convolution(1, first, 11, 4),
        nn.MaxPool2d(3, 2),
        *convolution(first, second, 5, 1, 2),
        nn.MaxPool2d(3, 2),
        *convolution(second, third, 3, 1, 1),
        *convolution(third, third, 3, 1, 1),
        *convolution(third, second, 3, 1, 1),
        nn.MaxPool2d(3, 2),
    )
    fc = nn.Sequential(nn.Linear(second * features, hidden), nn.ReLU(), nn.Dropout(0), nn.Linear(hidden, CLASSES))
    return Parts(conv, fc)


def vgg11(features):
    net, inputs, hidden = nn.Sequential(), 1, narrow(4096)
    for index, (count, width) in enumerate([(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)]):
        outputs, layers = narrow(width), []
        for _ in range(count):
            layers += convolution(inputs, outputs, kernel_size=3, padding=1)
            inputs = outputs
        net.add_module(f"vgg_block_{index + 1}", nn.Sequential(*layers, nn.MaxPool2d(2, 2)))
    fc = nn.Sequential(
        nn.Flatten(),
        nn.Linear(inputs * features, hidden),
        nn.ReLU(),
        nn.Dropout(0),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(0),
        nn.Linear(hidden, CLASSES),
    )
    net.add_module("fc", fc)
    return net


def nin():
    def block(inputs, outputs, *arguments):
        return nn.Sequential(
            *convolution(inputs, outputs, *arguments), *convolution(outputs, outputs, 1), *convolution(outputs, outputs, 1)
        )

    first, second, third = narrow(96), narrow(256), narrow(384)
    return nn.Sequential(
        block(1, first, 11, 4, 0),
        nn.MaxPool2d(3, 2),
        block(first, second, 5, 1, 2),
        nn.MaxPool2d(3, 2),
        block(second, third, 3, 1, 1),
        nn.MaxPool2d(3, 2),
        nn.Dropout(0),
        block(third, CLASSES, 3, 1, 1),
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
    )


class Inception(nn.Module):
    def __init__(self, inputs, c1, c2, c3, c4):
        super().__init__()
        self.p1_1 = nn.Conv2d(inputs, c1, 1)
        self.p2_1 = nn.Conv2d(inputs, c2[0], 1)
        self.p2_2 = nn.Conv2d(c2[0], c2[1], 3, padding=1)
        self.p3_1 = nn.Conv2d(inputs, c3[0], 1)
        self.p3_2 = nn.Conv2d(c3[0], c3[1], 5, padding=2)
        self.p4_1 = nn.MaxPool2d(3, 1, 1)
        self.p4_2 = nn.Conv2d(inputs, c4, 1)

    def forward(self, x):
        relu = nn.functional.relu
        return torch.cat(
            (
                relu(self.p1_1(x)),
                relu(self.p2_2(relu(self.p2_1(x)))),
                relu(self.p3_2(relu(self.p3_1(x)))),
                relu(self.p4_2(self.p4_1(x))),
            ),
            dim=1,
        )


def googlenet():
    channels = narrow(192)

    def inception(c1, c2, c3, c4):
        nonlocal channels
        c1, c2, c3, c4 = narrow(c1), [narrow(c) for c in c2], [narrow(c) for c in c3], narrow(c4)
        block = Inception(channels, c1, c2, c3, c4)
        channels = c1 + c2[1] + c3[1] + c4
        return block

    def pooling():
        return nn.MaxPool2d(3, 2, 1)

    width = narrow(64)
    return nn.Sequential(
        nn.Sequential(*convolution(1, width, 7, 2, 3), pooling()),
        nn.Sequential(*convolution(width, width, 1), *convolution(width, narrow(192), 3, padding=1), pooling()),
        nn.Sequential(inception(64, (96, 128), (16, 32), 32), inception(128, (128, 192), (32, 96), 64), pooling()),
        nn.Sequential(
            inception(192, (96, 208), (16, 48), 64),
            inception(160, (112, 224), (24, 64), 64),
            inception(128, (128, 256), (24, 64), 64),
            inception(112, (144, 288), (32, 64), 64),
            inception(256, (160, 320), (32, 128), 128),
            pooling(),
        ),
        nn.Sequential(
            inception(256, (160, 320), (32, 128), 128),
            inception(384, (192, 384), (48, 128), 128),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
        ),
        nn.Linear(channels, CLASSES),
    )


def lenet_batchnorm(ratio=2):
    c1, c2, h1, h2 = 6 // ratio, 16 // ratio, 120 // ratio, 84 // ratio
    return nn.Sequential(
        nn.Conv2d(1, c1, 5),
        nn.BatchNorm2d(c1),
        nn.Sigmoid(),
        nn.AvgPool2d(2, 2),
        nn.Conv2d(c1, c2, 5),
        nn.BatchNorm2d(c2),
        nn.Sigmoid(),
        nn.AvgPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(c2 * 16, h1),
        nn.BatchNorm1d(h1),
        nn.Sigmoid(),
        nn.Linear(h1, h2),
        nn.BatchNorm1d(h2),
        nn.Sigmoid(),
        nn.Linear(h2, CLASSES),
    )


class Residual(nn.Module):
    def __init__(self, inputs, channels, use_1x1conv=False, strides=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, padding=1, stride=strides)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv3 = nn.Conv2d(inputs, channels, 1, stride=strides) if use_1x1conv else None
        self.bn1 = nn.BatchNorm2d(channels)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(nn.functional.relu(self.bn1(self.conv1(x)))))
        return nn.functional.relu(y + (x if self.conv3 is None else self.conv3(x)))


def stem():
    width = narrow(64)
    return nn.Sequential(
        nn.Conv2d(1, width, 7, stride=2, padding=3), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
    )


def resnet18():
    widths = [narrow(width) for width in (64, 128, 256, 512)]
    blocks = [nn.Sequential(Residual(widths[0], widths[0]), Residual(widths[0], widths[0]))]
    for inputs, width in zip(widths, widths[1:]):
        blocks.append(nn.Sequential(Residual(inputs, width, True, 2), Residual(width, width)))
    return nn.Sequential(stem(), *blocks, nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(widths[3], CLASSES))


class BasicBlock(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class TorchvisionResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [narrow(width) for width in (64, 128, 256, 512)]
        self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        for index, width in enumerate(widths):
            inputs = widths[max(index - 1, 0)]
            layer = nn.Sequential(BasicBlock(inputs, width, 1 if index == 0 else 2), BasicBlock(width, width, 1))
            self.add_module(f"layer{index + 1}", layer)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(widths[3], CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class DenseBlock(nn.Module):
    def __init__(self, count, inputs, growth):
        super().__init__()
        self.net = nn.Sequential(
            *[
                nn.Sequential(
                    nn.BatchNorm2d(inputs + index * growth),
                    nn.ReLU(),
                    nn.Conv2d(inputs + index * growth, growth, 3, padding=1),
                )
                for index in range(count)
            ]
        )

    def forward(self, x):
        for block in self.net:
            x = torch.cat((x, block(x)), dim=1)
        return x


def densenet():
    channels, growth, blocks = narrow(64), narrow(32), []
    for index in range(4):
        blocks.append(DenseBlock(4, channels, growth))
        channels += 4 * growth
        if index < 3:
            layers = nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1), nn.AvgPool2d(2, 2)
            blocks.append(nn.Sequential(*layers))
            channels //= 2
    return nn.Sequential(
        stem(),
        *blocks,
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
        nn.Linear(channels, CLASSES),
    )


def uniform(shape, stream):
    """Numbers in [0, 1) in float64 that depend on the place and the stream alone: a hash of 32 bits."""
    mask = 0xFFFFFFFF
    x = (numpy.arange(int(numpy.prod(shape, dtype=int)), dtype=numpy.uint64) + 1000003 * (stream + 1)) & mask
    x = (x * 2654435761) & mask
    x ^= x >> 16
    x = (x * 2246822519) & mask
    x ^= x >> 13
    return torch.tensor(x.astype(numpy.float64) / 4294967296).reshape(shape)


def weights(state):
    """Weights of matrices and kernels as He's uniform ones, scales in [0.5, 1.5), biases in [-0.1, 0.1)."""
    result = {}
    for stream, (name, value) in enumerate(state.items()):
        if name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            result[name] = value.clone()
        elif value.dim() > 1:
            bound = (6 / value[0].numel()) ** 0.5
            result[name] = ((uniform(value.shape, stream) * 2 - 1) * bound).float()
        elif name.endswith("weight"):
            result[name] = (uniform(value.shape, stream) + 0.5).float()
        else:
            result[name] = (uniform(value.shape, stream) * 0.2 - 0.1).float()
    return result


def digest(value):
    flat = value.detach().double().flatten()
    signs = 1 - 2 * (torch.arange(flat.numel()) % 2)
    entries = flat[0], flat[flat.numel() // 2], flat[-1]
    return torch.stack([flat.norm(), (flat * signs).sum(), *entries])


def trace(net, start, images, labels, learning_rate, dtype):
    net.to(dtype).train()
    net.load_state_dict({name: value.to(dtype) if value.is_floating_point() else value for name, value in start.items()})
    images = images.to(dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    tensors, losses = {}, []
    for step in range(STEPS):
        logits = net(images)
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            tensors["logits"] = logits.detach().clone()
            tensors["gradients"] = torch.stack([digest(parameter.grad) for parameter in net.parameters()])
            for name, buffer in net.named_buffers():
                tensors[f"running.{name}"] = buffer.clone()
        optimizer.step()
        losses.append(loss.detach())
    tensors["losses"] = torch.stack(losses)
    tensors["end"] = torch.stack([digest(parameter) for parameter in net.parameters()])
    net.eval()
    tensors["evaluation"] = net(images).detach()
    return tensors


# Network, channels, size and number of images, learning rate.
NETWORKS = {
    "alexnet": (alexnet(1), 1, 68, 4, 0.01),
    "vgg11": (vgg11(4), 1, 64, 2, 0.01),
    "nin": (nin(), 1, 68, 4, 0.05),
    "googlenet": (googlenet(), 1, 64, 2, 0.05),
    "lenet-batchnorm": (lenet_batchnorm(), 1, 28, 8, 0.5),
    "resnet18": (resnet18(), 1, 64, 4, 0.05),
    "torchvision-resnet18": (TorchvisionResNet18(), 3, 64, 4, 0.05),
    "densenet": (densenet(), 1, 64, 4, 0.05),
}


def main():
    torch.set_num_threads(1)
    tensors, metadata = {}, {}
    for name, (net, channels, size, count, learning_rate) in NETWORKS.items():
        start = weights(net.state_dict())
        shape = [count, channels, size, size]
        images, labels = uniform(shape, 1000).float(), torch.arange(count) * 3 % CLASSES
        state = {key: list(value.shape) for key, value in start.items()}
        metadata[name] = {"learningRate": learning_rate, "images": shape, "names": list(state), "shapes": list(state.values())}
        for dtype in (torch.float32, torch.float64):
            results = trace(net, start, images, labels, learning_rate, dtype)
            prefix = f"{name}/{str(dtype).removeprefix('torch.')}"
            tensors |= {f"{prefix}/{key}": value.contiguous() for key, value in results.items()}
            print(prefix, [round(loss, 6) for loss in results["losses"].tolist()])
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "networks.safetensors")
    # One entry: the order of several changes from run to run, and the file with it.
    safetensors.torch.save_file(tensors, path, metadata={"networks": json.dumps(metadata)})
    print(f"{path}: {len(tensors)} tensors, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
