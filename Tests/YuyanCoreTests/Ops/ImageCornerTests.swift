import Testing
import YuyanBackend
import YuyanCore

/// Corner cases of the operations for images; numbers are PyTorch 2.15's unless a test says otherwise.
@Suite struct ImageCornerTests {
    /// `torch.nn.functional.elu` and `selu` of these: eˣ − 1 keeps its digits where x is small.
    @Test func exponentialUnitsAreExactNearZero() {
        let x = Tensor([-1e-6, -1e-3, -3, 1e-6, -.infinity, .infinity] as [Float])
        let expected: [Double] = [
            -9.999995427278918e-07, -0.0009995001601055264, -0.9502129554748535, 9.999999974752427e-07, -1, .infinity,
        ]
        let scaled: [Double] = [
            -1.7580985058884835e-06, -0.0017572205979377031, -1.6705687046051025, 1.0507010301807895e-06,
            -1.7580993175506592, .infinity,
        ]
        for (y, expected) in [(x.elu(), expected), (x.selu(), scaled)] {
            for (found, wanted) in zip(y.array(of: Double.self), expected) {
                #expect(found == wanted || abs(found - wanted) <= 4 * Double(Float.ulpOfOne) * abs(wanted))
            }
        }
        let tiny = Tensor([-1e-12], dtype: .float64)
        #expect(abs(tiny.elu(alpha: 2).item(as: Double.self) / (2 * -1e-12) - 1) < 1e-11)
    }

    /// Slopes of PyTorch at the same places and at 0, where it is α's side.
    @Test func slopesOfExponentialUnits() {
        let x = Tensor([-3, -1, -1e-6, 0, 1e-6, -.infinity, .infinity] as [Float])
        let slopes: [Float] = [0.049787066876888275, 0.3678794503211975, 0.9999989867210388, 1, 1, 0, 1]
        expectClose(gradient(of: { $0.elu().sum() }, at: x), Tensor(slopes), tolerance: 2e-7)
        let scaled: [Float] = [
            0.08753060549497604, 0.6467686295509338, 1.758097529411316, 1.7580993175506592, 1.0507010221481323, 0,
            1.0507010221481323,
        ]
        expectClose(gradient(of: { $0.selu().sum() }, at: x), Tensor(scaled), tolerance: 2e-7)
    }

    /// As PyTorch's, which computes in float32 in between.
    @Test func bfloat16IsRoundedOnce() {
        let x = withSeed(1) { Tensor.normal([2, 16, 7, 8]) }.cast(to: .bfloat16)
        let operations: [(String, (Tensor) -> Tensor)] = [
            ("adaptiveAvgPool2D", { $0.adaptiveAvgPool2D(outputSize: [3, 5]) }),
            (
                "avgPool2D",
                { $0.avgPool2D(kernelSize: 3, stride: 2, padding: 1, roundsUp: true, countsPadding: false) }
            ),
            ("resized", { $0.resized(to: [5, 11], by: .bilinear()) }),
            ("resized", { $0.resized(to: [13, 3], by: .bilinear(alignsCorners: true)) }),
            ("hardSigmoid", { $0.hardSigmoid() }), ("hardSwish", { $0.hardSwish() }),
        ]
        for (name, operation) in operations {
            expectClose(
                operation(x), operation(x.cast(to: .float32)).cast(to: .bfloat16), tolerance: 0, name)
        }
    }

    /// Where parameters are read as bfloat16, x may still be float32.
    @Test func slopesStandBesideBothPrecisions() {
        let weight = Parameter(Tensor([0.25]))
        for dtype in [DType.float32, .bfloat16] {
            let y = withPrecision(.bfloat16) { Tensor([-2.0, 3]).cast(to: dtype).prelu(weight: weight) }
            #expect(y.dtype == dtype && y.array(of: Float.self) == [-0.5, 3])
        }
    }

    /// Of `torch.nn.functional.interpolate`: 1 and 4 elements are NaN.
    @Test func anElementReachesOnlyItsNeighbours() {
        var x = Tensor.zeros([1, 1, 6, 6])
        x[0, 0, 0, 0] = Tensor(Float.nan)
        for (side, count) in [(3, 1), (9, 4)] {
            let y = x.resized(to: [side, side], by: .bilinear())
            #expect(y.array(of: Float.self).count { $0.isNaN } == count)
        }
        x[0, 0, 0, 0] = Tensor(Float.infinity)
        let y = x.resized(to: [9, 9], by: .bilinear())
        #expect(y[0, 0, 2..., 2...].array(of: Float.self).allSatisfy { $0 == 0 })
    }

    /// Dilated windows may have padding alone: −∞, as PyTorch's, and no element of the input is chosen.
    @Test func windowsOfPaddingAloneChooseNothing() {
        let x: Tensor = [[[[1.0]], [[2.0]]]]
        let pooled = { (x: Tensor) in x.maxPool2D(kernelSize: 2, stride: 1, padding: 1, dilation: 2) }
        expectElements(pooled(x), [1, 2, 1, 1], [-.infinity, -.infinity] as [Float])
        let loss = { (x: Tensor) in (pooled(x) * Tensor.full(like: x, 3)).sum() }
        expectElements(gradient(of: loss, at: x), [1, 2, 1, 1], [0, 0] as [Float])
        // The same by the operations that have gradients again.
        let weight = Parameter(Tensor(3.0))
        let slope = gradient(of: { (pooled($0) * weight).sum() }, at: x, recordGraph: true)
        expectElements(slope, [1, 2, 1, 1], [0, 0] as [Float])
    }
}
