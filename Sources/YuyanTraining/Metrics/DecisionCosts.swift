import YuyanCore

/// What the decisions of a classifier of two classes cost, and from which probability on it should decide for class 1.
///
///     let costs = DecisionCosts(falsePositive: 1, falseNegative: 9)  // to miss an illness is worse than a false alarm
///     let decisions = probabilities .> costs.threshold               // 0.1
///
/// Source: Elkan, The foundations of cost-sensitive learning (2001).
public struct DecisionCosts: Sendable, Hashable {
    /// Of class 1 for a sample of class 0.
    public let falsePositive: Double
    /// Of class 0 for a sample of class 1.
    public let falseNegative: Double
    /// Of class 1 where that is right; negative if it is a gain.
    public let truePositive: Double
    /// Of class 0 where that is right.
    public let trueNegative: Double

    /// Costs in any unit. Traps unless they are finite, no wrong decision is cheaper than the right one, and one is dearer.
    public init(falsePositive: Double, falseNegative: Double, truePositive: Double = 0, trueNegative: Double = 0) {
        let (alarm, miss) = (falsePositive - trueNegative, falseNegative - truePositive)
        guard alarm >= 0, miss >= 0, alarm + miss > 0, (alarm + miss).isFinite else {
            failure(
                "DecisionCosts: a wrong decision must cost more than the right one: false positive \(falsePositive) and "
                    + "true negative \(trueNegative), false negative \(falseNegative) and true positive \(truePositive)"
            )
        }
        self.falsePositive = falsePositive
        self.falseNegative = falseNegative
        self.truePositive = truePositive
        self.trueNegative = trueNegative
    }

    /// The probability p of class 1 above which that is the cheaper decision: p > c_FP / (c_FP + c_FN) where right decisions
    /// cost nothing; else each cost is what it exceeds that of the right decision by.
    ///
    /// It is the best one for probabilities that are true frequencies. For others, such as those of a network that is too
    /// sure of itself, see `bestThreshold(scores:labels:)`.
    public var threshold: Double {
        let (alarm, miss) = (falsePositive - trueNegative, falseNegative - truePositive)
        return alarm / (alarm + miss)
    }

    /// The expected cost of deciding for a class, for a sample that belongs to class 1 with probability p, 0…1:
    /// p · c_TP + (1 − p) · c_FP for class 1, and p · c_FN + (1 − p) · c_TN for class 0.
    public func expectedCost(ofClassOne isClassOne: Bool, probability p: Double) -> Double {
        isClassOne
            ? p * truePositive + (1 - p) * falsePositive : p * falseNegative + (1 - p) * trueNegative
    }

    /// The mean cost of a sample for decisions that have been counted; NaN without samples. Traps unless there are two
    /// classes, the second of which counts as class 1.
    public func meanCost(of confusion: ConfusionMatrix) -> Double {
        guard confusion.counts.count == 2 else {
            failure("DecisionCosts.meanCost: \(confusion.counts.count) classes, decisions are between two")
        }
        return meanCost(of: confusion.counts)
    }

    /// - Parameter counts: those of a confusion matrix.
    private func meanCost(of counts: [[Int]]) -> Double {
        let right = Double(counts[0][0]) * trueNegative + Double(counts[1][1]) * truePositive
        let wrong = Double(counts[0][1]) * falsePositive + Double(counts[1][0]) * falseNegative
        return (right + wrong) / Double(counts.joined().reduce(0, +))
    }

    /// The mean cost of a sample if class 1 is decided for where its score is above a threshold. Traps as
    /// `bestThreshold(scores:labels:)`.
    public func meanCost(scores: [Double], labels: [Int], threshold: Double) -> Double {
        check(scores, labels)
        var confusion = ConfusionMatrix.binary
        confusion.add(labels: labels, predictions: scores.map { $0 > threshold ? 1 : 0 })
        return meanCost(of: confusion)
    }

    /// The threshold whose decisions cost least: class 1 where the score is above it.
    ///
    /// Choose it on validation samples: on those that the model was trained on, and on those that it was chosen by, the cost
    /// is too low.
    ///
    /// - Parameters:
    ///   - scores: of each sample, larger for class 1: probabilities or others.
    ///   - labels: the classes, 0 or 1.
    /// - Returns: the threshold, half-way between two scores, −∞ if it is best to always decide for class 1, or the largest
    ///   score if never; of several, the smallest. And the mean cost of a sample.
    ///
    /// Traps unless there is a sample, the lists are equally long, and no score is infinite or not a number.
    public func bestThreshold(scores: [Double], labels: [Int]) -> (threshold: Double, meanCost: Double) {
        check(scores, labels)
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        // All samples are above the threshold, to begin with.
        var counts = [[0, labels.count { $0 == 0 }], [0, labels.count { $0 == 1 }]]
        var best = (threshold: -Double.infinity, meanCost: meanCost(of: counts))
        for (place, index) in order.enumerated() {
            counts[labels[index]][1] -= 1
            counts[labels[index]][0] += 1
            let score = scores[index]
            let next = place + 1 < order.count ? scores[order[place + 1]] : score
            if next == score && place + 1 < order.count { continue }
            // Of neighbours the middle may round to the upper one.
            let middle = score + (next - score) / 2
            let cost = meanCost(of: counts)
            if cost < best.meanCost { best = (middle < next ? middle : score, cost) }
        }
        return best
    }

    private func check(_ scores: [Double], _ labels: [Int]) {
        guard !scores.isEmpty, scores.count == labels.count else {
            failure(
                "DecisionCosts: \(scores.count) scores and \(labels.count) labels; there must be one of each at least")
        }
        if let wrong = scores.first(where: { !$0.isFinite }) { failure("DecisionCosts: a score is \(wrong)") }
        if let wrong = labels.first(where: { $0 != 0 && $0 != 1 }) {
            failure("DecisionCosts: a label is \(wrong), classes are 0 and 1")
        }
    }
}
