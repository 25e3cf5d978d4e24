import Testing
import Yuyan

@Suite struct StateDictionaryTests {
    private func make() -> Sequential {
        Sequential(Linear(inputSize: 3, outputSize: 2), ReLU(), Linear(inputSize: 2, outputSize: 1, hasBias: false))
    }

    @Test func namesAndLayoutsArePyTorchs() {
        let state = make().stateDictionary()
        #expect(state.keys.sorted() == ["0.bias", "0.weight", "2.weight"])
        #expect(state["0.weight"]?.shape == [2, 3])
    }

    @Test func loadingCopiesTheFunction() throws {
        let (a, b, x) = withSeed(1) { (make(), make(), Tensor.uniform([4, 3])) }
        #expect(a(x).array(of: Float.self) != b(x).array(of: Float.self))
        try b.load(a.stateDictionary())
        #expect(a(x).array(of: Float.self) == b(x).array(of: Float.self))
        a.parameters()[0].value[0, 0] = 100
        #expect(b.parameters()[0].value[0, 0].item() != 100)
    }

    @Test func whatDoesNotFitIsNamedAndChangesNothing() {
        let net = make()
        let before = net.parameters().map { $0.value.array(of: Float.self) }
        var state = make().stateDictionary()
        state["2.weight"] = nil
        state["3.weight"] = .zeros([1])
        state["0.bias"] = .zeros([5])
        let error = #expect(throws: StateError.self) { try net.load(state) }
        #expect(
            error?.description == """
                the state does not fit the model: missing 2.weight; unexpected 3.weight; \
                of another shape: 0.bias is [5], the model's is [2]
                """)
        #expect(net.parameters().map { $0.value.array(of: Float.self) } == before)
    }
}
