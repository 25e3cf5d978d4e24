/// A number of each epoch by which epochs are compared, such as to keep the best.
///
///     EarlyStopping(.validationLoss, patience: 3)
public struct Monitor: Sendable {
    /// Which of two numbers is better.
    public enum Goal: Sendable {
        /// The smaller one.
        case smallest
        /// The larger one.
        case largest
    }

    /// How people call it: `"validation loss"`.
    public var name: String
    /// Which of two numbers is better.
    public var goal: Goal
    /// The number; nil if the epoch has none, which is worse than any.
    public var value: @Sendable (EpochRecord) -> Double?

    /// A number of each epoch; nil where it was not measured.
    public init(_ name: String, _ goal: Goal, value: @escaping @Sendable (EpochRecord) -> Double?) {
        self.name = name
        self.goal = goal
        self.value = value
    }

    /// The mean loss on the training set.
    public static let trainLoss = Monitor("train loss", .smallest) { $0.trainLoss }
    /// The mean loss on the validation set.
    public static let validationLoss = Monitor("validation loss", .smallest) { $0.validationLoss }
    /// The accuracy on the validation set.
    public static let validationAccuracy = validation(.accuracy, .largest)

    /// A metric on the validation set.
    public static func validation(_ metric: Metric, _ goal: Goal) -> Monitor {
        let key = metric.name
        return Monitor("validation \(key)", goal) { $0.validationMetrics[key] }
    }

    /// Whether `value` is better than `best` by more than `minimumImprovement`. Nothing and NaN are worse than all.
    public func isBetter(_ value: Double?, than best: Double?, by minimumImprovement: Double = 0) -> Bool {
        guard let value, !value.isNaN else { return false }
        guard let best, !best.isNaN else { return true }
        return goal == .smallest ? value < best - minimumImprovement : value > best + minimumImprovement
    }

    /// The best of several epochs, the first of equals; nil if none has the number.
    public func best(of records: [EpochRecord]) -> EpochRecord? {
        var best: EpochRecord?
        for record in records where isBetter(value(record), than: best.flatMap(value)) { best = record }
        return best
    }
}

extension Trainer {
    /// The number by which epochs are compared unless another is asked for: the validation accuracy if it is measured,
    /// else the validation loss; nil without validation batches, because then nothing is chosen.
    public var defaultMonitor: Monitor? {
        guard validation != nil else { return nil }
        return metrics.contains { $0.name == Metric.accuracy.name } ? .validationAccuracy : .validationLoss
    }
}

extension [EpochRecord] {
    /// As `Trainer.defaultMonitor`, from the numbers of a run.
    package var monitor: Monitor? {
        if contains(where: { $0.validationAccuracy != nil }) { return .validationAccuracy }
        return contains { $0.validationLoss != nil } ? .validationLoss : nil
    }

    /// The metrics that were measured, by name, the accuracy first.
    package var metricNames: [String] {
        let names = reduce(into: Set<String>()) { $0.formUnion($1.trainMetrics.keys) }.sorted()
        return names.filter { $0 == Metric.accuracy.name } + names.filter { $0 != Metric.accuracy.name }
    }
}
