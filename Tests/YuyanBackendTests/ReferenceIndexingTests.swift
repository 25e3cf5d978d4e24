import Testing
import YuyanBackend

@Suite struct ReferenceIndexingTests {
    private let indices = reference.buffer([2, 0, 2] as [Int64])

    @Test(arguments: DType.allCases)
    func gathersSlices(dtype: DType) {
        let x = reference.cast(reference.buffer([0, 1, 1, 0, 1, 1] as [Float], [3, 2]), to: dtype)
        let rows = try! reference.gather(x, axis: 0, indices: indices)
        #expect(rows.dtype == dtype)
        #expect(elements(reference.cast(rows, to: .float32)) == [1, 1, 0, 1, 1, 1] as [Float])
    }

    @Test func gathersAlongAnyAxis() {
        let x = reference.buffer(counting(6) as [Float], [2, 3])
        let columns = try! reference.gather(x, axis: 1, indices: indices)
        #expect(columns.shape == [2, 3])
        #expect(elements(columns) == [2, 0, 2, 5, 3, 5] as [Float])
        let rows = try! reference.gather(x.swappingAxes(0, 1), axis: 0, indices: indices)
        #expect(elements(rows) == [2, 5, 0, 3, 2, 5] as [Float])
        let everySecond = reference.buffer([1, 9, 0, 9] as [Int64]).view([2], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 2]))
        #expect(elements(try! reference.gather(x, axis: 1, indices: everySecond)) == [1, 0, 4, 3] as [Float])
        #expect(try! reference.gather(x, axis: 0, indices: reference.buffer([] as [Int64])).shape == [0, 3])
    }

    @Test func refusesOtherIndices() async {
        await #expect(processExitsWith: .failure) {
            _ = try! reference.gather(
                reference.buffer([1, 2] as [Float]), axis: 0, indices: reference.buffer([2] as [Int64]))
        }
    }

    @Test func addsScatteredSlices() {
        let values = reference.buffer([1, 2, 3, 4, 5, 6] as [Float], [3, 2])
        let rows = try! reference.scatterAdd(values, axis: 0, indices: indices, size: 4)
        #expect(elements(rows) == [3, 4, 0, 0, 6, 8, 0, 0] as [Float])
        let columns = try! reference.scatterAdd(values.swappingAxes(0, 1), axis: 1, indices: indices, size: 3)
        #expect(elements(columns) == [3, 0, 6, 4, 0, 8] as [Float])
        let whole = try! reference.scatterAdd(
            reference.buffer([200, 1, 100] as [UInt8]), axis: 0, indices: indices, size: 3)
        #expect(elements(whole) == [1, 0, 44] as [UInt8])
    }

    @Test func overwritesSlices() {
        let x = reference.full([2, 3], .float32, 0)
        try! reference.scatter(
            reference.buffer(counting(6, from: 1) as [Float], [2, 3]), into: x, axis: 1, indices: indices)
        #expect(elements(x) == [2, 0, 3, 5, 0, 6] as [Float])
        let y = reference.full([2, 3], .bool, 0)
        try! reference.scatter(
            reference.buffer([true, true], [1, 2]), into: y.swappingAxes(0, 1), axis: 0,
            indices: reference.buffer([1] as [Int64]))
        #expect(elements(y) == [false, true, false, false, true, false])
    }

    @Test func findsTrueElements() {
        let mask = reference.buffer([true, false, true, false, false, true], [2, 3])
        #expect(elements(reference.nonzero(mask)) == [0, 2, 5] as [Int64])
        #expect(elements(reference.nonzero(mask.swappingAxes(0, 1))) == [0, 4, 5] as [Int64])
        #expect(reference.nonzero(reference.full([3], .bool, 0)).shape == [0])
        #expect(elements(reference.nonzero(reference.full(.scalar, .bool, 1))) == [0] as [Int64])
    }
}
