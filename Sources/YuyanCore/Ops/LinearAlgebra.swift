import YuyanBackend

extension OperationFamily {
    package static let linearAlgebra = OperationFamily(
        "LinearAlgebra", [Op.QR.entry, Op.TriangularSolve.entry] + LinearSystem.entries)
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
            let factors = operands[0]!.device.backend.linearAlgebra(.qr, [operands[0]!], TriangularOptions())
            return Computed(Few(factors[0], factors[1]))
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
        package typealias Options = TriangularOptions

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
            a.device.backend.linearAlgebra(.triangularSolve, [a, b], options)[0]
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
        try tensor.backend.prepare(.qr)
        let factors = apply(Op.QR.self, Few(tensor), (), file, line)
        return (factors[0], factors[1])
    }

    /// X with A X = B, or with Aᵀ X = B if `isTransposed`, by substitution; this is A.
    ///
    /// A `[…, n, n]` is taken for upper or lower triangular: what stands on the other side of its diagonal is not read. B
    /// and X are `[…, n, m]`, with A's leading axes. A zero on the diagonal gives infinities or NaN.
    ///
    /// Traps if the shapes do not fit, or unless both are of one floating-point type.
    public func triangularSolve(
        _ right: some TensorConvertible, isUpper: Bool, isTransposed: Bool = false, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Tensor {
        apply(
            Op.TriangularSolve.self, tensor, right.tensor, .init(isUpper: isUpper, isTransposed: isTransposed), file,
            line)
    }
}

// MARK: - Systems of equations

enum LinearSystem {
    /// R⁻¹ Qᵀ b.
    static func solution(
        _ name: String, _ a: Tensor, _ b: Tensor, _ file: StaticString, _ line: UInt
    ) throws -> Tensor {
        checkOperands(name, .reals, ["a", "b"], a, b, file, line)
        let (q, r) = try a.qr(file: file, line: line)
        if let column = dependentColumn(r.detached(), a.shape) {
            throw RankError(operation: name, column: column, shape: a.shape)
        }
        let right = b.rank == 1 ? b.expandingShape(at: 1) : b
        let x = r.triangularSolve(q.transposed().matmul(right, file: file, line: line), isUpper: true)
        return b.rank == 1 ? x.reshaped([a.shape[1]]) : x
    }

    /// The first column of A = Q R with no more than rounding errors beyond the span of those before it: what R has of it
    /// on the diagonal, against its length. A number that is not finite depends on nothing.
    private static func dependentColumn(_ r: Tensor, _ shape: Shape) -> Int? {
        let precision = r.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
        let tolerance = precision * Double(Swift.max(shape[0], shape[1]))
        let (rows, columns) = (r.shape[0], shape[1])
        let (elements, lengths) = (r.array(of: Double.self), r.norm(axis: 0).array(of: Double.self))
        for column in 0..<columns {
            guard column < rows else { return column }
            if abs(elements[column * columns + column]) <= tolerance * lengths[column] { return column }
        }
        return nil
    }

    static let entries: [OperationEntry] = [
        OperationEntry(
            "leastSquares", "the x with the smallest ‖A x − b‖; throws where columns of A depend on one another",
            swift: ["leastSquares(_ a: some TensorConvertible, _ b: some TensorConvertible) throws -> Tensor"],
            [
                Sample([.real([7, 3]), .real([7])], torch: "\(lstsq)(a, b[:, None]).solution[:, 0]") {
                    computed("leastSquares", $0)
                },
                Sample([.real([9, 4]), .real([9, 2])], torch: "\(lstsq)(a, b).solution") {
                    computed("leastSquares", $0)
                },
                Sample([.real([3, 0]), .real([3, 2])], torch: "a.T @ b") { computed("leastSquares", $0) },
            ]),
        OperationEntry(
            "solve", "the x with A x = b, A being square; throws where columns of A depend on one another",
            swift: ["solve(_ a: some TensorConvertible, _ b: some TensorConvertible) throws -> Tensor"],
            [
                Sample([.real([4, 4]), .real([4])], torch: "torch.linalg.solve(a, b)") { computed("solve", $0) },
                Sample([.real([3, 3]), .real([3, 2])], torch: "torch.linalg.solve(a, b)") { computed("solve", $0) },
                Sample([.real([1, 1]), .real([1])], torch: "b / a[0]") { computed("solve", $0) },
            ]),
    ]
    private static let lstsq = "torch.linalg.lstsq"

    private static func computed(_ name: String, _ operands: [Tensor]) -> Tensor {
        do {
            return try solution(name, operands[0], operands[1], #fileID, #line)
        } catch {
            failure("\(name): \(error)")
        }
    }
}

/// The least-squares solution of a linear system: the x for which ‖A x − b‖ is smallest, by a QR factorization.
///
///     let weights = try leastSquares(features, labels)  // of the linear regression, without a bias
///
/// - Parameters:
///   - a: A `[n, d]`, with independent columns, so that n ≥ d.
///   - b: `[n]`, or `[n, k]` for k systems with the same A.
/// - Returns: x `[d]` or `[d, k]`.
/// - Gradient: for both.
/// - Throws: `RankError` if a column of A is, but for rounding errors, a combination of those before it, as it is if d > n;
///   and `MissingLibraryError` as `qr()`.
///
/// In float32, columns that are nearly dependent, such as high powers of the same numbers, count as dependent sooner than in
/// float64. Traps if the shapes do not fit, or unless both are of one floating-point type. Source: Golub and Van Loan, Matrix
/// computations, 5.3.
public func leastSquares(
    _ a: some TensorConvertible, _ b: some TensorConvertible, file: StaticString = #fileID, line: UInt = #line
) throws -> Tensor {
    let (a, b) = (a.tensor, b.tensor)
    guard a.rank == 2, b.rank == 1 || b.rank == 2, b.shape[0] == a.shape[0] else {
        shapeFailure(
            ShapeError(
                "leastSquares", "the right-hand side must have an element or a row for each row of the matrix",
                [.init("a", axes: "[n, d]", a.shape), .init("b", axes: "[n] or [n, k]", b.shape)]), file, line)
    }
    return try LinearSystem.solution("leastSquares", a, b, file, line)
}

/// The solution of A x = b for a square matrix A, by a QR factorization.
///
/// - Parameters:
///   - a: A `[n, n]`, with independent columns.
///   - b: `[n]`, or `[n, k]` for k systems with the same A.
/// - Returns: x, of the shape of b.
/// - Gradient: for both.
/// - Throws: `RankError` if a column of A is, but for rounding errors, a combination of those before it; and
///   `MissingLibraryError` as `qr()`.
///
/// Traps if the shapes do not fit, or unless both are of one floating-point type. Source: Golub and Van Loan, Matrix
/// computations, 5.2.
public func solve(
    _ a: some TensorConvertible, _ b: some TensorConvertible, file: StaticString = #fileID, line: UInt = #line
) throws -> Tensor {
    let (a, b) = (a.tensor, b.tensor)
    guard a.rank == 2, a.shape[0] == a.shape[1], b.rank == 1 || b.rank == 2, b.shape[0] == a.shape[0] else {
        shapeFailure(
            ShapeError(
                "solve", "a square matrix must have an element or a row of the right-hand side for each of its rows",
                [.init("a", axes: "[n, n]", a.shape), .init("b", axes: "[n] or [n, k]", b.shape)]), file, line)
    }
    return try LinearSystem.solution("solve", a, b, file, line)
}
