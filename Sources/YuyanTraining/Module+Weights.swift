import Foundation
import YuyanCore
import YuyanData
import YuyanNN

extension Module {
    /// Sets all parameters and buffers from a safetensors file, such as `WeightsFile` writes. Changes nothing if it
    /// throws.
    ///
    /// - Throws: `DataError` if the file cannot be read or is malformed, belongs to another model, or holds numbers that
    ///   are not finite.
    public final func loadWeights(from url: URL) throws(DataError) {
        let state = try Safetensors.load(from: url)
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
