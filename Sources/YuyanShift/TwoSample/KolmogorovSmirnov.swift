import YuyanCore

/// The two-sided test of Kolmogorov and Smirnov on one feature: D = max |F(x) − G(x)| over all x, of the two empirical
/// distribution functions. It notices any kind of difference.
///
/// The p-value is exact if both samples have at most 10 000 values, or one is small: the share of all ways to mix the two
/// samples in which D is at least as large. Beyond, it is the limit's for n·m/(n + m) values. Both are those of SciPy's
/// `ks_2samp`. With tied values the true probability is below it: the test then raises fewer alarms than it may.
///
/// - Parameters: two samples, `[n]` and `[m]`. Traps for other shapes.
/// - Throws: `ShiftError` if a sample is empty, or a value is NaN or infinite.
/// - Source: Hodges, The significance probability of the Smirnov two-sample test (1957).
public func kolmogorovSmirnovTest(_ a: some TensorConvertible, _ b: some TensorConvertible) throws(ShiftError)
    -> TwoSampleTest
{
    let (a, b) = (a.tensor, b.tensor)
    guard a.rank == 1, b.rank == 1 else {
        failure(
            "kolmogorovSmirnovTest: samples are [n] and [m], got \(a.shape) and \(b.shape)\n"
                + "  kolmogorovSmirnovTests takes several features")
    }
    let name = "kolmogorovSmirnovTest"
    return compared(try Samples(a, in: name).values, try Samples(b, in: name).values)
}

/// The test of Kolmogorov and Smirnov on each feature: see `kolmogorovSmirnovTest(_:_:)`.
///
/// - Parameters: two samples, `[n, d]` and `[m, d]`. Traps for other shapes.
/// - Returns: d tests, and their common p-value.
/// - Throws: `ShiftError` if a sample is empty, or a value is NaN or infinite.
public func kolmogorovSmirnovTests(_ a: some TensorConvertible, _ b: some TensorConvertible) throws(ShiftError)
    -> FeatureTests
{
    let name = "kolmogorovSmirnovTests"
    let (a, b) = (try Samples(a.tensor, in: name), try Samples(b.tensor, in: name))
    guard a.featureCount == b.featureCount else {
        failure("\(name): the samples have \(a.featureCount) and \(b.featureCount) features")
    }
    return FeatureTests(features: (0..<a.featureCount).map { compared(a.column($0), b.column($0)) })
}

private func compared(_ a: [Double], _ b: [Double]) -> TwoSampleTest {
    let (a, b) = (a.sorted(), b.sorted())
    let (n, m) = (a.count, b.count)
    // The greatest |i/n − j/m|, as |i·m − j·n|: whole numbers, so that equal differences are equal.
    var (i, j, greatest) = (0, 0, 0)
    while i < n, j < m {
        let value = min(a[i], b[j])
        while i < n, a[i] == value { i += 1 }
        while j < m, b[j] == value { j += 1 }
        greatest = max(greatest, abs(i * m - j * n))
    }
    let statistic = Double(greatest) / (Double(n) * Double(m))
    let effectiveCount = (Double(n) * Double(m) / Double(n + m)).rounded(.toNearestOrEven)
    let isExact = max(n, m) <= 10_000 || effectiveCount <= 140
    let pValue =
        isExact
        ? smirnovProbability(n, m, reaching: greatest)
        : kolmogorovProbability(count: effectiveCount, reaching: statistic)
    return TwoSampleTest(statistic: statistic, pValue: pValue)
}
