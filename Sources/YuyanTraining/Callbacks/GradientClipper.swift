import YuyanCore
import YuyanNN

/// Clips the gradients before each step of the optimizer; see `clipGradients(of:maximumNorm:)`.
public final class GradientClipper: TrainerCallback {
    /// What is limited.
    public enum Limit: Sendable, Hashable {
        /// The norm of all gradients together.
        case norm(Double)
        /// The size of each element.
        case value(Double)
    }

    /// What is limited, and to what.
    public let limit: Limit

    /// Traps unless the limit is above 0.
    public init(_ limit: Limit) {
        let number =
            switch limit {
            case .norm(let number), .value(let number): number
            }
        guard number > 0 else { failure("GradientClipper: the limit is \(number), it must be above 0") }
        self.limit = limit
    }

    public func optimizerWillStep(_ trainer: Trainer) {
        switch limit {
        case .norm(let maximum): clipGradients(of: trainer.optimizer.parameters, maximumNorm: maximum)
        case .value(let maximum): clipGradients(of: trainer.optimizer.parameters, maximumValue: maximum)
        }
    }
}
