import Testing
import YuyanBackend
import YuyanCore

/// s = a + b (b may be absent), p = a · b (a² without b), and the number of operands, from operands a, indices, b.
///
/// Keeps operands, a result and a workspace, so that each way of saving is used.
private enum SumAndProduct: GeneralRule {
    static let name = "sumAndProduct"
    static var types: OperandTypes { .equal }
    static func resultName(_ place: Int) -> String { ["sum", "product", "count"][place] }
    static func keeps(_ options: Void) -> Kept { [.operand(0), .operand(1), .result(1)] }

    static func outputShapes(_ operands: Few<Shape?>, _ options: Void) throws(ShapeError) -> Few<Shape> {
        if let b = operands[1], b != operands[0]! {
            throw ShapeError(name, "shapes must be equal", [.init("a", operands[0]!), .init("b", b)])
        }
        return Few(operands[0]!, operands[0]!, .scalar)
    }

    static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Void) -> Computed {
        let (a, b) = (operands[0]!, operands[1] ?? operands[0]!)
        let backend = a.device.backend
        let sum = operands[1] == nil ? backend.copied(a) : backend.binary(.add, a, b)
        let count = backend.full(.scalar, .int64, operands[1] == nil ? 1 : 2)
        return Computed(
            Few(sum, backend.binary(.multiply, a, b), count), workspaces: Few(backend.full([3], a.dtype, 7)))
    }

    static func gradients(_ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Void) -> Few<Tensor?> {
        #expect(Tensor(saved.workspaces[0]).array(of: Double.self) == [7, 7, 7])
        #expect(gradients[2] == nil)
        let a = saved.operand(0)
        let zero = Tensor.zeros([], dtype: a.dtype, device: a.device)
        let (s, p) = (gradients[0] ?? zero, gradients[1] ?? zero)
        if saved.isAbsent(1) { return Few(s + 2 * p * a, nil) }
        // The product divided by one factor is the other: a gradient through a saved result.
        let other = saved.result(1) / a
        return Few(
            saved.needsGradient(0) ? s + p * other : nil, saved.needsGradient(1) ? s + p * a : nil)
    }
}

@Suite struct GeneralRuleTests {
    private func compute(_ a: Tensor, _ b: Tensor?) -> Few<Tensor> { apply(SumAndProduct.self, Few(a, b), ()) }

    @Test func severalResultsShareOneOperation() throws {
        let (a, b) = (Parameter(Tensor([2, 3] as [Float])), Parameter(Tensor([5, 7] as [Float])))
        let results = compute(a.tensor, b.tensor)
        #expect(results[2].item() == 2)
        #expect(!results[2].isRecorded)
        (results[0] * 10 + results[1]).sum().backward()
        expectElements(a.gradient!, [2], [15, 17] as [Float])
        expectElements(b.gradient!, [2], [12, 13] as [Float])
    }

    @Test func resultsOnWhichNothingDependsHaveNoGradient() {
        let (a, b) = (Parameter(Tensor([2, 3] as [Float])), Parameter(Tensor([5, 7] as [Float])))
        compute(a.tensor, b.tensor)[1].sum().backward()
        expectElements(a.gradient!, [2], [5, 7] as [Float])
        expectElements(b.gradient!, [2], [2, 3] as [Float])
    }

    @Test func operandsMayBeAbsentOrConstant() {
        let a = Parameter(Tensor([2, 3] as [Float]))
        let alone = compute(a.tensor, nil)
        #expect(alone[2].item() == 1)
        (alone[0] + alone[1]).sum().backward()
        expectElements(a.gradient!, [2], [5, 7] as [Float])
        a.gradient = nil
        compute(a.tensor, Tensor([5, 7] as [Float]))[1].sum().backward()
        expectElements(a.gradient!, [2], [5, 7] as [Float])
    }

    @Test(arguments: [1, 2])
    func gradientsAreThoseOfDifferences(_ order: Int) throws {
        let x: [Tensor] = [[1.5, -0.5, 2], [0.7, 1.2, -2]]
        try checkGradients(
            of: { x in
                let results = compute(x[0], x[1])
                return results[0] * results[1] + results[1].squared()
            }, at: x, order: order)
        try checkGradients(of: { compute($0[0], nil)[1] * compute($0[0], nil)[0] }, at: [x[0]], order: order)
    }

