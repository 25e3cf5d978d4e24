import Foundation

/// Writes the module's state after each epoch as a safetensors file, whole or not at all.
///
/// Names and layouts are PyTorch's. The same weights give the same bytes.
public final class WeightsFile: TrainerCallback {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        try trainer.module.saveWeights(to: url)
    }
}
