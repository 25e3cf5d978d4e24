import Glibc

extension ReferenceBackend {
    package func normalize(
        _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
        given: ChannelStatistics?, epsilon: Double
    ) -> Normalized {
        switch x.dtype {
        case .float32: batchNorm(x, scale, offset, given, epsilon, as: Float.self)
        case .float64: batchNorm(x, scale, offset, given, epsilon, as: Double.self)
        case .bfloat16:
            widened.normalize(kind, x, scale: scale, offset: offset, given: given, epsilon: epsilon)
        default: unsupported("batch normalisation", x.dtype)
        }
    }

    private func batchNorm<T: ReferenceReal>(
        _ x: DeviceBuffer, _ scale: DeviceBuffer?, _ offset: DeviceBuffer?, _ given: ChannelStatistics?,
        _ epsilon: Double,
        as type: T.Type
    ) -> Normalized {
        let channels = Channels(x.shape)
        let x = contiguous(x)
        let (scale, offset) = (scale.map(contiguous), offset.map(contiguous))
        let given = given.map { (mean: contiguous($0.mean), variance: contiguous($0.variance)) }
        let output = makeBuffer(x.shape, x.dtype)
        let (means, variances) = (makeBuffer([channels.count], x.dtype), makeBuffer([channels.count], x.dtype))
        let saved = makeBuffer([2, channels.count], .float64)
        let (values, y, kept) = (x.elements(as: T.self), output.elements(as: T.self), saved.elements(as: Double.self))
        for channel in 0..<channels.count {
            var (mean, variance) = (0.0, 0.0)
            if let given {
                mean = given.mean.elements(as: T.self)[channel].wide
                variance = given.variance.elements(as: T.self)[channel].wide
            } else {
                // Two passes: a mean far from 0 would drown the variance.
                channels.forEachElement(of: channel) { mean += values[$0].wide }
                mean /= channels.elementCount
                channels.forEachElement(of: channel) {
                    let deviation = values[$0].wide - mean
                    variance += deviation * deviation
                }
                variance /= channels.elementCount
            }
            let inverse = 1 / sqrt(variance + epsilon)
            let factor = scale?.elements(as: T.self)[channel].wide ?? 1
            let shift = offset?.elements(as: T.self)[channel].wide ?? 0
            channels.forEachElement(of: channel) {
                y[$0] = T(converting: (values[$0].wide - mean) * inverse * factor + shift)
            }
            means.elements(as: T.self)[channel] = T(converting: mean)
            variances.elements(as: T.self)[channel] = T(converting: variance)
            kept[channel] = mean
            kept[channels.count + channel] = inverse
        }
        return Normalized(output: output, mean: means, variance: variances, saved: saved)
    }

    package func normalizeGradient(
        _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
        saved: DeviceBuffer, isOfBatch: Bool,
        wanted: NormalizationOperands
    ) -> NormalizationGradients {
        switch x.dtype {
        case .float32: batchNormGradient(gradient, x, scale, saved, isOfBatch, wanted, as: Float.self)
        case .float64: batchNormGradient(gradient, x, scale, saved, isOfBatch, wanted, as: Double.self)
        case .bfloat16:
            widened.normalizeGradient(
                kind, gradient, x, scale: scale, saved: saved, isOfBatch: isOfBatch, wanted: wanted)
        default: unsupported("batch normalisation's gradient", x.dtype)
        }
    }

    private func batchNormGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ x: DeviceBuffer, _ scale: DeviceBuffer?, _ saved: DeviceBuffer, _ isOfBatch: Bool,
        _ wanted: NormalizationOperands, as type: T.Type
    ) -> NormalizationGradients {
        let channels = Channels(x.shape)
        let (gradient, x, scale) = (contiguous(gradient), contiguous(x), scale.map(contiguous))
        let result = NormalizationGradients(
            input: wanted.contains(.input) ? makeBuffer(x.shape, x.dtype) : nil,
            scale: wanted.contains(.scale) ? makeBuffer([channels.count], x.dtype) : nil,
            offset: wanted.contains(.offset) ? makeBuffer([channels.count], x.dtype) : nil)
        let (g, values, kept) = (
            gradient.elements(as: T.self), x.elements(as: T.self), saved.elements(as: Double.self)
        )
        for channel in 0..<channels.count {
            let (mean, inverse) = (kept[channel], kept[channels.count + channel])
            // Σ g and Σ g · x̂, with x̂ = (x − μ) / √(σ² + ε).
            var (sum, product) = (0.0, 0.0)
            channels.forEachElement(of: channel) {
                sum += g[$0].wide
                product += g[$0].wide * (values[$0].wide - mean) * inverse
            }
            result.scale?.elements(as: T.self)[channel] = T(converting: product)
            result.offset?.elements(as: T.self)[channel] = T(converting: sum)
            guard let dx = result.input?.elements(as: T.self) else { continue }
            let factor = (scale?.elements(as: T.self)[channel].wide ?? 1) * inverse
            channels.forEachElement(of: channel) {
                var slope = g[$0].wide
                if isOfBatch {
                    let normalized = (values[$0].wide - mean) * inverse
                    slope -= (sum + normalized * product) / channels.elementCount
                }
                dx[$0] = T(converting: slope * factor)
            }
        }
        return result
    }
}

/// A contiguous `[N, C, …]` as channels.
private struct Channels {
    let samples, count, places: Int

    init(_ shape: Shape) {
        (samples, count) = (shape[0], shape[1])
        var places = 1
        for axis in 2..<max(shape.rank, 2) { places *= shape[axis] }
        self.places = places
    }

    /// The elements of one channel.
    var elementCount: Double { Double(samples * places) }

    /// Calls `body` with the position of every element of a channel.
    @inline(__always)
    func forEachElement(of channel: Int, _ body: (Int) -> Void) {
        for sample in 0..<samples {
            let first = (sample * count + channel) * places
            for position in first..<first + places { body(position) }
        }
    }
}
