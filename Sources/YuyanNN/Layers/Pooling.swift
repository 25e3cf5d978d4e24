import YuyanCore

/// The largest element of each window of `[N, C, H, W]`; padding counts as −∞. The stride is the window unless given.
public final class MaxPool2D: Layer {
    /// The window.
    public let kernelSize: Size2D
    /// How far it moves.
    public let stride: Size2D
    /// What is added around the input, on each side.
    public let padding: Size2D

    /// A window that moves by its own size, unless `stride` says otherwise.
    public init(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
    }

    public override func forward(_ input: Tensor) -> Tensor {
        input.maxPool2D(kernelSize: kernelSize, stride: stride, padding: padding)
    }

    public override var details: String { poolingDetails("MaxPool2D", kernelSize, stride, padding) }
}

/// The mean of each window of `[N, C, H, W]`; padding counts as zeros. The stride is the window unless given.
public final class AvgPool2D: Layer {
    /// The window.
    public let kernelSize: Size2D
    /// How far it moves.
    public let stride: Size2D
    /// Zeros around the input, on each side.
    public let padding: Size2D

    /// A window that moves by its own size, unless `stride` says otherwise.
    public init(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
    }

    public override func forward(_ input: Tensor) -> Tensor {
        input.avgPool2D(kernelSize: kernelSize, stride: stride, padding: padding)
    }

    public override var details: String { poolingDetails("AvgPool2D", kernelSize, stride, padding) }
}

private func poolingDetails(_ name: String, _ kernelSize: Size2D, _ stride: Size2D, _ padding: Size2D) -> String {
    var text = "\(name)(kernelSize: \(kernelSize)"
    if stride != kernelSize { text += ", stride: \(stride)" }
    if padding != 0 { text += ", padding: \(padding)" }
    return text + ")"
}
