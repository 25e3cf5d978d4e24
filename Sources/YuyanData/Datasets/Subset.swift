import YuyanCore

/// Some samples of a data set, in any order.
///
///     let firstThousand = Subset(data, 0..<1000)
public struct Subset<Base: Dataset>: Dataset {
    /// The data set that has the samples.
    public let base: Base
    /// Sample i is sample `indices[i]` of `base`.
    public let indices: [Int]

    /// Traps if an index is none of `base`. Indices may repeat.
    public init(_ base: Base, _ indices: some Sequence<Int>) {
        self.base = base
        self.indices = Array(indices)
        if let wrong = self.indices.first(where: { !(0..<base.count).contains($0) }) {
            failure("Subset: index \(wrong) is outside 0..<\(base.count), the samples of the data set")
        }
    }

    public var count: Int { indices.count }

    public subscript(index: Int) -> Base.Sample {
        get throws { try base.samples(at: CollectionOfOne(indices[index]))[0] }
    }

    public func collate(_ samples: [Base.Sample]) -> Base.Batch { base.collate(samples) }

    public func batch(at indices: ArraySlice<Int>) throws -> Base.Batch {
        try base.batch(at: indices.map { self.indices[$0] }[...])
    }
}

extension Dataset {
    /// Deals all samples at random to several parts, such as one to train on and one to validate with.
    ///
    ///     let parts = try FashionMNIST(.train).randomSplit([0.9, 0.1], seed: 0)
    ///     let (training, validation) = (parts[0], parts[1])
    ///
    /// Each sample is in one part, and stands there in the order of the data set. Of n samples, the first k parts have
    /// n · (f₁ + … + fₖ) together, rounded to the nearest. The same count, fractions and seed give the same parts; the
    /// order of a `DataLoader` with the same seed has nothing to do with them.
    ///
    /// - Parameters:
    ///   - fractions: f₁, f₂, …: of all samples, those of each part; they add up to 1.
    ///   - seed: makes the parts reproducible; by default drawn from `Generator.current`.
    /// - Returns: as many parts as there are fractions.
    /// - Throws: `SplitError` if a fraction is not in 0…1, if they do not add up to 1, or if one that is above 0 gives a
    ///   part without samples.
    public func randomSplit(_ fractions: [Double], seed: UInt64? = nil) throws(SplitError) -> [Subset<Self>] {
        try splitIndices(count, fractions, seed: seed).map { Subset(self, $0) }
    }
}

/// 0, 1, …, count − 1, dealt to one list for each fraction.
func splitIndices(_ count: Int, _ fractions: [Double], seed: UInt64?) throws(SplitError) -> [[Int]] {
    try checkFractions(fractions)
    let counts = splitCounts(count, fractions)
    for (fraction, part) in zip(fractions, counts) where fraction > 0 && part == 0 {
        throw SplitError(reason: "\(fraction) of \(count) sample\(count == 1 ? "" : "s") is none")
    }
    let order = shuffledIndices(count, RandomKey(seed: seed ?? drawnSeed(), draw: splitDraw))
    var start = 0
    return counts.map { part in
        defer { start += part }
        return order[start..<start + part].sorted()
    }
}

/// Throws unless the fractions are some and add up to 1.
func checkFractions(_ fractions: [Double]) throws(SplitError) {
    if let wrong = fractions.first(where: { !(0...1).contains($0) }) {
        throw SplitError(reason: "\(wrong) is no fraction, they are 0 to 1")
    }
    let sum = fractions.reduce(0, +)
    // Ten times 0.1 is not quite 1.
    guard abs(sum - 1) < 1e-9 else { throw SplitError(reason: "the fractions add up to \(sum), not to 1") }
}

/// How many of `count` samples each part has.
func splitCounts(_ count: Int, _ fractions: [Double]) -> [Int] {
    let sum = fractions.reduce(0, +)
    var (ends, reached) = ([0], 0.0)
    for fraction in fractions {
        reached += fraction
        ends.append(Int((Double(count) * reached / sum).rounded()))
    }
    return zip(ends, ends.dropFirst()).map { $1 - $0 }
}

/// That of an epoch which no `RandomSampler` reaches, so that its orders are others.
let splitDraw = UInt64.max

/// A data set cannot be split as it should be.
public struct SplitError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in one line.
    public var reason: String

    /// An error for this reason.
    public init(reason: String) { self.reason = reason }

    public var description: String { "the data set cannot be split: \(reason)" }
}
