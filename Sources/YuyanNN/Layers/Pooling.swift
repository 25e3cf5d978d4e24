import YuyanCore

/// The largest element of each window of `[N, C, H, W]`; padding counts as −∞. The stride is the window unless given.
public final class MaxPool2D: Layer {
    /// The window.
    public let kernelSize: Size2D
    /// How far it moves.
    public let stride: Size2D
    /// What is added around the input, on each side.
    public let padding: Size2D
    /// How far apart the elements of a window lie.
    public let dilation: Size2D
    /// Whether a last window may reach beyond the padding.
    public let roundsUp: Bool

    /// A window that moves by its own size, unless `stride` says otherwise.
    public init(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1, roundsUp: Bool = false
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.dilation = dilation
        self.roundsUp = roundsUp
    }

    public override func forward(_ input: Tensor) -> Tensor {
        input.maxPool2D(kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
    }

    public override var details: String {
        var text = poolingDetails("MaxPool2D", kernelSize, stride, padding)
        if dilation != 1 { text += ", dilation: \(dilation)" }
        return text + (roundsUp ? ", roundsUp: true)" : ")")
    }
}

/// The mean of each window of `[N, C, H, W]`; padding counts as zeros, or not at all. The stride is the window unless
/// given.
public final class AvgPool2D: Layer {
    /// The window.
    public let kernelSize: Size2D
    /// How far it moves.
    public let stride: Size2D
    /// Zeros around the input, on each side.
    public let padding: Size2D
    /// Whether a last window may reach beyond the padding; what lies there does not count.
    public let roundsUp: Bool
    /// Whether the zeros of the padding count in the mean.
    public let countsPadding: Bool

    /// A window that moves by its own size, unless `stride` says otherwise.
    public init(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, roundsUp: Bool = false,
        countsPadding: Bool = true
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.roundsUp = roundsUp
        self.countsPadding = countsPadding
    }

    public override func forward(_ input: Tensor) -> Tensor {
        input.avgPool2D(
            kernelSize: kernelSize, stride: stride, padding: padding, roundsUp: roundsUp, countsPadding: countsPadding)
    }

    public override var details: String {
        var text = poolingDetails("AvgPool2D", kernelSize, stride, padding)
        if roundsUp { text += ", roundsUp: true" }
        return text + (countsPadding ? ")" : ", countsPadding: false)")
    }
}

/// The largest element of each of H' × W' windows that share `[N, C, H, W]` out evenly; see
/// `adaptiveMaxPool2D(outputSize:)`.
public final class AdaptiveMaxPool2D: Layer {
    /// H' and W'.
    public let outputSize: Size2D

    /// Traps in `forward` unless the size is above 0.
    public init(outputSize: Size2D) { self.outputSize = outputSize }

    public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool2D(outputSize: outputSize) }
    public override var details: String { "AdaptiveMaxPool2D(outputSize: \(outputSize))" }
}

/// The mean of each of H' × W' windows that share `[N, C, H, W]` out evenly; see `adaptiveAvgPool2D(outputSize:)`.
public final class AdaptiveAvgPool2D: Layer {
    /// H' and W'.
    public let outputSize: Size2D

    /// Traps in `forward` unless the size is above 0.
    public init(outputSize: Size2D) { self.outputSize = outputSize }

    public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool2D(outputSize: outputSize) }
    public override var details: String { "AdaptiveAvgPool2D(outputSize: \(outputSize))" }
}

/// The mean of each channel: `[N, C, H, W]` → `[N, C, 1, 1]`, whatever H and W.
///
/// Source: Lin et al., Network in network (2013); d2l chapter 8.3.
public final class GlobalAvgPool2D: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool2D(outputSize: 1) }
}

private func poolingDetails(_ name: String, _ kernelSize: Size2D, _ stride: Size2D, _ padding: Size2D) -> String {
    var text = "\(name)(kernelSize: \(kernelSize)"
    if stride != kernelSize { text += ", stride: \(stride)" }
    if padding != 0 { text += ", padding: \(padding)" }
    return text
}
