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

    @Test func whatDoesNotFitTraps() async {
        let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Tensor.ones([4]).qr()
        }
        expectText(rank, "qr: a matrix has at least two axes", "matrix […, m, n] = [4]", "LinearAlgebraTests.swift:")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try Tensor.ones([2, 2], dtype: .int64).qr()
        }
        expectText(integers, "qr: operands must all be float32, or all float64", "int64 [2, 2]", "cast(to: .float32)")
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
