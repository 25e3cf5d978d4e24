import YuyanCore
import YuyanNN

/// What two convolutions make of the input, added to the input: relu(bn2(conv2(relu(bn1(conv1(x))))) + x), with conv3(x)
/// in place of x where size or channels change.
///
/// `[N, inputChannels, H, W]` → `[N, channels, ⌈H/stride⌉, ⌈W/stride⌉]`. The parts have the book's names.
/// Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2015), in the form of d2l chapter 7.6.
public final class Residual: Layer {
    private let conv1, conv2: Conv2D
    private let conv3: Conv2D?
    private let bn1, bn2: BatchNorm2D

    /// A block; traps if the input could not be added to the result.
    ///
    /// - Parameters:
    ///   - inputChannels: those of the input.
    ///   - channels: those of the result.
    ///   - stride: how far the windows of the first convolution move.
    ///   - hasPointwiseShortcut: whether a 1 × 1 convolution brings the input to the result's size and channels; by
    ///     default where they differ.
    public init(inputChannels: Int, channels: Int, stride: Int = 1, hasPointwiseShortcut: Bool? = nil) {
        let keepsShape = inputChannels == channels && stride == 1
        let hasShortcut = hasPointwiseShortcut ?? !keepsShape
        guard keepsShape || hasShortcut else {
            failure(
                """
                Residual: the input cannot be added to a result of another size or other channels; \
                hasPointwiseShortcut: true brings it to them
                  inputChannels = \(inputChannels), channels = \(channels), stride = \(stride)
                """)
        }
        conv1 = Conv2D(
            inputChannels: inputChannels, outputChannels: channels, kernelSize: 3, stride: Size2D(stride), padding: 1)
        conv2 = Conv2D(inputChannels: channels, outputChannels: channels, kernelSize: 3, padding: 1)
        conv3 =
            hasShortcut
            ? Conv2D(inputChannels: inputChannels, outputChannels: channels, kernelSize: 1, stride: Size2D(stride))
            : nil
        bn1 = BatchNorm2D(channels: channels)
        bn2 = BatchNorm2D(channels: channels)
    }

    public override func forward(_ input: Tensor) -> Tensor {
        let change = bn2(conv2(conv1.relu(of: input, normalizedBy: bn1)))
        return (change + (conv3.map { $0(input) } ?? input)).relu()
    }
}

/// ResNet-18 in the form of d2l chapter 7.6: `[N, 1, 96, 96]` → `[N, 10]`, for images of any size.
///
/// Of 96 × 96 pixels the five parts leave 64 × 24 × 24 (twice), 128 × 12 × 12, 256 × 6 × 6 and 512 × 3 × 3 numbers.
/// 11,178,378 parameters, under the names of the book's `nn.Sequential` of the parts. Its convolutions have biases, and
/// its shortcuts no normalisation: for torchvision's weights see `makeTorchvisionResNet18`.
/// Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2015).
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - classCount: the number of logits.
///   - widthRatio: all channels are divided by it.
public func makeResNet18(inputChannels: Int = 1, classCount: Int = 10, widthRatio: Int = 1) -> Sequential {
    let widths = [64, 128, 256, 512].map { narrowed($0, by: widthRatio) }
    return Sequential {
        Sequential {
            Conv2D(inputChannels: inputChannels, outputChannels: widths[0], kernelSize: 7, stride: 2, padding: 3)
            BatchNorm2D(channels: widths[0])
            ReLU()
            MaxPool2D(kernelSize: 3, stride: 2, padding: 1)
        }
        for (index, width) in widths.enumerated() {
            let inputs = widths[Swift.max(index - 1, 0)]
            Sequential {
                // Also where narrow channels happen to agree, so that the names do not depend on the width.
                Residual(
                    inputChannels: inputs, channels: width, stride: index == 0 ? 1 : 2,
                    hasPointwiseShortcut: index > 0)
                Residual(inputChannels: width, channels: width)
            }
        }
        GlobalAvgPool2D()
        Flatten()
        Linear(inputSize: widths[3], outputSize: classCount)
    }
}

/// torchvision's residual block: convolutions without biases, and a normalised shortcut where size or channels change:
/// `[N, inputChannels, H, W]` → `[N, channels, ⌈H/stride⌉, ⌈W/stride⌉]`.
///
/// The parts are named `conv1`, `bn1`, `conv2`, `bn2` and `downsample`, as torchvision has them.
/// Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2015).
public final class BasicBlock: Layer {
    private let conv1: Conv2D
    private let bn1: BatchNorm2D
    private let conv2: Conv2D
    private let bn2: BatchNorm2D
    private let downsample: Sequential?

    /// A block whose first convolution moves its windows by `stride`.
    public init(inputChannels: Int, channels: Int, stride: Int = 1) {
        conv1 = Conv2D(
            inputChannels: inputChannels, outputChannels: channels, kernelSize: 3, stride: Size2D(stride), padding: 1,
            hasBias: false)
        bn1 = BatchNorm2D(channels: channels)
        conv2 = Conv2D(
            inputChannels: channels, outputChannels: channels, kernelSize: 3, padding: 1, hasBias: false)
        bn2 = BatchNorm2D(channels: channels)
        downsample =
            inputChannels == channels && stride == 1
            ? nil
            : Sequential {
                Conv2D(
                    inputChannels: inputChannels, outputChannels: channels, kernelSize: 1, stride: Size2D(stride),
                    hasBias: false)
                BatchNorm2D(channels: channels)
            }
    }

    public override func forward(_ input: Tensor) -> Tensor {
        let change = bn2(conv2(conv1.relu(of: input, normalizedBy: bn1)))
        return (change + (downsample.map { $0(input) } ?? input)).relu()
    }
}

/// ResNet-18 as torchvision has it, whose weights load by name: `[N, 3, 224, 224]` → `[N, 1000]`, for images of any size.
///
/// 11,689,512 parameters. Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2015).
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - classCount: the number of logits.
///   - widthRatio: all channels are divided by it.
public func makeTorchvisionResNet18(
    inputChannels: Int = 3, classCount: Int = 1000, widthRatio: Int = 1
) -> Sequential {
    let widths = [64, 128, 256, 512].map { narrowed($0, by: widthRatio) }
    let net = Sequential()
    net.append(
        Conv2D(
            inputChannels: inputChannels, outputChannels: widths[0], kernelSize: 7, stride: 2, padding: 3,
            hasBias: false), named: "conv1")
    net.append(BatchNorm2D(channels: widths[0]), named: "bn1")
    net.append(ReLU(), named: "relu")
    net.append(MaxPool2D(kernelSize: 3, stride: 2, padding: 1), named: "maxpool")
    for (index, width) in widths.enumerated() {
        let layer = Sequential {
            BasicBlock(
                inputChannels: widths[Swift.max(index - 1, 0)], channels: width, stride: index == 0 ? 1 : 2)
            BasicBlock(inputChannels: width, channels: width)
        }
        net.append(layer, named: "layer\(index + 1)")
    }
    net.append(GlobalAvgPool2D(), named: "avgpool")
    net.append(Flatten(), named: "flatten")
    net.append(Linear(inputSize: widths[3], outputSize: classCount), named: "fc")
    return net
}
