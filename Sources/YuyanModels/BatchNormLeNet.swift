import YuyanCore
import YuyanNN

/// LeNet with batch normalisation before each activation, without padding: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 44,878 parameters, under the names of the book's `nn.Sequential` of the same layers. In training a batch must have two
/// images or more. Source: d2l chapter 7.5.
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - imageSize: its height and width, at least 16; traps if one is less, which leaves nothing after the pooling.
///   - classCount: the number of logits.
///   - widthRatio: all channels and hidden units are divided by it.
public func makeBatchNormLeNet(
    inputChannels: Int = 1, imageSize: Size2D = 28, classCount: Int = 10, widthRatio: Int = 1
) -> Sequential {
    let features = imageSize.windows(of: 5).windows(of: 2, stride: 2).windows(of: 5).windows(of: 2, stride: 2)
    guard features.area > 0 else {
        failure("makeBatchNormLeNet: images of \(imageSize) are too small; height and width must be 16 or more")
    }
    func width(_ full: Int) -> Int { narrowed(full, by: widthRatio) }
    return Sequential {
        Conv2D(inputChannels: inputChannels, outputChannels: width(6), kernelSize: 5)
        BatchNorm2D(channels: width(6))
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Conv2D(inputChannels: width(6), outputChannels: width(16), kernelSize: 5)
        BatchNorm2D(channels: width(16))
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Flatten()
        Linear(inputSize: width(16) * features.area, outputSize: width(120))
        BatchNorm1D(channels: width(120))
        Sigmoid()
        Linear(inputSize: width(120), outputSize: width(84))
        BatchNorm1D(channels: width(84))
        Sigmoid()
        Linear(inputSize: width(84), outputSize: classCount)
    }
}
