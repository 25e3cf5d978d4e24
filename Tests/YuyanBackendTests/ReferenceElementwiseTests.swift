import Foundation
import Testing
import YuyanBackend

@Suite struct ReferenceElementwiseTests {
    private func unary(_ operation: UnaryKind, _ values: [Double]) -> [Double] {
        elements(reference.unary(operation, reference.buffer(values)))
    }

    @Test func computesExactValues() {
        #expect(unary(.negate, [1, -2, 0]) == [-1, 2, 0])
        #expect(unary(.absolute, [1, -2, -.infinity]) == [1, 2, .infinity])
        #expect(unary(.sign, [3, -0.5, 0]) == [1, -1, 0])
        #expect(unary(.square, [3, -0.5]) == [9, 0.25])
        #expect(unary(.reciprocal, [4, -0.5, 0]) == [0.25, -2, .infinity])
        #expect(unary(.exp, [0, 1, -.infinity]) == [1, exp(1), 0])
        #expect(unary(.log, [1, 0, exp(1)]) == [0, -.infinity, 1])
        #expect(unary(.squareRoot, [9, 0.25]) == [3, 0.5])
        #expect(unary(.sine, [0, 1]) == [0, sin(1)])
        #expect(unary(.cosine, [0, 1]) == [1, cos(1)])
        #expect(unary(.tanh, [0, 1000, -1000]) == [0, 1, -1])
        #expect(unary(.sigmoid, [0, 1000, -1000]) == [0.5, 1, 0])
        #expect(unary(.relu, [-1, 0, 2]) == [0, 0, 2])
        #expect(unary(.floor, [1.5, -1.5, 2]) == [1, -2, 2])
        #expect(unary(.erf, [0, .infinity, -.infinity, 1]) == [0, 1, -1, erf(1)])
    }

    @Test(arguments: UnaryKind.all.filter { $0 != .logicalNot && $0 != .sign })
    func keepsNaN(operation: UnaryKind) {
        #expect(unary(operation, [.nan])[0].isNaN)
        let x = reference.buffer([Float.nan])
        #expect(elements(reference.unary(operation, x), as: Float.self)[0].isNaN)
    }

    @Test func sigmoidKeepsSmallValues() {
        #expect(abs(unary(.sigmoid, [-700])[0] / exp(-700) - 1) < 1e-15)
        #expect(elements(reference.unary(.sigmoid, reference.buffer([-80] as [Float])))[0] > 0 as Float)
    }

    @Test func wrapsIntegers() {
        let x = reference.buffer([Int32.min, -3, 0, 7])
        #expect(elements(reference.unary(.negate, x)) == [.min, 3, 0, -7] as [Int32])
        #expect(elements(reference.unary(.absolute, x)) == [.min, 3, 0, 7] as [Int32])
        #expect(elements(reference.unary(.sign, x)) == [-1, -1, 0, 1] as [Int32])
        #expect(elements(reference.unary(.square, reference.buffer([16, 15] as [UInt8]))) == [0, 225] as [UInt8])
        let large = reference.buffer([250, 5] as [UInt8])
        let small = reference.buffer([10, 6] as [UInt8])
        #expect(elements(reference.binary(.add, large, small)) == [4, 11] as [UInt8])
        #expect(elements(reference.binary(.subtract, large, small)) == [240, 255] as [UInt8])
    }

    @Test func dividesAndRaisesIntegers() {
        let a = reference.buffer([7, -7, 5, .min] as [Int64])
        let b = reference.buffer([2, 2, 0, -1] as [Int64])
        #expect(elements(reference.binary(.divide, a, b)) == [3, -3, 0, .min] as [Int64])
        let base = reference.buffer([2, -3, -1, 1, 5, 0, -1, 10, 3] as [Int64])
        let exponent = reference.buffer([10, 3, -3, -5, -1, 0, -2, 30, 0] as [Int64])
        let expected: [Int64] = [1024, -27, -1, 1, 0, 1, 1, 5_076_944_270_305_263_616, 1]
        #expect(elements(reference.binary(.power, base, exponent)) == expected)
    }

    @Test func broadcastsAndReadsAnyLayout() {
        let a = reference.buffer(counting(6) as [Float], [2, 3]).swappingAxes(0, 1)  // [[0, 3], [1, 4], [2, 5]]
        let b = reference.buffer([10, 20] as [Float])
        #expect(elements(reference.binary(.add, a, b)) == [10, 23, 11, 24, 12, 25] as [Float])
        let column = reference.buffer([1, 2, 3] as [Float], [3, 1])
        let product = reference.binary(.multiply, column, b)
        #expect(product.shape == [3, 2])
        #expect(elements(product) == [10, 20, 20, 40, 30, 60] as [Float])
        let scalar = reference.buffer([2] as [Float], .scalar)
        #expect(elements(reference.binary(.subtract, scalar, b)) == [-8, -18] as [Float])
        #expect(reference.binary(.add, scalar, scalar).shape == .scalar)
        let empty = reference.buffer([] as [Float], [0, 2])
        #expect(reference.binary(.add, empty, b).shape == [0, 2])
    }

