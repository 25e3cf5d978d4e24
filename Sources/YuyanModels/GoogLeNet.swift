import YuyanCore
import YuyanNN

/// Four branches over the same input, whose channels are put together:
/// 1 × 1 | 1 × 1 → 3 × 3 | 1 × 1 → 5 × 5 | 3 × 3 pooling → 1 × 1.
///
/// `[N, inputChannels, H, W]` → `[N, c1 + c2.1 + c3.1 + c4, H, W]`. The convolutions are followed by ReLU and named
/// `p1_1`, `p2_1`, `p2_2`, `p3_1`, `p3_2` and `p4_2`, as the book has them. The 1 × 1 convolutions before the others
/// reduce the channels, and with them parameters and time.
/// Source: Szegedy et al., Going deeper with convolutions (2014), in the form of d2l chapter 7.4.
public final class Inception: Layer {
    private let pointwise, reduction3, convolution3, reduction5, convolution5, projection: Conv2D
    private let pooling = MaxPool2D(kernelSize: 3, stride: 1, padding: 1)

    /// The channels of a block with so many of each.
    ///
    /// - Parameters:
    ///   - inputChannels: those of the input.
    ///   - c1: those of the 1 × 1 convolution.
    ///   - c2: those of the reduction before the 3 × 3 convolution, and of that.
    ///   - c3: the same of the 5 × 5 convolution.
    ///   - c4: those of the convolution after the pooling.
    public init(inputChannels: Int, c1: Int, c2: (Int, Int), c3: (Int, Int), c4: Int) {
        pointwise = Conv2D(inputChannels: inputChannels, outputChannels: c1, kernelSize: 1)
        reduction3 = Conv2D(inputChannels: inputChannels, outputChannels: c2.0, kernelSize: 1)
        convolution3 = Conv2D(inputChannels: c2.0, outputChannels: c2.1, kernelSize: 3, padding: 1)
        reduction5 = Conv2D(inputChannels: inputChannels, outputChannels: c3.0, kernelSize: 1)
        convolution5 = Conv2D(inputChannels: c3.0, outputChannels: c3.1, kernelSize: 5, padding: 2)
        projection = Conv2D(inputChannels: inputChannels, outputChannels: c4, kernelSize: 1)
    }

    public override func forward(_ input: Tensor) -> Tensor {
        let branches = [
            pointwise(input).relu(),
            convolution3(reduction3(input).relu()).relu(),
            convolution5(reduction5(input).relu()).relu(),
            projection(pooling(input)).relu(),
        ]
        return concatenate(branches, axis: 1)
    }

    public override func children() -> [NamedChild] {
        [
            ("p1_1", .module(pointwise)), ("p2_1", .module(reduction3)), ("p2_2", .module(convolution3)),
            ("p3_1", .module(reduction5)), ("p3_2", .module(convolution5)), ("p4_1", .module(pooling)),
            ("p4_2", .module(projection)),
        ]
    }
}

/// GoogLeNet: nine Inception blocks: `[N, 1, 96, 96]` → `[N, 10]`, for images of any size.
///
/// Of 96 × 96 pixels the five parts leave 64 × 24 × 24, 192 × 12 × 12, 480 × 6 × 6, 832 × 3 × 3 and 1024 numbers.
/// 5,977,530 parameters, under the names of the book's `nn.Sequential` of the parts.
/// Source: Szegedy et al., Going deeper with convolutions (2014), in the form of d2l chapter 7.4.
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - classCount: the number of logits.
///   - widthRatio: all channels are divided by it.
public func makeGoogLeNet(inputChannels: Int = 1, classCount: Int = 10, widthRatio: Int = 1) -> Sequential {
    func width(_ full: Int) -> Int { narrowed(full, by: widthRatio) }
    var channels = width(192)
    func inception(_ c1: Int, _ c2: (Int, Int), _ c3: (Int, Int), _ c4: Int) -> Inception {
        defer { channels = width(c1) + width(c2.1) + width(c3.1) + width(c4) }
        return Inception(
            inputChannels: channels, c1: width(c1), c2: (width(c2.0), width(c2.1)), c3: (width(c3.0), width(c3.1)),
            c4: width(c4))
    }
    func pooling() -> MaxPool2D { MaxPool2D(kernelSize: 3, stride: 2, padding: 1) }
    return Sequential {
        Sequential {
            Conv2D(inputChannels: inputChannels, outputChannels: width(64), kernelSize: 7, stride: 2, padding: 3)
            ReLU()
            pooling()
        }
        Sequential {
            Conv2D(inputChannels: width(64), outputChannels: width(64), kernelSize: 1)
            ReLU()
            Conv2D(inputChannels: width(64), outputChannels: width(192), kernelSize: 3, padding: 1)
            ReLU()
            pooling()
        }
        Sequential {
            inception(64, (96, 128), (16, 32), 32)
            inception(128, (128, 192), (32, 96), 64)
            pooling()
        }
        Sequential {
            inception(192, (96, 208), (16, 48), 64)
            inception(160, (112, 224), (24, 64), 64)
            inception(128, (128, 256), (24, 64), 64)
            inception(112, (144, 288), (32, 64), 64)
            inception(256, (160, 320), (32, 128), 128)
            pooling()
        }
        Sequential {
            inception(256, (160, 320), (32, 128), 128)
            inception(384, (192, 384), (48, 128), 128)
            GlobalMean()
            Flatten()
        }
        Linear(inputSize: channels, outputSize: classCount)
    }
}
