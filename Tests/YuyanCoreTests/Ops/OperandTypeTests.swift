import Testing
import YuyanBackend
import YuyanCore

/// Kernels read all operands as the first one's type: operands that differ are promoted, or end the process.
@Suite struct OperandTypeTests {
    @Test func typesThatStandTogether() {
        for (types, a, b, isAccepted) in [
            (.equal, .float32, .float32, true), (.equal, .bool, .bool, true), (.equal, .float32, .float64, false),
            (.numbers, .int64, .int64, true), (.numbers, .bfloat16, .bfloat16, true), (.numbers, .bool, .bool, false),
            (.numbers, .bfloat16, .float32, false), (.reals, .bfloat16, .bfloat16, true),
            (.numbers, .int64, .int32, false), (.reals, .float64, .float64, true), (.reals, .int64, .int64, false),
            (.reals, .float32, .int64, false), (.indexed, .float32, .int64, true), (.indexed, .float32, .int32, false),
            (.conditional, .bool, .float32, true), (.conditional, .float32, .float32, false),
        ] as [(OperandTypes, DType, DType, Bool)] {
            #expect(types.accept(a, b) == isAccepted, "\(types) \(a) \(b)")
        }
        for (types, a, b, c, isAccepted) in [
            (.equal, .uint8, .uint8, .uint8, true), (.equal, .uint8, .uint8, .bool, false),
            (.numbers, .int64, .int64, .int64, true), (.reals, .float32, .float32, .float64, false),
            (.indexed, .bool, .bool, .int64, true), (.indexed, .float32, .float64, .int64, false),
            (.indexed, .float32, .float32, .float32, false), (.conditional, .bool, .float32, .float32, true),
            (.conditional, .bool, .float32, .float64, false), (.conditional, .uint8, .float32, .float32, false),
        ] as [(OperandTypes, DType, DType, DType, Bool)] {
            #expect(types.accept(a, b, c) == isAccepted, "\(types) \(a) \(b) \(c)")
        }
    }

