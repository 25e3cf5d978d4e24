import YuyanBackend
import YuyanCore

extension RandomOperation {
    /// Relatives of convolution, pooling and normalization.
    static let imageForms: [RandomOperation] = [
        RandomOperation("conv1D", weight: 2) { draw in
            guard let x = draw.first(DType.reals, 3...3, .finite, where: { $0[1] > 0 && $0[2] > 0 }) else { return nil }
            let groups = draw.pick((1...x.shape[1]).filter { x.shape[1] % $0 == 0 })
            let kernel = draw.int(1...Swift.min(x.shape[2], 5))
            draw.operand([groups * draw.int(1...3), x.shape[1] / groups, kernel], x.dtype, .finite)
            let (stride, padding) = (draw.int(1...3), draw.int(0...2))
            if draw.chance(0.3) {
                return .sumOfProducts("conv1D(x, weight: w, stride: \(stride), padding: .same, groups: \(groups))") {
                    conv1D($0[0], weight: $0[1], stride: stride, padding: .same, groups: groups)
                }
            }
            return .sumOfProducts("conv1D(x, weight: w, stride: \(stride), padding: \(padding), groups: \(groups))") {
                conv1D($0[0], weight: $0[1], stride: stride, padding: padding, groups: groups)
            }
        },
        RandomOperation("conv2D, same", entries: ["conv2D"], weight: 2) { draw in
            guard let (x, groups) = drawSmallImage(&draw) else { return nil }
            let (stride, dilation) = (drawPair(&draw, 1...3), drawPair(&draw, 1...2))
            draw.operand(
                [groups * draw.int(1...3), x.shape[1] / groups, draw.int(1...4), draw.int(1...4)], x.dtype, .finite)
            return .sumOfProducts(
                "conv2D(x, weight: w, stride: \(stride), padding: .same, dilation: \(dilation), groups: \(groups))"
            ) {
                conv2D($0[0], weight: $0[1], stride: stride, padding: .same, dilation: dilation, groups: groups)
            }
        },
        RandomOperation("convTranspose2D", weight: 3) { draw in
            guard let (x, groups) = drawSmallImage(&draw) else { return nil }
            let (kernel, stride) = (drawPair(&draw, 2...4), drawPair(&draw, 1...3))
            let dilation = drawPair(&draw, 1...2)
            let padding = drawPair(&draw, 0...0)
            let more = Size2D(height: draw.int(0...stride.height - 1), width: draw.int(0...stride.width - 1))
            draw.operand([x.shape[1], draw.int(1...3), kernel.height, kernel.width], x.dtype, .finite)
            return .sumOfProducts(
                "convTranspose2D(x, weight: w, stride: \(stride), padding: \(padding), outputPadding: \(more), "
                    + "dilation: \(dilation), groups: \(groups))"
            ) {
                convTranspose2D(
                    $0[0], weight: $0[1], stride: stride, padding: padding, outputPadding: more, dilation: dilation,
                    groups: groups)
            }
        },
        RandomOperation("maxPool2D, forms", entries: ["maxPool2D"], weight: 2) { draw in
            guard drawPlaces(&draw, .all) != nil else { return nil }
            let (kernel, stride) = (drawPair(&draw, 2...3), drawPair(&draw, 1...3))
            return Call("maxPool2D(kernelSize: \(kernel), stride: \(stride), padding: 1, roundsUp: true)", .exact) {
                $0[0].maxPool2D(kernelSize: kernel, stride: stride, padding: 1, roundsUp: true)
            }
        },
        RandomOperation("avgPool2D, forms", entries: ["avgPool2D"], weight: 2) { draw in
            guard drawPlaces(&draw, .summable) != nil else { return nil }
            let (kernel, stride) = (drawPair(&draw, 2...3), drawPair(&draw, 1...3))
            let counts = draw.chance(0.5)
            return Call(
                "avgPool2D(kernelSize: \(kernel), stride: \(stride), padding: 1, roundsUp: true, countsPadding: \(counts))",
                .close
            ) {
                $0[0].avgPool2D(kernelSize: kernel, stride: stride, padding: 1, roundsUp: true, countsPadding: counts)
            }
        },
        RandomOperation("adaptiveMaxPool2D", weight: 2) { draw in
            guard drawPlaces(&draw, .all) != nil else { return nil }
            let size = drawPair(&draw, 1...6)
            return Call("adaptiveMaxPool2D(outputSize: \(size))", .exact) { $0[0].adaptiveMaxPool2D(outputSize: size) }
        },
        RandomOperation("adaptiveAvgPool2D", weight: 2) { draw in
            guard drawPlaces(&draw, .summable) != nil else { return nil }
            let size = drawPair(&draw, 1...6)
            return Call("adaptiveAvgPool2D(outputSize: \(size))", .close) { $0[0].adaptiveAvgPool2D(outputSize: size) }
        },
        RandomOperation("resized", weight: 2) { draw in
            guard drawPlaces(&draw, .finite) != nil else { return nil }
            let size = drawPair(&draw, 1...9)
            let interpolation = draw.pick(
                [Interpolation.nearest, .bilinear(), .bilinear(alignsCorners: true)])
            return .sumOfProducts("resized(to: \(size), by: .\(interpolation))") {
                $0[0].resized(to: size, by: interpolation)
            }
        },
        RandomOperation("layerNorm", weight: 2) { draw in
            guard let x = draw.first(DType.reals, 1...5, .finite, where: { !$0.contains(0) }) else { return nil }
            let shape = Array(x.shape.suffix(draw.int(1...x.rank)))
            draw.operand(shape, x.dtype, .finite)
            return Call(
                "layerNorm(x, normalizedShape: \(shape), scale: s)",
                .terms {
                    let axes = Array($0[0].rank - shape.count..<$0[0].rank)
                    return [normalizedMagnitudes($0[0], axes) * $0[1].abs()]
                }
            ) { layerNorm($0[0], normalizedShape: Shape(shape), scale: $0[1]) }
        },
        RandomOperation("groupNorm", weight: 2) { draw in
            guard let x = draw.first(DType.reals, 2...4, .finite, where: { !$0.contains(0) }) else { return nil }
            let groups = draw.pick((1...x.shape[1]).filter { x.shape[1] % $0 == 0 })
            draw.operand([x.shape[1]], x.dtype, .finite)
            return Call(
                "groupNorm(x, groups: \(groups), offset: o)",
                .terms {
                    let rows = $0[0].reshaped([x.shape[0] * groups, -1])
                    let offset = $0[1].abs().reshaped([-1] + Array(repeating: 1, count: x.rank - 2))
                    return [normalizedMagnitudes(rows, [1]).reshaped(x.shape) + offset]
                }
            ) { groupNorm($0[0], groups: groups, offset: $0[1]) }
        },
    ]

