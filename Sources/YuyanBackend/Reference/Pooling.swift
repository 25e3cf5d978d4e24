extension ReferenceBackend {
    package func pool(_ kind: PoolKind, _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> Pooled
    {
        switch kind {
        case _ where input.dtype == .bfloat16: widened.pool(kind, input, outputShape: outputShape, window)
        case .maximum: maxPool(input, outputShape: outputShape, window)
        case .average:
            Pooled(output: averagePool(input, outputShape: outputShape, window), workspace: nil)
        }
    }

    package func poolGradient(
        _ kind: PoolKind, _ gradient: DeviceBuffer, workspace: DeviceBuffer?, inputShape: Shape,
        _ window: PoolingGeometry
    ) -> DeviceBuffer {
        switch kind {
        case _ where gradient.dtype == .bfloat16:
            widened.poolGradient(kind, gradient, workspace: workspace, inputShape: inputShape, window)
        case .maximum: maxPoolGradient(gradient, workspace: workspace!, inputShape: inputShape, window)
        case .average: averagePoolGradient(gradient, inputShape: inputShape, window)
        }
    }
}

extension ReferenceBackend {
    /// The workspace holds, for each output, the int64 position h · W + w of the largest element in its plane.
    private func maxPool(
        _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry
    ) -> Pooled {
        let sizes = PoolingSizes(input: input.shape, output: outputShape, window)
        let input = contiguous(input)
        return switch input.dtype {
        case .float32: maxPool(input, sizes, as: Float.self)
        case .float64: maxPool(input, sizes, as: Double.self)
        default: unsupported("max pooling", input.dtype)
        }
    }

    private func maxPool<T: ReferenceReal>(
        _ input: DeviceBuffer, _ sizes: PoolingSizes, as type: T.Type
    ) -> Pooled {
        let output = makeBuffer(sizes.outputShape, input.dtype)
        let workspace = makeBuffer(sizes.outputShape, .int64)
        let y = output.elements(as: T.self)
        let positions = workspace.elements(as: Int64.self)
        let x = input.elements(as: T.self)
        sizes.forEachWindow { plane, target in
            let values = x + plane * sizes.inputCount
            var best = -T.infinity
            var bestPosition = -1  // a window of padding alone
            sizes.forEachPosition(target) { position in
                let value = values[position]
                if value > best || value.isNaN || bestPosition < 0 {
                    best = value
                    bestPosition = position
                }
            }
            y[plane * sizes.outputCount + target] = best
            positions[plane * sizes.outputCount + target] = Int64(bestPosition)
        }
        return Pooled(output: output, workspace: workspace)
    }

    private func maxPoolGradient(
        _ gradient: DeviceBuffer, workspace: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry
    ) -> DeviceBuffer {
        let sizes = PoolingSizes(input: inputShape, output: gradient.shape, window)
        let gradient = contiguous(gradient)
        let workspace = contiguous(workspace)
        return switch gradient.dtype {
        case .float32: maxPoolGradient(gradient, workspace, inputShape, sizes, as: Float.self)
        case .float64: maxPoolGradient(gradient, workspace, inputShape, sizes, as: Double.self)
        default: unsupported("max pooling's gradient", gradient.dtype)
        }
    }

    private func maxPoolGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ workspace: DeviceBuffer, _ inputShape: Shape, _ sizes: PoolingSizes, as type: T.Type
    ) -> DeviceBuffer {
        let g = gradient.elements(as: T.self)
        let positions = workspace.elements(as: Int64.self)
        return summing(into: inputShape, gradient.dtype, as: type) { sums in
            sizes.forEachWindow { plane, target in
                let output = plane * sizes.outputCount + target
                let position = Int(positions[output])
                if position >= 0 { sums[plane * sizes.inputCount + position] += g[output].wide }
            }
        }
    }

    private func averagePool(_ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> DeviceBuffer {
        let sizes = PoolingSizes(input: input.shape, output: outputShape, window)
        let input = contiguous(input)
        return switch input.dtype {
        case .float32: averagePool(input, sizes, as: Float.self)
        case .float64: averagePool(input, sizes, as: Double.self)
        default: unsupported("average pooling", input.dtype)
        }
    }

    private func averagePool<T: ReferenceReal>(_ input: DeviceBuffer, _ sizes: PoolingSizes, as type: T.Type)
        -> DeviceBuffer
    {
        let result = makeBuffer(sizes.outputShape, input.dtype)
        let y = result.elements(as: T.self)
        let x = input.elements(as: T.self)
        sizes.forEachWindow { plane, target in
            var sum = 0.0
            sizes.forEachPosition(target) { sum += x[plane * sizes.inputCount + $0].wide }
            y[plane * sizes.outputCount + target] = T(converting: sum / sizes.windowCount)
        }
        return result
    }

    private func averagePoolGradient(_ gradient: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry)
        -> DeviceBuffer
    {
        let sizes = PoolingSizes(input: inputShape, output: gradient.shape, window)
        let gradient = contiguous(gradient)
        return switch gradient.dtype {
        case .float32: averagePoolGradient(gradient, inputShape, sizes, as: Float.self)
        case .float64: averagePoolGradient(gradient, inputShape, sizes, as: Double.self)
        default: unsupported("average pooling's gradient", gradient.dtype)
        }
    }

    private func averagePoolGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ inputShape: Shape, _ sizes: PoolingSizes, as type: T.Type
    ) -> DeviceBuffer {
        let g = gradient.elements(as: T.self)
        return summing(into: inputShape, gradient.dtype, as: type) { sums in
            sizes.forEachWindow { plane, target in
                let share = g[plane * sizes.outputCount + target].wide / sizes.windowCount
                sizes.forEachPosition(target) { sums[plane * sizes.inputCount + $0] += share }
            }
        }
    }
}