    @Test func matrixProducts() async {
        let reals = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([1, 2]).matmul(Tensor.ones([2, 1], dtype: .float64))
        }
        expectText(
            reals, "matmul: operands must have one element type, a number's", "left  = float32 [1, 2]",
            "right = float64 [2, 1]", "cast one with cast(to: .float64)", "OperandTypeTests.swift:")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([[1, 2]]).matmul(Tensor.ones([2, 1]))
        }
        expectText(integers, "int64 [1, 2]", "float32 [2, 1]", "cast one with cast(to: .float32)")
        let widths = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([[1, 2]]).matmul(Tensor([[1], [2]] as [[Int32]]))
        }
        expectText(widths, "int64 [1, 2]", "int32 [2, 1]")
        expectElements(Tensor([[1, 2]]).matmul(Tensor([[3], [4]])), [1, 1], [11] as [Int])
    }

    @Test func linearMaps() async {
        let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = linear(Tensor.ones([1, 2]), weight: Tensor.ones([3, 2]), bias: Tensor.ones([3], dtype: .float64))
        }
        expectText(bias, "linear: ", "input  = float32 [1, 2]", "weight = float32 [3, 2]", "bias   = float64 [3]")
        let halves = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Tensor.ones([2, 2])
            _ = linear(x, weight: x.cast(to: .bfloat16))
        }
        expectText(halves, "linear: ", "float32 [2, 2]", "bfloat16 [2, 2]", "cast one with cast(to: .bfloat16)")
    }

    @Test func convolutions() async {
        let kernel = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv2D(Tensor.ones([1, 1, 3, 3]), weight: Tensor.ones([1, 1, 2, 2], dtype: .float64))
        }
        expectText(
            kernel, "conv2D: operands must have one element type of floating point", "float32 [1, 1, 3, 3]",
            "float64 [1, 1, 2, 2]")
        let bias = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv2D(
                Tensor.ones([1, 1, 3, 3]), weight: Tensor.ones([1, 1, 2, 2]), bias: Tensor.ones([1], dtype: .int32))
        }
        expectText(bias, "bias   = int32 [1]")
        let pixels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv2D(Tensor.ones([1, 1, 3, 3], dtype: .uint8), weight: Tensor.ones([1, 1, 2, 2]))
        }
        expectText(pixels, "uint8 [1, 1, 3, 3]", "cast one with cast(to: .float32)")
    }

    @Test func losses() async {
        let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = meanSquaredError(Tensor.ones([4]), Tensor.ones([4], dtype: .float64))
        }
        expectText(wide, "meanSquaredError: ", "predictions = float32 [4]", "targets     = float64 [4]")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = meanSquaredError(Tensor([1, 2]), Tensor([1, 2]))
        }
        expectText(integers, "int64 [2]", "cast them with cast(to: .float32)")
        let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = crossEntropy(Tensor.ones([2, 3]), Tensor.ones([2]))
        }
        expectText(labels, "crossEntropy: targets are class indices, not float32")
        // Indices of any integer type are right.
        let logits: Tensor = [[0.0, 1.0], [2.0, 0.0]]
        let expected = crossEntropy(logits, Tensor([1, 0]))
        expectClose(crossEntropy(logits, Tensor([1, 0] as [Int32])), expected)
        expectClose(crossEntropy(logits, Tensor([1, 0] as [UInt8])), expected)
    }

    /// The rules behind indexing and joining, given what the public methods cast away.
    @Test func rulesOfIndexingAndJoining() async {
        let gather = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(Op.Gather.self, Few(Tensor.ones([3]), Tensor([0, 1] as [Int32])), IndexedAxis(0))
        }
        expectText(gather, "gathered: ", "indices = int32 [2]", "cast the indices with cast(to: .int64)")
        let joined = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(
                Op.Concatenate.self, Few(Tensor.ones([3]), Tensor.ones([2]), Tensor.ones([2], dtype: .float64)), 0)
        }
        expectText(joined, "concatenate: ", "tensor 0 = float32 [3]", "tensor 2 = float64 [2]")
        let assigned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(
                Op.AssignScattered.self, Few(Tensor.ones([3]), Tensor.ones([1], dtype: .float64), Tensor([0])),
                IndexedAxis(0))
        }
        expectText(assigned, "assign at indices: ", "tensor  = float32 [3]", "values  = float64 [1]")
        let region = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(
                Op.AssignSlice.self, Tensor.ones([3]), Tensor([1]), Region(of: [3], axis: 0, from: 0, count: 1))
        }
        expectText(region, "assign: ", "value  = int64 [1]")
        let chosen = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(Op.Select.self, Few(Tensor.ones([3]), Tensor.ones([3]), Tensor.ones([3])), ())
        }
        expectText(chosen, "select: ", "condition = float32 [3]", "cast the condition with cast(to: .bool)")
        let added = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = apply(Op.Add.self, Tensor.ones([3]), Tensor.ones([3], dtype: .float64), ())
        }
        expectText(added, "add: operands must have one element type", "left  = float32 [3]")
    }

    @Test func operandsThatArePromoted() {
        let (integer, real, double) = (Tensor([1, 2]), Tensor([0.5, 0.25]), Tensor([0.1, 0.2], dtype: .float64))
        expectElements(integer + real, [2], [1.5, 2.25] as [Float])
        expectElements(real * double, [2], [0.5 * 0.1, 0.25 * 0.2])
        expectElements(maximum(integer, double), [2], [1, 2] as [Double])
        expectElements(concatenate([integer, real]), [4], [1, 2, 0.5, 0.25] as [Float])
        expectElements(stack([real, double]), [2, 2], [0.5, 0.25, 0.1, 0.2])
        expectElements(select(integer .== 1, real, double), [2], [0.5, 0.2])
        expectElements(select(real, integer, real), [2], [1, 2] as [Float])
        expectElements(real .< double, [2], [false, false])
        expectElements(real[Tensor([1, 0] as [Int32])], [2], [0.25, 0.5] as [Float])
        expectElements(double.gathered(Tensor([1] as [UInt8]), axis: 0), [1], [0.2])
        var x = real
        x[0..<1] = double[1...]
        x[Tensor([1])] = integer[0]
        expectElements(x, [2], [0.2, 1] as [Float])
    }

    @Test(.enabled(if: Device.cpu.isAvailable)) func devices() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = linear(Tensor.ones([1, 2]), weight: Tensor.ones([3, 2], device: .other))
        }
        expectText(result, "linear: operands are on ")
    }
}
