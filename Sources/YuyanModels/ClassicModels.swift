import YuyanCore
import YuyanNN

/// LeNet-5 with sigmoid activations and average pooling, by default for 28 × 28 gray images: `[N, 1, 28, 28]` →
/// `[N, 10]`.
///
/// 61,706 parameters by default, under the names of PyTorch's `nn.Sequential` of the same layers. Weights of a network
/// that has a layer without parameters in front, as Yuyan's had before version 0.2, load with
/// `renaming: .layersShifted(by: -1)`. Source: LeCun et al. (1998), in the form of d2l chapter 6.
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - imageSize: its height and width, at least 12; traps if one is less, which leaves nothing after the pooling.
///   - classCount: the number of logits.
public func makeLeNet(inputChannels: Int = 1, imageSize: Size2D = 28, classCount: Int = 10) -> Sequential {
    // The first convolution keeps the size, the second takes 4 pixels, and each pooling halves it.
    let pooled = Size2D(height: (imageSize.height / 2 - 4) / 2, width: (imageSize.width / 2 - 4) / 2)
    guard pooled.height > 0, pooled.width > 0 else {
        failure("makeLeNet: images of \(imageSize) are too small; height and width must be 12 or more")
    }
    return Sequential {
        Conv2D(inputChannels: inputChannels, outputChannels: 6, kernelSize: 5, padding: 2)
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Conv2D(inputChannels: 6, outputChannels: 16, kernelSize: 5)
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Flatten()
        Linear(inputSize: 16 * pooled.height * pooled.width, outputSize: 120)
        Sigmoid()
        Linear(inputSize: 120, outputSize: 84)
        Sigmoid()
        Linear(inputSize: 84, outputSize: classCount)
    }
}

/// One hidden layer of 256 ReLU units, by default for 28 × 28 gray images: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 203,530 parameters by default. Source: d2l chapter 4.
///
/// - Parameters:
///   - inputSize: the numbers of a sample, such as channels · height · width.
///   - classCount: the number of logits.
public func makeMLP(inputSize: Int = 784, classCount: Int = 10) -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: inputSize, outputSize: 256)
        ReLU()
        Linear(inputSize: 256, outputSize: classCount)
    }
}

/// Two hidden layers of 256 ReLU units, each followed by dropout, by default for 28 × 28 gray images:
/// `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 269,322 parameters by default. The book trains it with the default probabilities: less is dropped near the input.
/// Source: Srivastava et al. (2014), in the form of d2l chapter 4.
///
/// - Parameters:
///   - firstDropout: the probability with which a unit of the first hidden layer is dropped, 0…1.
///   - secondDropout: the same for the second.
///   - inputSize: the numbers of a sample, such as channels · height · width.
///   - classCount: the number of logits.
public func makeDropoutMLP(
    firstDropout: Double = 0.2, secondDropout: Double = 0.5, inputSize: Int = 784, classCount: Int = 10
) -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: inputSize, outputSize: 256)
        ReLU()
        Dropout(probability: firstDropout)
        Linear(inputSize: 256, outputSize: 256)
        ReLU()
        Dropout(probability: secondDropout)
        Linear(inputSize: 256, outputSize: classCount)
    }
}

/// Logits that are linear in the pixels, by default for 28 × 28 gray images and ten classes: `[N, 1, 28, 28]` →
/// `[N, 10]`.
///
/// 7,850 parameters by default. Source: d2l chapter 3.
///
/// - Parameters:
///   - inputSize: the numbers of a sample, such as channels · height · width.
///   - classCount: the number of logits.
public func makeSoftmaxRegression(inputSize: Int = 784, classCount: Int = 10) -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: inputSize, outputSize: classCount)
    }
}

/// ŷ = w · x + b for two features: `[N, 2]` → `[N, 1]`.
///
/// 3 parameters. Source: d2l chapter 3.
public func makeLinearRegression() -> Sequential {
    Sequential {
        Linear(inputSize: 2, outputSize: 1)
    }
}
