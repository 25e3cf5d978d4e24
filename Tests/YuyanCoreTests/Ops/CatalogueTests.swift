import Testing
import YuyanBackend
import YuyanCore

/// Every sample of every operation, on the current device.
@Suite struct CatalogueTests {
    @Test(arguments: CatalogueCase.all)
    func forwardAgreesWithReferenceInDouble(_ testCase: CatalogueCase) {
        let result = testCase.sample.call(testCase.operands(.float32))
        // Random numbers depend on the element type: there the reference draws float32, too.
        let dtype: DType = testCase.sample.torch.isEmpty ? .float32 : .float64
        let expected = withDevice(.reference) { testCase.sample.call(testCase.operands(dtype)) }
        #expect(result.device == .current)
        let sumsProducts = testCase.entry.name == "conv2D" && dtype == .float64
        let magnitudes = withDevice(.reference) {
            sumsProducts ? testCase.sample.call(testCase.operands(dtype).map { $0.abs() }) : nil
        }
        expectClose(
            result.to(.reference), expected.dtype == .float64 ? expected.cast(to: .float32) : expected,
            termMagnitudes: magnitudes)
    }

    @Test(arguments: CatalogueCase.all.filter { $0.isDifferentiable && $0.sample.checksGradient })
    func gradientAgreesWithDifferences(_ testCase: CatalogueCase) throws {
        try checkGradients(
            of: testCase.sample.call, at: testCase.operands(.float64), tolerance: Tolerance.of(.float64).gradient)
    }

    @Test(
        arguments: CatalogueCase.all.filter {
            $0.isDifferentiable && $0.sample.checksGradient && $0.elementCount < 1000
        })
    func gradientOfGradientAgreesWithDifferences(_ testCase: CatalogueCase) throws {
        try checkGradients(
            of: testCase.sample.call, at: testCase.operands(.float64), tolerance: Tolerance.of(.float64).gradient,
            order: 2)
    }

    @Test(arguments: CatalogueCase.all.filter { !$0.sample.torch.isEmpty }, [DType.float32, .float64])
    func agreesWithPyTorch(_ testCase: CatalogueCase, _ dtype: DType) throws {
        let name = "\(testCase.entry.name)/\(testCase.index)"
        let operands = try zip(Sample.letters, testCase.sample.operands).map { letter, operand in
            let stored = try #require(try StoredResults.tensor("\(name)/\(letter)"), "run References/generate.py")
            return operand.kind == .real ? stored.cast(to: dtype) : stored
        }
        guard dtype == .float32 || operands.contains(where: { $0.dtype == dtype }) else { return }
        for (operand, description) in zip(operands, testCase.sample.operands) {
            try #require(
                operand.shape == Shape(description.shape), "the sample has changed: run References/generate.py")
        }
        let run = "\(name)/\(dtype)"
        let expected = try #require(try StoredResults.tensor("\(run)/output"), "run References/generate.py")
        expectClose(testCase.sample.call(operands), expected, run)

        guard testCase.isDifferentiable, expected.dtype.isFloatingPoint else { return }
        let (_, gradients) = testCase.valueWithGradients(at: operands)
        for (letter, (operand, gradient)) in zip(Sample.letters, zip(operands, gradients))
        where operand.dtype.isFloatingPoint {
            let expected = try #require(try StoredResults.tensor("\(run)/gradient/\(letter)"))
            expectClose(gradient, expected, tolerance: Tolerance.of(dtype).gradient, "\(run)/gradient/\(letter)")
        }
    }

    /// Composed operations round in between.
    @Test(arguments: CatalogueCase.all.filter { $0.sample.operands.contains { $0.kind == .real } })
    func bfloat16IsRoundedFloat32(_ testCase: CatalogueCase) {
        let operands = testCase.operands(.float32).map { $0.dtype == .float32 ? $0.cast(to: .bfloat16) : $0 }
        let wide = operands.map { $0.dtype == .bfloat16 ? $0.cast(to: .float32) : $0 }
        let (result, expected) = (testCase.sample.call(operands), testCase.sample.call(wide))
        #expect(result.dtype == (expected.dtype == .float32 ? .bfloat16 : expected.dtype))
        expectClose(result.cast(to: expected.dtype), expected, tolerance: Tolerance.of(.bfloat16).value)
        // That of qr divides by R, whose rounding grows with the matrix's condition.
        guard testCase.isDifferentiable, testCase.sample.checksGradient, testCase.entry.name != "qr" else { return }
        let gradients = testCase.valueWithGradients(at: operands).gradients
        for (gradient, expected) in zip(gradients, testCase.valueWithGradients(at: wide).gradients) {
            #expect(gradient.dtype == (expected.dtype == .float32 ? .bfloat16 : expected.dtype))
            guard expected.dtype.isFloatingPoint else { continue }
            expectClose(gradient.cast(to: .float32), expected, tolerance: Tolerance.of(.bfloat16).gradient)
        }
    }

    @Test(arguments: CatalogueCase.all.filter { $0.sample.operands.contains { !$0.shape.isEmpty } })
    func viewsGiveTheSameAsContiguousOperands(_ testCase: CatalogueCase) {
        let operands = testCase.operands(.float32)
        let views = operands.map(CatalogueTests.view(of:))
        for (operand, view) in zip(operands, views) {
            #expect(view.array(of: Double.self) == operand.array(of: Double.self))
        }
        expectClose(testCase.sample.call(views), testCase.sample.call(operands))
        guard testCase.isDifferentiable, testCase.sample.checksGradient else { return }
        let expected = testCase.valueWithGradients(at: operands).gradients
        for (gradient, expected) in zip(testCase.valueWithGradients(at: views).gradients, expected) {
            expectClose(gradient, expected, tolerance: Tolerance.of(.float32).gradient)
        }
    }

    /// The same tensor in another order in memory, with elements that do not belong to it in between.
    private static func view(of x: Tensor) -> Tensor {
        guard x.rank > 0 else { return x }
        let reversed = Array((0..<x.rank).reversed())
        let turned = x.permuted(reversed)
        // Between two neighbours in memory stands an element that does not belong to the view.
        let both = stack([turned, Tensor.full(like: turned, 1)], axis: x.rank)
        return both.permuted([x.rank] + reversed)[0]
    }
}

extension CatalogueCase {
    /// How many numbers the operands hold.
    fileprivate var elementCount: Int { sample.operands.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}
