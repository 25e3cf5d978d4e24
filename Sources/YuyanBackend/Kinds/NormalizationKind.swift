/// Mean and variance `[C]` of channels.
package struct ChannelStatistics {
    package let mean: DeviceBuffer
    package let variance: DeviceBuffer

    package init(mean: DeviceBuffer, variance: DeviceBuffer) {
        self.mean = mean
        self.variance = variance
    }
}

/// What `Backend.normalize` gives.
package struct Normalized {
    package let output: DeviceBuffer
    /// `[C]`, of the input's type, or float32 where that is bfloat16.
    package let mean: DeviceBuffer
    /// `[C]`, with denominator n unless given.
    package let variance: DeviceBuffer
    /// float64 `[2, C]`: the means, unrounded, and 1/√(σ² + ε).
    package let saved: DeviceBuffer
}

/// Operands of a normalisation that a gradient may be wanted for.
package struct NormalizationOperands: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let input = NormalizationOperands(rawValue: 1)
    package static let scale = NormalizationOperands(rawValue: 2)
    package static let offset = NormalizationOperands(rawValue: 4)
}

/// The gradients that were wanted.
package struct NormalizationGradients {
    package let input: DeviceBuffer?
    package let scale: DeviceBuffer?
    package let offset: DeviceBuffer?
}
