import Glibc
import Testing
import YuyanBackend

@Suite struct BufferTests {
    private let matrix = reference.buffer(counting(6) as [Float], [2, 3])

    @Test func viewsSeeTheSameMemory() {
        let transposed = matrix.swappingAxes(0, 1)
        #expect(elements(transposed) == [0, 3, 1, 4, 2, 5] as [Float])
        #expect(!transposed.isContiguous)
        #expect(transposed.isDense)
        #expect(transposed.owner === matrix)
        let row = transposed.view([3], Strides(lanes: [0, 0, 0, 0, 0, 0, 0, 1]), offset: 3)
        #expect(elements(row) == [3, 4, 5] as [Float])
        #expect(row.owner === matrix)
        reference.fill(row, with: 9)
        #expect(elements(matrix) == [0, 1, 2, 9, 9, 9] as [Float])
    }

    @Test func reshapesWithoutCopyWhereStridesAllow() throws {
        let split = try #require(matrix.reshapedView([3, 2, 1]))
        #expect(split.isContiguous)
        #expect(elements(split) == counting(6) as [Float])

        let transposed = matrix.swappingAxes(0, 1)  // [3, 2]
        #expect(transposed.reshapedView([6]) == nil)
        #expect(transposed.reshapedView([2, 3]) == nil)
        let widened = try #require(transposed.reshapedView([1, 3, 1, 2]))
        #expect(elements(widened) == [0, 3, 1, 4, 2, 5] as [Float])

        let cube = reference.buffer(counting(24) as [Float], [2, 3, 4]).swappingAxes(0, 1)  // [3, 2, 4]
        let halves = try #require(cube.reshapedView([3, 2, 2, 2]))
        #expect(elements(halves) as [Float] == elements(cube))
        #expect(cube.reshapedView([6, 4]) == nil)
    }

    @Test func reshapesBroadcasts() throws {
        let repeated = reference.buffer([7] as [Float]).view([2, 3], Strides(lanes: SIMD8(repeating: 0)))
        #expect(!repeated.isDense)
        let flat = try #require(repeated.reshapedView([6]))
        #expect(elements(flat) == [7, 7, 7, 7, 7, 7] as [Float])
    }

    @Test func reshapesEmptyAndScalar() throws {
        let empty = DeviceBuffer([0, 3], .float32, on: .reference).swappingAxes(0, 1)
        #expect(try #require(empty.reshapedView([5, 0])).elementCount == 0)
        let scalar = try #require(reference.buffer([4] as [Float]).reshapedView(.scalar))
        #expect(elements(scalar) == [4] as [Float])
        #expect(try #require(scalar.reshapedView([1, 1])).shape == [1, 1])
    }

    @Test func findsContiguousLayouts() {
        let oneRow = reference.buffer(counting(3) as [Float], [1, 3])
        #expect(oneRow.swappingAxes(0, 1).isContiguous)
        let everySecond = matrix.view([2, 2], Strides(lanes: [0, 0, 0, 0, 0, 0, 3, 2]))
        #expect(!everySecond.isContiguous)
        #expect(!everySecond.isDense)
        #expect(elements(everySecond) == [0, 2, 3, 5] as [Float])
        #expect(reference.contiguous(matrix) === matrix)
        let copy = reference.contiguous(everySecond)
        #expect(copy.isContiguous)
        #expect(copy.owner == nil)
    }
}

/// In processes of their own: the pool is shared by all tests.
@Suite struct MemoryTests {
    @Test(.enabled(if: !Memory.isExact)) func countsBytes() async {
        await #expect(processExitsWith: .success) {
            let before = MemoryStatistics.current
            do {
                let buffer = DeviceBuffer([1000], .float32, on: .reference)  // 4000 bytes take a block of 4096
                #expect(buffer.elementCount == 1000)
                #expect(MemoryStatistics.current.bytesInUse == before.bytesInUse + 4096)
            }
            let after = MemoryStatistics.current
            #expect(after.bytesInUse == before.bytesInUse)
            #expect(after.peakBytesInUse == before.bytesInUse + 4096)
            #expect(after.bytesReserved == before.bytesReserved + 4096)
            MemoryStatistics.resetPeak()
            #expect(MemoryStatistics.current.peakBytesInUse == before.bytesInUse)
        }
    }

    @Test(.enabled(if: !Memory.isExact)) func reusesFreedBlocks() async {
        await #expect(processExitsWith: .success) {
            let address = DeviceBuffer([3000], .float64, on: .reference).pointer
            let systemAllocations = MemoryStatistics.current.systemAllocations
            let second = DeviceBuffer([2999], .float64, on: .reference)
            #expect(second.pointer == address)
            #expect(MemoryStatistics.current.systemAllocations == systemAllocations)
            let third = DeviceBuffer([3000], .float64, on: .reference)
            #expect(third.pointer != address)
            #expect(MemoryStatistics.current.systemAllocations == systemAllocations + 1)
        }
    }

    @Test(.enabled(if: !Memory.isExact)) func viewsKeepTheirOwnerAlive() async {
        await #expect(processExitsWith: .success) {
            func makeView() -> DeviceBuffer? { DeviceBuffer([64], .float32, on: .reference).reshapedView([8, 8]) }
            var view = makeView()
            #expect(MemoryStatistics.current.bytesInUse == 256)
            #expect(view?.shape == [8, 8])
            view = nil
            #expect(MemoryStatistics.current.bytesInUse == 0)
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 100, 1000, 4097, 1 << 20, (2 << 20) + 1])
    func alignsBlocks(byteCount: Int) {
        let block = Memory.allocate(byteCount: byteCount)
        #expect(UInt(bitPattern: block) % 64 == 0)
        memset(block, 0xAB, byteCount)
        Memory.free(block, byteCount: byteCount)
    }
}
