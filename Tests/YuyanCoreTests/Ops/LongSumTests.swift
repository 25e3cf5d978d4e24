import Testing
import YuyanCore

/// Sums of many float32 numbers do not stop where one of them is below the last bit of the sum: here behind 2²⁴, which
/// a float32 cannot count beyond.
@Suite struct LongSumTests {
    private static let large = Float(1 << 24)

    /// 2²⁴, then ones.
    private func terms(_ count: Int) -> [Float] { [LongSumTests.large] + [Float](repeating: 1, count: count - 1) }

    @Test(arguments: [1, 3, 70]) func averagePooling(_ channels: Int) {
        // Windows of 256 pixels: (2²⁴ + 255) / 256.
        let x = Tensor(terms(256), shape: [1, 1, 16, 16]).broadcast(to: [2, channels, 16, 16])
        let y = x.avgPool2D(kernelSize: 16)
        #expect(y.shape == [2, channels, 1, 1])
        for mean in y.array(of: Double.self) { #expect(abs(mean - 65_536.996) < 0.01) }
    }

    /// 100 windows cover the position (9, 9), and all of a maximum pooling choose it.
    @Test(arguments: [1, 3, 70]) func gradientsOfPooling(_ channels: Int) {
        var values = [Float](repeating: 0, count: 400)
        values[9 * 20 + 9] = 1
        let x = Parameter(Tensor(values, shape: [1, 1, 20, 20]).broadcast(to: [2, channels, 20, 20]))
        let g = Tensor(terms(121), shape: [1, 1, 11, 11]).broadcast(to: [2, channels, 11, 11])
        x.avgPool2D(kernelSize: 10, stride: 1).backward(g)
        for slope in x.gradient![0..., 0..., 9, 9].array(of: Double.self) { #expect(abs(slope - 167_773.15) < 0.05) }
        x.gradient = nil
        x.maxPool2D(kernelSize: 10, stride: 1).backward(g)
        for slope in x.gradient![0..., 0..., 9, 9].array(of: Double.self) {
            #expect(abs(slope - Double(1 << 24 + 99)) < 2)
        }
    }

    @Test(arguments: [1, 3, 70]) func repeatedIndices(_ columns: Int) {
        let table = Parameter(Tensor.zeros([2, columns]))
        let indices = Tensor([Int](repeating: 1, count: 10_000))
        table.gathered(indices, axis: 0).backward(
            Tensor(terms(10_000), shape: [10_000, 1]).broadcast(to: [10_000, columns]))
        expectClose(table.gradient![0], .zeros([columns]))
        // The ones that the block of 2²⁴ itself loses.
        for sum in table.gradient![1].array(of: Double.self) { #expect(abs(sum - Double(1 << 24 + 9_999)) <= 64) }
    }

    /// More than 2²⁴ ones, which a sum that takes them one by one cannot count. A single image of so many pixels still can
    /// lose some.
    @Test(arguments: [1, 3]) func convolutionsWeightAndBias(_ kernel: Int) async {
        let (count, size) = (5, 2048)
        let (weights, biases) = await onOneThread {
            let x = Tensor.ones([1, 1, 1, 1]).broadcast(to: [count, 1, size, size])
            let (weight, bias) = (Parameter(Tensor.zeros([1, 1, kernel, kernel])), Parameter(Tensor.zeros([1])))
            conv2D(x, weight: weight, bias: bias, padding: Size2D(kernel / 2)).sum().backward()
            return (weight.gradient!.array(of: Double.self), bias.gradient!.array(of: Double.self))
        }
        let all = Double(count * size * size)
        #expect(biases == [all])
        #expect(weights[kernel * kernel / 2] == all)
        if kernel == 3 { #expect(weights[1] == all - Double(count * size)) }
    }

    @Test(arguments: [1, 3]) func weightOfALinearMap(_ outputs: Int) async {
        let count = 5 << 22
        let sums = await onOneThread {
            let weight = Parameter(Tensor.zeros([outputs, 1]))
            linear(Tensor.ones([count, 1]), weight: weight).sum().backward()
            return weight.gradient!.array(of: Double.self)
        }
        #expect(sums == Array(repeating: Double(count), count: outputs))
    }

    /// Where several threads compute, each adds up a part, which may be short enough by itself.
    private func onOneThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            startBackgroundThread(named: "long sum") { continuation.resume(returning: body()) }
        }
    }

    @Test func biasOfALinearMap() {
        let (weight, bias) = (Parameter(Tensor.zeros([3, 1])), Parameter(Tensor.zeros([3])))
        let y = linear(Tensor.zeros([10_000, 1]), weight: weight, bias: bias)
        y.backward(Tensor(terms(10_000), shape: [10_000, 1]).broadcast(to: [10_000, 3]))
        for sum in bias.gradient!.array(of: Double.self) { #expect(abs(sum - Double(1 << 24 + 9_999)) <= 64) }
    }
}
