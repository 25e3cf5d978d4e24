import YuyanCore

/// How often samples of each class are taken for each class.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
    /// The names of the classes, in the order of rows and columns.
    public let classNames: [String]
    /// `counts[label][prediction]`.
    public private(set) var counts: [[Int]]

    /// Traps unless there is at least one class.
    public init(classNames: [String]) {
        guard !classNames.isEmpty else { failure("ConfusionMatrix: there must be at least one class") }
        self.classNames = classNames
        counts = [[Int]](repeating: [Int](repeating: 0, count: classNames.count), count: classNames.count)
    }

    /// Counts a batch. Traps if the lists have different lengths, or hold what is no class.
    public mutating func add(labels: [Int], predictions: [Int]) {
        guard labels.count == predictions.count else {
            failure("ConfusionMatrix: \(labels.count) labels and \(predictions.count) predictions")
        }
        for (label, prediction) in zip(labels, predictions) {
            guard counts.indices.contains(label), counts.indices.contains(prediction) else {
                failure("ConfusionMatrix: label \(label), prediction \(prediction); classes are 0..<\(counts.count)")
            }
            counts[label][prediction] += 1
        }
    }

    /// How many samples there are in all.
    public var sampleCount: Int { counts.joined().reduce(0, +) }

    /// The fraction of samples whose class is found; NaN without samples.
    public var accuracy: Double { Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(sampleCount) }

    /// The number of samples of a class.
    public func sampleCount(of index: Int) -> Int { counts[index].reduce(0, +) }

    /// The fraction of a class's samples that are found; nil if it has none.
    public func recall(of index: Int) -> Double? { fraction(of: index, in: sampleCount(of: index)) }

    /// The fraction of the samples taken for a class that belong to it; nil if none is taken for it.
    public func precision(of index: Int) -> Double? {
        fraction(of: index, in: counts.reduce(0) { $0 + $1[index] })
    }

    /// The class that samples of this one are most often taken for by mistake; nil without mistakes. The first wins a
    /// tie.
    public func mostFrequentMistake(of index: Int) -> (prediction: Int, count: Int)? {
        var found: (prediction: Int, count: Int)?
        for (prediction, count) in counts[index].enumerated() where prediction != index && count > found?.count ?? 0 {
            found = (prediction, count)
        }
        return found
    }

    private func fraction(of index: Int, in count: Int) -> Double? {
        count == 0 ? nil : Double(counts[index][index]) / Double(count)
    }
}
