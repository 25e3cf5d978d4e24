#if OneDNN
    import YuyanKernels

    // Products and convolutions of float64, of which oneDNN has none: loops of our own.

    extension DeviceBuffer {
        @inline(__always) fileprivate var doubles: UnsafeMutablePointer<Double> { elements() }
    }

    extension CPUBackend {
        /// The matrix product of buffers that are not empty.
        func product64(
            _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?
        ) -> DeviceBuffer {
            let (left, right, bias) = (Operand64(a, transposeA), Operand64(b, transposeB), bias.map { contiguous($0) })
            let rank = max(a.rank, b.rank)
            guard left.columns == right.rows, let batch = left.batch.broadcast(with: right.batch) else {
                fatalError("cpu backend: matrix product of \(a.shape) and \(b.shape)")
            }
            var shape = Shape(lanes: batch.lanes, rank: rank)
            shape[rank - 2] = left.rows
            shape[rank - 1] = right.columns
            let result = DeviceBuffer(shape, .float64, on: .cpu)
            var product = yuyan_product64()
            product.threads = Int(yuyan_prepare_threads())
            (product.m, product.n, product.k) = (left.rows, right.columns, left.columns)
            (product.a_row, product.a_column) = (left.rowStride, left.columnStride)
            (product.b_row, product.b_column) = (right.rowStride, right.columnStride)
            (product.c_row, product.c_column, product.bias_column) = (right.columns, 1, 1)
            if right.isOneMatrix && left.isOneMatrixOfRows {
                // All rows of the batch at once.
                product.m = a.elementCount / left.columns
                product.batch_size = (1, 1, 1, 1, 1, 1)
            } else {
                product.batch_size = firstSix(batch.wideLanes)
                product.a_batch = firstSix(left.batchStrides)
                product.b_batch = firstSix(right.batchStrides)
                product.c_batch = left.rows * right.columns
            }
            let scratch = makeScratch(yuyan_product64_scratch(&product))
            withExtendedLifetime((left.buffer, right.buffer, bias, scratch)) {
                yuyan_multiply64(
                    &product, left.buffer.doubles, right.buffer.doubles, bias?.doubles, result.doubles, scratch.doubles)
            }
            return result
        }

        func convolution64(
            _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
            _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            let (x, w, b) = (contiguous(input), contiguous(weight), bias.map { contiguous($0) })
            let result = DeviceBuffer(outputShape, .float64, on: .cpu)
            let operands = yuyan_convolution64_operands(
                input: x.doubles, weight: w.doubles, bias: b?.doubles, gradient: nil, output: result.doubles,
                input_gradient: nil, weight_gradient: nil)
            withExtendedLifetime((x, w, b)) {
                run(
                    YUYAN_OUTPUT64, operands,
                    yuyan_convolution64(x.shape, weight.shape, outputShape, geometry))
            }
            return result
        }

        func convolutionInputGradient64(
            _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            let (g, w) = (contiguous(gradient), contiguous(weight))
            let result = DeviceBuffer(inputShape, .float64, on: .cpu)
            let operands = yuyan_convolution64_operands(
                input: nil, weight: w.doubles, bias: nil, gradient: g.doubles, output: nil,
                input_gradient: result.doubles, weight_gradient: nil)
            withExtendedLifetime((g, w)) {
                run(
                    YUYAN_INPUT_GRADIENT64, operands,
                    yuyan_convolution64(inputShape, weight.shape, gradient.shape, geometry))
            }
            return result
        }

        func convolutionWeightGradient64(
            _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry
        ) -> DeviceBuffer {
            let (g, x) = (channelsLast(gradient), contiguous(input))
            let result = DeviceBuffer(weightShape, .float64, on: .cpu)
            let operands = yuyan_convolution64_operands(
                input: x.doubles, weight: nil, bias: nil, gradient: g.doubles, output: nil, input_gradient: nil,
                weight_gradient: result.doubles)
            withExtendedLifetime((g, x)) {
                run(
                    YUYAN_WEIGHT_GRADIENT64, operands,
                    yuyan_convolution64(x.shape, weightShape, gradient.shape, geometry))
            }
            return result
        }

        private func run(
            _ pass: yuyan_convolution64_pass, _ operands: yuyan_convolution64_operands, _ sizes: yuyan_convolution64
        ) {
            var (operands, sizes) = (operands, sizes)
            let scratch = makeScratch(yuyan_convolution64_scratch(&sizes, pass))
            withExtendedLifetime(scratch) { yuyan_convolve64(&sizes, pass, &operands, scratch.doubles) }
        }

        private func makeScratch(_ count: Int) -> DeviceBuffer { DeviceBuffer([count], .float64, on: .cpu) }

        private func firstSix(_ x: SIMD8<Int>) -> (Int, Int, Int, Int, Int, Int) {
            (x[0], x[1], x[2], x[3], x[4], x[5])
        }
    }

    extension yuyan_convolution64 {
        fileprivate init(
            _ input: Shape, _ weight: Shape, _ output: Shape, _ geometry: ConvolutionGeometry
        ) {
            let (stride, padding, dilation) = (geometry.stride, geometry.padding, geometry.dilation)
            self.init(
                threads: Int(yuyan_prepare_threads()), batch: input[0], groups: Int(geometry.groups),
                input_channels: input[1], output_channels: weight[0], input_height: input[2], input_width: input[3],
                output_height: output[2], output_width: output[3], kernel_height: weight[2], kernel_width: weight[3],
                stride_height: Int(stride.x), stride_width: Int(stride.y), padding_height: Int(padding.x),
                padding_width: Int(padding.y), dilation_height: Int(dilation.x), dilation_width: Int(dilation.y))
        }
    }

    /// An operand of a product, with its last two axes in logical order. Any strides will do.
    private struct Operand64 {
        let buffer: DeviceBuffer
        let rows, columns, rowStride, columnStride: Int
        /// The shape of the leading axes, with 1 for the matrix.
        let batch: Shape
        /// 0 for axes of one element.
        let batchStrides: SIMD8<Int>
        /// Whether all leading axes have one element.
        let isOneMatrix: Bool
        /// Whether all rows of all matrices are rows of one matrix.
        let isOneMatrixOfRows: Bool

        init(_ x: DeviceBuffer, _ isTransposed: Bool) {
            buffer = x.strided
            let strides = buffer.strides.lanes
            let (last, before) = (x.rank - 1, x.rank - 2)
            (rows, columns) = isTransposed ? (x.shape[last], x.shape[before]) : (x.shape[before], x.shape[last])
            (rowStride, columnStride) = isTransposed ? (strides[7], strides[6]) : (strides[6], strides[7])
            var lanes = x.shape.lanes
            (lanes[6], lanes[7]) = (1, 1)
            batch = Shape(lanes: lanes, rank: x.rank)
            batchStrides = strides.replacing(with: 0, where: batch.wideLanes .== 1)
            isOneMatrix = all(lanes .== 1)
            isOneMatrixOfRows = !isTransposed && buffer.isContiguous
        }
    }
#endif
