import Testing
import YuyanBackend

@Suite struct ReferenceMatrixProductTests {
    private func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool = false, transposeB: Bool = false,
        bias: DeviceBuffer? = nil
    ) -> DeviceBuffer {
        reference.matmul(a, b, transposeA: transposeA, transposeB: transposeB, bias: bias)
    }

    @Test func multipliesInAllOrders() {
        let a = reference.buffer([1, 2, 3, 4, 5, 6] as [Float], [2, 3])
        let b = reference.buffer([7, 8, 9, 10, 11, 12] as [Float], [3, 2])
        let expected: [Float] = [58, 64, 139, 154]
        #expect(elements(matmul(a, b)) == expected)
        let aStored = reference.contiguous(a.swappingAxes(0, 1))
        let bStored = reference.contiguous(b.swappingAxes(0, 1))
        #expect(elements(matmul(aStored, b, transposeA: true)) == expected)
        #expect(elements(matmul(a, bStored, transposeB: true)) == expected)
        #expect(elements(matmul(aStored, bStored, transposeA: true, transposeB: true)) == expected)
        #expect(elements(matmul(aStored.swappingAxes(0, 1), bStored.swappingAxes(0, 1))) == expected)
        let bias = reference.buffer([100, 200] as [Float])
        #expect(elements(matmul(a, b, bias: bias)) == [158, 264, 239, 354] as [Float])
    }

    @Test func broadcastsLeadingAxes() {
        let a = reference.buffer(counting(8) as [Double], [2, 1, 2, 2])
        let b = reference.buffer([1, 0, 0, 1, 0, 1, 1, 0, 2, 0, 0, 2] as [Double], [3, 2, 2])
        let result = matmul(a, b)
        #expect(result.shape == [2, 3, 2, 2])
        let expected: [Double] = [
            0, 1, 2, 3, 1, 0, 3, 2, 0, 2, 4, 6,
            4, 5, 6, 7, 5, 4, 7, 6, 8, 10, 12, 14,
        ]
        #expect(elements(result) == expected)
    }

    @Test func multipliesIntegers() {
        let a = reference.buffer([100, 3] as [UInt8], [1, 2])
        #expect(elements(matmul(a, a, transposeB: true)) == [25] as [UInt8])  // 10 009 modulo 256
        let b = reference.buffer([-1, 2, 3, 4] as [Int32], [2, 2])
        #expect(elements(matmul(b, b)) == [7, 6, 9, 22] as [Int32])
        let c = reference.buffer([1 << 32, 1] as [Int64], [1, 2])
        #expect(elements(matmul(c, c, transposeB: true)) == [1] as [Int64])  // 2⁶⁴ + 1 wraps
    }

    @Test func handlesEmptyMatrices() {
        let wide = reference.buffer([] as [Float], [2, 0])
        let bias = reference.buffer([1, 2, 3] as [Float])
        #expect(elements(matmul(wide, reference.buffer([] as [Float], [0, 3]))) == [0, 0, 0, 0, 0, 0] as [Float])
        let biased = matmul(wide, reference.buffer([] as [Float], [0, 3]), bias: bias)
        #expect(elements(biased) == [1, 2, 3, 1, 2, 3] as [Float])
        let none = matmul(reference.buffer([] as [Float], [0, 2]), reference.buffer(counting(6) as [Float], [2, 3]))
        #expect(none.shape == [0, 3])
        let noBatch = reference.buffer([] as [Float], [0, 2, 2])
        #expect(matmul(noBatch, noBatch).shape == [0, 2, 2])
    }
}
