import YuyanCore

/// Which functions of the features a logistic regression has coefficients for, besides a constant.
public enum FeatureTerms: String, Sendable, Hashable, Codable {
    /// Each feature: d terms. Between two normal distributions of one covariance, the logarithm of the ratio of the
    /// densities is of this kind.
    case linear
    /// Also squares and products of two features: d (d + 3) / 2 terms. The logarithm of the ratio of any two normal
    /// densities is of this kind.
    case quadratic

    /// The number of terms for d features.
    func count(_ d: Int) -> Int { self == .linear ? d : d * (d + 3) / 2 }
}

/// The columns of a regression, each of n numbers.
struct Columns {
    let rowCount: Int
    private(set) var values: [[Double]]

    /// A constant.
    init(constantOf rowCount: Int) {
        self.rowCount = rowCount
        values = [[Double](repeating: 1, count: rowCount)]
    }

    /// The terms of samples that were brought to mean 0 and variance 1, without the constant.
    init(_ samples: Samples, _ terms: FeatureTerms) {
        let n = samples.rowCount
        rowCount = n
        values = (0..<samples.featureCount).map { standardized(samples.column($0)) }
        guard terms == .quadratic else { return }
        for i in 0..<samples.featureCount {
            for j in i..<samples.featureCount {
                let (a, b) = (values[i], values[j])
                values.append((0..<n).map { a[$0] * b[$0] })
            }
        }
    }

    /// Any columns.
    init(_ values: [[Double]], rowCount: Int) { (self.rowCount, self.values) = (rowCount, values) }

    static func + (left: Columns, right: Columns) -> Columns {
        Columns(left.values + right.values, rowCount: left.rowCount)
    }

    /// All products of a column here with one there.
    static func * (left: Columns, right: Columns) -> Columns {
        let products = left.values.flatMap { a in
            right.values.map { b in (0..<left.rowCount).map { a[$0] * b[$0] } }
        }
        return Columns(products, rowCount: left.rowCount)
    }

    /// An orthogonal basis of the columns with mean square 1, row by row: regressions on it give the same results, and are
    /// well conditioned. Columns that depend on those before them are left out.
    func basis() -> Samples {
        var kept: [[Double]] = []
        let n = Double(rowCount)
        for column in values {
            var rest = column
            let length = meanSquare(column)
            // Twice, because the first time leaves rounding errors of nearly dependent columns.
            for _ in 0..<2 {
                for other in kept {
                    let share = dot(rest, other) / n
                    for row in 0..<rowCount { rest[row] -= share * other[row] }
                }
            }
            let left = meanSquare(rest)
            guard left > 1e-12 * length, left > 0 else { continue }
            let scale = 1 / left.squareRoot()
            kept.append(rest.map { $0 * scale })
        }
        var rows = [Double](repeating: 0, count: rowCount * kept.count)
        for (index, column) in kept.enumerated() {
            for row in 0..<rowCount { rows[row * kept.count + index] = column[row] }
        }
        return Samples(values: rows, rowCount: rowCount, featureCount: kept.count)
    }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
}

private func meanSquare(_ a: [Double]) -> Double { a.isEmpty ? 0 : dot(a, a) / Double(a.count) }

/// (x − mean) / standard deviation; a constant column becomes 0.
private func standardized(_ column: [Double]) -> [Double] {
    let mean = column.reduce(0, +) / Double(column.count)
    let centered = column.map { $0 - mean }
    let deviation = meanSquare(centered).squareRoot()
    let largest = column.reduce(0) { max($0, abs($1)) }
    return deviation > 1e-12 * largest ? centered.map { $0 / deviation } : centered.map { _ in 0 }
}
