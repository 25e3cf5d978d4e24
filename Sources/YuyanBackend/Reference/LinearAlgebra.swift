import Glibc

extension ReferenceBackend {
    package func linearAlgebra(_ kind: LinearAlgebraKind, _ operands: [DeviceBuffer], _ options: TriangularOptions)
        -> [DeviceBuffer]
    {
        switch kind {
        case _ where operands[0].dtype == .bfloat16: return widened.linearAlgebra(kind, operands, options)
        case .qr:
            let (q, r) = qr(operands[0])
            return [q, r]
        case .triangularSolve: return [triangularSolve(operands[0], operands[1], options)]
        }
    }
}

// MARK: QR

extension ReferenceBackend {
    private func qr(_ a: DeviceBuffer) -> (q: DeviceBuffer, r: DeviceBuffer) {
        switch a.dtype {
        case .float32: qr(a, as: Float.self)
        case .float64: qr(a, as: Double.self)
        default: unsupported("QR factorization", a.dtype)
        }
    }

    private func qr<T: ReferenceReal>(_ a: DeviceBuffer, as type: T.Type) -> (q: DeviceBuffer, r: DeviceBuffer) {
        let a = contiguous(a)
        let (rows, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
        let rank = min(rows, columns)
        let q = makeBuffer(replacing(a.shape, axis: a.rank - 1, with: rank), a.dtype)
        let r = makeBuffer(replacing(a.shape, axis: a.rank - 2, with: rank), a.dtype)
        let (input, left, right) = (a.elements(as: T.self), q.elements(as: T.self), r.elements(as: T.self))
        for matrix in 0..<a.shape.dropLast(2).reduce(1, *) {
            let reflections = Reflections(rows, columns) { input[(matrix * rows + $0) * columns + $1].wide }
            for i in 0..<rank {
                for j in 0..<columns {
                    let value = j < i ? 0 : reflections.work[i * columns + j]
                    right[(matrix * rank + i) * columns + j] = T(converting: value)
                }
            }
            reflections.formQ(columns: rank) { left[(matrix * rows + $0) * rank + $1] = T(converting: $2) }
        }
        return (q, r)
    }
}

/// Householder's reflections H = 1 − τ v vᵀ that make a matrix upper triangular one column after the other, with v = 1 at
/// the diagonal and LAPACK's choice of signs: the diagonal becomes −sign(α) ‖column‖, but a column that is 0 below the
/// diagonal stays as it is.
private struct Reflections {
    /// R, and below its diagonal the v.
    private(set) var work: [Double]
    private var tau: [Double]
    private let rows, columns: Int

    init(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Double) {
        (self.rows, self.columns) = (rows, columns)
        work = []
        for i in 0..<rows { for j in 0..<columns { work.append(element(i, j)) } }
        tau = Array(repeating: 0, count: min(rows, columns))
        for k in tau.indices {
            let alpha = work[k * columns + k]
            let tail = norm(column: k, from: k + 1)
            if tail == 0 { continue }
            let beta = -copysign(hypot(alpha, tail), alpha)
            tau[k] = (beta - alpha) / beta
            for i in k + 1..<rows { work[i * columns + k] /= alpha - beta }
            work[k * columns + k] = beta
            for j in k + 1..<columns {
                var sum = work[k * columns + j]
                for i in k + 1..<rows { sum += work[i * columns + k] * work[i * columns + j] }
                work[k * columns + j] -= tau[k] * sum
                for i in k + 1..<rows { work[i * columns + j] -= tau[k] * sum * work[i * columns + k] }
            }
        }
    }

    /// ‖column‖ below a row, without overflow.
    private func norm(column: Int, from first: Int) -> Double {
        var largest = 0.0
        for i in first..<rows {
            let magnitude = work[i * columns + column].magnitude
            if magnitude > largest || magnitude.isNaN { largest = magnitude }
        }
        if !(largest > 0 && largest < .infinity) { return largest }
        var sum = 0.0
        for i in first..<rows {
            let part = work[i * columns + column] / largest
            sum += part * part
        }
        return largest * sum.squareRoot()
    }

    /// Calls `put` with row, column and element of the first columns of Q = H₀ H₁ ….
    func formQ(columns count: Int, _ put: (Int, Int, Double) -> Void) {
        for j in 0..<count {
            var x = [Double](repeating: 0, count: rows)
            x[j] = 1
            for k in tau.indices.reversed() {
                var sum = x[k]
                for i in k + 1..<rows { sum += work[i * columns + k] * x[i] }
                x[k] -= tau[k] * sum
                for i in k + 1..<rows { x[i] -= tau[k] * sum * work[i * columns + k] }
            }
            for i in 0..<rows { put(i, j, x[i]) }
        }
    }
}

// MARK: Triangular systems

extension ReferenceBackend {
    private func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, _ options: TriangularOptions) -> DeviceBuffer {
        switch a.dtype {
        case .float32: triangularSolve(a, b, options.isUpper, options.isTransposed, as: Float.self)
        case .float64: triangularSolve(a, b, options.isUpper, options.isTransposed, as: Double.self)
        default: unsupported("triangular solution", a.dtype)
        }
    }

    private func triangularSolve<T: ReferenceReal>(
        _ a: DeviceBuffer, _ b: DeviceBuffer, _ isUpper: Bool, _ isTransposed: Bool, as type: T.Type
    ) -> DeviceBuffer {
        let (a, b) = (contiguous(a), contiguous(b))
        let result = makeBuffer(b.shape, b.dtype)
        let (size, columns) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
        for matrix in 0..<b.shape.dropLast(2).reduce(1, *) {
            let factor = a.elements(as: T.self) + matrix * size * size
            let right = b.elements(as: T.self) + matrix * size * columns
            let x = result.elements(as: T.self) + matrix * size * columns
            func element(_ i: Int, _ j: Int) -> Double { factor[isTransposed ? j * size + i : i * size + j].wide }
            // From the equation with one unknown to that with all of them.
            let fromBelow = isUpper != isTransposed
            for step in 0..<size {
                let i = fromBelow ? size - 1 - step : step
                for column in 0..<columns {
                    var sum = right[i * columns + column].wide
                    for j in fromBelow ? i + 1..<size : 0..<i { sum -= element(i, j) * x[j * columns + column].wide }
                    x[i * columns + column] = T(converting: sum / element(i, i))
                }
            }
        }
        return result
    }
}
