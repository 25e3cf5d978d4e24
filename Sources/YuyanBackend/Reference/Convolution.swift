extension ReferenceBackend {
    package func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry,
        activation: UnaryOperation?
    ) -> DeviceBuffer {
        if input.dtype == .bfloat16 {
            return widened.convolution(
                input, weight, bias: bias, outputShape: outputShape, geometry, activation: activation)
        }
        let y = convolution(input, weight, bias, outputShape, geometry)
        return activation.map { unary($0, y) } ?? y
    }

    private func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, _ bias: DeviceBuffer?, _ outputShape: Shape,
        _ geometry: ConvolutionGeometry
    ) -> DeviceBuffer {
        let sizes = ConvolutionSizes(input: input.shape, weight: weight.shape, output: outputShape, geometry)
        let input = contiguous(input)
        let weight = contiguous(weight)
        let bias = bias.map { contiguous($0) }
        return switch input.dtype {
        case .float32: convolution(input, weight, bias, sizes, as: Float.self)
        case .float64: convolution(input, weight, bias, sizes, as: Double.self)
        default: unsupported("convolution", input.dtype)
        }
    }

    /// y[n,o,i,j] = b[o] + Σ_{c,u,v} w[o,c,u,v] · x[n, c, i·s + u·d − p, j·s + v·d − p]
    private func convolution<T: ReferenceReal>(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, _ bias: DeviceBuffer?, _ sizes: ConvolutionSizes, as type: T.Type
    ) -> DeviceBuffer {
        let result = makeBuffer(sizes.outputShape, input.dtype)
        let x = input.elements(as: T.self)
        let w = weight.elements(as: T.self)
        let b = bias?.elements(as: T.self)
        var y = result.elements(as: T.self)
        for n in 0..<sizes.samples {
            for o in 0..<sizes.outputChannels {
                for i in 0..<sizes.outputHeight {
                    for j in 0..<sizes.outputWidth {
                        var sum = b?[o].wide ?? 0
                        sizes.forEachTerm(n, o, i, j) { inputOffset, weightOffset in
                            sum += w[weightOffset].wide * x[inputOffset].wide
                        }
                        y.pointee = T(converting: sum)
                        y += 1
                    }
                }
            }
        }
        return result
    }

    package func convolutionInputGradient(
        _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
    ) -> DeviceBuffer {
        let sizes = ConvolutionSizes(input: inputShape, weight: weight.shape, output: gradient.shape, geometry)
        let gradient = contiguous(gradient)
        let weight = contiguous(weight)
        return switch gradient.dtype {
        case .float32: convolutionInputGradient(gradient, weight, inputShape, sizes, as: Float.self)
        case .float64: convolutionInputGradient(gradient, weight, inputShape, sizes, as: Double.self)
        case .bfloat16: widened.convolutionInputGradient(gradient, weight, inputShape: inputShape, geometry)
        default: unsupported("convolution's input gradient", gradient.dtype)
        }
    }

    /// Every product w · x in the sum for y gives g · w to x.
    private func convolutionInputGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ weight: DeviceBuffer, _ inputShape: Shape, _ sizes: ConvolutionSizes,
        as type: T.Type
    ) -> DeviceBuffer {
        var g = gradient.elements(as: T.self)
        let w = weight.elements(as: T.self)
        return summing(into: inputShape, gradient.dtype, as: type) { sums in
            for n in 0..<sizes.samples {
                for o in 0..<sizes.outputChannels {
                    for i in 0..<sizes.outputHeight {
                        for j in 0..<sizes.outputWidth {
                            let slope = g.pointee.wide
                            sizes.forEachTerm(n, o, i, j) { inputOffset, weightOffset in
                                sums[inputOffset] += slope * w[weightOffset].wide
                            }
                            g += 1
                        }
                    }
                }
            }
        }
    }

    package func convolutionWeightGradient(
        _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
        includesBias: Bool
    ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
        if gradient.dtype == .bfloat16 {
            return widened.convolutionWeightGradient(
                gradient, input, weightShape: weightShape, geometry, includesBias: includesBias)
        }
        let sizes = ConvolutionSizes(input: input.shape, weight: weightShape, output: gradient.shape, geometry)
        let gradient = contiguous(gradient)
        let input = contiguous(input)
        let weight =
            switch gradient.dtype {
            case .float32: convolutionWeightGradient(gradient, input, weightShape, sizes, as: Float.self)
            case .float64: convolutionWeightGradient(gradient, input, weightShape, sizes, as: Double.self)
            default: unsupported("convolution's weight gradient", gradient.dtype)
            }
        guard includesBias else { return (weight, nil) }
        let bias = reduce(.sum, gradient, axes: AxisSet(axes: [0, 2, 3]))  // [1, O, 1, 1]
        return (weight, bias.reshapedView([sizes.outputChannels]))
    }

    /// Every product w · x in the sum for y gives g · x to w.
    private func convolutionWeightGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ input: DeviceBuffer, _ weightShape: Shape, _ sizes: ConvolutionSizes,
        as type: T.Type
    ) -> DeviceBuffer {
        var g = gradient.elements(as: T.self)
        let x = input.elements(as: T.self)
        return summing(into: weightShape, gradient.dtype, as: type) { sums in
            for n in 0..<sizes.samples {
                for o in 0..<sizes.outputChannels {
                    for i in 0..<sizes.outputHeight {
                        for j in 0..<sizes.outputWidth {
                            let slope = g.pointee.wide
                            sizes.forEachTerm(n, o, i, j) { inputOffset, weightOffset in
                                sums[weightOffset] += slope * x[inputOffset].wide
                            }
                            g += 1
                        }
                    }
                }
            }
        }
    }

    /// A buffer whose elements `body` adds up in a wider type, from zeros.
    @inline(__always)
    func summing<T: ReferenceNumber>(
        into shape: Shape, _ dtype: DType, as type: T.Type, _ body: (UnsafeMutablePointer<T.Wide>) -> Void
    ) -> DeviceBuffer {
        let result = makeBuffer(shape, dtype)
        let output = result.elements(as: T.self)
        let sums = UnsafeMutablePointer<T.Wide>.allocate(capacity: result.elementCount)
        defer { sums.deallocate() }
        sums.initialize(repeating: .zero, count: result.elementCount)
        body(sums)
        for i in 0..<result.elementCount { output[i] = sums[i].narrowed(to: type) }
        return result
    }
}

