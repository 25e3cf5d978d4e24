import Foundation
import YuyanCore
import YuyanData
import YuyanNN

extension Module {
    /// Writes all parameters and buffers as a safetensors file, whole or not at all. Names and layouts are PyTorch's;
    /// the same weights give the same bytes.
    ///
    /// - Throws: `DataError` if the file cannot be written.
    public final func saveWeights(to url: URL) throws(DataError) {
        try Safetensors.save(stateDictionary().map { ($0.key, $0.value) }, to: url)
    }

    /// Sets all parameters and buffers from a safetensors file, such as the `weights.safetensors` of `yuyan train`,
    /// or from a checkpoint. Changes nothing if it throws. To predict with the weights:
    ///
    ///     let model = makeLeNet()
    ///     try model.loadWeights(from: url)
    ///     model.eval()
    ///     let probabilities = noGrad { model(images).softmax(axis: 1) }
    ///
    /// - Throws: `DataError`, naming the file, if it cannot be read or is malformed, if it has not the names and shapes
    ///   of this module, or if it holds a NaN or an infinity.
    public final func loadWeights(from url: URL) throws(DataError) {
        let contents = try Safetensors.read(from: url)
        let state: [String: Tensor]
        if contents.metadata[Checkpoint.metadataKey] != nil {
            state = try Checkpoint(from: url).model
        } else {
            state = Dictionary(uniqueKeysWithValues: contents.arrays.map { ($0.name, Tensor($0.array)) })
        }
        for (name, tensor) in state.sorted(by: { $0.key < $1.key }) where tensor.dtype.isFloatingPoint {
            let values = tensor.array(of: Double.self)
            guard let index = values.firstIndex(where: { !$0.isFinite }) else { continue }
            throw DataError(path: url.path, reason: "element \(index) of tensor \(name) is \(values[index])")
        }
        do {
            try load(state)
        } catch {
            throw DataError(path: url.path, reason: error.description)
        }
    }
}
