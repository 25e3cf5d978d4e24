import Foundation
import Testing
import YuyanBackend
import YuyanCore
import YuyanData

/// One sample of the catalogue.
struct CatalogueCase: Sendable, CustomTestStringConvertible {
    let entry: OperationEntry
    let index: Int

    var sample: Sample { entry.samples[index] }
    var testDescription: String { "\(entry.name) \(index)" }
    var isDifferentiable: Bool { entry.gradient == .differentiable }

    static let all = Catalogue.entries.flatMap { entry in
        entry.samples.indices.map { CatalogueCase(entry: entry, index: $0) }
    }

    /// The sample's operands: the same numbers, which float32 holds exactly, for every device and element type.
    func operands(_ dtype: DType, on device: Device = .current) -> [Tensor] {
        withSeed(UInt64(index)) {
            withDevice(.reference) {
                sample.operands.map { draw($0, dtype).to(device) }
            }
        }
    }

    private func draw(_ operand: Sample.Operand, _ dtype: DType) -> Tensor {
        let shape = Shape(operand.shape)
        switch operand.kind {
        case .real: return Tensor.uniform(shape, in: operand.low..<operand.high).cast(to: dtype)
        case .integer: return Tensor.uniform(shape, in: operand.low..<operand.high).floor().cast(to: .int64)
        case .boolean: return Tensor.bernoulli(shape, probability: 0.5)
        }
    }

    /// The operands, with real ones as parameters would give them, their result, and the gradients of Σ wᵢ · yᵢ.
    func valueWithGradients(at operands: [Tensor]) -> (value: Tensor, gradients: [Tensor]) {
        var value: Tensor?
        let gradients = gradients(
            of: { operands in
                let result = sample.call(operands)
                value = result.detached()
                return (result * CatalogueCase.weights(for: result)).sum()
            }, at: operands)
        return (value!, gradients)
    }

    /// wᵢ = 0.5 + (i mod 7) / 7, so that each element counts in its own way; the same as in References/generate.py.
    private static func weights(for result: Tensor) -> Tensor {
        let weights = (0..<result.elementCount).map { 0.5 + Double($0 % 7) / 7 }
        return Tensor(weights, shape: result.shape, dtype: result.dtype)
    }
}

/// What References/generate.py computed with PyTorch.
enum StoredResults {
    private static let folder = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../References/Operations").standardized

    private static let arrays = Result {
        let files = Catalogue.families.map { folder.appendingPathComponent("\($0.name).safetensors") }
        let contents = try files.flatMap { try Safetensors.read(from: $0).arrays }
        return Dictionary(uniqueKeysWithValues: contents.map { ($0.name, $0.array) })
    }

    /// The tensor of this name on the current device, or nil.
    static func tensor(_ name: String) throws -> Tensor? { try arrays.get()[name].map { Tensor($0) } }
}
