import Foundation
import YuyanCore

/// Which kind of shift lies between a labeled source and a labeled target, and the evidence for it.
///
/// It asks what the ratio p_target(x, y) / p_source(x, y) depends on. Without a shift that is nothing, with a covariate shift
/// x alone, with a label shift y alone, and with a concept shift both. As the ratio is the odds that a sample is from the target,
/// up to a constant, these are questions about logistic regressions of the origin of a sample: on nothing, on x, on y, or on x, y
/// and their products. A regression is compared with a larger one by the likelihood ratio G = 2 ln (likelihood of the larger / of
/// the smaller). If what the larger has more is not needed, G has the chi-squared distribution with as many degrees of freedom.
///
/// Whether p(y | x) moved is asked in another way, because p(x) may move in ways that no regression knows: what x leaves
/// unexplained of the label, y − P(y | x), and of the origin, are multiplied with each other and with each term of x. The sums
/// are 0 up to chance if the label does not depend on the origin beside x, and nearly so even if one of the two regressions is
/// poor. G is the square of the sums, each in units of its standard error.
///
/// Each kind of shift leaves one part alone: covariate p(y | x), label p(x | y), concept p(x).
///
/// 1. If neither x, nor y, nor both tell the origin (each at a third of `level`): `none`.
/// 2. If all three parts moved, more than one thing happened: `concept`, because p(y | x) is among them.
/// 3. Else the kind whose part has the largest p-value. But where p(y | x) and p(x | y) both did not move, `covariate` or `label`
///    is left out before: that which tells the origin worse by Akaike's criterion, G less twice the degrees of freedom.
///
/// Two kinds can hold together, as where the input tells the label without a doubt; the simpler one is then named. Where source
/// and target do not overlap there is nothing to compare p(y | x) on: it then counts as unmoved.
///
/// Source: Wilks, The large-sample distribution of the likelihood ratio (1938); Akaike, A new look at the statistical model
/// identification (1974); Shah and Peters, The hardness of conditional independence testing and the generalised covariance
/// measure (2020); Zhang et al., Dive into Deep Learning, environment and distribution shift (2023), for the kinds.
public struct ShiftDiagnosis: Sendable, Hashable, CustomStringConvertible {
    /// Whether a part of the distribution moved.
    public struct Evidence: Sendable, Hashable {
        /// G, 0 or more.
        public let statistic: Double
        /// How many numbers are compared.
        public let degreesOfFreedom: Int
        /// How probable so large a G is if this part did not move.
        public let pValue: Double
        /// Whether the p-value is not above the level of the diagnosis.
        public let hasMoved: Bool

        fileprivate init(_ statistic: Double, degreesOfFreedom: Int, level: Double) {
            self.statistic = statistic
            self.degreesOfFreedom = degreesOfFreedom
            pValue = chiSquaredProbability(reaching: statistic, degreesOfFreedom: degreesOfFreedom)
            hasMoved = pValue <= level
        }
    }

    /// The kind that explains the difference.
    public let kind: ShiftKind
    /// The chance that a difference is seen where there is none.
    public let level: Double
    /// Which terms of the features were used.
    public let terms: FeatureTerms
    /// p(x, y).
    public let joint: Evidence
    /// p(x).
    public let inputs: Evidence
    /// p(y).
    public let labels: Evidence
    /// p(y | x): what x leaves to explain.
    public let labelsGivenInputs: Evidence
    /// p(x | y): what y leaves to explain.
    public let inputsGivenLabels: Evidence

