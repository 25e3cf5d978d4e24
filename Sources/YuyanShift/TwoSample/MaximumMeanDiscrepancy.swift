import Foundation
import YuyanCore

/// The test of the maximum mean discrepancy, on all features together, with a Gaussian kernel
/// k(x, y) = exp(−‖x − y‖² / (2σ²)).
///
/// The statistic is the unbiased estimate of MMD² = E k(a, a′) + E k(b, b′) − 2 E k(a, b) over different pairs; it may be a
/// little below 0. The p-value is (1 + the number of random splits of all rows whose statistic is as large) /
/// (1 + permutations), which is right for any sample size; with the 199 permutations of the default it is a multiple of
/// 1/200, and never below that.
///
/// It takes memory for (n + m)² numbers. Features in very different units are to be standardized before.
///
/// - Parameters:
///   - a: `[n, d]`, or `[n]` for one feature; n ≥ 2.
///   - b: `[m, d]`, or `[m]`; m ≥ 2.
///   - bandwidth: σ > 0. If it is nil: the median distance of two different rows of both samples.
///   - permutations: how many splits are drawn from `Generator.current`, ≥ 1.
/// - Throws: `ShiftError` if a sample has fewer than two rows, or a value is NaN or infinite.
/// - Source: Gretton et al., A kernel two-sample test (2012).
public func maximumMeanDiscrepancyTest(
    _ a: some TensorConvertible, _ b: some TensorConvertible, bandwidth: Double? = nil, permutations: Int = 199
) throws(ShiftError) -> TwoSampleTest {
    let name = "maximumMeanDiscrepancyTest"
    guard permutations >= 1, bandwidth ?? 1 > 0 else {
        failure("\(name): bandwidth and permutations must be above 0, not \(bandwidth ?? 1) and \(permutations)")
    }
    let (a, b) = (try Samples(a.tensor, in: name), try Samples(b.tensor, in: name))
    for sample in [a, b] where sample.rowCount < 2 { throw .tooFewSamples(count: sample.rowCount, needed: 2) }
    let all = a.joined(with: b, in: name)
    let kernel = KernelMatrix(all, bandwidth: bandwidth)
    let statistic = kernel.discrepancy(Array(0..<a.rowCount))
    // Sums of the same numbers in another order differ in their last bits.
    let bound = statistic - 1e-12
    var count = 1
    for _ in 0..<permutations where kernel.discrepancy(Array(drawnOrder(all.rowCount).prefix(a.rowCount))) >= bound {
        count += 1
    }
    return TwoSampleTest(statistic: statistic, pValue: Double(count) / Double(permutations + 1))
}

/// k(xᵢ, xⱼ) of all pairs of rows, with 0 for i = j.
private struct KernelMatrix {
    private let count: Int
    private var values: [Double]
    private let rowSums: [Double]

    init(_ samples: Samples, bandwidth: Double?) {
        let (n, d) = (samples.rowCount, samples.featureCount)
        var values = [Double](repeating: 0, count: n * n)
        var squares: [Double] = []
        if bandwidth == nil { squares.reserveCapacity(n * (n - 1) / 2) }
        for i in 0..<n {
            for j in i + 1..<max(n, i + 1) {
                var square = 0.0
                for feature in 0..<d {
                    let difference = samples.values[i * d + feature] - samples.values[j * d + feature]
                    square += difference * difference
                }
                values[i * n + j] = square
                if bandwidth == nil { squares.append(square) }
            }
        }
        let scale = bandwidth.map { $0 * $0 } ?? medianScale(squares)
        var rowSums = [Double](repeating: 0, count: n)
        for i in 0..<n {
            for j in i + 1..<max(n, i + 1) {
                let value = exp(-values[i * n + j] / (2 * scale))
                values[i * n + j] = value
                values[j * n + i] = value
                rowSums[i] += value
                rowSums[j] += value
            }
        }
        (count, self.values, self.rowSums) = (n, values, rowSums)
    }

    /// The unbiased MMD² between these rows and all others.
    func discrepancy(_ rows: [Int]) -> Double {
        var isFirst = [Double](repeating: 0, count: count)
        var toAll = 0.0
        for row in rows {
            isFirst[row] = 1
            toAll += rowSums[row]
        }
        // Σ over pairs within the rows; within the others and across follow from the sums of rows.
        var within = 0.0
        var sums = [Double](repeating: 0, count: count)
        for row in rows {
            let start = row * count
            for column in 0..<count { sums[column] += values[start + column] }
        }
        for column in 0..<count { within += isFirst[column] * sums[column] }
        let across = toAll - within
        let others = rowSums.reduce(0, +) - toAll - across
        let (n, m) = (Double(rows.count), Double(count - rows.count))
        return within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m)
    }
}

/// The square of the median distance. If more than half of the pairs are equal rows, that of the pairs that differ; 1 if
/// none does.
private func medianScale(_ squares: [Double]) -> Double {
    func median(_ squares: [Double]) -> Double? {
        let sorted = squares.sorted()
        guard !sorted.isEmpty else { return nil }
        let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
        let distance = (low.squareRoot() + high.squareRoot()) / 2
        return distance * distance
    }
    let all = median(squares) ?? 0
    return all > 0 ? all : median(squares.filter { $0 > 0 }) ?? 1
}
