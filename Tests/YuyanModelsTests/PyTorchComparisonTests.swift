import Foundation
import Testing
import Yuyan

/// Models against PyTorch: the same weights and batch give the same losses over five SGD steps.
/// The stored results are made by References/lenet.py.
@Suite struct PyTorchComparisonTests {
    private struct Reference {
        let tensors: [String: Tensor]
        let learningRate: Double

        init(_ name: String) throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../References/\(name).safetensors")
            tensors = try Safetensors.load(from: file)
            learningRate = try #require(Double(Safetensors.read(from: file).metadata["learningRate"] ?? ""))
        }

        var weights: [String: Tensor] {
            Dictionary(
                uniqueKeysWithValues: tensors.compactMap { name, value in
                    name.hasPrefix("weights.") ? (String(name.dropFirst("weights.".count)), value) : nil
                })
        }

        /// The losses before each step.
        func losses(of net: Sequential, dtype: DType) throws -> [Double] {
            net.cast(to: dtype)
            try net.load(weights)
            let images = tensors["images"]!.cast(to: dtype)
            let optimizer = SGD(net.parameters(), learningRate: learningRate)
            return (0..<5).map { _ in
                let loss = crossEntropy(net(images), tensors["labels"]!)
                optimizer.zeroGradients()
                loss.backward()
                optimizer.step()
                return loss.item()
            }
        }
    }

    @Test(arguments: ["lenet", "mlp"], [(DType.float32, 1e-5), (.float64, 1e-12)])
    func lossesOverFiveSteps(model: String, type: (dtype: DType, tolerance: Double)) throws {
        let reference = try Reference(model)
        let losses = try reference.losses(of: model == "lenet" ? makeLeNet() : makeMLP(), dtype: type.dtype)
        let expected = reference.tensors["losses.\(type.dtype)"]!.array(of: Double.self)
        #expect(expected.count == 5)
        #expect(Set(expected).count == 5)
        for (step, (loss, expected)) in zip(losses, expected).enumerated() {
            #expect(abs(loss - expected) <= type.tolerance * expected, "step \(step): \(loss), PyTorch \(expected)")
        }
    }
}
