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

    /// Sets parameters and buffers from a safetensors file, such as the `weights.safetensors` of `yuyan train`, or from a
    /// checkpoint: all of them, unless gaps are allowed. To predict with the weights:
    ///
    ///     let model = makeLeNet()
    ///     try model.loadWeights(from: url)
    ///     model.eval()
    ///     let probabilities = withoutGradients { model(images).softmax(axis: 1) }
    ///
    /// To train a network on whose first layers another has learned:
    ///
    ///     let left = try net.loadWeights(from: url, renaming: ["backbone": "features"], allowing: .partial)
    ///     print(left.missing)    // the layers that are new
    ///
    /// - Parameters:
    ///   - renaming: makes names of the file to those of this module; see `Renaming`.
    ///   - gaps: what the file and the module may lack of each other, by default nothing. Shapes must agree in any case.
    /// - Returns: what was not loaded; empty unless gaps are allowed.
    /// - Throws: `DataError`, naming the file, if it cannot be read or is malformed, if its names do not fit this module
    ///   or have nothing in common with it, if a shape differs, or if a tensor that is to be loaded holds a NaN or an
    ///   infinity. The module is then unchanged.
    @discardableResult
    public final func loadWeights(
        from url: URL, renaming: Renaming = .none, allowing gaps: StateGaps = []
    ) throws(DataError) -> UnmatchedNames {
        let contents = try Safetensors.read(from: url)
        let state: [String: Tensor]
        if contents.metadata[Checkpoint.metadataKey] != nil {
            state = try Checkpoint(from: url).model
        } else {
            state = Dictionary(uniqueKeysWithValues: contents.arrays.map { ($0.name, Tensor($0.array)) })
        }
        let match: StateMatch
        do {
            match = try self.match(state, renaming: renaming, allowing: gaps)
        } catch {
            throw DataError(path: url.path, reason: error.description)
        }
        for (name, tensor) in match.values.sorted(by: { $0.name < $1.name }) where tensor.dtype.isFloatingPoint {
            let values = tensor.array(of: Double.self)
            guard let index = values.firstIndex(where: { !$0.isFinite }) else { continue }
            throw DataError(path: url.path, reason: "element \(index) of tensor \(name) is \(values[index])")
        }
        match.apply()
        return match.unmatched
    }
}
