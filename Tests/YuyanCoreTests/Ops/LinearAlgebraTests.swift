import Foundation
import Testing
import YuyanBackend
import YuyanCore

@Suite struct LinearAlgebraTests {
    @Test(arguments: [[5, 3], [3, 3], [3, 5], [2, 4, 3]]) func factorsGiveTheMatrix(_ sizes: [Int]) throws {
        let shape = Shape(sizes)
        for dtype in [DType.float32, .float64] {
            let a = Tensor.normal(shape, dtype: dtype)
            let (q, r) = try a.qr()
            expectClose(q.matmul(r), a)
            let identity = Tensor.eye(q.shape[q.rank - 1], dtype: dtype)
            expectClose(
                q.transposed(-2, -1).matmul(q),
                identity.broadcast(to: Shape(q.shape.dropLast(2) + Array(identity.shape))))
            #expect(q.device == .current && r.device == .current)
        }
    }

    /// The gradient of each factor alone, without the other's.
    @Test(arguments: [[4, 3], [3, 3], [2, 4], [2, 3, 2]], [true, false])
    func gradientOfOneFactor(_ sizes: [Int], _ isOfQ: Bool) throws {
        let a = Tensor.normal(Shape(sizes), dtype: .float64)
        try checkGradients(
            of: {
                guard let factors = try? $0[0].qr() else { fatalError("no LAPACK") }
                return isOfQ ? factors.q : factors.r
            }, at: [a], order: 2)
    }

    /// ‖R‖ = ‖A‖, and Q Qᵀ = 1 for a square matrix: gradients known without the rule.
    @Test func gradientsThatAreKnown() throws {
        let a = Parameter(Tensor.normal([4, 4], dtype: .float64))
        try a.tensor.qr().r.squared().sum().backward()
        expectClose(a.gradient!, a.value * 2)
        let b = Parameter(Tensor.normal([4, 4], dtype: .float64))
        let q = try b.tensor.qr().q
        let weights = Tensor.normal([4, 4], dtype: .float64)
        (q.matmul(q.transposed()) * weights).sum().backward()
        expectClose(b.gradient!, .zeros([4, 4], dtype: .float64), tolerance: 1e-10)  // differences of products near 10
    }

    @Test func graphNamesTheFactors() throws {
        let a = Parameter(.normal([3, 2]))
        let (q, r) = try a.tensor.qr()
        let names = (q.sum() + r.sum()).recordedGraph().nodes.map(\.name)
        #expect(names.contains("qr: Q") && names.contains("qr: R") && names.contains("qr"))
    }

    /// y = 2 + 3x without noise is found; what is left over is orthogonal to the columns.
    @Test(arguments: [DType.float32, .float64]) func leastSquaresFitsALine(_ dtype: DType) throws {
        let x = Tensor.arange(6).cast(to: dtype)
        let a = stack([Tensor.ones(like: x), x], axis: 1)
        expectClose(try leastSquares(a, 2 + 3 * x), Tensor([2, 3], dtype: dtype))
        let b = Tensor.normal([6, 2], dtype: dtype)
        let solution = try leastSquares(a, b)
        #expect(solution.shape == [2, 2] && solution.dtype == dtype && solution.device == .current)
        expectClose(a.transposed().matmul(a.matmul(solution) - b), .zeros([2, 2], dtype: dtype), tolerance: 1e-4)
        expectClose(try leastSquares(a, b.transposed()[0]), solution.transposed()[0])
        expectClose(try solve(a[..<2], b[..<2]), try leastSquares(a[..<2], b[..<2]))
    }

    /// ∂x/∂b = A⁺: of the sum of x the gradient for b is (A⁺)ᵀ 1, here the weights of a mean.
    @Test func leastSquaresHasAKnownGradient() throws {
        let (a, b) = (Tensor.ones([4, 1], dtype: .float64), Parameter(Tensor([1, 2, 3, 6], dtype: .float64)))
        let mean = try leastSquares(a, b)
        expectClose(mean, Tensor([3], dtype: .float64))
        mean.sum().backward()
        expectClose(b.gradient!, .full([4], 0.25, dtype: .float64))
    }

