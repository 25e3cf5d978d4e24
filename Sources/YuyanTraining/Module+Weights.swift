import Foundation
import YuyanCore
import YuyanData
import YuyanNN

extension Module {
    /// Sets all parameters and buffers from a safetensors file, such as `WeightsFile` writes, or from a checkpoint.
    /// Changes nothing if it throws.
    ///
    /// - Throws: `DataError` if the file cannot be read or is malformed, belongs to another model, or holds numbers that
    ///   are not finite.
    public final func loadWeights(from url: URL) throws(DataError) {
        let contents = try Safetensors.read(from: url)
        let state: [String: Tensor]
        if contents.metadata[Checkpoint.metadataKey] != nil {
            state = try Checkpoint(from: url).model
        } else {
            state = Dictionary(uniqueKeysWithValues: contents.arrays.map { ($0.name, Tensor($0.array)) })
        }
        for (name, tensor) in state.sorted(by: { $0.key < $1.key }) where tensor.dtype.isFloatingPoint {
            if let value = tensor.array(of: Double.self).first(where: { !$0.isFinite }) {
                let fault = value.isNaN ? "a value that is not a number" : "an infinite value"
                throw DataError(path: url.path, reason: "\(name) holds \(fault)")
            }
        }
        do {
            try load(state)
        } catch {
            throw DataError(path: url.path, reason: error.description)
        }
    }
}
