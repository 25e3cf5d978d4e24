#if OneDNN
    import COneDNN
    import YuyanKernels

    extension CPUBackend {
        package func matmul(
            _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
            activation: UnaryOperation?
        ) -> DeviceBuffer {
            guard a.dtype == .float32, a.elementCount > 0, b.elementCount > 0 else {
                return matmulElsewhere(
                    a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: activation)
            }
            let bias = bias.map { contiguous($0) }
            if a.rank == 2 && b.rank == 2 {
                let (m, n) = (a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1])
                let result = makeBuffer(Shape(rows: m, columns: n))
                if m * b.elementCount <= 512 {
                    smallProduct(a, b, transposeA, transposeB, bias, into: result)
                    finish(result, bias: nil, activation)
                } else {
                    multiply(
                        Matrix(a, transposeA, self), Matrix(b, transposeB, self), bias, activation, into: result)
                }
                return result
            }
            if b.rank == 2 && !transposeA && a.isContiguous {
                // All rows of the batch at once.
                var shape = a.shape
                shape[a.rank - 1] = b.shape[transposeB ? 0 : 1]
                let result = makeBuffer(shape)
                let k = a.shape[a.rank - 1]
                let rows = Matrix(a, rows: a.elementCount / k, columns: k)
                multiply(rows, Matrix(b, transposeB, self), bias, activation, into: result)
                return result
            }
            return batchedProduct(a.strided, b.strided, transposeA, transposeB, bias, activation)
        }

        /// A product of another type or of nothing.
        private func matmulElsewhere(
            _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
            activation: UnaryOperation?
        ) -> DeviceBuffer {
            if a.dtype == .bfloat16 {
                return bfloat16Product(
                    a, b, transposeA: transposeA, transposeB: transposeB, bias: bias, activation: activation)
            }
            guard a.dtype == .float64, a.elementCount > 0, b.elementCount > 0 else {
                return reference.matmul(
                    a.strided, b.strided, transposeA: transposeA, transposeB: transposeB, bias: bias,
                    activation: activation)
            }
            let y = product64(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias)
            return activation.map { unary($0, y) } ?? y
        }

        /// A product too small for oneDNN.
        private func smallProduct(
            _ a: DeviceBuffer, _ b: DeviceBuffer, _ transposeA: Bool, _ transposeB: Bool, _ bias: DeviceBuffer?,
            into c: DeviceBuffer
        ) {
            let (left, right) = (a.rowAndColumnStride, b.rowAndColumnStride)
            withExtendedLifetime(bias) {
                yuyan_small_product(
                    a.floats, transposeA ? left.column : left.row, transposeA ? left.row : left.column, b.floats,
                    transposeB ? right.column : right.row, transposeB ? right.row : right.column, bias?.floats,
                    c.floats, c.shape[0], c.shape[1], a.shape[transposeA ? 0 : 1])
            }
        }

        private func multiply(
            _ a: Matrix, _ b: Matrix, _ bias: DeviceBuffer?, _ activation: UnaryOperation?, into c: DeviceBuffer
        ) {
            let (m, n, k) = (a.rows, b.columns, a.columns)
            withExtendedLifetime((a.buffer, b.buffer, bias)) {
                let threads = yuyan_prepare_threads()
                // gemm is slow if only b is transposed: 256 × 784 × 256 takes 260 µs against 212, and 32 × 4096 × 4096
                // even 14.8 ms against 4.2. Small products and the other cases it does best.
                if b.isTransposed && !a.isTransposed && m * n * k >= 1 << 22 {
                    var product = yuyan_product(a, b, hasBias: bias != nil, threadCount: threads)
                    check(
                        yuyan_onednn_product(
                            &product, a.buffer.floats, b.buffer.floats, bias?.floats, c.floats),
                        "matrix product")
                    finish(c, bias: nil, activation)
                    return
                }
                check(
                    yuyan_onednn_gemm(
                        a.isTransposed, b.isTransposed, m, n, k, a.buffer.floats, a.leadingDimension, b.buffer.floats,
                        b.leadingDimension, c.floats, n),
                    "matrix product")
                finish(c, bias: bias, activation)
            }
        }

        /// Adds the bias and applies the activation, in place. oneDNN could apply it itself, but turns NaN into 0
        /// by its ReLU, and was slower: LeNet's step by 8% with its logistic function, an MLP's not faster.
        func finish(_ c: DeviceBuffer, bias: DeviceBuffer?, _ activation: UnaryOperation?) {
            if bias == nil && activation == nil { return }
            let columns = c.shape[c.rank - 1]
            withExtendedLifetime(bias) {
                yuyan_finish_rows(
                    c.floats, bias?.floats, activation?.kind.rawValue ?? -1, Float(activation?.slope ?? 0),
                    Float(activation?.beta ?? 1), c.elementCount / columns, columns)
            }
        }

        private func batchedProduct(
            _ a: DeviceBuffer, _ b: DeviceBuffer, _ transposeA: Bool, _ transposeB: Bool, _ bias: DeviceBuffer?,
            _ activation: UnaryOperation?
        ) -> DeviceBuffer {
            let (left, right) = (Operand(a, transposeA, self), Operand(b, transposeB, self))
            let result = makeBuffer(productShape(left, right))
            guard multiply(left, right, bias, into: result) else {
                return reference.matmul(
                    a.strided, b.strided, transposeA: transposeA, transposeB: transposeB, bias: bias,
                    activation: activation)
            }
            finish(result, bias: nil, activation)
            return result
        }

        /// The shape of a product of batches.
        func productShape(_ left: Operand, _ right: Operand) -> Shape {
            let rank = max(left.buffer.rank, right.buffer.rank)
            guard let batch = left.batch.broadcast(with: right.batch) else {
                fatalError("cpu backend: batches of \(left.buffer.shape) and \(right.buffer.shape) do not broadcast")
            }
            var shape = Shape(lanes: batch.lanes, rank: rank)
            shape[rank - 2] = Int(left.sizes[6])
            shape[rank - 1] = Int(right.sizes[7])
            return shape
        }

        /// oneDNN's product, of the result's elements in the shape of the operands; false if it refuses it.
        func multiply(_ left: Operand, _ right: Operand, _ bias: DeviceBuffer?, into result: DeviceBuffer) -> Bool {
            let shape = productShape(left, right)
            var product = yuyan_product()
            product.threads = Int(yuyan_prepare_threads())
            product.rank = shape.rank
            product.has_bias = bias == nil ? 0 : 1
            (product.type, product.result_type) = (left.buffer.dtype.oneDNNCode, result.dtype.oneDNNCode)
            left.write(&product.a_size, &product.a_strides, shape.rank)
            right.write(&product.b_size, &product.b_strides, shape.rank)
            withUnsafeMutableBytes(of: &product.c_size) { bytes in
                let sizes = bytes.assumingMemoryBound(to: Int.self)
                for axis in 0..<shape.rank { sizes[axis] = shape[axis] }
            }
            let status = withExtendedLifetime((left.buffer, right.buffer, bias)) {
                yuyan_onednn_product(
                    &product, left.buffer.pointer, right.buffer.pointer, bias?.pointer, result.pointer)
            }
            return isComputed(status, "matrix product")
        }
    }

    extension DType {
        /// float32 or bfloat16 as oneDNN's shim names them.
        var oneDNNCode: Int { Int((self == .bfloat16 ? YUYAN_BFLOAT16 : YUYAN_FLOAT32).rawValue) }
    }

    extension DeviceBuffer {
        /// A matrix's strides.
        @inline(__always) fileprivate var rowAndColumnStride: (row: Int, column: Int) {
            if case .contiguous = layout { return (shape[1], 1) }
            let strides = strides
            return (strides.lanes[6], strides.lanes[7])
        }
    }

    /// A matrix as the gemm convention wants it: rows or columns without gaps between their elements.
    private struct Matrix {
        let buffer: DeviceBuffer
        let rows, columns: Int
        /// True if neighbours in a column, rather than in a row, are neighbours in memory.
        let isTransposed: Bool
        let leadingDimension: Int

        /// A contiguous buffer as a matrix of any shape of its size.
        init(_ x: DeviceBuffer, rows: Int, columns: Int) {
            buffer = x
            (self.rows, self.columns) = (rows, columns)
            isTransposed = false
            leadingDimension = columns
        }

        init(_ x: DeviceBuffer, _ isTransposed: Bool, _ backend: CPUBackend) {
            var buffer = x
            var lanes = x.strides.lanes
            if !(lanes[7] == 1 || x.shape[1] == 1) || lanes[6] < x.shape[1] {
                // Not rows without gaps; columns without gaps do as well.
                if !(lanes[6] == 1 || x.shape[0] == 1) || lanes[7] < x.shape[0] {
                    buffer = backend.copied(x)
                    lanes = buffer.strides.lanes
                }
            }
            self.buffer = buffer
            rows = isTransposed ? x.shape[1] : x.shape[0]
            columns = isTransposed ? x.shape[0] : x.shape[1]
            let rowStride = isTransposed ? lanes[7] : lanes[6]
            let columnStride = isTransposed ? lanes[6] : lanes[7]
            let hasRows = (columnStride == 1 || columns == 1) && rowStride >= columns
            self.isTransposed = !hasRows
            leadingDimension = hasRows ? rowStride : columnStride
        }
    }

    extension yuyan_product {
        fileprivate init(_ a: Matrix, _ b: Matrix, hasBias: Bool, threadCount: Int32) {
            self.init()
            threads = Int(threadCount)
            rank = 2
            (a_size.0, a_size.1) = (a.rows, a.columns)
            (a_strides.0, a_strides.1) = (a.leadingDimension, 1)
            (b_size.0, b_size.1) = (b.rows, b.columns)
            (b_strides.0, b_strides.1) = (1, b.leadingDimension)
            (c_size.0, c_size.1) = (a.rows, b.columns)
            has_bias = hasBias ? 1 : 0
        }
    }

    /// An operand of a product of batches of matrices, with its last two axes in logical order.
    struct Operand {
        let buffer: DeviceBuffer
        var sizes: SIMD8<Int32>
        var strides: SIMD8<Int>

        init(_ x: DeviceBuffer, _ isTransposed: Bool, _ backend: CPUBackend) {
            let lanes = x.strides.lanes
            let hasUnit = lanes[7] == 1 || lanes[6] == 1
            buffer = hasUnit && Operand.areNested(lanes, x.shape) ? x : backend.copied(x)
            sizes = x.shape.lanes
            strides = buffer.strides.lanes
            // An axis of one element may have any stride; oneDNN wants a plausible one.
            for lane in 0..<8 where sizes[lane] == 1 { strides[lane] = max(x.elementCount, 1) }
            if sizes[7] == 1 { strides[7] = strides[6] == 1 ? Int(sizes[6]) : 1 }
            if sizes[6] == 1 { strides[6] = strides[7] == 1 ? Int(sizes[7]) : 1 }
            if isTransposed {
                (sizes[6], sizes[7]) = (sizes[7], sizes[6])
                (strides[6], strides[7]) = (strides[7], strides[6])
            }
        }

        /// Whether each axis lies whole between two neighbours of the next one, as oneDNN demands. Repeated elements do
        /// not, nor may the rows of a view of every third: the last step leads behind the matrix.
        private static func areNested(_ strides: SIMD8<Int>, _ shape: Shape) -> Bool {
            var remaining = 0
            for lane in 0..<8 where shape.lanes[lane] != 1 { remaining |= 1 << lane }
            var reach = 1
            while remaining != 0 {
                var nearest = -1
                for lane in 0..<8 where remaining & 1 << lane != 0 {
                    if nearest < 0 || strides[lane] < strides[nearest] { nearest = lane }
                }
                if strides[nearest] < reach { return false }
                reach = strides[nearest] &* Int(shape.lanes[nearest])
                remaining &= ~(1 << nearest)
            }
            return true
        }

        /// The shape of the leading axes, with 1 for the matrix.
        var batch: Shape {
            var lanes = sizes
            lanes[6] = 1
            lanes[7] = 1
            return Shape(lanes: lanes, rank: buffer.rank)
        }

        typealias Words = (Int, Int, Int, Int, Int, Int, Int, Int)

        func write(_ size: inout Words, _ stride: inout Words, _ rank: Int) {
            withUnsafeMutableBytes(of: &size) { bytes in
                let words = bytes.assumingMemoryBound(to: Int.self)
                for axis in 0..<rank { words[axis] = Int(sizes[8 - rank + axis]) }
            }
            withUnsafeMutableBytes(of: &stride) { bytes in
                let words = bytes.assumingMemoryBound(to: Int.self)
                for axis in 0..<rank { words[axis] = strides[8 - rank + axis] }
            }
        }
    }
#endif