    @Test(arguments: [DType.float32, .float64]) func dependentColumnsAreNamed(_ dtype: DType) throws {
        func column(_ rows: [[Double]]) -> Int? {
            let a = Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], dtype: dtype)
            let b = Tensor.ones([rows.count], dtype: dtype)
            let error = #expect(throws: RankError.self) { try leastSquares(a, b) }
            #expect(error?.operation == "leastSquares" && error?.shape == a.shape)
            return error?.column
        }
        #expect(column([[1, 2, 3], [4, 5, 9], [7, 8, 15], [1, 0, 1]]) == 2)  // the sum of the others
        #expect(column([[1, 3, 2], [2, 6, 2], [3, 9, 5]]) == 1)
        #expect(column([[0, 1], [0, 2], [0, 5]]) == 0)
        #expect(column([[1, 2, 3], [4, 5, 6]]) == 2)  // more columns than rows
        // The size of a column does not matter, only its direction.
        let small = Tensor([1, 1e-12, 1, 2e-12, 1, 4e-12], shape: [3, 2], dtype: dtype)
        expectClose(
            try leastSquares(small, Tensor([1e-12, 2e-12, 4e-12], dtype: dtype)), Tensor([0.0, 1], dtype: dtype))
        let error = #expect(throws: RankError.self) {
            try solve(Tensor([[1.0, 2], [2, 4]], dtype: dtype), Tensor([1.0, 1], dtype: dtype))
        }
        #expect(
            error?.description
                == "solve: column 1 of the matrix [2, 2] depends on those before it, so that its rank is below 2; "
                + "leave that column out")
    }

    @Test func systemsThatDoNotFitTrap() async {
        let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try leastSquares(Tensor.ones([4, 2]), Tensor.ones([3]))
        }
        expectText(
            rows, "leastSquares: the right-hand side must have an element or a row for each row of the matrix",
            "[4, 2]", "[3]", "LinearAlgebraTests.swift:")
        let oblong = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try solve(Tensor.ones([4, 2]), Tensor.ones([4]))
        }
        expectText(oblong, "solve: a square matrix must have", "[4, 2]", "LinearAlgebraTests.swift:")
    }

    @Test func whatDoesNotFitTraps() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Tensor.ones([4]).qr()
        }
        expectText(rank, "qr: a matrix has at least two axes", "matrix […, m, n] = [4]", "LinearAlgebraTests.swift:")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Tensor.ones([2, 2], dtype: .int64).qr()
        }
        expectText(
            integers, "qr: operands must have one element type of floating point", "int64 [2, 2]", "cast(to: .float32)")
        let sizes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([2, 2]).triangularSolve(Tensor.ones([3, 2]), isUpper: true)
        }
        expectText(sizes, "triangularSolve: a square matrix must have a row for each row", "[3, 2]")
        let oblong = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([2, 3]).triangularSolve(Tensor.ones([3, 2]), isUpper: true)
        }
        expectText(oblong, "triangularSolve: a square matrix")
    }

    /// Nothing but `qr` on the cpu device needs the library, and that says so in an error that can be caught.
    @Test(.enabled(if: Device.cpu.isAvailable)) func withoutLAPACK() async {
        await #expect(processExitsWith: .success) {
            setenv("YUYAN_LAPACK", "/nowhere/liblapack.so.3", 1)
            let found = withDevice(.reference) { try? Tensor.eye(2).qr() }
            guard found != nil else { exit(1) }
            do {
                _ = try withDevice(.cpu) { try Tensor.eye(2).qr() }
                exit(2)
            } catch let error as MissingLibraryError {
                guard error.package == "liblapack3" else { exit(3) }
            } catch { exit(4) }
            exit(0)
        }
    }
}
