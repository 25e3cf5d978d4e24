import YuyanCore
import YuyanNN

/// Convolutions that keep the size, each followed by ReLU, and a pooling that halves it:
/// `[N, inputChannels, H, W]` → `[N, outputChannels, H/2, W/2]`.
///
/// Traps unless there is at least one convolution. Source: d2l chapter 7.2.
///
/// - Parameters:
///   - convolutionCount: the number of 3 × 3 convolutions; the first goes from the input's to the output's channels.
///   - inputChannels: those of the input.
///   - outputChannels: those of the result.
public func vggBlock(convolutionCount: Int, inputChannels: Int, outputChannels: Int) -> Sequential {
    guard convolutionCount > 0 else { failure("vggBlock: convolutionCount must be above 0, not \(convolutionCount)") }
    return Sequential {
        for index in 0..<convolutionCount {
            Conv2D(
                inputChannels: index == 0 ? inputChannels : outputChannels, outputChannels: outputChannels,
                kernelSize: 3, padding: 1)
            ReLU()
        }
        MaxPool2D(kernelSize: 2)
    }
}

/// One block of a VGG: its number of convolutions and its channels.
public typealias VGGBlock = (convolutionCount: Int, inputChannels: Int, outputChannels: Int)

/// VGG blocks, and two hidden layers with dropout behind them: `[N, C, H, W]` → `[N, classCount]`.
///
/// The parts are named `vgg_block_1`, `vgg_block_2`, … and `fc`, with the layers `fc.1`, `fc.4` and `fc.7` behind a
/// `Flatten`. Source: Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition (2014),
/// in the form of d2l chapter 7.2.
///
/// - Parameters:
///   - architecture: the blocks, such as `[(1, 1, 64), (1, 64, 128), (2, 128, 256), (2, 256, 512), (2, 512, 512)]`,
///     VGG-11's; traps if a block does not take the channels that the one before gives.
///   - fullyConnectedFeatures: the numbers that the last block leaves of an image: channels · height · width.
///   - hiddenUnits: those of each hidden layer.
///   - classCount: the number of logits.
///   - dropout: the probability with which a hidden unit is dropped, 0…1.
public func vgg(
    architecture: [VGGBlock], fullyConnectedFeatures: Int, hiddenUnits: Int = 4096, classCount: Int = 10,
    dropout: Double = 0.5
) -> Sequential {
    let net = Sequential()
    for (index, block) in architecture.enumerated() {
        if index > 0, block.inputChannels != architecture[index - 1].outputChannels {
            failure(
                """
                vgg: block \(index + 1) takes \(block.inputChannels) channels, but the one before gives \
                \(architecture[index - 1].outputChannels)
                """)
        }
        net.append(
            vggBlock(
                convolutionCount: block.convolutionCount, inputChannels: block.inputChannels,
                outputChannels: block.outputChannels), named: "vgg_block_\(index + 1)")
    }
    let fc = Sequential {
        Flatten()
        Linear(inputSize: fullyConnectedFeatures, outputSize: hiddenUnits)
        ReLU()
        Dropout(probability: dropout)
        Linear(inputSize: hiddenUnits, outputSize: hiddenUnits)
        ReLU()
        Dropout(probability: dropout)
        Linear(inputSize: hiddenUnits, outputSize: classCount)
    }
    net.append(fc, named: "fc")
    return net
}

/// VGG-11: eight convolutions in five blocks, and three fully connected layers: `[N, 1, 224, 224]` → `[N, 10]`; see
/// `vgg(architecture:fullyConnectedFeatures:hiddenUnits:classCount:dropout:)`.
///
/// Of 224 × 224 pixels the blocks leave 64 × 112 × 112, 128 × 56 × 56, 256 × 28 × 28, 512 × 14 × 14 and 512 × 7 × 7
/// numbers. 128,806,154 parameters; 43,093,322 with channels divided by 4, as the book trains it; 2,018,346 with channels
/// divided by 8 and 512 hidden units. Weights of the book's and of torchvision's load with `renaming: .bookVGG11` and
/// `.torchvisionVGG11`.
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - imageSize: its height and width, at least 32; traps if one is less, which leaves nothing after the pooling.
///   - classCount: the number of logits.
///   - widthRatio: the channels of the blocks are divided by it.
///   - hiddenUnits: those of each of the two hidden layers.
///   - dropout: the probability with which a hidden unit is dropped, 0…1.
public func makeVGG11(
    inputChannels: Int = 1, imageSize: Size2D = 224, classCount: Int = 10, widthRatio: Int = 1, hiddenUnits: Int = 4096,
    dropout: Double = 0.5
) -> Sequential {
    let features = Size2D(height: imageSize.height / 32, width: imageSize.width / 32)
    guard features.area > 0 else {
        failure("makeVGG11: images of \(imageSize) are too small; height and width must be 32 or more")
    }
    var architecture: [VGGBlock] = []
    var channels = inputChannels
    for (convolutionCount, width) in [(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)] {
        let next = narrowed(width, by: widthRatio)
        architecture.append((convolutionCount, channels, next))
        channels = next
    }
    return vgg(
        architecture: architecture, fullyConnectedFeatures: channels * features.area, hiddenUnits: hiddenUnits,
        classCount: classCount, dropout: dropout)
}

extension Renaming {
    /// From the names of torchvision's `vgg11` to those of `makeVGG11(inputChannels: 3, classCount: 1000)`.
    public static let torchvisionVGG11: Renaming = [
        "features.0": "vgg_block_1.0", "features.3": "vgg_block_2.0", "features.6": "vgg_block_3.0",
        "features.8": "vgg_block_3.2", "features.11": "vgg_block_4.0", "features.13": "vgg_block_4.2",
        "features.16": "vgg_block_5.0", "features.18": "vgg_block_5.2", "classifier.0": "fc.1",
        "classifier.3": "fc.4", "classifier.6": "fc.7",
    ]

    /// From the names of the book's VGG-11, an `nn.Sequential` of five blocks and the layers after them, to those of
    /// `makeVGG11`.
    public static let bookVGG11: Renaming = [
        "0": "vgg_block_1", "1": "vgg_block_2", "2": "vgg_block_3", "3": "vgg_block_4", "4": "vgg_block_5",
        "6": "fc.1", "9": "fc.4", "12": "fc.7",
    ]
}
