import YuyanBackend

extension OperationFamily {
    package static let linearAlgebra = OperationFamily("LinearAlgebra", [Op.QR.entry, Op.TriangularSolve.entry])
}

extension Op {
    /// A = Q R.
    package enum QR: GeneralRule {
        package static let name = "qr"
        package static var types: OperandTypes { .reals }
        package static func operandName(_ place: Int, _ options: Void) -> String { "matrix" }
        package static func resultName(_ place: Int) -> String { ["Q", "R"][place] }
        package static func keeps(_ options: Void) -> Kept { [.operand(0), .result(0), .result(1)] }

        package static func outputShapes(_ operands: Few<Shape?>, _ options: Void) throws(ShapeError) -> Few<Shape> {
            let a = operands[0]!
            guard a.rank >= 2 else {
                throw ShapeError(name, "a matrix has at least two axes", [.init("matrix", axes: "[…, m, n]", a)])
            }
            let rank = Swift.min(a[a.rank - 2], a[a.rank - 1])
            var (q, r) = (a, a)
            q[a.rank - 1] = rank
            r[a.rank - 2] = rank
            return Few(q, r)
        }

        package static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Void) -> Computed {
            let (q, r) = operands[0]!.device.backend.qr(operands[0]!)
            return Computed(Few(q, r))
        }

        // For m ≥ n:  ∂A = (∂Q + Q S) R⁻ᵀ  with  S = U + Uᵀ,  U being the upper triangle of  ∂R Rᵀ − Qᵀ ∂Q  with half its
        // diagonal. For m < n, A = [X | Y], R = [W | V]:  Y = Q V  gives  ∂Y = Q ∂V  and adds  Y ∂Vᵀ  to ∂Q; X is square.
        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Void
        ) -> Few<Tensor?> {
            let (a, q, r) = (saved.operand(0), saved.result(0), saved.result(1))
            let (rows, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
            var slopeOfQ = gradients[0]
            guard rows < columns else { return Few(tallGradient(q, r, slopeOfQ, gradients[1])) }

            let square = r.split(sizes: [rows, columns - rows], axis: -1)[0]
            let rest = a.split(sizes: [rows, columns - rows], axis: -1)[1]
            guard let slopes = gradients[1]?.split(sizes: [rows, columns - rows], axis: -1) else {
                return Few(concatenate([tallGradient(q, square, slopeOfQ, nil), .zeros(like: rest)], axis: -1))
            }
            let added = Op.MatrixProduct.product(rest, slopes[1], false, true)
            slopeOfQ = slopeOfQ.map { $0 + added } ?? added
            return Few(
                concatenate(
                    [
                        tallGradient(q, square, slopeOfQ, slopes[0]),
                        Op.MatrixProduct.product(q, slopes[1], false, false),
                    ],
                    axis: -1))
        }

        private static func tallGradient(_ q: Tensor, _ r: Tensor, _ slopeOfQ: Tensor?, _ slopeOfR: Tensor?) -> Tensor {
            var inner = slopeOfR.map { Op.MatrixProduct.product($0, r, false, true) }
            if let slopeOfQ {
                let product = Op.MatrixProduct.product(q, slopeOfQ, true, false)
                inner = inner.map { $0 - product } ?? -product
            }
            let upper = inner! * halves(r.shape[r.rank - 1], like: r)
            var slope = Op.MatrixProduct.product(q, upper + upper.transposed(-2, -1), false, false)
            if let slopeOfQ { slope = slopeOfQ + slope }
            // Z R⁻ᵀ = (R⁻¹ Zᵀ)ᵀ.
            return r.triangularSolve(slope.transposed(-2, -1), isUpper: true).transposed(-2, -1)
        }

        /// 1 above the diagonal, ½ on it, 0 below.
        private static func halves(_ size: Int, like x: Tensor) -> Tensor {
            let index = Tensor.arange(size, device: x.device)
            let row = index.expandingShape(at: 1)
            return ((row .< index).cast(to: x.dtype) + (row .<= index).cast(to: x.dtype)) / 2
        }

        private static func joined(_ x: Tensor) -> Tensor {
            let factors = apply(Op.QR.self, Few(x), ())
            return concatenate([factors[0].flattened(), factors[1].flattened()])
        }

        package static let entry = OperationEntry(
            name, "A = Q R with orthonormal columns of Q and an upper triangular R; throws where LAPACK is missing",
            swift: ["x.qr() throws(MissingLibraryError) -> (q: Tensor, r: Tensor)"],
            [
                Sample([.real([4, 3])], torch: torch) { joined($0[0]) },
                Sample([.real([3, 3])], torch: torch) { joined($0[0]) },
                Sample([.real([2, 5])], torch: torch) { joined($0[0]) },
                Sample([.real([2, 3, 4, 2])], torch: torch) { joined($0[0]) },
                Sample([.real([1, 1])], torch: torch) { joined($0[0]) },
                Sample([.real([40, 33])], torch: torch, checksGradient: false) { joined($0[0]) },
                Sample([.real([0, 3])], torch: torch) { joined($0[0]) },
            ])
        /// Both results of PyTorch's, one behind the other.
        private static let torch = "torch.cat([y.flatten() for y in torch.linalg.qr(a)])"
    }
}

