import YuyanCore
import YuyanNN

/// A convolution and two of 1 × 1, which mix the channels of each pixel, each followed by ReLU.
///
/// Source: d2l chapter 7.3.
///
/// - Parameters:
///   - inputChannels: those of the input.
///   - outputChannels: those of the result.
///   - kernelSize: that of the first convolution, as are stride and padding.
///   - stride: how far its window moves.
///   - padding: zeros around the input.
public func ninBlock(
    inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1, padding: Size2D = 0
) -> Sequential {
    Sequential {
        Conv2D(
            inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelSize, stride: stride,
            padding: padding)
        ReLU()
        Conv2D(inputChannels: outputChannels, outputChannels: outputChannels, kernelSize: 1)
        ReLU()
        Conv2D(inputChannels: outputChannels, outputChannels: outputChannels, kernelSize: 1)
        ReLU()
    }
}

/// Network in network: a map for each class instead of fully connected layers, and the mean of each as its logit:
/// `[N, 1, 224, 224]` → `[N, 10]`.
///
/// Of 224 × 224 pixels the blocks and poolings leave 96 × 54 × 54, 96 × 26 × 26, 256 × 26 × 26, 256 × 12 × 12,
/// 384 × 12 × 12, 384 × 5 × 5 and 10 × 5 × 5 numbers. 1,992,166 parameters, under the names of PyTorch's `nn.Sequential`
/// of the same layers, as the book has it. Images must be of 67 × 67 pixels or more.
/// Source: Lin, Chen and Yan, Network in network (2013), in the form of d2l chapter 7.3.
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - classCount: the number of logits.
///   - widthRatio: the channels of all blocks but the last are divided by it.
///   - dropout: the probability with which an element before the last block is dropped, 0…1.
public func makeNiN(
    inputChannels: Int = 1, classCount: Int = 10, widthRatio: Int = 1, dropout: Double = 0.5
) -> Sequential {
    func width(_ full: Int) -> Int { narrowed(full, by: widthRatio) }
    return Sequential {
        ninBlock(inputChannels: inputChannels, outputChannels: width(96), kernelSize: 11, stride: 4)
        MaxPool2D(kernelSize: 3, stride: 2)
        ninBlock(inputChannels: width(96), outputChannels: width(256), kernelSize: 5, padding: 2)
        MaxPool2D(kernelSize: 3, stride: 2)
        ninBlock(inputChannels: width(256), outputChannels: width(384), kernelSize: 3, padding: 1)
        MaxPool2D(kernelSize: 3, stride: 2)
        Dropout(probability: dropout)
        ninBlock(inputChannels: width(384), outputChannels: classCount, kernelSize: 3, padding: 1)
        GlobalMean()
        Flatten()
    }
}