    /// Compares two samples. Needs no random numbers.
    ///
    /// A class has terms of its own if both samples have five rows of it or more for each coefficient (Vittinghoff and McCulloch,
    /// Relaxing the rule of ten events per variable, 2007); of rarer classes only the shares are looked at. The terms are
    /// quadratic, d (d + 3) / 2 of them for d features, if two classes are so frequent, and else linear.
    ///
    /// - Parameter level: the chance that a difference is seen where there is none, above 0 and below 1.
    /// - Throws: `ShiftError` if a value is NaN or infinite, or a sample has fewer than 10 (1 + d) rows. Traps if the samples have
    ///   other features.
    public init(source: LabeledSample, target: LabeledSample, level: Double = 0.01) throws(ShiftError) {
        let name = "ShiftDiagnosis"
        guard level > 0, level < 1 else { failure("\(name): the level must be above 0 and below 1, not \(level)") }
        let sources = try Samples(source.features, in: name)
        let targets = try Samples(target.features, in: name)
        let all = sources.joined(with: targets, in: name)
        let sourceLabels = try classIndices(source.labels, in: name)
        let targetLabels = try classIndices(target.labels, in: name)
        let smaller = min(source.count, target.count)
        let needed = 10 * (1 + FeatureTerms.linear.count(all.featureCount))
        if smaller < needed { throw .tooFewSamples(count: smaller, needed: needed) }
        let classes = ClassCounts(sourceLabels, targetLabels)
        let terms: FeatureTerms =
            classes.shared(1) >= Self.classNeeded(.quadratic, all.featureCount) ? .quadratic : .linear
        let isFrequent = classes.names.indices.map { classes.shared($0) >= Self.classNeeded(terms, all.featureCount) }

        let constant = Columns(constantOf: all.rowCount)
        let x = constant + Columns(all, terms)
        // Without the most frequent class, which the others are compared with.
        let y = classes.names.dropFirst().map { name in (sourceLabels + targetLabels).map { $0 == name } }
        let shares = Columns(y.map { $0.map { $0 ? 1 : 0 } }, rowCount: all.rowCount)
        /// Columns of classes, and the products of those of frequent ones with the terms.
        func withTerms(_ columns: Columns) -> Columns {
            let frequent = zip(columns.values, isFrequent.dropFirst()).filter(\.1).map(\.0)
            return columns + Columns(frequent, rowCount: all.rowCount) * x
        }
        let isTarget = (0..<all.rowCount).map { $0 >= sources.rowCount }
        let nothing = Fit(constant, isTarget)
        let onInputs = Fit(x, isTarget)
        let onLabels = Fit(constant + shares, isTarget)
        let onBoth = Fit(x + withTerms(shares), isTarget)
        func likelihoodRatio(_ small: Fit, _ large: Fit) -> Evidence {
            Evidence(
                max(0, 2 * (large.logLikelihood - small.logLikelihood)),
                degreesOfFreedom: max(0, large.coefficientCount - small.coefficientCount), level: level)
        }
        joint = likelihoodRatio(nothing, onBoth)
        inputs = likelihoodRatio(nothing, onInputs)
        self.labels = likelihoodRatio(nothing, onLabels)
        inputsGivenLabels = likelihoodRatio(onLabels, onBoth)
        let products = y.map { isOfClass in
            zip(Fit(x, isOfClass).residuals, onInputs.residuals).map { $0 * $1 }
        }
        let sums = withTerms(Columns(products, rowCount: all.rowCount)).basis()
        labelsGivenInputs = Evidence(sums.squaredMeans(), degreesOfFreedom: sums.featureCount, level: level)
        (self.level, self.terms) = (level, terms)

        // Akaike's criterion, twice: fit less the number of coefficients.
        func gain(_ evidence: Evidence) -> Double { evidence.statistic - 2 * Double(evidence.degreesOfFreedom) }
        var stories: [(kind: ShiftKind, unmoved: Evidence)] = [
            (.covariate, labelsGivenInputs), (.label, inputsGivenLabels), (.concept, inputs),
        ]
        if !labelsGivenInputs.hasMoved, !inputsGivenLabels.hasMoved {
            stories.remove(at: gain(self.labels) > gain(inputs) ? 0 : 1)
        }
        if ![joint, inputs, self.labels].contains(where: { 3 * $0.pValue <= level }) {
            kind = .none
        } else if stories.allSatisfy(\.unmoved.hasMoved) {
            kind = .concept
        } else {
            kind = stories.max { $0.unmoved.pValue < $1.unmoved.pValue }!.kind
        }
    }

    /// How many rows a class needs in each sample for terms of its own.
    private static func classNeeded(_ terms: FeatureTerms, _ featureCount: Int) -> Int {
        5 * (1 + terms.count(featureCount))
    }

    /// The kind, and a line for each part of the distribution.
    public var description: String {
        let parts = [
            ("p(x, y)", joint), ("p(x)", inputs), ("p(y)", labels), ("p(y | x)", labelsGivenInputs),
            ("p(x | y)", inputsGivenLabels),
        ]
        let lines = parts.map { name, evidence in
            String(
                format: "  %@ %@  G = %.1f, %d %@ of freedom, p = %.2g",
                name.padding(toLength: 8, withPad: " ", startingAt: 0), evidence.hasMoved ? "moved  " : "did not",
                evidence.statistic, evidence.degreesOfFreedom, evidence.degreesOfFreedom == 1 ? "degree" : "degrees",
                evidence.pValue)
        }
        return (["shift: \(kind.rawValue)"] + lines).joined(separator: "\n")
    }
}

/// The classes of two samples, that with most rows in the smaller of both first.
private struct ClassCounts {
    let names: [Int]
    private let counts: [Int: (source: Int, target: Int)]

    init(_ source: [Int], _ target: [Int]) {
        var counts: [Int: (source: Int, target: Int)] = [:]
        for label in source { counts[label, default: (0, 0)].source += 1 }
        for label in target { counts[label, default: (0, 0)].target += 1 }
        names = counts.sorted { a, b in
            let (first, second) = (min(a.value.source, a.value.target), min(b.value.source, b.value.target))
            return (-first, a.key) < (-second, b.key)
        }.map(\.key)
        self.counts = counts
    }

    /// How many rows both samples have at least of the class at a place; 0 beyond the last.
    func shared(_ place: Int) -> Int {
        guard names.indices.contains(place), let count = counts[names[place]] else { return 0 }
        return min(count.source, count.target)
    }
}

/// A logistic regression on some columns.
private struct Fit {
    let logLikelihood: Double
    let coefficientCount: Int
    /// 1 or 0, the truth, less its probability.
    let residuals: [Double]

    init(_ columns: Columns, _ truths: [Bool]) {
        let rows = columns.basis()
        let regression = LogisticRegression(rows, isTarget: truths)
        logLikelihood = regression.logLikelihood
        coefficientCount = rows.featureCount
        residuals = zip(regression.logits(rows), truths).map { logit, truth in
            truth ? 1 / (1 + exp(logit)) : -1 / (1 + exp(-logit))
        }
    }
}

extension Samples {
    /// Σ (Σ rows)² / n over the features, whose mean squares are 1: chi-squared with one degree of freedom for each, if all
    /// means are 0.
    fileprivate func squaredMeans() -> Double {
        (0..<featureCount).reduce(0) { total, feature in
            let sum = column(feature).reduce(0, +)
            return total + sum * sum / Double(rowCount)
        }
    }
}
