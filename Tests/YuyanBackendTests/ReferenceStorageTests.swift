import Testing
import YuyanBackend

@Suite struct ReferenceStorageTests {
    @Test func downloadsInRowMajorOrder() {
        let x = reference.buffer(counting(6) as [Int32], [2, 3])
        #expect(elements(x) == counting(6) as [Int32])
        #expect(elements(x.swappingAxes(0, 1)) == [0, 3, 1, 4, 2, 5] as [Int32])
        #expect(elements(reference.buffer([] as [Float], [0, 4])) == [] as [Float])
        #expect(elements(reference.buffer([2.5] as [Double], .scalar)) == [2.5])
    }

    @Test(arguments: DType.allCases)
    func fills(dtype: DType) {
        let x = reference.full([2, 2], dtype, 3)
        #expect(elements(reference.cast(x, to: .float64)) == [Double](repeating: dtype == .bool ? 1 : 3, count: 4))
    }

    @Test func fillsViews() {
        let x = reference.full([2, 3], .float32, 0)
        reference.fill(x.view([2], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 3]), offset: 1), with: 1)
        #expect(elements(x) == [0, 1, 0, 0, 1, 0] as [Float])
    }

    @Test func castsRealsToIntegersTruncatingAndSaturating() {
        let x = reference.buffer([1.9, -1.9, .nan, 1e30, -1e30, .infinity, 255.5, -0.5] as [Double])
        #expect(elements(reference.cast(x, to: .int32)) == [1, -1, 0, .max, .min, .max, 255, 0] as [Int32])
        #expect(elements(reference.cast(x, to: .int64)) == [1, -1, 0, .max, .min, .max, 255, 0] as [Int64])
        #expect(elements(reference.cast(x, to: .uint8)) == [1, 0, 0, 255, 0, 255, 255, 0] as [UInt8])
        #expect(elements(reference.cast(x, to: .bool)) == [Bool](repeating: true, count: 8))
        #expect(elements(reference.cast(reference.buffer([0.0, -0.0]), to: .bool)) == [false, false])
    }

    @Test func castsIntegers() {
        let x = reference.buffer([0, 1, -1, 300, 1 << 40, (1 << 53) + 1] as [Int64])
        #expect(elements(reference.cast(x, to: .uint8)) == [0, 1, 255, 44, 0, 1] as [UInt8])
        #expect(elements(reference.cast(x, to: .int32)) == [0, 1, -1, 300, 0, 1] as [Int32])
        #expect(elements(reference.cast(x, to: .float32)) == [0, 1, -1, 300, 0x1p40, 0x1p53] as [Float])
        #expect(elements(reference.cast(x, to: .bool)) == [false, true, true, true, true, true])
        let flags = reference.buffer([true, false])
        #expect(elements(reference.cast(flags, to: .float32)) == [1, 0] as [Float])
    }

    @Test func castsBFloat16() {
        let x = reference.buffer([1, 3.140625, 1e-3, .infinity] as [Float])
        let halved = reference.cast(x, to: .bfloat16)
        #expect(elements(halved, as: BFloat16.self).map(\.bitPattern) == [0x3F80, 0x4049, 0x3A83, 0x7F80])
        #expect(elements(reference.cast(halved, to: .float64))[1] == 3.140625)
    }

    @Test(arguments: DType.allCases)
    func copiesBetweenLayouts(dtype: DType) {
        let source = reference.cast(reference.buffer([0, 1, 2, 3, 4, 5] as [Float], [2, 3]), to: dtype)
        let target = reference.full([3, 2], dtype, 0)
        reference.copy(source, into: target.swappingAxes(0, 1))
        let expected: [Double] = dtype == .bool ? [0, 1, 1, 1, 1, 1] : [0, 3, 1, 4, 2, 5]
        #expect(elements(reference.cast(target, to: .float64)) == expected)
    }
}