/// The numbers that the loops of a convolution need.
private struct ConvolutionSizes {
    let samples, inputChannels, inputHeight, inputWidth: Int
    let outputChannels, outputHeight, outputWidth: Int
    let channelsPerGroup, outputsPerGroup, kernelHeight, kernelWidth: Int
    let strideY, strideX, paddingY, paddingX, dilationY, dilationX: Int

    init(input: Shape, weight: Shape, output: Shape, _ geometry: ConvolutionGeometry) {
        (samples, inputChannels, inputHeight, inputWidth) = (input[0], input[1], input[2], input[3])
        (outputChannels, channelsPerGroup, kernelHeight, kernelWidth) = (weight[0], weight[1], weight[2], weight[3])
        let groups = Int(geometry.groups)
        guard channelsPerGroup * groups == inputChannels, outputChannels % groups == 0 else {
            fatalError("reference backend: convolution of \(input) with \(weight) in \(groups) groups")
        }
        outputsPerGroup = outputChannels / groups
        (strideY, strideX) = (Int(geometry.stride.x), Int(geometry.stride.y))
        (paddingY, paddingX) = (Int(geometry.padding.x), Int(geometry.padding.y))
        (dilationY, dilationX) = (Int(geometry.dilation.x), Int(geometry.dilation.y))
        (outputHeight, outputWidth) = (output[2], output[3])
    }

    var outputShape: Shape { [samples, outputChannels, outputHeight, outputWidth] }

    /// Calls `body` with the offsets of x and w for every product in the sum for y[n, o, i, j].
    @inline(__always)
    func forEachTerm(_ n: Int, _ o: Int, _ i: Int, _ j: Int, _ body: (_ input: Int, _ weight: Int) -> Void) {
        let firstChannel = o / outputsPerGroup * channelsPerGroup
        for c in 0..<channelsPerGroup {
            for u in 0..<kernelHeight {
                let row = i * strideY + u * dilationY - paddingY
                guard row >= 0, row < inputHeight else { continue }
                let inputRow = ((n * inputChannels + firstChannel + c) * inputHeight + row) * inputWidth
                let weightRow = ((o * channelsPerGroup + c) * kernelHeight + u) * kernelWidth
                for v in 0..<kernelWidth {
                    let column = j * strideX + v * dilationX - paddingX
                    guard column >= 0, column < inputWidth else { continue }
                    body(inputRow + column, weightRow + v)
                }
            }
        }
    }
}
