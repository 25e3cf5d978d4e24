import YuyanCore

/// Pearson's chi-squared test of whether several samples have the same shares of classes: χ² = Σ (count − expected)² /
/// expected, where expected counts are row sum · column sum / total.
///
/// The p-value is that of the chi-squared distribution with (samples − 1) · (classes − 1) degrees of freedom, SciPy's
/// `chi2_contingency` without correction: good where the expected counts are 5 or more. A class that no sample has is left
/// out.
///
/// - Parameter counts: `counts[sample][class]`. Traps unless there are two or more samples, all rows are equally long, and no
///   count is negative.
/// - Throws: `ShiftError.tooFewSamples` if a sample is empty.
public func chiSquaredTest(counts: [[Int]]) throws(ShiftError) -> TwoSampleTest {
    guard counts.count >= 2, counts.allSatisfy({ $0.count == counts[0].count }) else {
        failure("chiSquaredTest: two or more samples with a count for each class, got rows of \(counts.map(\.count))")
    }
    guard counts.joined().allSatisfy({ $0 >= 0 }) else { failure("chiSquaredTest: counts must not be negative") }
    let rowSums = counts.map { Double($0.reduce(0, +)) }
    if rowSums.contains(0) { throw .tooFewSamples(count: 0, needed: 1) }
    let columnSums = counts[0].indices.map { column in Double(counts.reduce(0) { $0 + $1[column] }) }
    let total = rowSums.reduce(0, +)
    var statistic = 0.0
    for (row, rowSum) in zip(counts, rowSums) {
        for (count, columnSum) in zip(row, columnSums) where columnSum > 0 {
            let expected = rowSum * columnSum / total
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
    }
    let freedom = (counts.count - 1) * (columnSums.count { $0 > 0 } - 1)
    return TwoSampleTest(
        statistic: statistic, pValue: chiSquaredProbability(reaching: statistic, degreesOfFreedom: freedom))
}

/// The chi-squared test of whether two samples of labels have the same shares of classes; see `chiSquaredTest(counts:)`.
///
/// - Parameters: class indices `[n]` and `[m]`, integers from 0 on. Traps for others.
/// - Throws: `ShiftError.tooFewSamples` if a sample is empty.
public func chiSquaredTest(_ a: some TensorConvertible, _ b: some TensorConvertible) throws(ShiftError) -> TwoSampleTest
{
    let samples = [try classIndices(a.tensor, in: "chiSquaredTest"), try classIndices(b.tensor, in: "chiSquaredTest")]
    // By rank, as a label may be any number.
    let classes = Set(samples.joined()).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: 2)
    for (sample, labels) in samples.enumerated() {
        for label in labels { counts[sample][ranks[label]!] += 1 }
    }
    return try chiSquaredTest(counts: counts)
}
