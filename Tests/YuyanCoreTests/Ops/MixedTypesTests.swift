import Testing
import YuyanBackend
import YuyanCore

/// All operations of the catalogue that take several real operands, given one of another element type.
@Suite struct MixedTypesTests {
    /// Those that do not promote, with the gradients that are made for one type.
    private static let strict: Set<String> = [
        "prelu",
        "matmul", "linear", "conv1D", "conv2D", "convTranspose2D", "layerNorm", "groupNorm", "conv2DInputGradient",
        "conv2DWeightGradient", "meanSquaredError", "reluGradient",
        "leakyReLUGradient",
        "sigmoidGradient", "tanhGradient", "geluGradient", "geluTanhGradient", "siluGradient", "softplusGradient",
        "batchNorm", "lstm", "triangularSolve", "leastSquares", "solve",
    ]

    private static let cases = CatalogueCase.all.filter { testCase in
        testCase.sample.operands.count { $0.kind == .real } > 1
    }

    /// The operands as float32, but the last real one as `dtype`.
    private static func mixed(_ testCase: CatalogueCase, _ dtype: DType) -> [Tensor] {
        var operands = testCase.operands(.float32)
        let last = testCase.sample.operands.lastIndex { $0.kind == .real }!
        operands[last] = operands[last].cast(to: dtype)
        return operands
    }

    @Test(arguments: cases.filter { !strict.contains($0.entry.name) })
    func promotes(_ testCase: CatalogueCase) {
        for dtype in [DType.float64, .int64] {
            let operands = MixedTypesTests.mixed(testCase, dtype)
            let wide = operands.map { $0.dtype == .float32 ? $0.cast(to: .float64) : $0 }
            let (actual, expected) = (testCase.sample.call(operands), testCase.sample.call(wide))
            expectClose(
                actual.cast(to: expected.dtype), expected, tolerance: Tolerance.of(.float32).value, "\(dtype)")
        }
    }

    @Test(arguments: cases.indices.filter { strict.contains(cases[$0].entry.name) })
    func refuses(_ index: Int) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
            let testCase = MixedTypesTests.cases[index]
            _ = testCase.sample.call(MixedTypesTests.mixed(testCase, .float64))
        }
        expectText(result, "\(MixedTypesTests.cases[index].entry.name): operands must", "float32 [", "float64 [")
    }
}
