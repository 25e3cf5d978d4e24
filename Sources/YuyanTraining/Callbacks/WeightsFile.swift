import Foundation

/// Writes the module's state after each epoch as a safetensors file, whole or not at all, and once more after training
/// if another callback has changed it.
///
/// Names and layouts are PyTorch's. The same weights give the same bytes.
public final class WeightsFile: TrainerCallback {
    /// The file.
    public let url: URL

    /// Writes the weights to the file after each epoch.
    public init(_ url: URL) { self.url = url }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws { try write(trainer) }

    /// An interrupted epoch is no result.
    public func trainingDidEnd(_ trainer: Trainer) throws {
        if !trainer.isUnderway, !trainer.records.isEmpty { try write(trainer) }
    }

    private func write(_ trainer: Trainer) throws {
        guard trainer.isMainProcess else { return }
        try trainer.module.saveWeights(to: url)
    }
}
