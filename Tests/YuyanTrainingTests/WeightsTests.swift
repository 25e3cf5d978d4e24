import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanNN
import YuyanTraining

/// Weights go into a file and come back; files of other models and broken weights are refused, and change nothing.
@Suite struct WeightsTests {
    private let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")

    private func withFile(_ body: () throws -> Void) rethrows {
        defer { try? FileManager.default.removeItem(at: file) }
        try body()
    }

    private func refusal(_ model: Module) -> String? {
        do {
            try model.loadWeights(from: file)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func weightsComeBack() throws {
        try withFile {
            let saved = withSeed(1) { makeMLP() }
            let loaded = withSeed(2) { makeMLP() }
            try saved.saveWeights(to: file)
            try loaded.loadWeights(from: file)
            for (name, value) in saved.stateDictionary() {
                #expect(loaded.stateDictionary()[name]?.array(of: Float.self) == value.array(of: Float.self))
            }
            // Loading makes no prediction depend on the mode or on the history of the weights.
            loaded.eval()
            let images = Tensor([Float](repeating: 0.5, count: 784), shape: [1, 1, 28, 28])
            let probabilities = withoutGradients { loaded(images).softmax(axis: 1) }
            #expect(!probabilities.isRecorded)
            let sum = probabilities.sum().item()
            #expect(abs(sum - 1) < 1e-6)
        }
    }

    @Test func anotherModelsWeightsAreRefused() throws {
        try withFile {
            try makeLinearRegression().saveWeights(to: file)
            let model = makeSoftmaxRegression()
            let before = model.stateDictionary().mapValues { $0.array(of: Float.self) }
            #expect(
                refusal(model)
                    == "\(file.path): the state does not fit the model: missing 1.weight, 1.bias; "
                    + "unexpected 0.bias, 0.weight")
            #expect(model.stateDictionary().mapValues { $0.array(of: Float.self) } == before)
        }
    }

    @Test func weightsThatAreNotFiniteAreRefused() throws {
        try withFile {
            let model = makeLinearRegression()
            try Safetensors.save(
                [("0.weight", Tensor([1, Float.infinity], shape: [1, 2])), ("0.bias", Tensor([Float(0)]))], to: file)
            #expect(refusal(model) == "\(file.path): element 1 of tensor 0.weight is inf")
            #expect(model.parameters().allSatisfy { $0.value.array(of: Float.self).allSatisfy(\.isFinite) })
        }
    }

    /// A backbone from a file, with a head of another size on it.
    @Test func aPartOfAFileIsLoaded() throws {
        try withFile {
            let source = withSeed(1) { makeMLP() }
            var state = source.stateDictionary()
            state["head.weight"] = state.removeValue(forKey: "3.weight")
            state["head.bias"] = Tensor([Float.nan])
            state["3.bias"] = nil
            try Safetensors.save(state.map { ($0.key, $0.value) }, to: file)
            let net = withSeed(2) {
                Sequential {
                    Flatten()
                    Linear(inputSize: 784, outputSize: 256)
                    ReLU()
                    Linear(inputSize: 256, outputSize: 3)
                }
            }
            let head = net.stateDictionary()["3.weight"]?.array(of: Float.self)
            // What is not loaded may be broken.
            let left = try net.loadWeights(from: file, allowing: .partial)
            #expect(left == UnmatchedNames(missing: ["3.weight", "3.bias"], unexpected: ["head.bias", "head.weight"]))
            #expect(
                net.stateDictionary()["1.weight"]?.array(of: Float.self) == state["1.weight"]?.array(of: Float.self))
            #expect(net.stateDictionary()["3.weight"]?.array(of: Float.self) == head)
            #expect(throws: DataError.self) { try net.loadWeights(from: file) }
            let error = #expect(throws: DataError.self) {
                try net.loadWeights(from: file, renaming: ["head.weight": "3.weight"], allowing: .partial)
            }
            #expect(
                error?.reason
                    == "the state does not fit the model: of another shape: head.weight is [10, 256], "
                    + "the model's 3.weight is [3, 256]")
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect(refusal(makeMLP()) == "\(file.path): no such file")
    }
}
