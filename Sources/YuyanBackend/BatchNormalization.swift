/// Mean and variance `[C]` of channels.
package struct ChannelStatistics {
    package let mean: DeviceBuffer
    package let variance: DeviceBuffer

    package init(mean: DeviceBuffer, variance: DeviceBuffer) {
        self.mean = mean
        self.variance = variance
    }
}

/// What `Backend.batchNorm` gives.
package struct NormalizedBatch {
    package let output: DeviceBuffer
    /// `[C]`, of the input's type.
    package let mean: DeviceBuffer
    /// `[C]`, with denominator n unless given.
    package let variance: DeviceBuffer
    /// float64 `[2, C]`: the means, unrounded, and 1/√(σ² + ε).
    package let saved: DeviceBuffer
}

/// Operands of a batch normalisation that a gradient may be wanted for.
package struct BatchNormOperands: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let input = BatchNormOperands(rawValue: 1)
    package static let scale = BatchNormOperands(rawValue: 2)
    package static let offset = BatchNormOperands(rawValue: 4)
}

/// The gradients that were wanted.
package struct BatchNormGradients {
    package let input: DeviceBuffer?
    package let scale: DeviceBuffer?
    package let offset: DeviceBuffer?
}

extension Backend {
    package func batchNorm(
        _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?, given: ChannelStatistics?, epsilon: Double
    ) -> NormalizedBatch {
        let results = throughReference([x, scale, offset, given?.mean, given?.variance]) { reference, operands in
            let given = given.map { _ in ChannelStatistics(mean: operands[3]!, variance: operands[4]!) }
            let found = reference.batchNorm(
                operands[0]!, scale: operands[1], offset: operands[2], given: given, epsilon: epsilon)
            return [found.output, found.mean, found.variance, found.saved]
        }
        return NormalizedBatch(output: results[0]!, mean: results[1]!, variance: results[2]!, saved: results[3]!)
    }

    package func batchNormGradient(
        _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?, saved: DeviceBuffer, isOfBatch: Bool,
        wanted: BatchNormOperands
    ) -> BatchNormGradients {
        let results = throughReference([gradient, x, scale, saved]) { reference, operands in
            let found = reference.batchNormGradient(
                operands[0]!, operands[1]!, scale: operands[2], saved: operands[3]!, isOfBatch: isOfBatch,
                wanted: wanted)
            return [found.input, found.scale, found.offset]
        }
        return BatchNormGradients(input: results[0], scale: results[1], offset: results[2])
    }
}
