import Yuyan

/// EfficientNet-Lite0: `[N, 3, 224, 224]` → `[N, 1000]` logits of ImageNet's classes, for images of any size.
///
/// A stem, 16 blocks of seven stages, 1280 channels, their means and a linear layer: 4,652,008 parameters. All convolutions
/// are padded as TensorFlow does, where the weights come from: with a stride of 2 and an even size there is one zero more
/// after the last pixel than before the first. That is `ConvolutionPadding.same`.
/// Source: Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks (2019), in the form without
/// squeeze-and-excitation and with ReLU6 that is called Lite.
final class EfficientNetLite0: Layer {
    let convStem: Conv2D
    let bn0: BatchNorm2D
    let blocks: [MBConvBlock]
    let convHead: Conv2D
    let bn1: BatchNorm2D
    let dropout = Dropout(probability: 0.2)
    let fc: Linear

    /// The numbers that the last layer looks at.
    static let featureCount = 1280

    init(classCount: Int = 1000) {
        convStem = Conv2D(
            inputChannels: 3, outputChannels: 32, kernelSize: 3, stride: 2, padding: .same, hasBias: false)
        bn0 = normalization(32)
        let stages = [
            (count: 1, kernel: 3, stride: 1, expansion: 1, channels: 16),
            (count: 2, kernel: 3, stride: 2, expansion: 6, channels: 24),
            (count: 2, kernel: 5, stride: 2, expansion: 6, channels: 40),
            (count: 3, kernel: 3, stride: 2, expansion: 6, channels: 80),
            (count: 3, kernel: 5, stride: 1, expansion: 6, channels: 112),
            (count: 4, kernel: 5, stride: 2, expansion: 6, channels: 192),
            (count: 1, kernel: 3, stride: 1, expansion: 6, channels: 320),
        ]
        var blocks: [MBConvBlock] = []
        var channels = 32
        for stage in stages {
            for index in 0..<stage.count {
                blocks.append(
                    MBConvBlock(
                        inputChannels: channels, channels: stage.channels, kernelSize: stage.kernel,
                        stride: index == 0 ? stage.stride : 1, expansion: stage.expansion))
                channels = stage.channels
            }
        }
        self.blocks = blocks
        convHead = Conv2D(
            inputChannels: channels, outputChannels: Self.featureCount, kernelSize: 1, hasBias: false)
        bn1 = normalization(Self.featureCount)
        fc = Linear(inputSize: Self.featureCount, outputSize: classCount)
    }

    override func forward(_ input: Tensor) -> Tensor { fc(dropout(features(input))) }

    /// What the network has seen, before it decides: `[N, 3, H, W]` → `[N, 1280]`.
    func features(_ input: Tensor) -> Tensor {
        scope {
            var x = bn0(convStem(input)).relu6()
            for block in blocks { x = block(x) }
            return bn1(convHead(x)).relu6().mean(axes: [2, 3])
        }
    }

    /// What the network must see: colors, 224 × 224 pixels, values of −127/128 to 1 as TensorFlow's training had them.
    static let preparation: ImageTransforms = [
        .resize(224), .normalize(mean: [127.0 / 255], standardDeviation: [128.0 / 255]),
    ]

    /// The name of what PyTorch's state calls `_blocks.3._depthwise_conv.weight`: `blocks.3.depthwiseConv.weight`.
    static func name(ofForeign name: String) -> String {
        let parts = name.split(separator: ".").map { part in
            // Without an underscore in front it is a number, or a name of PyTorch's own layers, which are Yuyan's, too.
            guard part.hasPrefix("_") else { return String(part) }
            let words = part.split(separator: "_").map(String.init)
            return words[0] + words.dropFirst().map(\.capitalized).joined()
        }
        return parts.joined(separator: ".")
    }
}

/// A block that is wide inside: a 1 × 1 convolution to `expansion` times the channels, one with a kernel for each channel
/// alone, and a 1 × 1 convolution back; the input is added where it has the result's shape.
///
/// `[N, inputChannels, H, W]` → `[N, channels, ⌈H/stride⌉, ⌈W/stride⌉]`. In training PyTorch's network leaves out whole
/// blocks at random; this one does not.
/// Source: Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks (2018).
final class MBConvBlock: Layer {
    /// Nil without expansion.
    let expandConv: Conv2D?
    let bn0: BatchNorm2D?
    let depthwiseConv: Conv2D
    let bn1: BatchNorm2D
    let projectConv: Conv2D
    let bn2: BatchNorm2D
    private let keepsShape: Bool

    init(inputChannels: Int, channels: Int, kernelSize: Int, stride: Int, expansion: Int) {
        let width = inputChannels * expansion
        let expands = expansion > 1
        expandConv =
            expands
            ? Conv2D(inputChannels: inputChannels, outputChannels: width, kernelSize: 1, hasBias: false) : nil
        bn0 = expands ? normalization(width) : nil
        depthwiseConv = Conv2D(
            inputChannels: width, outputChannels: width, kernelSize: Size2D(kernelSize), stride: Size2D(stride),
            padding: .same, groups: width, hasBias: false)
        bn1 = normalization(width)
        projectConv = Conv2D(inputChannels: width, outputChannels: channels, kernelSize: 1, hasBias: false)
        bn2 = normalization(channels)
        keepsShape = stride == 1 && inputChannels == channels
    }

    override func forward(_ input: Tensor) -> Tensor {
        var x = input
        if let expandConv, let bn0 { x = bn0(expandConv(x)).relu6() }
        x = bn1(depthwiseConv(x)).relu6()
        x = bn2(projectConv(x))
        return keepsShape ? x + input : x
    }
}

/// With TensorFlow's numbers.
private func normalization(_ channels: Int) -> BatchNorm2D {
    BatchNorm2D(channels: channels, epsilon: 1e-3, momentum: 0.01)
}