    @Test func maximumAndMinimumKeepNaN() {
        let a = reference.buffer([1, .nan, 3, .nan] as [Float])
        let b = reference.buffer([2, 2, .nan, .nan] as [Float])
        let largest = elements(reference.binary(.maximum, a, b), as: Float.self)
        let smallest = elements(reference.binary(.minimum, a, b), as: Float.self)
        #expect(largest.map(\.isNaN) == [false, true, true, true] && largest[0] == 2)
        #expect(smallest.map(\.isNaN) == [false, true, true, true] && smallest[0] == 1)
    }

    @Test func computesWithScalars() {
        let x = reference.buffer([1, 2, 4] as [Float])
        #expect(elements(reference.binary(.divide, x, scalar: 2, scalarIsLeft: false)) == [0.5, 1, 2] as [Float])
        #expect(elements(reference.binary(.divide, x, scalar: 2, scalarIsLeft: true)) == [2, 1, 0.5] as [Float])
        #expect(elements(reference.binary(.power, x, scalar: 2, scalarIsLeft: true)) == [2, 4, 16] as [Float])
    }

    @Test func computesActivationGradients() {
        let g = reference.buffer([2, 2, 2] as [Double])
        let y = reference.buffer([0.5, 0, -1] as [Double])
        #expect(elements(reference.unaryGradient(.sigmoid, g, y)) == [0.5, 0, -4])
        #expect(elements(reference.unaryGradient(.tanh, g, y)) == [1.5, 2, 0])
        #expect(elements(reference.unaryGradient(.relu, g, y)) == [2.0, 0, 0])
        #expect(elements(reference.unaryGradient(.leakyReLU, g, y)) == [2.0, 0.5, 0.5])
    }

    @Test func combinesBools() {
        let a = reference.buffer([true, true, false, false])
        let b = reference.buffer([true, false, true, false])
        #expect(elements(reference.binary(.logicalAnd, a, b)) == [true, false, false, false])
        #expect(elements(reference.binary(.logicalOr, a, b)) == [true, true, true, false])
        #expect(elements(reference.unary(.logicalNot, a)) == [false, false, true, true])
    }

    @Test(arguments: DType.allCases)
    func compares(dtype: DType) {
        let a = reference.cast(reference.buffer([0, 0, 1, 1] as [Float]), to: dtype)
        let b = reference.cast(reference.buffer([0, 1, 0, 1] as [Float]), to: dtype)
        let expected: [ComparisonOperation: [Bool]] = [
            .equal: [true, false, false, true], .notEqual: [false, true, true, false],
            .less: [false, true, false, false], .lessOrEqual: [true, true, false, true],
            .greater: [false, false, true, false], .greaterOrEqual: [true, false, true, true],
        ]
        for operation in ComparisonOperation.all {
            #expect(elements(reference.compare(operation, a, b)) == expected[operation])
        }
    }

    @Test func comparesWithScalars() {
        let x = reference.buffer([1, 2, 3] as [Int32])
        #expect(elements(reference.compare(.less, x, scalar: 2.5)) == [true, true, false])
        #expect(elements(reference.compare(.equal, x, scalar: 2)) == [false, true, false])
        #expect(elements(reference.compare(.greater, x, scalar: -1e20)) == [true, true, true])
        let tenth = reference.buffer([0.1] as [Float])
        #expect(elements(reference.compare(.equal, tenth, scalar: 0.1)) == [true])
        let notANumber = reference.buffer([Float.nan])
        #expect(elements(reference.compare(.notEqual, notANumber, scalar: 0)) == [true])
        #expect(elements(reference.compare(.equal, notANumber, notANumber)) == [false])
    }

    @Test(arguments: DType.allCases)
    func selects(dtype: DType) {
        let condition = reference.buffer([true, false], [2, 1])
        let a = reference.full([3], dtype, 1)
        let result = reference.select(condition, a, reference.full(.scalar, dtype, 0))
        #expect(result.dtype == dtype)
        #expect(elements(reference.cast(result, to: .float32)) == [1, 1, 1, 0, 0, 0] as [Float])
    }

    @Test func accumulatesIntoViews() {
        let sum = reference.buffer([1, 2, 3, 4] as [Float], [2, 2])
        let source = reference.buffer([10, 20, 30, 40] as [Float], [2, 2])
        reference.accumulate(source, into: sum.swappingAxes(0, 1))
        #expect(elements(sum) == [11, 32, 23, 44] as [Float])
    }

    @Test func refusesOtherTypes() async {
        await #expect(processExitsWith: .failure) { _ = reference.unary(.exp, reference.buffer([1] as [Int32])) }
        await #expect(processExitsWith: .failure) { _ = reference.unary(.logicalNot, reference.buffer([1] as [Float])) }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = reference.full([1], .bool, 1)
            _ = reference.binary(.add, x, x)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("add is not defined for bool"))
    }
}
