import YuyanCore

/// A data set of samples of several classes, whose labels are known without reading the samples.
public protocol LabeledDataset: Dataset {
    /// The class of each sample, counted from 0.
    var labels: [Int] { get }
}

extension Subset: LabeledDataset where Base: LabeledDataset {
    public var labels: [Int] {
        let all = base.labels
        return indices.map { all[$0] }
    }
}

extension LabeledDataset {
    /// Deals the samples at random to several parts, class by class, so that each part has as much of each class as of all
    /// others.
    ///
    ///     let parts = try ImageFolder(folder).stratifiedSplit([0.8, 0.2], seed: 0)
    ///
    /// Of a class with n samples, the first k parts have n · (f₁ + … + fₖ) together, rounded to the nearest; a part with a
    /// fraction above 0 has one at least, which the largest part gives. Samples stand in each part in the order of the data
    /// set. The same labels, fractions and seed give the same parts.
    ///
    /// - Parameters:
    ///   - fractions: f₁, f₂, …: of each class, those of each part; they add up to 1.
    ///   - seed: makes the parts reproducible; by default drawn from `Generator.current`.
    /// - Returns: as many parts as there are fractions.
    /// - Throws: `SplitError` if a fraction is not in 0…1, if they do not add up to 1, or if a class has fewer samples than
    ///   there are parts with a fraction above 0.
    public func stratifiedSplit(_ fractions: [Double], seed: UInt64? = nil) throws(SplitError) -> [Subset<Self>] {
        try stratifiedIndices(labels, fractions, seed: seed).map { Subset(self, $0) }
    }
}

/// The places of the labels, dealt to one list for each fraction.
private func stratifiedIndices(
    _ labels: [Int], _ fractions: [Double], seed: UInt64?
) throws(SplitError) -> [[Int]] {
    try checkFractions(fractions)
    let key = RandomKey(seed: seed ?? drawnSeed(), draw: splitDraw)
    var classes: [Int: [Int]] = [:]
    // In one random order of all: no class knows of another's.
    for place in shuffledIndices(labels.count, key) { classes[labels[place], default: []].append(place) }
    let wanted = fractions.filter { $0 > 0 }.count
    var parts = [[Int]](repeating: [], count: fractions.count)
    for (label, places) in classes.sorted(by: { $0.key < $1.key }) {
        guard places.count >= wanted else {
            throw SplitError(
                reason: "class \(label) has \(places.count == 1 ? "1 sample" : "\(places.count) samples"), "
                    + "which cannot be dealt to \(wanted) parts")
        }
        var counts = splitCounts(places.count, fractions)
        for part in counts.indices where counts[part] == 0 && fractions[part] > 0 {
            let largest = counts.indices.max { counts[$0] < counts[$1] }!
            counts[largest] -= 1
            counts[part] = 1
        }
        var start = 0
        for (part, count) in counts.enumerated() {
            parts[part] += places[start..<start + count]
            start += count
        }
    }
    return parts.map { $0.sorted() }
}
