import YuyanCore
import YuyanNN

/// Ends the training when a number has not improved for several epochs, and puts back the weights of the best epoch.
///
/// The weights are put back at the end of the training, also when all its epochs have been used up; not when somebody
/// else has stopped it, because it may go on. Place it before callbacks that write the final weights.
public final class EarlyStopping: ResumableCallback {
    /// The number that should improve.
    public let monitor: Monitor
    /// The number of epochs without improvement after which the training ends.
    public let patience: Int
    /// Improvements that are not larger than this count as none.
    public let minimumImprovement: Double
    /// Whether the weights of the best epoch are put back at the end.
    public let restoresBestWeights: Bool

    /// The epoch with the best number so far.
    public private(set) var bestEpoch: Int?
    /// The best number so far; nil before the first epoch has ended.
    public private(set) var bestValue: Double?
    /// How many epochs have ended since the best.
    public private(set) var epochsWithoutImprovement = 0
    private var bestWeights: [String: Tensor] = [:]

    /// Traps if `patience` is below 1 or `minimumImprovement` below 0.
    public init(
        _ monitor: Monitor = .validationLoss, patience: Int, minimumImprovement: Double = 0,
        restoresBestWeights: Bool = true
    ) {
        guard patience >= 1 else { failure("EarlyStopping: patience is \(patience), it must be at least 1") }
        guard minimumImprovement >= 0 else {
            failure("EarlyStopping: minimumImprovement is \(minimumImprovement), it must be 0 or more")
        }
        self.monitor = monitor
        self.patience = patience
        self.minimumImprovement = minimumImprovement
        self.restoresBestWeights = restoresBestWeights
    }

    /// Whether the patience is used up.
    public var hasRunOut: Bool { epochsWithoutImprovement >= patience }

    public func trainingWillBegin(_ trainer: Trainer) {
        if hasRunOut { trainer.requestStop() }
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) {
        let value = monitor.value(record)
        if monitor.isBetter(value, than: bestValue, by: minimumImprovement) {
            bestValue = value
            bestEpoch = record.epoch
            epochsWithoutImprovement = 0
            if restoresBestWeights { bestWeights = trainer.module.stateDictionary() }
        } else {
            epochsWithoutImprovement += 1
            if hasRunOut { trainer.requestStop() }
        }
    }

    public func trainingDidEnd(_ trainer: Trainer) throws {
        guard hasRunOut || trainer.isComplete, restoresBestWeights, bestEpoch != nil else { return }
        try trainer.module.load(bestWeights)
    }

    // MARK: - State

    public var stateName: String { "early_stopping" }

    /// The best number, the epochs since then, and the best weights.
    public func savedState() -> SavedState {
        var state = SavedState(tensors: bestWeights)
        state.numbers["epochs_without_improvement"] = Double(epochsWithoutImprovement)
        state.numbers["best_epoch"] = bestEpoch.map(Double.init)
        state.numbers["best_value"] = bestValue
        return state
    }

    public func restore(_ state: SavedState) {
        epochsWithoutImprovement = state.numbers["epochs_without_improvement"].flatMap(Int.init(exactly:)) ?? 0
        bestEpoch = state.numbers["best_epoch"].flatMap(Int.init(exactly:))
        bestValue = state.numbers["best_value"]
        bestWeights = state.tensors
    }
}
