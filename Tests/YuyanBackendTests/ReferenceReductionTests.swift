import Testing
import YuyanBackend

@Suite struct ReferenceReductionTests {
    private let cube = reference.buffer(counting(24) as [Float], [2, 3, 4])

    private func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, _ axes: [Int]) -> DeviceBuffer {
        reference.reduce(operation, x, axes: AxisSet(axes: axes))
    }

    @Test func sumsOverAnyAxes() {
        let all = reduce(.sum, cube, [0, 1, 2])
        #expect(all.shape == [1, 1, 1])
        #expect(elements(all) == [276] as [Float])
        #expect(elements(reduce(.sum, cube, [2])) == [6, 22, 38, 54, 70, 86] as [Float])
        #expect(elements(reduce(.sum, cube, [1])) == [12, 15, 18, 21, 48, 51, 54, 57] as [Float])
        let outer = reduce(.sum, cube, [0, 2])
        #expect(outer.shape == [1, 3, 1])
        #expect(elements(outer) == [60, 92, 124] as [Float])
        #expect(elements(reduce(.sum, cube, [])) == counting(24) as [Float])
        #expect(elements(reduce(.sum, cube.swappingAxes(0, 2), [0])) == [6, 54, 22, 70, 38, 86] as [Float])
    }

    @Test func computesOtherReductions() {
        #expect(elements(reduce(.mean, cube, [2])) == [1.5, 5.5, 9.5, 13.5, 17.5, 21.5] as [Float])
        #expect(elements(reduce(.maximum, cube, [1, 2])) == [11, 23] as [Float])
        #expect(elements(reduce(.minimum, cube, [1, 2])) == [0, 12] as [Float])
        #expect(elements(reduce(.product, reference.buffer([1.5, -2, 4] as [Double]), [0])) == [-12.0])
    }

    @Test func reducesIntegers() {
        let bytes = reference.buffer([200, 100, 3] as [UInt8])
        #expect(elements(reduce(.sum, bytes, [0])) == [47] as [UInt8])
        #expect(elements(reduce(.product, bytes, [0])) == [96] as [UInt8])
        #expect(elements(reduce(.maximum, bytes, [0])) == [200] as [UInt8])
        let exact = reference.buffer([1 << 53, 1, 1] as [Int64])
        #expect(elements(reduce(.sum, exact, [0])) == [(1 << 53) + 2] as [Int64])
        #expect(elements(reduce(.minimum, reference.buffer([-5, 3] as [Int32]), [0])) == [-5] as [Int32])
    }

    @Test func reducesNothing() {
        let empty = reference.buffer([] as [Float], [2, 0])
        #expect(elements(reduce(.sum, empty, [1])) == [0, 0] as [Float])
        #expect(elements(reduce(.product, empty, [1])) == [1, 1] as [Float])
        #expect(elements(reduce(.mean, empty, [1]), as: Float.self).map(\.isNaN) == [true, true])
        #expect(reduce(.sum, empty, [0]).shape == [1, 0])
        #expect(elements(reduce(.sum, reference.buffer([5] as [Float], .scalar), [])) == [5] as [Float])
    }

    @Test func propagatesNaN() {
        let x = reference.buffer([1, .nan, 2, 0, 5, 4] as [Float], [2, 3])
        for operation in [ReductionOperation.maximum, .minimum, .sum, .mean, .product] {
            let result = elements(reduce(operation, x, [1]), as: Float.self)
            #expect(result.map(\.isNaN) == [true, false])
        }
        let infinite = reference.buffer([-Float.infinity, -.infinity])
        #expect(elements(reduce(.maximum, infinite, [0])) == [-.infinity] as [Float])
    }

    /// A `Float` that counts by ones stops at 2²⁴.
    @Test func sumsFloatsAccurately() {
        let ones = reference.buffer([1] as [Float]).view([20_000_002], Strides(lanes: SIMD8(repeating: 0)))
        #expect(elements(reduce(.sum, ones, [0])) == [20_000_002] as [Float])
    }

    @Test func findsFirstExtremes() {
        let x = reference.buffer([3, 9, 9, -1, -1, 5] as [Int32], [2, 3])
        let largest = reference.argReduce(.largest, x, axis: 1)
        #expect(largest.shape == [2, 1])
        #expect(elements(largest) == [1, 2] as [Int64])
        #expect(elements(reference.argReduce(.smallest, x, axis: 1)) == [0, 0] as [Int64])
        #expect(elements(reference.argReduce(.largest, x, axis: 0)) == [0, 0, 0] as [Int64])
        #expect(elements(reference.argReduce(.smallest, x, axis: 0)) == [1, 1, 1] as [Int64])
        #expect(elements(reference.argReduce(.largest, x.swappingAxes(0, 1), axis: 0)) == [1, 2] as [Int64])
    }

    @Test func findsTheFirstNaN() {
        let x = reference.buffer([1, .nan, .infinity, .nan, 0] as [Double])
        #expect(elements(reference.argReduce(.largest, x, axis: 0)) == [1] as [Int64])
        #expect(elements(reference.argReduce(.smallest, x, axis: 0)) == [1] as [Int64])
        let first = reference.buffer([.nan, 2, 1] as [Double])
        #expect(elements(reference.argReduce(.largest, first, axis: 0)) == [0] as [Int64])
        #expect(elements(reference.argReduce(.smallest, first, axis: 0)) == [0] as [Int64])
    }

    @Test func addsUpAlongAnAxis() {
        let x = reference.buffer(counting(6, from: 1) as [Float], [2, 3])
        let along = { (axis: Int, isReversed: Bool) -> [Float] in
            elements(reference.cumulativeSum(x, axis: axis, isReversed: isReversed))
        }
        #expect(along(1, false) == [1, 3, 6, 4, 9, 15])
        #expect(along(1, true) == [6, 5, 3, 15, 11, 6])
        #expect(along(0, false) == [1, 2, 3, 5, 7, 9])
        #expect(along(0, true) == [5, 7, 9, 4, 5, 6])
        let transposed = reference.cumulativeSum(x.swappingAxes(0, 1), axis: 0, isReversed: false)
        #expect(elements(transposed) == [1, 4, 3, 9, 6, 15] as [Float])
        #expect(
            reference.cumulativeSum(reference.buffer([] as [Float], [3, 0]), axis: 1, isReversed: true).shape == [3, 0])
    }
}