extension Op {
    /// X with A X = B or Aᵀ X = B, A being triangular.
    package enum TriangularSolve: BinaryRule {
        package struct Options {
            var isUpper: Bool
            var isTransposed: Bool
        }

        package static let name = "triangularSolve"
        package static var types: OperandTypes { .reals }
        package static func keeps(_ options: Options) -> Kept { [.first, .output] }

        package static func outputShape(_ a: Shape, _ b: Shape, _ options: Options) throws(ShapeError) -> Shape {
            guard a.rank >= 2, b.rank == a.rank, a[a.rank - 2] == a[a.rank - 1], b[b.rank - 2] == a[a.rank - 1],
                a.dropLast(2).elementsEqual(b.dropLast(2))
            else {
                throw ShapeError(
                    name,
                    "a square matrix must have a row for each row of the right-hand side, and the same leading axes",
                    [.init("left", axes: "[…, n, n]", a), .init("right", axes: "[…, n, m]", b)])
            }
            return b
        }

        package static func forward(_ a: DeviceBuffer, _ b: DeviceBuffer, _ shape: Shape, _ options: Options)
            -> DeviceBuffer
        {
            a.device.backend.triangularSolve(a, b, isUpper: options.isUpper, isTransposed: options.isTransposed)
        }

        // With Z = ∂B:  op(A)ᵀ Z = ∂X,  ∂A = −Z Xᵀ or, for the transposed, −X Zᵀ: of either the triangle that is read.
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            let (a, x, z) = (saved.first, saved.output, secondGradient(g, saved, options))
            let (left, right) = options.isTransposed ? (x, z) : (z, x)
            let index = Tensor.arange(a.shape[a.rank - 1], device: a.device)
            let row = index.expandingShape(at: 1)
            let isRead = options.isUpper ? row .<= index : row .>= index
            return -Op.MatrixProduct.product(left, right, false, true) * isRead.cast(to: a.dtype)
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            saved.first.triangularSolve(g, isUpper: options.isUpper, isTransposed: !options.isTransposed)
        }

        package static let entry = OperationEntry(
            name, "X with A X = B, or Aᵀ X = B; of A one triangle is read",
            swift: [
                "x.triangularSolve(_ right: some TensorConvertible, isUpper: Bool, isTransposed: Bool = false) -> Tensor"
            ],
            [
                Sample([.real([4, 4], 0.5...2), .real([4, 3])], torch: "\(torch)(a, b, upper=True)") {
                    $0[0].triangularSolve($0[1], isUpper: true)
                },
                Sample([.real([3, 3], 0.5...2), .real([3, 2])], torch: "\(torch)(a, b, upper=False)") {
                    $0[0].triangularSolve($0[1], isUpper: false)
                },
                Sample([.real([2, 3, 3], 0.5...2), .real([2, 3, 2])], torch: "\(torch)(a.mT, b, upper=False)") {
                    $0[0].triangularSolve($0[1], isUpper: true, isTransposed: true)
                },
                Sample([.real([3, 3], 0.5...2), .real([3, 1])], torch: "\(torch)(a.mT, b, upper=True)") {
                    $0[0].triangularSolve($0[1], isUpper: false, isTransposed: true)
                },
                Sample([.real([0, 0]), .real([0, 2])], torch: "\(torch)(a, b, upper=True)") {
                    $0[0].triangularSolve($0[1], isUpper: true)
                },
            ])
        private static let torch = "torch.linalg.solve_triangular"
    }
}

extension TensorConvertible {
    /// The QR factorization: A = Q R, where the columns of Q are orthonormal and R is upper triangular.
    ///
    /// Of `[…, m, n]`, with k the smaller of m and n, Q is `[…, m, k]` and R `[…, k, n]`; leading axes enumerate matrices.
    /// The signs are those of Householder's reflections as LAPACK and PyTorch choose them: most of R's diagonal is the
    /// opposite of A's in sign.
    ///
    /// - Gradient: through both results. It is finite only if the first k columns are independent.
    /// - Throws: `MissingLibraryError` on the device `cpu` if LAPACK is not installed (on Debian `liblapack3`), which is
    ///   opened at the first call. The variable `YUYAN_LAPACK` in the environment names another file to open.
    ///
    /// Traps for fewer than two axes, or unless A is float32 or float64. Sources: Golub and Van Loan, Matrix computations,
    /// 5.2; for the gradient Roberts and Roberts, QR and LQ decomposition matrix backpropagation algorithms (2020).
    public func qr(file: StaticString = #fileID, line: UInt = #line) throws(MissingLibraryError) -> (
        q: Tensor, r: Tensor
    ) {
        try tensor.backend.prepareForQR()
        let factors = apply(Op.QR.self, Few(tensor), (), file, line)
        return (factors[0], factors[1])
    }

    /// X with A X = B, or with Aᵀ X = B if `isTransposed`, by substitution; this is A.
    ///
    /// A `[…, n, n]` is taken for upper or lower triangular: what stands on the other side of its diagonal is not read. B
    /// and X are `[…, n, m]`, with A's leading axes. A zero on the diagonal gives infinities or NaN.
    ///
    /// Traps if the shapes do not fit, or unless both are float32, or both float64.
    public func triangularSolve(
        _ right: some TensorConvertible, isUpper: Bool, isTransposed: Bool = false, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Tensor {
        apply(
            Op.TriangularSolve.self, tensor, right.tensor, .init(isUpper: isUpper, isTransposed: isTransposed), file,
            line)
    }
}
