import Foundation
import YuyanCore

/// The test whether a classifier can tell two samples apart: a logistic regression learns on one half of the rows, drawn from
/// `Generator.current`, which sample a row is from, and is asked about the other half.
///
/// The statistic is the accuracy on the held-out half. The p-value is the share of all ways to assign its rows to the two
/// samples in which the same answers are right as often (Fisher's exact test, one-sided): it is right for any sample size, and
/// a little too large where the accuracy can take few values.
///
/// - Parameters:
///   - a: `[n, d]`, or `[n]` for one feature; n ≥ 4.
///   - b: `[m, d]`, or `[m]`; m ≥ 4.
///   - terms: what the classifier sees. With linear terms it notices shifted means alone.
/// - Throws: `ShiftError` if a sample has fewer than four rows, or a value is NaN or infinite.
/// - Source: Lopez-Paz and Oquab, Revisiting classifier two-sample tests (2017).
public func domainClassifierTest(
    _ a: some TensorConvertible, _ b: some TensorConvertible, terms: FeatureTerms = .quadratic
) throws(ShiftError) -> TwoSampleTest {
    let name = "domainClassifierTest"
    let (a, b) = (try Samples(a.tensor, in: name), try Samples(b.tensor, in: name))
    for sample in [a, b] where sample.rowCount < 4 { throw .tooFewSamples(count: sample.rowCount, needed: 4) }
    // Brought to one scale together: that does not tell which sample a row is from.
    let rows = (Columns(constantOf: a.rowCount + b.rowCount) + Columns(a.joined(with: b, in: name), terms)).basis()
    let (first, second) = (drawnOrder(a.rowCount), drawnOrder(b.rowCount).map { $0 + a.rowCount })
    let training = Array(first.prefix(a.rowCount / 2) + second.prefix(b.rowCount / 2))
    let heldOut = Array(first.dropFirst(a.rowCount / 2) + second.dropFirst(b.rowCount / 2))
    let classifier = LogisticRegression(rows.rows(at: training), isTarget: training.map { $0 >= a.rowCount })

    // Above the share of the second sample, so that unequal counts do not decide.
    let threshold = log(Double(b.rowCount / 2) / Double(a.rowCount / 2))
    let answers = classifier.logits(rows.rows(at: heldOut)).map { $0 > threshold }
    let truths = heldOut.map { $0 >= a.rowCount }
    let found = zip(answers, truths).count { $0 && $1 }
    let right = zip(answers, truths).count { $0 == $1 }
    let pValue = hypergeometricProbability(
        reaching: found, drawn: answers.count { $0 }, marked: truths.count { $0 }, total: truths.count)
    return TwoSampleTest(statistic: Double(right) / Double(truths.count), pValue: pValue)
}

/// The probability that of `drawn` out of `total` things, of which some are marked, at least `count` are marked.
package func hypergeometricProbability(reaching count: Int, drawn: Int, marked: Int, total: Int) -> Double {
    func logarithmOfChoices(_ n: Int, _ k: Int) -> Double {
        logarithmOfGamma(Double(n + 1)) - logarithmOfGamma(Double(k + 1)) - logarithmOfGamma(Double(n - k + 1))
    }
    let all = logarithmOfChoices(total, drawn)
    let possible = max(0, drawn + marked - total)...min(drawn, marked)
    if count <= possible.lowerBound { return 1 }
    guard count <= possible.upperBound else { return 0 }
    let sum = (count...possible.upperBound).reduce(0.0) { sum, k in
        sum + exp(logarithmOfChoices(marked, k) + logarithmOfChoices(total - marked, drawn - k) - all)
    }
    return min(1, sum)
}
