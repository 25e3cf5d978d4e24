import YuyanCore
import YuyanNN

/// AlexNet in the form of d2l chapter 7.1 for small images of one channel: `[N, 1, 224, 224]` → `[N, 10]`.
///
/// Five convolutions, `conv`, and fully connected layers, `fc`, each followed by ReLU, under these names:
/// `conv.0`, `conv.3`, `conv.6`, `conv.8`, `conv.10`, `fc.0`, `fc.3`, and `fc.6` with two hidden layers. Of 224 × 224
/// pixels the layers leave 96 × 54 × 54, 96 × 26 × 26, 256 × 26 × 26, 256 × 12 × 12 (four times) and 256 × 5 × 5 numbers.
/// 29,983,434 parameters with one hidden layer of 4096 units, 46,764,746 with two, as the book has. Weights of the book's
/// `nn.Sequential`, which has no parts, load with `renaming: .bookAlexNet`.
/// Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks (2012).
///
/// - Parameters:
///   - inputChannels: the channels of an image: 1 for gray, 3 for colors.
///   - imageSize: its height and width, at least 67; traps if one is less, which leaves nothing after the pooling.
///   - classCount: the number of logits.
///   - hiddenLayerCount: fully connected layers before the last: 1 or 2; traps at others.
///   - firstPadding: zeros around the images: 0, or 1 as in the book, which comes to the same size of 224 pixels.
///   - widthRatio: all channels and hidden units are divided by it.
///   - dropout: the probability with which a hidden unit is dropped, 0…1.
public func makeAlexNet(
    inputChannels: Int = 1, imageSize: Size2D = 224, classCount: Int = 10, hiddenLayerCount: Int = 1,
    firstPadding: Int = 0, widthRatio: Int = 1, dropout: Double = 0.5
) -> Sequential {
    guard (1...2).contains(hiddenLayerCount) else {
        failure("makeAlexNet: hiddenLayerCount must be 1 or 2, not \(hiddenLayerCount)")
    }
    let features = imageSize.windows(of: 11, stride: 4, padding: firstPadding).windows(of: 3, stride: 2)
        .windows(of: 3, stride: 2).windows(of: 3, stride: 2)
    guard features.area > 0 else {
        failure("makeAlexNet: images of \(imageSize) are too small; height and width must be 67 or more")
    }
    func width(_ full: Int) -> Int { narrowed(full, by: widthRatio) }
    let (first, second, third, hidden) = (width(96), width(256), width(384), width(4096))
    let conv = Sequential {
        Conv2D(
            inputChannels: inputChannels, outputChannels: first, kernelSize: 11, stride: 4,
            padding: Size2D(firstPadding))
        ReLU()
        MaxPool2D(kernelSize: 3, stride: 2)
        Conv2D(inputChannels: first, outputChannels: second, kernelSize: 5, padding: 2)
        ReLU()
        MaxPool2D(kernelSize: 3, stride: 2)
        Conv2D(inputChannels: second, outputChannels: third, kernelSize: 3, padding: 1)
        ReLU()
        Conv2D(inputChannels: third, outputChannels: third, kernelSize: 3, padding: 1)
        ReLU()
        Conv2D(inputChannels: third, outputChannels: second, kernelSize: 3, padding: 1)
        ReLU()
        MaxPool2D(kernelSize: 3, stride: 2)
    }
    let fc = Sequential {
        Linear(inputSize: second * features.area, outputSize: hidden)
        ReLU()
        Dropout(probability: dropout)
        if hiddenLayerCount == 2 {
            [Linear(inputSize: hidden, outputSize: hidden), ReLU(), Dropout(probability: dropout)]
        }
        Linear(inputSize: hidden, outputSize: classCount)
    }
    let net = Sequential()
    net.append(conv, named: "conv")
    net.append(Flatten(), named: "flatten")
    net.append(fc, named: "fc")
    return net
}

extension Renaming {
    /// From the names of the book's AlexNet, one `nn.Sequential` of all layers, to those of `makeAlexNet` with two hidden
    /// layers.
    public static let bookAlexNet: Renaming = [
        "0": "conv.0", "3": "conv.3", "6": "conv.6", "8": "conv.8", "10": "conv.10", "14": "fc.0", "17": "fc.3",
        "20": "fc.6",
    ]
}
