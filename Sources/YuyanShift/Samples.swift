import YuyanCore

/// The rows of a sample on the host, in row-major order. Statistics are computed in `Double` there, so that a p-value
/// does not depend on the device.
struct Samples {
    var values: [Double]
    let rowCount: Int
    let featureCount: Int

    init(values: [Double], rowCount: Int, featureCount: Int) {
        self.values = values
        self.rowCount = rowCount
        self.featureCount = featureCount
    }

    /// Of `[n, d]`, or of `[n]` as one feature. Traps for other shapes.
    init(_ tensor: Tensor, in name: String) throws(ShiftError) {
        guard tensor.rank == 1 || tensor.rank == 2 else {
            failure(
                "\(name): samples are [n, d], or [n] for one feature; got \(tensor.shape)\n  reshaped([n, -1]) makes them so"
            )
        }
        rowCount = tensor.shape[0]
        featureCount = tensor.rank == 2 ? tensor.shape[1] : 1
        values = tensor.array(of: Double.self)
        if rowCount == 0 { throw .tooFewSamples(count: 0, needed: 1) }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: place / featureCount, feature: place % featureCount)
        }
    }

    func column(_ feature: Int) -> [Double] { (0..<rowCount).map { values[$0 * featureCount + feature] } }

    /// These rows and then those of another sample. Traps if they have other features.
    func joined(with other: Samples, in name: String) -> Samples {
        guard featureCount == other.featureCount else {
            failure("\(name): the samples have \(featureCount) and \(other.featureCount) features")
        }
        return Samples(
            values: values + other.values, rowCount: rowCount + other.rowCount, featureCount: featureCount)
    }

    func rows(at indices: [Int]) -> Samples {
        var rows: [Double] = []
        rows.reserveCapacity(indices.count * featureCount)
        for index in indices { rows += values[index * featureCount..<(index + 1) * featureCount] }
        return Samples(values: rows, rowCount: indices.count, featureCount: featureCount)
    }
}

/// Class indices `[n]` on the host. Traps for other shapes, numbers that are not whole, and negative ones.
func classIndices(_ labels: Tensor, in name: String) throws(ShiftError) -> [Int] {
    guard labels.rank == 1 else { failure("\(name): labels are [n], got \(labels.shape)") }
    guard !labels.dtype.isFloatingPoint else {
        failure("\(name): labels are class indices, not \(labels.dtype)\n  cast(to: .int64) if they are")
    }
    let indices = labels.array(of: Int64.self).map { Int($0) }
    if indices.isEmpty { throw .tooFewSamples(count: 0, needed: 1) }
    if let wrong = indices.first(where: { $0 < 0 }) {
        failure("\(name): labels are class indices from 0 on, not \(wrong)")
    }
    return indices
}

/// 0 ..< count in an order drawn from `Generator.current`.
func drawnOrder(_ count: Int) -> [Int] { Tensor.permutation(count).array(of: Int64.self).map { Int($0) } }
