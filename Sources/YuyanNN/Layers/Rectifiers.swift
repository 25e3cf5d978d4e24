import YuyanCore

/// min(max(x, 0), 6), element by element; see `relu6()`.
public final class ReLU6: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.relu6() }
}

/// min(max(x, a), b), element by element; see `hardTanh(to:)`.
public final class HardTanh: Layer {
    /// a ... b.
    public let range: ClosedRange<Double>

    /// Traps in `forward` unless the range is finite.
    public init(_ range: ClosedRange<Double> = -1...1) { self.range = range }

    public override func forward(_ input: Tensor) -> Tensor { input.hardTanh(to: range) }
    public override var details: String {
        range == -1...1 ? "HardTanh" : "HardTanh(\(range.lowerBound)...\(range.upperBound))"
    }
}

/// min(max(x/6 + 1/2, 0), 1), element by element; see `hardSigmoid()`.
public final class HardSigmoid: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.hardSigmoid() }
}

/// x · hardSigmoid(x), element by element; see `hardSwish()`.
public final class HardSwish: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.hardSwish() }
}

/// x where x > 0, else w · x, with w trained: one for all, or one for each channel of `[N, C, …]`.
///
/// Traps in `forward` if the input has other channels. Source: He et al., Delving deep into rectifiers (2015).
public final class PReLU: Layer {
    /// w, `[channels]`.
    public let weight: Parameter

    /// - Parameters: channels: how many w there are, 1 for all channels together; slope: what they are at first.
    ///
    /// Traps unless there is one.
    public init(channels: Int = 1, slope: Double = 0.25) {
        guard channels > 0 else { failure("PReLU: channels must be above 0, not \(channels)") }
        weight = Parameter(.full([channels], slope))
    }

    public override func forward(_ input: Tensor) -> Tensor { input.prelu(weight: weight) }
    public override var details: String { "PReLU(channels: \(weight.elementCount))" }
}

/// x where x > 0, else α · (eˣ − 1), element by element; see `elu(alpha:)`.
public final class ELU: Layer {
    /// α
    public let alpha: Double

    /// With α = 1 unless given.
    public init(alpha: Double = 1) { self.alpha = alpha }

    public override func forward(_ input: Tensor) -> Tensor { input.elu(alpha: alpha) }
    public override var details: String { alpha == 1 ? "ELU" : "ELU(alpha: \(alpha))" }
}

/// ELU with numbers that keep mean 0 and variance 1; see `selu()`.
public final class SELU: Layer {
    public override func forward(_ input: Tensor) -> Tensor { input.selu() }
}