    private static func drawPair(_ draw: inout Draw, _ range: ClosedRange<Int>) -> Size2D {
        Size2D(height: draw.int(range), width: draw.int(range))
    }

    /// An image with channels, rows and columns.
    private static func drawPlaces(_ draw: inout Draw, _ values: Values) -> Form? {
        draw.first(DType.reals, 4...4, values, where: { $0[1] * $0[2] * $0[3] > 0 && $0.reduce(1, *) < 20_000 })
    }

    /// Such an image with a number of groups that divides its channels.
    private static func drawSmallImage(_ draw: inout Draw) -> (Form, Int)? {
        guard
            let x = draw.first(
                DType.reals, 4...4, .finite, where: { $0[1] * $0[2] * $0[3] > 0 && $0.reduce(1, *) < 3000 })
        else { return nil }
        return (x, draw.pick((1...x.shape[1]).filter { x.shape[1] % $0 == 0 }))
    }

    /// (|x| + |μ|) / √(σ² + ε): what is subtracted and scaled up.
    private static func normalizedMagnitudes(_ x: Tensor, _ axes: [Int]) -> Tensor {
        let mean = x.mean(axes: axes, keepDimensions: true)
        let variance = (x - mean).squared().mean(axes: axes, keepDimensions: true)
        return (x.abs() + mean.abs()) / (variance + 1e-5).squareRoot()
    }
}
