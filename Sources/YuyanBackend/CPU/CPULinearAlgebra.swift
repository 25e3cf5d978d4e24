#if OneDNN
    import CLAPACK
    import YuyanKernels

    extension CPUBackend {
        package func prepare(_ kind: LinearAlgebraKind) throws(MissingLibraryError) {
            guard kind == .qr, let reason = yuyan_lapack_open() else { return }
            throw MissingLibraryError(
                operation: "qr", library: "LAPACK", package: "liblapack3", reason: String(cString: reason))
        }

        /// The file of the LAPACK in use, nil if there is none.
        static var lapackPath: String? {
            yuyan_lapack_open() == nil ? String(cString: yuyan_lapack_path()) : nil
        }

        package func linearAlgebra(
            _ kind: LinearAlgebraKind, _ operands: [DeviceBuffer], _ options: TriangularOptions
        ) -> [DeviceBuffer] {
            switch kind {
            case .qr: qr(operands[0])
            case .triangularSolve:
                [
                    triangularSolve(
                        operands[0], operands[1], isUpper: options.isUpper, isTransposed: options.isTransposed)
                ]
            }
        }

        private func qr(_ a: DeviceBuffer) -> [DeviceBuffer] {
            do { try prepare(.qr) } catch { fatalError("cpu backend: \(error)") }
            let (rows, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
            let rank = min(rows, columns)
            guard computes(.qr, a), a.elementCount > 0 else {
                return elsewhere(.qr, a.dtype).linearAlgebra(.qr, [a], TriangularOptions())
            }
            // LAPACK's matrices lie column by column: in row-major order they are turned.
            let work = copied(turned(a.strided))
            let r = full(replacing(a.shape, axis: a.rank - 2, with: rank), a.dtype, 0)
            switch a.dtype {
            case .float32:
                factor(
                    work, into: r, as: Float.self, scratchCount: yuyan_lapack_scratch_float(rows, columns),
                    yuyan_lapack_factor_float, yuyan_lapack_form_float)
            case .float64:
                factor(
                    work, into: r, as: Double.self, scratchCount: yuyan_lapack_scratch_double(rows, columns),
                    yuyan_lapack_factor_double, yuyan_lapack_form_double)
            default: reference.unsupported("QR factorization", a.dtype)
            }
            // Q is what stands in the first columns, which are rows here.
            let columnsOfQ = work.view(replacing(work.shape, axis: a.rank - 2, with: rank), work.strides)
            return [copied(turned(columnsOfQ)), r]
        }

        private typealias Pass<T, Tau> = (
            _ rows: Int, _ columns: Int, UnsafeMutablePointer<T>, Tau, _ scratch: UnsafeMutablePointer<T>, _ count: Int
        ) -> Int32

        /// Overwrites the columns of each matrix, `[…, n, m]`, with those of Q, and zeros `[…, k, n]` with R.
        private func factor<T>(
            _ work: DeviceBuffer, into r: DeviceBuffer, as type: T.Type, scratchCount: Int,
            _ factor: Pass<T, UnsafeMutablePointer<T>?>, _ form: Pass<T, UnsafePointer<T>?>
        ) {
            let (columns, rows) = (work.shape[work.rank - 2], work.shape[work.rank - 1])
            let rank = min(rows, columns)
            let scratch = DeviceBuffer([rank + scratchCount], work.dtype, on: .cpu)
            let (tau, rest) = (scratch.elements(as: type), scratch.elements(as: type) + rank)
            withExtendedLifetime(scratch) {
                for index in 0..<work.elementCount / (rows * columns) {
                    let matrix = work.elements(as: type) + index * rows * columns
                    let upper = r.elements(as: type) + index * rank * columns
                    check(factor(rows, columns, matrix, tau, rest, scratchCount), "geqrf")
                    for j in 0..<columns {
                        for i in 0...min(j, rank - 1) { upper[i * columns + j] = matrix[j * rows + i] }
                    }
                    check(form(rows, rank, matrix, tau, rest, scratchCount), "orgqr")
                }
            }

            func check(_ status: Int32, _ name: StaticString) {
                if status != 0 { fatalError("cpu backend: LAPACK's \(name): status \(status)") }
            }
        }

        private func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, isUpper: Bool, isTransposed: Bool)
            -> DeviceBuffer
        {
            guard computes(.triangularSolve, a), b.elementCount > 0 else {
                return elsewhere(.triangularSolve, a.dtype).linearAlgebra(
                    .triangularSolve, [a.strided, b.strided],
                    TriangularOptions(isUpper: isUpper, isTransposed: isTransposed))[0]
            }
            // Row-major copies of what is to be solved, in place.
            let factor = contiguous(isTransposed ? turned(a.strided) : a)
            let result = copied(b)
            let (size, columns) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
            withExtendedLifetime(factor) {
                yuyan_triangular_solve(
                    factor.floats, result.floats, b.elementCount / (size * columns), size, columns,
                    isUpper != isTransposed)
            }
            return result
        }

        /// Matrices with rows for columns: a view.
        func turned(_ x: DeviceBuffer) -> DeviceBuffer {
            var (shape, strides) = (x.shape, x.strides)
            let rank = x.rank
            (shape[rank - 2], shape[rank - 1]) = (shape[rank - 1], shape[rank - 2])
            (strides[rank - 2, rank: rank], strides[rank - 1, rank: rank]) = (
                strides[rank - 1, rank: rank], strides[rank - 2, rank: rank]
            )
            return x.view(shape, strides)
        }
    }
#endif
