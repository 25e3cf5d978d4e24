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

    private func values(_ net: Sequential) -> [String: [Float]] {
        net.stateDictionary().mapValues { $0.array(of: Float.self) }
    }

    @Test func partOfAStateIsLoadedAndTheRestNamed() throws {
        let net = make()
        let before = values(net)
        var state = withSeed(1) { make() }.stateDictionary()
        state["2.weight"] = nil
        state["head.weight"] = .zeros([7])
        state["head.bias"] = .zeros([7])
        let left = try net.load(state, allowing: .partial)
        #expect(left == UnmatchedNames(missing: ["2.weight"], unexpected: ["head.bias", "head.weight"]))
        #expect("\(left)" == "missing 2.weight; unexpected head.bias, head.weight")
        let after = values(net)
        #expect(after["0.weight"] == state["0.weight"]?.array(of: Float.self))
        #expect(after["0.weight"] != before["0.weight"])
        #expect(after["2.weight"] == before["2.weight"])
        // Each gap must be allowed.
        let unexpected = #expect(throws: StateError.self) { try net.load(state, allowing: .missing) }
        #expect(unexpected?.missing == [] && unexpected?.unexpected == ["head.bias", "head.weight"])
        let missing = #expect(throws: StateError.self) { try net.load(state, allowing: .unexpected) }
        #expect(missing?.missing == ["2.weight"] && missing?.unexpected == [])
        #expect(try net.load(net.stateDictionary()).isEmpty)
        #expect("\(UnmatchedNames())" == "nothing")
    }

    @Test func whateverIsAllowedShapesAgreeAndSomethingIsLoaded() throws {
        let net = make()
        let before = values(net)
        var state = withSeed(1) { make() }.stateDictionary()
        state["0.weight"] = nil
        state["layer.bias"] = .zeros([5])
        state["0.bias"] = nil
        let error = #expect(throws: StateError.self) {
            try net.load(state, renaming: ["layer": "0"], allowing: .partial)
        }
        #expect(
            error?.description
                == "the state does not fit the model: of another shape: layer.bias is [5], the model's 0.bias is [2]")
        let stranger = #expect(throws: StateError.self) { try net.load(["a": .zeros([1])], allowing: .partial) }
        #expect(
            stranger?.description
                == "the state does not fit the model: missing 0.weight, 0.bias, 2.weight; unexpected a")
        #expect(values(net) == before)
    }

    @Test func namesOfOneBecomeThoseOfAnother() throws {
        let (source, target) = (withSeed(1) { make() }, withSeed(2) { make() })
        let state = source.stateDictionary()
        let other = [
            "module.fc.weight": state["0.weight"]!, "module.fc.bias": state["0.bias"]!,
            "module.fc2.w": state["2.weight"]!,
        ]
        // The longest beginning holds, and ends at a dot: "module.fc" is none of "module.fc2".
        let left = try target.load(other, renaming: ["module": "", "module.fc": "0", "module.fc2.w": "2.weight"])
        #expect(left.isEmpty)
        #expect(values(target) == values(source))
        let rule = Renaming { $0.replacing("module.fc.", with: "0.").replacing("module.fc2.w", with: "2.weight") }
        #expect(try make().load(other, renaming: rule).isEmpty)
        // What is put in front, and taken away.
        let nested = Sequential([source])
        #expect(try nested.load(state, renaming: ["": "0"]).isEmpty)
        #expect(try target.load(nested.stateDictionary(), renaming: ["0": ""]).isEmpty)
    }

    @Test func twoNamesThatBecomeOneAreRefused() {
        let net = make()
        let before = values(net)
        var state = withSeed(1) { make() }.stateDictionary()
        state["a.bias"] = .zeros([2])
        let error = #expect(throws: StateError.self) { try net.load(state, renaming: ["a": "0"]) }
        #expect(
            error?.description
                == "the state does not fit the model: of one name: 0.bias and a.bias are both 0.bias")
        #expect(values(net) == before)
    }
}
