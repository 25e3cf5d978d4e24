import YuyanNN

/// LeNet-5 with sigmoid activations and average pooling, for 28 × 28 images: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 61,706 parameters, under the names of PyTorch's `nn.Sequential` of the same layers. Weights of a network that has a
/// layer without parameters in front, as Yuyan's had before version 0.2, load with `renaming: .layersShifted(by: -1)`.
/// Source: LeCun et al. (1998), in the form of d2l chapter 6.
public func makeLeNet() -> Sequential {
    Sequential {
        Conv2D(inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2)
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Conv2D(inputChannels: 6, outputChannels: 16, kernelSize: 5)
        Sigmoid()
        AvgPool2D(kernelSize: 2)
        Flatten()
        Linear(inputSize: 400, outputSize: 120)
        Sigmoid()
        Linear(inputSize: 120, outputSize: 84)
        Sigmoid()
        Linear(inputSize: 84, outputSize: 10)
    }
}

/// One hidden layer of 256 ReLU units: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 203,530 parameters. Source: d2l chapter 4.
public func makeMLP() -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: 784, outputSize: 256)
        ReLU()
        Linear(inputSize: 256, outputSize: 10)
    }
}

/// Two hidden layers of 256 ReLU units, each followed by dropout: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 269,322 parameters. The book trains it with the default probabilities: less is dropped near the input.
/// Source: Srivastava et al. (2014), in the form of d2l chapter 4.
///
/// - Parameters:
///   - firstDropout: the probability with which a unit of the first hidden layer is dropped, 0…1.
///   - secondDropout: the same for the second.
public func makeDropoutMLP(firstDropout: Double = 0.2, secondDropout: Double = 0.5) -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: 784, outputSize: 256)
        ReLU()
        Dropout(probability: firstDropout)
        Linear(inputSize: 256, outputSize: 256)
        ReLU()
        Dropout(probability: secondDropout)
        Linear(inputSize: 256, outputSize: 10)
    }
}

/// Logits of ten classes, linear in the pixels: `[N, 1, 28, 28]` → `[N, 10]`.
///
/// 7,850 parameters. Source: d2l chapter 3.
public func makeSoftmaxRegression() -> Sequential {
    Sequential {
        Flatten()
        Linear(inputSize: 784, outputSize: 10)
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
