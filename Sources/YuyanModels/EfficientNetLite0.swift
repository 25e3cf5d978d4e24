import YuyanCore
import YuyanNN

/// EfficientNet-Lite0, a network for small devices: `[N, 3, 224, 224]` → `[N, 1000]` logits of ImageNet's classes, for
/// images of any size.
///
///     let net = EfficientNetLite0(classCount: 10)
///     net(images)              // [N, 10]
///     net.features(images)     // [N, 1280], what the last layer looks at
///
/// A stem, 16 blocks of seven stages, 1280 channels, their means and a linear layer: 4,652,008 parameters, under the names
/// of PyTorch's network without its underscores (`blocks.3.depthwiseConv.weight`). All convolutions are padded as
/// TensorFlow does, where the weights come from: with a stride of 2 and an even size there is one zero more after the last
/// pixel than before the first. That is `ConvolutionPadding.same`. Examples/EfficientNetLite loads ImageNet's weights.
/// Source: Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks (2019), in the form without
/// squeeze-and-excitation and with ReLU6 that is called Lite.
public final class EfficientNetLite0: Layer {
    private let convStem: Conv2D
    private let bn0: BatchNorm2D
    private let blocks: [MBConvBlock]
    private let convHead: Conv2D
    private let bn1: BatchNorm2D
    /// In training a fifth of the features are dropped before the last layer.
    public let dropout = Dropout(probability: 0.2)
    /// The last layer, from features to logits.
    public let fc: Linear

    /// A network with random weights.
    ///
    /// - Parameters:
    ///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
    ///   - classCount: the number of logits.
    ///   - widthRatio: all channels are divided by it.
    public init(inputChannels: Int = 3, classCount: Int = 1000, widthRatio: Int = 1) {
        func width(_ full: Int) -> Int { narrowed(full, by: widthRatio) }
        convStem = Conv2D(
            inputChannels: inputChannels, outputChannels: width(32), kernelSize: 3, stride: 2, padding: .same,
            hasBias: false)
        bn0 = normalization(width(32))
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
        var channels = width(32)
        for stage in stages {
            for index in 0..<stage.count {
                blocks.append(
                    MBConvBlock(
                        inputChannels: channels, channels: width(stage.channels), kernelSize: stage.kernel,
                        stride: index == 0 ? stage.stride : 1, expansion: stage.expansion))
                channels = width(stage.channels)
            }
        }
        self.blocks = blocks
        let featureCount = width(1280)
        convHead = Conv2D(inputChannels: channels, outputChannels: featureCount, kernelSize: 1, hasBias: false)
        bn1 = normalization(featureCount)
        fc = Linear(inputSize: featureCount, outputSize: classCount)
    }

    public override func forward(_ input: Tensor) -> Tensor { fc(dropout(features(input))) }

    /// What the network has seen, before it decides: `[N, 3, H, W]` → `[N, 1280]`.
    public func features(_ input: Tensor) -> Tensor {
        scope {
            var x = bn0(convStem(input)).relu6()
            for block in blocks { x = block(x) }
            return bn1(convHead(x)).relu6().mean(axes: [2, 3])
        }
    }
}

/// A block that is wide inside: a 1 × 1 convolution to `expansion` times the channels, one with a kernel for each channel
/// alone, and a 1 × 1 convolution back; the input is added where it has the result's shape.
///
/// `[N, inputChannels, H, W]` → `[N, channels, ⌈H/stride⌉, ⌈W/stride⌉]`. Some networks leave out whole blocks at random in
/// training; this one does not.
/// Source: Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks (2018).
public final class MBConvBlock: Layer {
    /// Nil without expansion.
    private let expandConv: Conv2D?
    private let bn0: BatchNorm2D?
    private let depthwiseConv: Conv2D
    private let bn1: BatchNorm2D
    private let projectConv: Conv2D
    private let bn2: BatchNorm2D
    private let keepsShape: Bool

    /// A block that has no first convolution if `expansion` is 1. Traps unless all numbers are above 0.
    public init(inputChannels: Int, channels: Int, kernelSize: Int, stride: Int, expansion: Int) {
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

    public override func forward(_ input: Tensor) -> Tensor {
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