/// The numbers that the loops of a pooling need. A plane is one channel of one sample.
private struct PoolingSizes {
    let outputShape: Shape
    let planes, inputHeight, inputWidth, outputHeight, outputWidth: Int
    let height, width, strideY, strideX, paddingY, paddingX, dilationY, dilationX: Int
    let isAdaptive: Bool

    init(input: Shape, output: Shape, _ window: PoolingGeometry) {
        (inputHeight, inputWidth) = (input[2], input[3])
        (height, width) = (Int(window.size.x), Int(window.size.y))
        (strideY, strideX) = (Int(window.stride.x), Int(window.stride.y))
        (paddingY, paddingX) = (Int(window.padding.x), Int(window.padding.y))
        (dilationY, dilationX) = (Int(window.dilation.x), Int(window.dilation.y))
        isAdaptive = window.windowCount != nil
        (outputHeight, outputWidth) = (output[2], output[3])
        outputShape = output
        planes = input[0] * input[1]
    }

    var inputCount: Int { inputHeight * inputWidth }
    var outputCount: Int { outputHeight * outputWidth }
    /// The elements of a window, padding included.
    var windowCount: Double { Double(height * width) }

    /// Calls `body` for every window, with its plane and the position i · W' + j of its output there.
    @inline(__always)
    func forEachWindow(_ body: (_ plane: Int, _ target: Int) -> Void) {
        for plane in 0..<planes {
            for target in 0..<outputCount { body(plane, target) }
        }
    }

    /// Calls `body` with the position h · W + w of every element in a window, row by row, without the padding.
    @inline(__always)
    func forEachPosition(_ target: Int, _ body: (Int) -> Void) {
        let (i, j) = (target / outputWidth, target % outputWidth)
        if isAdaptive {
            for row in i * inputHeight / outputHeight..<((i + 1) * inputHeight + outputHeight - 1) / outputHeight {
                for column in j * inputWidth / outputWidth..<((j + 1) * inputWidth + outputWidth - 1) / outputWidth {
                    body(row * inputWidth + column)
                }
            }
            return
        }
        for u in 0..<height {
            let row = i * strideY + u * dilationY - paddingY
            guard row >= 0, row < inputHeight else { continue }
            for v in 0..<width {
                let column = j * strideX + v * dilationX - paddingX
                if column >= 0, column < inputWidth { body(row * inputWidth + column) }
            }
        }
    }
}
