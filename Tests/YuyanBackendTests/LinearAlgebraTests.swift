import Foundation
import Testing
import YuyanBackend

private let shapes: [[Int]] = [
    [1, 1], [1, 4], [4, 1], [3, 3], [7, 4], [4, 7], [40, 40], [100, 33], [33, 100], [2, 3, 5, 4], [3, 2, 6], [0, 3],
    [3, 0], [0, 4, 4],
]

@Suite struct ReferenceLinearAlgebraTests {
    /// A matrix whose factors are fractions of 7 and 175.
    @Test func smallNumbersByHand() {
        let a = reference.buffer([12, -51, 4, 6, 167, -68, -4, 24, -41] as [Double], [3, 3])
        let (q, r) = reference.qr(a)
        let wanted: [Double] = [-14, -21, 14, 0, -175, 70, 0, 0, -35]
        expectNear(r, wanted)
        let columns: [Double] = [-6, 69, 58, -3, -158, -6, 2, -30, 165]
        let scales: [Double] = [7, 175, 175]
        expectNear(q, columns.enumerated().map { $1 / scales[$0 % 3] })
    }

    private func expectNear(_ found: DeviceBuffer, _ wanted: [Double]) {
        for (x, y) in zip(elements(found, as: Double.self), wanted) { #expect(abs(x - y) < 1e-12) }
    }

    /// A column that is 0 below the diagonal is not reflected, as in LAPACK: its sign stays.
    @Test func whatIsTriangularStays() {
        let a = reference.buffer([2, 3, 0, -4] as [Double], [2, 2])
        let (q, r) = reference.qr(a)
        #expect(elements(q, as: Double.self) == [1, 0, 0, 1])
        #expect(elements(r, as: Double.self) == [2, 3, 0, -4])
    }

    @Test func hugeAndTinyNumbers() {
        for scale in [1e200, 1e-200] {
            let a = reference.buffer([3 * scale, 1, 4 * scale, 1] as [Double], [2, 2])
            let (q, r) = reference.qr(a)
            #expect(abs(elements(r, as: Double.self)[0] / (-5 * scale) - 1) < 1e-14)
            #expect(abs(elements(q, as: Double.self)[0] + 0.6) < 1e-14)
        }
        let broken = reference.qr(reference.buffer([1, 2, .nan, 4] as [Double], [2, 2]))
        #expect(elements(broken.r, as: Double.self)[0].isNaN)
    }

    @Test func solvesByHand() {
        let upper = reference.buffer([2, 1, 99, 4] as [Double], [2, 2])
        let b = reference.buffer([4, 8] as [Double], [2, 1])
        func solve(_ isUpper: Bool, _ isTransposed: Bool) -> [Double] {
            elements(reference.triangularSolve(upper, b, isUpper: isUpper, isTransposed: isTransposed))
        }
        #expect(solve(true, false) == [1, 2])
        #expect(solve(true, true) == [2, 1.5])
        #expect(solve(false, false) == [2, -47.5])
        #expect(solve(false, true) == [-97, 2])
        let singular = reference.buffer([0, 1, 0, 4] as [Double], [2, 2])
        let found = reference.triangularSolve(singular, b, isUpper: true, isTransposed: false)
        #expect(elements(found, as: Double.self) == [.infinity, 2])
    }
}

#if OneDNN
    @Suite struct CPULinearAlgebraTests {
        @Test(arguments: shapes) func factorsAreThoseOfReference(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let a = randomBuffer(shape)
            let expected = reference.qr(wide(a))
            for (name, x) in arrangements(of: a) {
                let (q, r) = cpu.qr(x)
                expectClose(q, expected.q, relative: 1e-4, absolute: 1e-4, "Q, \(shape), \(name)")
                expectClose(r, expected.r, relative: 1e-4, absolute: 1e-4, "R, \(shape), \(name)")
            }
            let double = cpu.qr(cpu.cast(a, to: .float64))
            for (found, wanted) in [(double.q, expected.q), (double.r, expected.r)] {
                #expect(found.shape == wanted.shape)
                for (x, y) in zip(cpu.elements(found, as: Double.self), elements(wanted, as: Double.self)) {
                    #expect(abs(x - y) < 1e-11)
                }
            }
        }

        @Test func columnsAreOrthonormal() {
            let (q, r) = cpu.qr(randomBuffer([60, 40]))
            let product = cpu.matmul(q, q, transposeA: true, transposeB: false, bias: nil)
            expectClose(product, wide(identity(40)), relative: 0, absolute: 1e-5, "QᵀQ")
            let values = cpu.elements(r, as: Float.self)
            for (place, value) in values.enumerated() where place % 40 < place / 40 { #expect(value == 0) }
        }

        private func identity(_ size: Int) -> DeviceBuffer {
            let values: [Float] = (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 }
            return cpu.buffer(values, [size, size])
        }

        @Test(
            arguments: [[1, 1], [3, 2], [17, 40], [70, 1], [64, 300], [0, 2], [3, 0]] as [[Int]], [true, false])
        func solutionsAreThoseOfReference(_ size: [Int], _ isUpper: Bool) {
            for leading in [[], [3]] as [[Int]] {
                let scale = 1 / Double(max(size[0], 1))
                // A diagonal that outweighs the rest: solutions stay as large as the right-hand sides.
                let noise = randomBuffer(Shape(leading + [size[0], size[0]]), low: -scale, high: scale)
                let a = cpu.binary(.add, noise, identity(size[0]))
                let b = randomBuffer(Shape(leading + size), seed: 2)
                for isTransposed in [true, false] {
                    let expected = reference.triangularSolve(
                        wide(a), wide(b), isUpper: isUpper, isTransposed: isTransposed)
                    for ((name, left), (other, right)) in zip(arrangements(of: a), arrangements(of: b)) {
                        let found = cpu.triangularSolve(left, right, isUpper: isUpper, isTransposed: isTransposed)
                        expectClose(
                            found, expected, relative: 1e-5, absolute: 1e-5, "\(leading) \(size), \(name), \(other)")
                    }
                }
            }
        }

        @Test func missingLibrariesAreNamed() async {
            let absent = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                setenv("YUYAN_LAPACK", "/nowhere/liblapack.so.3", 1)
                do { try cpu.prepare(.qr) } catch { fatalError("\(error)") }
            }
            expectText(
                absent, "qr needs LAPACK, which cannot be opened (/nowhere/liblapack.so.3: ", "No such file",
                "`apt-get install liblapack3` provides it")
            let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                setenv("YUYAN_LAPACK", "libm.so.6", 1)
                do { try cpu.prepare(.qr) } catch { fatalError("\(error)") }
            }
            expectText(other, "qr needs LAPACK", "(the library has no function sgeqrf_)")
        }

        private func expectText(_ result: ExitTest.Result?, _ parts: String...) {
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            for part in parts { #expect(text.contains(part), "\(text)") }
        }
    }
#endif