    @Test func sweepsOfTwoResultsShareARetainedGraph() {
        let a = Parameter(Tensor([2, 3] as [Float]))
        let results = compute(a.tensor, nil)
        results[0].sum().backward(retainGraph: true)
        results[1].sum().backward()
        expectElements(a.gradient!, [2], [5, 7] as [Float])
    }

    @Test func aReleasedOperationSaysSo() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let a = Parameter(Tensor([2, 3] as [Float]))
            let results = apply(SumAndProduct.self, Few(a.tensor, nil), ())
            results[0].sum().backward()
            results[1].sum().backward()
        }
        expectText(result, "backward: an earlier backward pass released what \"sumAndProduct\" had saved")
    }

    @Test func graphsShowOperationAndResults() {
        let a = Parameter(Tensor([2, 3] as [Float]))
        let graph = compute(a.tensor, nil)[1].recordedGraph(names: [("a", a)])
        #expect(graph.nodes.map(\.name) == ["a", "sumAndProduct", "sumAndProduct: product"])
    }

    @Test func nothingIsRecordedWithoutNeed() {
        let a = Parameter(Tensor([2, 3] as [Float]))
        #expect(withoutGradients { compute(a.tensor, nil) }.allSatisfy { !$0.isRecorded })
        #expect(compute(a.value, nil).allSatisfy { !$0.isRecorded })
    }

    @Test func fewHoldsAnyNumber() {
        for count in 0...9 {
            var few = Few(contentsOf: 0..<count)
            #expect(Array(few) == Array(0..<count))
            for place in few.indices { few[place] += 10 }
            #expect(few.map { $0 * 2 }.elementsEqual((0..<count).map { 2 * ($0 + 10) }))
        }
    }
}

@Suite struct SplitTests {
    @Test func theGradientOfManyStepsIsOnePass() {
        let x = Parameter(.ones([64, 3]))
        let steps = x.tensor.unstacked()
        #expect(steps.count == 64)
        let loss = steps.reduce(Tensor.zeros([3])) { $0 + $1 * 2 }.sum()
        #expect(loss.recordedGraph().nodes.filter { $0.name == "split" }.count == 1)
        loss.backward()
        expectClose(x.gradient!, .full([64, 3], 2))
    }

    @Test func partsAreViewsInOrder() {
        let x = Tensor.arange(12, dtype: .float32).reshaped([2, 6])
        let parts = x.split(sizes: [1, 0, 5], axis: -1)
        #expect(parts.map(\.shape) == [[2, 1], [2, 0], [2, 5]])
        expectElements(parts[2][1], [5], [7, 8, 9, 10, 11] as [Float])
        #expect(x.split(count: 3, axis: 1).map(\.shape) == [[2, 2], [2, 2], [2, 2]])
        #expect(x.unstacked(axis: 1).map(\.shape) == Array(repeating: [2], count: 6))
        #expect(Tensor.ones([0, 2]).unstacked().isEmpty)
        expectClose(stack(x.unstacked()), x)
        expectClose(concatenate(x.split(count: 2, axis: 1), axis: 1), x)
    }

    @Test func whatDoesNotAddUpTraps() async {
        let sizes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([5, 2]).split(sizes: [2, 2])
        }
        expectText(sizes, "split: the sizes of the parts must add up to that of axis 0", "sizes = [2, 2]")
        let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([5, 2]).split(count: 2)
        }
        expectText(count, "split: 2 parts of one size cannot be made of axis 0 of shape [5, 2]")
    }
}

@Suite struct MaxPoolingGradientTests {
    @Test func isDifferentiableTwice() throws {
        let x = Tensor((0..<72).map { Float(($0 * 29) % 72) / 10 }, shape: [2, 1, 6, 6])
        try checkGradients(of: { $0[0].maxPool2D(kernelSize: 2).pow(3) }, at: [x], order: 2)
        // Windows that overlap, on the element type that the fast kernels have.
        let p = Parameter(x)
        p.tensor.maxPool2D(kernelSize: 3, stride: 2, padding: 1).squared().sum().backward(recordGraph: true)
        let recorded = p.gradient!
        p.gradient = nil
        p.tensor.maxPool2D(kernelSize: 3, stride: 2, padding: 1).squared().sum().backward()
        expectClose(recorded.detached(), p.gradient!)
        p.gradient = nil
        recorded.squared().sum().backward()
        #expect(p.gradient!.array(of: Double.self).contains { $0 != 0 })
    }
}
