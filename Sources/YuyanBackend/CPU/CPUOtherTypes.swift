#if OneDNN
    // Products and convolutions of bfloat16. oneDNN computes them where the processor has instructions for it; what it
    // refuses, and everything elsewhere, is computed in float32 and rounded.

    extension CPUBackend {
        /// Whether oneDNN computes products and convolutions of this type.
        func isMultiplied(_ dtype: DType) -> Bool {
            dtype == .float32 || dtype == .bfloat16 && Device.multipliesBFloat16
        }

        /// `x` as another type in the same layout, if its elements fill a block; itself if it is of that type.
        func converted(_ x: DeviceBuffer, to dtype: DType) -> DeviceBuffer {
            if x.dtype == dtype { return x }
            let result = makeBuffer(x.shape, x.isBlock ? x.layout : .contiguous, dtype)
            copy(x, into: result)
            return result
        }

        private func widened(_ x: DeviceBuffer) -> DeviceBuffer { converted(x, to: .float32) }

        func bfloat16Product(
            _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
            activation: UnaryOperation?
        ) -> DeviceBuffer {
            if Device.multipliesBFloat16, a.elementCount > 0, b.elementCount > 0 {
                let (left, right) = (Operand(a.strided, transposeA, self), Operand(b.strided, transposeB, self))
                // An activation is computed in float32.
                let result = makeBuffer(
                    productShape(left, right), .contiguous, activation == nil ? .bfloat16 : .float32)
                let rows = rowsOfBatch(left, right, transposeA) ?? left
                if multiply(rows, right, bias.map { contiguous($0) }, into: result) {
                    guard activation != nil else { return result }
                    finish(result, bias: nil, activation)
                    return converted(result, to: .bfloat16)
                }
            }
            let y = matmul(
                widened(a), widened(b), transposeA: transposeA, transposeB: transposeB, bias: bias.map { widened($0) },
                activation: activation)
            return converted(y, to: .bfloat16)
        }

        /// All rows of a batch as those of one matrix, if there is one matrix to multiply them by.
        private func rowsOfBatch(_ left: Operand, _ right: Operand, _ isTransposed: Bool) -> Operand? {
            let x = left.buffer
            guard x.rank > 2, right.buffer.rank == 2, !isTransposed, x.isContiguous else { return nil }
            let columns = x.shape[x.rank - 1]
            return x.reshapedView([x.elementCount / columns, columns]).map { Operand($0, false, self) }
        }

        // What oneDNN does not compute: bfloat16 in float32, float64 by loops of our own, the rest by those of Reference.

        func convolutionElsewhere(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ geometry: ConvolutionGeometry, activation: UnaryOperation?
        ) -> DeviceBuffer {
            if input.dtype == .float64, min(input.elementCount, weight.elementCount, outputShape.elementCount) > 0 {
                let y = convolution64(input, weight, bias: bias, outputShape: outputShape, geometry)
                return activation.map { unary($0, y) } ?? y
            }
            guard input.dtype == .bfloat16 else {
                // An operand may lie in blocks beside an empty one.
                return reference.convolution(
                    input.strided, weight.strided, bias: bias, outputShape: outputShape, geometry,
                    activation: activation)
            }
            let y = convolution(
                widened(input), widened(weight), bias: bias.map { widened($0) }, outputShape: outputShape, geometry,
                activation: activation)
            return converted(y, to: .bfloat16)
        }

        func convolutionInputGradientElsewhere(
            _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            if gradient.dtype == .float64, min(gradient.elementCount, inputShape.elementCount) > 0 {
                return convolutionInputGradient64(gradient, weight, inputShape: inputShape, geometry)
            }
            guard gradient.dtype == .bfloat16 else {
                return reference.convolutionInputGradient(
                    gradient.strided, weight.strided, inputShape: inputShape, geometry)
            }
            let result = convolutionInputGradient(
                widened(gradient), widened(weight), inputShape: inputShape, geometry)
            return converted(result, to: .bfloat16)
        }

        func convolutionWeightGradientElsewhere(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
            includesBias: Bool
        ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
            if gradient.dtype == .float64, min(gradient.elementCount, input.elementCount) > 0 {
                let weight = convolutionWeightGradient64(gradient, input, weightShape: weightShape, geometry)
                guard includesBias else { return (weight, nil) }
                let bias = reduce(.sum, gradient, axes: AxisSet(axes: [0, 2, 3]))  // [1, O, 1, 1]
                return (weight, contiguous(bias).reshapedView([weightShape[0]]))
            }
            guard gradient.dtype == .bfloat16 else {
                return reference.convolutionWeightGradient(
                    gradient.strided, input.strided, weightShape: weightShape, geometry, includesBias: includesBias)
            }
            let result = convolutionWeightGradient(
                widened(gradient), widened(input), weightShape: weightShape, geometry, includesBias: includesBias)
            return (converted(result.weight, to: .bfloat16), result.bias.map { converted($0, to: .bfloat16) })
        }
    }
#endif
