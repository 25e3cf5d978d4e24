import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Convolution, pooling and batch normalization, in the layouts that they choose.
    static let images: [RandomOperation] = [
        RandomOperation("conv2D", weight: 10) { draw in
            guard let drawn = drawConvolution(&draw) else { return nil }
            let (text, call) = drawn
            return Call(text, .terms { [call($0.map { $0.abs() }, nil)] }) { call($0, nil) }
        },
        RandomOperation("conv2D and activation", entries: ["conv2D"], weight: 3) { draw in
            guard let drawn = drawConvolution(&draw) else { return nil }
            let (text, call) = drawn
            // The others are computed apart where gradients are recorded.
            let activation = draw.pick([UnaryOperation.relu, .sigmoid, .tanh, .leakyReLU(slope: 0.1)])
            return Call("\(text) and \(activation)", .terms { [call($0.map { $0.abs() }, nil)] }) {
                call($0, activation)
            }
        },
        pooling("maxPool2D", .all, .exact) { $0.maxPool2D(kernelSize: $1, stride: $2, padding: $3) },
        pooling("avgPool2D", .summable, .close) { $0.avgPool2D(kernelSize: $1, stride: $2, padding: $3) },
        RandomOperation("batchNorm", weight: 4) { draw in
            // The statistics of a batch take more than one value for each channel.
            guard
                let x = draw.first(
                    DType.reals, 2...5, .finite,
                    where: { $0.enumerated().reduce(1) { $1.0 == 1 ? $0 : $0 * $1.1 } != 1 })
            else { return nil }
            let (hasScale, hasOffset) = drawScales(&draw, x)
            let epsilon = draw.pick([1e-5, 1e-3, 0.1])
            let norm: ([Tensor]) -> [Tensor] = { x in
                let results = batchNorm(
                    x[0], scale: hasScale ? x[1] : nil, offset: hasOffset ? x.last! : nil, epsilon: epsilon)
                return [results.output, results.mean, results.variance]
            }
            let terms: ([Tensor]) -> [Tensor] = { x in
                let found = norm(x)
                return [
                    normalizedMagnitudes(x, found[1], found[2], epsilon, hasScale, hasOffset),
                    channelMeans(x[0].abs()), channelMeans(x[0].squared()),
                ]
            }
            return Call(several: "batchNorm(x\(text(hasScale, hasOffset)), epsilon: \(epsilon))", .terms(terms), norm)
        },
        RandomOperation("batchNorm, given", entries: ["batchNorm"], weight: 2) { draw in
            guard let x = draw.first(DType.reals, 2...5, .summable) else { return nil }
            let (hasScale, hasOffset) = drawScales(&draw, x)
            draw.operand([x.shape[1]], x.dtype, .finite)
            draw.operand([x.shape[1]], x.dtype, .range(0...3))
            let statistics = draw.operands.count - 2
            let norm: ([Tensor]) -> [Tensor] = { x in
                [
                    batchNorm(
                        x[0], scale: hasScale ? x[1] : nil, offset: hasOffset ? x[statistics - 1] : nil,
                        mean: x[statistics], variance: x[statistics + 1])
                ]
            }
            let terms: ([Tensor]) -> [Tensor] = { x in
                [normalizedMagnitudes(x, x[statistics], x[statistics + 1], 1e-5, hasScale, hasOffset)]
            }
            return Call(several: "batchNorm(x\(text(hasScale, hasOffset)), mean: m, variance: v)", .terms(terms), norm)
        },
    ]

    /// Operands are input, weight and, seldom not, bias.
    private static func drawConvolution(_ draw: inout Draw) -> (String, ([Tensor], UnaryOperation?) -> Tensor)? {
        guard let x = drawImage(&draw, draw.chance(0.85) ? [.float32] : [.float64], .finite) else { return nil }
        let channels = x.shape[1]
        let divisors = channels == 0 ? [1] : (1...channels).filter { channels % $0 == 0 }
        let groups = draw.chance(0.7) ? 1 : draw.pick(divisors)
        let outputs = groups * draw.pick(groups == 1 ? [1, 2, 3, 5, 8, 16, 16, 32, 32] : [1, 2, 3])
        let kernel = (draw.pick([1, 1, 2, 3, 3, 5]), draw.pick([1, 1, 2, 3, 3, 5]))
        let (stride, dilation) = (drawSize(&draw, [1, 1, 1, 2, 3]), drawSize(&draw, [1, 1, 1, 2]))
        let padding = drawSize(&draw, [0, 0, 1, 2, 3])
        guard x.shape[2] + 2 * padding.height >= dilation.height * (kernel.0 - 1) + 1,
            x.shape[3] + 2 * padding.width >= dilation.width * (kernel.1 - 1) + 1,
            (x.count / Swift.max(channels, 1) * (channels / groups) * outputs) * kernel.0 * kernel.1 < 1_500_000
        else { return nil }
        draw.operand([outputs, channels / groups, kernel.0, kernel.1], x.dtype, .finite)
        let hasBias = draw.chance(0.7)
        if hasBias { draw.operand([outputs], x.dtype, .finite) }
        let text =
            "conv2D(x, weight: w\(hasBias ? ", bias: b" : ""), stride: \(stride), padding: \(padding), "
            + "dilation: \(dilation), groups: \(groups))"
        let geometry = ConvolutionGeometry(
            stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, groups: Int32(groups))
        return (
            text,
            { x, activation in
                let bias = hasBias ? x[2] : nil
                if let activation { return conv2D(x[0], weight: x[1], bias: bias, geometry, activation: activation) }
                return conv2D(
                    x[0], weight: x[1], bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups
                )
            }
        )
    }

    private static func drawSize(_ draw: inout Draw, _ sizes: [Int]) -> Size2D {
        let height = draw.pick(sizes)
        return Size2D(height: height, width: draw.chance(0.7) ? height : draw.pick(sizes))
    }

    /// The result before if that is an image, else one with few or with many channels.
    private static func drawImage(_ draw: inout Draw, _ types: [DType], _ values: Values) -> Form? {
        if let given = draw.given, given.tested.rank == 4 {
            return draw.first(types, 4...4, values, where: { $0.reduce(1, *) < 50_000 })
        }
        let channels = draw.pick([0, 1, 1, 2, 3, 4, 6, 8, 16, 16, 16, 24, 32, 32])
        let (height, width) = (draw.int(1...11), draw.int(1...11))
        let batch = draw.pick([0, 1, 1, 2, 3])
        return draw.operand([batch, channels, height, width], draw.dtype(types), values)
    }

    private static func pooling(
        _ name: String, _ values: Values, _ agreement: Call.Agreement,
        _ function: @escaping @Sendable (Tensor, Size2D, Size2D, Size2D) -> Tensor
    ) -> RandomOperation {
        let isExact = if case .exact = agreement { true } else { false }
        return RandomOperation(name, weight: 5) { draw in
            guard let x = drawImage(&draw, DType.reals, values) else { return nil }
            let (kernel, stride) = (drawSize(&draw, [1, 2, 2, 3, 4]), drawSize(&draw, [1, 2, 2, 3]))
            let padding = Size2D(height: draw.int(0...kernel.height / 2), width: draw.int(0...kernel.width / 2))
            guard x.shape[2] + 2 * padding.height >= kernel.height, x.shape[3] + 2 * padding.width >= kernel.width
            else { return nil }
            return Call(
                "\(name)(kernelSize: \(kernel), stride: \(stride), padding: \(padding))", isExact ? .exact : .close
            ) { function($0[0], kernel, stride, padding) }
        }
    }

    // MARK: Batch normalization

    private static func drawScales(_ draw: inout Draw, _ x: Form) -> (Bool, Bool) {
        let (hasScale, hasOffset) = (draw.chance(0.7), draw.chance(0.7))
        if hasScale { draw.operand([x.shape[1]], x.dtype, .finite) }
        if hasOffset { draw.operand([x.shape[1]], x.dtype, .finite) }
        return (hasScale, hasOffset)
    }

    private static func text(_ hasScale: Bool, _ hasOffset: Bool) -> String {
        (hasScale ? ", scale: s" : "") + (hasOffset ? ", offset: o" : "")
    }

    private static func channelMeans(_ x: Tensor) -> Tensor { x.mean(axes: [0] + Array(2..<x.rank)) }

    /// (|x| + |μ|) / √(σ² + ε) · |scale| + |offset|: what is subtracted and scaled up.
    private static func normalizedMagnitudes(
        _ x: [Tensor], _ mean: Tensor, _ variance: Tensor, _ epsilon: Double, _ hasScale: Bool, _ hasOffset: Bool
    ) -> Tensor {
        func perChannel(_ values: Tensor) -> Tensor {
            values.reshaped([1, x[0].shape[1]] + Array(repeating: 1, count: x[0].rank - 2))
        }
        var result = (x[0].abs() + perChannel(mean.abs())) / perChannel((variance + epsilon).squareRoot())
        if hasScale { result = result * perChannel(x[1].abs()) }
        if hasOffset { result = result + perChannel(x[hasScale ? 2 : 1].abs()) }
        return result
    }
}
