import Testing
import YuyanBackend
import YuyanCore

@Suite struct TensorTests {
    @Test func properties() {
        let x = Tensor.zeros([2, 3, 4])
        #expect(x.shape == [2, 3, 4])
        #expect(x.rank == 3)
        #expect(x.elementCount == 24)
        #expect(x.count == 2)
        #expect(x.device == .current)
        #expect(!x.isRecorded)
    }

    @Test func itemsAndArrays() {
        // Beyond what a Double can tell apart.
        #expect(Tensor(9_007_199_254_740_993).item(as: Int.self) == 9_007_199_254_740_993)
        #expect(Tensor([2.5] as [Float]).item(as: Float.self) == 2.5)
        #expect(Tensor(true).item(as: Bool.self))
        #expect(Tensor(3).item() == 3)
        #expect(Double(Tensor([[2.5]])) == 2.5)
        #expect(Float(Tensor(2.5)) == 2.5)
        #expect(Tensor([1.9, -1.9]).array(of: Int.self) == [1, -1])
        let columns = Tensor([[1, 2], [3, 4]]).transposed()
        #expect(columns.array(of: Int.self) == [1, 3, 2, 4])
    }

    @Test func casts() {
        let x = Tensor([-1.9, 0, 300.5, .nan, .infinity] as [Float])
        expectElements(x.cast(to: .int32), [5], [-1, 0, 300, 0, .max] as [Int32])
        expectElements(x.cast(to: .uint8), [5], [0, 0, 255, 0, 255] as [UInt8])
        expectElements(x.cast(to: .bool), [5], [true, false, true, true, true])
        expectElements(Tensor([true, false]).cast(to: .float32), [2], [1, 0] as [Float])
        expectElements(Tensor([1 << 40]).cast(to: .float64), [1], [Double(1 << 40)])
    }

    @Test func bfloat16RoundsFloat32() {
        let x = Tensor([1, 3.14159, -0.1] as [Float]).cast(to: .bfloat16)
        #expect(x.dtype == .bfloat16)
        expectElements(x.cast(to: .float32), [3], [1, 3.140625, -0.10009765625] as [Float])
        expectElements(x[1...], [2], [BFloat16(3.14159), BFloat16(-0.1)])
        expectElements(x * 3, [3], [BFloat16(3), BFloat16(3 * 3.140625), BFloat16(3 * -0.10009765625)])
        var sum = x
        sum += x
        expectElements(sum, [3], [BFloat16(2), BFloat16(6.28125), BFloat16(-0.2001953125)])
    }

    @Test func typesArePromoted() {
        let (integer, real, double) = (Tensor([1]), Tensor([0.5]), Tensor([0.25], dtype: .float64))
        #expect((integer + real).dtype == .float32)
        #expect((real + double).dtype == .float64)
        #expect((integer + 1).dtype == .int64)
        #expect((integer + 0.5).dtype == .float32)
        #expect((integer / 2).dtype == .float32)
        #expect((double * 2.5).dtype == .float64)
        let half = real.cast(to: .bfloat16)
        #expect((half + half).dtype == .bfloat16)
        #expect((2.5 * half - 1).dtype == .bfloat16)
        #expect((half + integer).dtype == .bfloat16)
        #expect((half * real).dtype == .float32)
        #expect((half * double).dtype == .float64)
        #expect(half.mean().dtype == .bfloat16)
        #expect((Tensor([true]) + Tensor([true])).item() == 2)
        expectElements(Tensor([7, -7]) / Tensor([2, 2]), [2], [3.5, -3.5] as [Float])
    }

    @Test func mutationKeepsCopies() {
        let x = Tensor([1, 2] as [Float])
        var y = x
        y += Tensor([10, 10] as [Float])
        y *= 2
        expectElements(x, [2], [1, 2] as [Float])
        expectElements(y, [2], [22, 24] as [Float])
        // A view of itself.
        var z = Tensor([[1, 2], [3, 4]] as [[Float]])
        z += z.transposed()
        expectElements(z, [2, 2], [2, 5, 5, 8] as [Float])
        // A broadcast view is not written through.
        var wide = Tensor([1] as [Float]).broadcast(to: [3])
        wide += Tensor([1, 2, 3] as [Float])
        expectElements(wide, [3], [2, 3, 4] as [Float])
    }

    @Test func shapes() {
        let x = Tensor.arange(6).reshaped([2, -1])
        #expect(x.shape == [2, 3])
        #expect(x.expandingShape(at: 1).shape == [2, 1, 3])
        #expect(x.expandingShape(at: -1).shape == [2, 3, 1])
        #expect(x.expandingShape(at: 0).squeezingShape(at: 0).shape == [2, 3])
        #expect(x.reshaped([1, 2, 1, 3]).squeezed().shape == [2, 3])
        #expect(Tensor.zeros([2, 3, 4]).flattened(from: 1).shape == [2, 12])
        #expect(Tensor(1).flattened().shape == [1])
        expectElements(x.viewed(as: [3, 2]), [3, 2], [0, 1, 2, 3, 4, 5])
        expectElements(x.repeated([2, 1]), [4, 3], [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
        expectElements(x.repeated([1, 2]), [2, 6], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
        expectElements(Tensor([[1, 2]]).repeated([2, 1, 2]), [2, 1, 4], [1, 2, 1, 2, 1, 2, 1, 2])
        #expect(x.repeated([0, 2]).shape == [0, 6])
        // As many axes as there are.
        let deep = Tensor([1, 2], shape: [1, 1, 1, 1, 2]).repeated([1, 1, 1, 2, 2])
        expectElements(deep, [1, 1, 1, 2, 4], [1, 2, 1, 2, 1, 2, 1, 2])
        expectElements(
            Tensor([1, 2]).repeated([1, 1, 3, 1, 1, 1, 1, 1]), [1, 1, 3, 1, 1, 1, 1, 2], [1, 2, 1, 2, 1, 2])
        expectElements(
            gradient(of: { $0.repeated([1, 1, 3, 2, 2]).sum() }, at: Tensor([1.0, 2], shape: [1, 1, 1, 1, 2])),
            [1, 1, 1, 1, 2], [12, 12] as [Float])
    }

    @Test func hostArraysHoldWhatTheirTypeAllows() async {
        let flags = HostArray(bytes: [0, 1], shape: [2], dtype: .bool)
        expectElements(Tensor(flags), [2], [false, true])
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = HostArray(bytes: [0, 2], shape: [2], dtype: .bool)
        }
        expectText(result, "host array: bool elements are the bytes 0 and 1, not 2")
        #expect(HostArray([0.5, 1], shape: [2]).dtype == .float64)
    }
}
