import YuyanCore
import YuyanNN

/// Convolutions of which each takes the input and all results before it:
/// `[N, inputChannels, H, W]` → `[N, inputChannels + convolutionCount · growthRate, H, W]`.
///
/// Each is a batch normalisation, ReLU and a 3 × 3 convolution, named `net.0`, `net.1` and so on, as the book has them.
/// Source: Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks (2016), in the form of d2l
/// chapter 7.7.
public final class DenseBlock: Layer {
    private let net: Sequential

    /// A block of so many convolutions, each with `growthRate` channels. Traps unless both are above 0.
    public init(convolutionCount: Int, inputChannels: Int, growthRate: Int) {
        guard convolutionCount > 0, growthRate > 0 else {
            failure(
                """
                DenseBlock: convolutionCount and growthRate must be above 0
                  convolutionCount = \(convolutionCount), growthRate = \(growthRate)
                """)
        }
        net = Sequential(
            (0..<convolutionCount).map { index in
                let channels = inputChannels + index * growthRate
                return Sequential {
                    BatchNorm2D(channels: channels)
                    ReLU()
                    Conv2D(inputChannels: channels, outputChannels: growthRate, kernelSize: 3, padding: 1)
                }
            })
    }

    public override func forward(_ input: Tensor) -> Tensor {
        net.reduce(input) { concatenate([$0, $1($0)], axis: 1) }
    }
}

/// DenseNet in the form of d2l chapter 7.7: `[N, 1, 96, 96]` → `[N, 10]`.
///
/// Four blocks of four convolutions with 32 channels each; between them a 1 × 1 convolution halves the channels, and
/// pooling the size. Of 96 × 96 pixels the blocks leave 192 × 24 × 24, 224 × 12 × 12, 240 × 6 × 6 and 248 × 3 × 3
/// numbers. 758,226 parameters, under the names of the book's `nn.Sequential` of the parts. Images must be of 29 × 29
/// pixels or more. The mean of each map goes to the last layer, as in the paper and the newer editions of the book; older
/// ones take the largest number.
/// Source: Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks (2016).
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - classCount: the number of logits.
///   - widthRatio: the first channels, 64, and those that each convolution adds, 32, are divided by it.
public func makeDenseNet(inputChannels: Int = 1, classCount: Int = 10, widthRatio: Int = 1) -> Sequential {
    var channels = narrowed(64, by: widthRatio)
    let growthRate = narrowed(32, by: widthRatio)
    let (blockCount, convolutionCount) = (4, 4)
    let net = Sequential {
        Sequential {
            Conv2D(inputChannels: inputChannels, outputChannels: channels, kernelSize: 7, stride: 2, padding: 3)
            BatchNorm2D(channels: channels)
            ReLU()
            MaxPool2D(kernelSize: 3, stride: 2, padding: 1)
        }
    }
    for index in 0..<blockCount {
        net.append(
            DenseBlock(convolutionCount: convolutionCount, inputChannels: channels, growthRate: growthRate))
        channels += convolutionCount * growthRate
        guard index < blockCount - 1 else { break }
        net.append(
            Sequential {
                BatchNorm2D(channels: channels)
                ReLU()
                Conv2D(inputChannels: channels, outputChannels: channels / 2, kernelSize: 1)
                AvgPool2D(kernelSize: 2)
            })
        channels /= 2
    }
    for layer in [
        BatchNorm2D(channels: channels), ReLU(), GlobalMean(), Flatten(),
        Linear(inputSize: channels, outputSize: classCount),
    ] {
        net.append(layer)
    }
    return net
}
