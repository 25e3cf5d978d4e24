/// Ends training when the loss is no longer a finite number. Placed first among the callbacks, it keeps the others from
/// writing results that are worthless.
public final class DivergenceCheck: TrainerCallback {
    /// A check after every step.
    public init() {}

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        for loss in [record.trainLoss, record.validationLoss ?? 0] where !loss.isFinite {
            throw DivergenceError(epoch: record.epoch, loss: loss)
        }
    }
}

/// Training has diverged.
public struct DivergenceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    public var epoch: Int
    /// What the loss was.
    public var loss: Double

    /// An error in this epoch, counted from 1.
    public init(epoch: Int, loss: Double) {
        self.epoch = epoch
        self.loss = loss
    }

    public var description: String {
        let fault = loss.isNaN ? "not a number" : "infinite"
        return "training diverged: the loss is \(fault) in epoch \(epoch); a smaller learning rate may help"
    }
}
