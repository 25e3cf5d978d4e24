import Testing
import YuyanBackend
import YuyanCore

/// Integers: sums that do not wrap around, powers, and numbers that a Double does not hold.
@Suite struct IntegerTests {
    @Test func sumsAndProductsAreInt64() {
        expectElements(Tensor([200, 100] as [UInt8]).cumulativeSum(axis: 0), [2], [200, 300])
        expectElements(Tensor([20, 20, 20] as [UInt8]).product(), [], [8000])
        expectElements(Tensor([1 << 30, 1 << 30] as [Int32]).cumulativeSum(axis: 0), [2], [1 << 30, 1 << 31])
        expectElements(Tensor([1 << 20, 1 << 20] as [Int32]).product(), [], [1 << 40])
        expectElements(Tensor([true, true, false]).cumulativeSum(axis: 0), [3], [1, 2, 2])
        expectElements(Tensor([true, true]).product(), [], [1])
        expectElements(Tensor([200, 100] as [UInt8]).sum(), [], [300])
    }

    @Test func powers() {
        expectElements(Tensor([2, -3]).pow(3), [2], [8, -27])
        expectElements(Tensor([2, 0]).pow(Tensor([10, 0])), [2], [1024, 1])
        expectElements(Tensor([2, 4]).cast(to: .float32).pow(-1), [2], [0.5, 0.25] as [Float])
        expectElements(Tensor([2, 4]).pow(-1.0), [2], [0.5, 0.25] as [Float])
        expectElements(Tensor([2]).pow(Tensor([-1.0])), [1], [0.5] as [Float])
    }

    @Test func negativePowersAreRefused() async {
        let number = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([2, 3]).pow(-1)
        }
        expectText(number, "pow: an integer to a negative power", "cast(to: .float32)", "IntegerTests.swift:")
        let tensor = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([2, 3] as [Int32]).pow(Tensor([1, -2]))
        }
        expectText(tensor, "pow: an integer to a negative power", "cast(to: .float32)", "IntegerTests.swift:")
    }

    @Test func numbersBeyondDoubleAreExact() {
        let odd = (1 << 53) + 1
        let x = Tensor([1 << 53, odd])
        expectElements(x + odd, [2], [(1 << 54) + 1, (1 << 54) + 2])
        expectElements(x - odd, [2], [-1, 0])
        expectElements(odd - x, [2], [1, 0])
        expectElements(Tensor([1, -1]) * odd, [2], [odd, -odd])
        expectElements(x .== odd, [2], [false, true])
        expectElements(x .!= odd, [2], [true, false])
        expectElements(x .< odd, [2], [true, false])
        expectElements(x .<= odd, [2], [true, true])
        expectElements(x .> (1 << 53), [2], [false, true])
        expectElements(x .>= odd, [2], [false, true])
        expectElements(maximum(x, odd), [2], [odd, odd])
        expectElements(minimum(x, odd), [2], [1 << 53, odd])
        expectElements(Tensor.full([2], odd, dtype: .int64), [2], [odd, odd])
        expectElements(Tensor([Int.max]) + Int.min, [1], [-1])
        #expect((Tensor([1 << 53]) + ((1 << 53) + 1)).array(of: Int.self)[0] == (1 << 54) + 1)
    }

    /// Arithmetic wraps around in the element type, as it does for two tensors; bounds do not.
    @Test func numbersOutsideTheElementType() {
        expectElements(Tensor([5] as [UInt8]) + -1, [1], [4] as [UInt8])
        expectElements(Tensor([5] as [UInt8]) + 300, [1], [49] as [UInt8])
        expectElements(Tensor([5] as [UInt8]) * 257, [1], [5] as [UInt8])
        expectElements(Tensor([5] as [Int32]) + (1 << 32), [1], [5] as [Int32])
        expectElements(maximum(Tensor([5] as [UInt8]), -1), [1], [5] as [UInt8])
        expectElements(minimum(Tensor([5] as [UInt8]), 300), [1], [5] as [UInt8])
        expectElements(Tensor([5] as [UInt8]) .< 300, [1], [true])
        expectElements(Tensor([5] as [UInt8]) .> -1, [1], [true])
    }
}
