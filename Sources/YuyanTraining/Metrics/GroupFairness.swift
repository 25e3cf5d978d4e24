import YuyanCore

/// How a classifier of two classes treats each of several groups, and how far apart they are.
///
///     let fairness = GroupFairness(labels: labels, predictions: decisions, groups: districts)
///     for group in fairness.groups { print(group.name, group.selectionRate, group.truePositiveRate ?? .nan) }
///     print(fairness.selectionRateGap)
///
/// Class 1 is the one that is selected, such as those who get a loan. A gap is the largest of the groups' rates minus the
/// smallest, 0…1. Where the groups differ in how many belong to class 1, not all gaps can be 0 at once, unless the
/// predictions are perfect. Sources: Hardt, Price and Srebro, Equality of opportunity in supervised learning (2016);
/// Chouldechova, Fair prediction with disparate impact (2017).
public struct GroupFairness: Sendable, Hashable {
    /// The samples of one group.
    public struct Group: Sendable, Hashable {
        /// What the group is called.
        public let name: String
        /// Labels and predictions, of the classes 0 and 1.
        public let confusion: ConfusionMatrix

        /// The fraction that is classified correctly.
        public var accuracy: Double { confusion.accuracy }
        /// The fraction that is taken for class 1.
        public var selectionRate: Double {
            Double(confusion.counts[0][1] + confusion.counts[1][1]) / Double(confusion.sampleCount)
        }
        /// Of class 1, the fraction that is taken for it; nil if the group has none.
        public var truePositiveRate: Double? { confusion.recall(of: 1) }
        /// Of class 0, the fraction that is taken for class 1; nil if the group has none.
        public var falsePositiveRate: Double? {
            let count = confusion.sampleCount(of: 0)
            return count == 0 ? nil : Double(confusion.counts[0][1]) / Double(count)
        }
    }

    /// The groups, sorted by name.
    public let groups: [Group]

    /// Counts by group. Traps unless there is a sample, the lists are equally long, and labels and predictions are 0 or 1.
    public init(labels: [Int], predictions: [Int], groups names: [String]) {
        guard !labels.isEmpty, labels.count == predictions.count, labels.count == names.count else {
            failure(
                "GroupFairness: \(labels.count) labels, \(predictions.count) predictions and \(names.count) groups; there "
                    + "must be one of each for every sample, and one sample at least")
        }
        var matrices: [String: ConfusionMatrix] = [:]
        for (index, name) in names.enumerated() {
            matrices[name, default: .binary].add(labels: [labels[index]], predictions: [predictions[index]])
        }
        groups = matrices.sorted { $0.key < $1.key }.map { Group(name: $0.key, confusion: $0.value) }
    }

    /// Of the accuracies.
    public var accuracyGap: Double { gap(groups.map(\.accuracy)) }
    /// Of the selection rates; 0 is demographic parity.
    public var selectionRateGap: Double { gap(groups.map(\.selectionRate)) }
    /// Of the true positive rates; 0 is equal opportunity. nil if a group has none of class 1.
    public var truePositiveRateGap: Double? { gap(groups.map(\.truePositiveRate)) }
    /// Of the false positive rates; with equal opportunity, 0 is equalized odds. nil if a group has none of class 0.
    public var falsePositiveRateGap: Double? { gap(groups.map(\.falsePositiveRate)) }

    private func gap(_ rates: [Double]) -> Double { rates.max()! - rates.min()! }

    private func gap(_ rates: [Double?]) -> Double? {
        rates.contains(nil) ? nil : gap(rates.compactMap { $0 })
    }
}

extension ConfusionMatrix {
    /// That of the classes 0 and 1.
    static let binary = ConfusionMatrix(classNames: ["0", "1"])
}
