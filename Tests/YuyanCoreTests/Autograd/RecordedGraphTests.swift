import Testing
import YuyanCore

/// The recorded operations as plain values.
@Suite struct RecordedGraphTests {
    @Test func listsOperandsBeforeResults() {
        let weight = Parameter(.ones([3, 2]))
        let unnamed = Parameter(.ones([2]))
        let x = Tensor.ones([4, 3])
        let hidden = x.matmul(weight)
        let y = (hidden + unnamed) * hidden
        let expected: [RecordedGraph.Node] = [
            node(.parameter, "w", [3, 2]), node(.parameter, "", [2]), node(.constant, "", [4, 3]),
            node(.operation, "matmul", [4, 2], [2, 0]), node(.operation, "add", [4, 2], [3, 1]),
            node(.operation, "multiply", [4, 2], [4, 3]),
        ]
        #expect(y.recordedGraph(names: [("w", weight)]).nodes == expected)
    }

    private func node(
        _ kind: RecordedGraph.Node.Kind, _ name: String, _ shape: Shape, _ inputs: [Int] = []
    ) -> RecordedGraph.Node {
        RecordedGraph.Node(kind: kind, name: name, shape: shape, inputs: inputs)
    }

    @Test func isOneNodeWithoutHistory() {
        let constant = Tensor.ones([2]).recordedGraph()
        #expect(constant.nodes == [node(.constant, "", [2])])
        let parameter = Parameter(.ones([2]))
        #expect(parameter.tensor.recordedGraph(names: [("p", parameter)]).nodes == [node(.parameter, "p", [2])])
    }

    @Test func isOneNodeOnceReleased() {
        let parameter = Parameter(.ones([2]))
        let loss = (parameter * parameter).sum()
        #expect(loss.recordedGraph().nodes.count == 3)
        loss.backward(retainGraph: true)
        #expect(loss.recordedGraph().nodes.count == 3)
        loss.backward()
        #expect(loss.recordedGraph().nodes.map(\.kind) == [.operation])
    }

    @Test func seesCustomFunctionsAndListsOfOperands() {
        struct Twice: DifferentiableFunction {
            func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor { inputs[0] * 2 }
            func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] { [gradient * 2] }
        }
        let p = Parameter(.ones([2]))
        let graph = concatenate([Twice()(p), p.tensor], axis: 0).recordedGraph()
        #expect(graph.nodes.map(\.name) == ["", "Twice", "concatenate"])
        #expect(graph.nodes.map(\.inputs) == [[], [0], [1, 0]])
    }

    @Test(arguments: CatalogueCase.all.filter(\.isDifferentiable))
    func leadsFromEachOperationToItsOperands(_ testCase: CatalogueCase) {
        let operands = testCase.operands(.float32)
        let parameters = operands.map { $0.dtype.isFloatingPoint ? Parameter($0) : nil }
        let result = testCase.sample.call(zip(operands, parameters).map { $1?.tensor ?? $0 })
        guard result.dtype.isFloatingPoint else { return }
        let graph = result.recordedGraph()
        #expect(graph.nodes.count { $0.kind == .parameter } == parameters.count { $0 != nil })
        #expect(graph.nodes.last?.shape == result.shape)
    }

    @Test func walksALongChainWithoutRecursion() {
        let p = Parameter(.ones([1]))
        var x = p.tensor
        for _ in 0..<100_000 { x = -x }
        let graph = x.recordedGraph()
        #expect(graph.nodes.count == 100_001)
        #expect(graph.nodes.last?.inputs == [99_999])
    }
}
