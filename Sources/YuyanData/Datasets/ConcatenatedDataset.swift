import YuyanCore

/// The samples of several data sets, one after the other.
///
///     let all = ConcatenatedDataset(folders)  // of one type, such as those of a cross-validation
///     let both = pictures.concatenated(with: drawings)  // of two types, with samples and batches of one
///
/// A batch whose samples are all of one part is made by that part; of others, the samples are read one by one, and the
/// first part collates them.
public struct ConcatenatedDataset<Sample, Batch>: Dataset {
    private struct Part: Sendable {
        /// The number of samples in the parts before, and with this one.
        let start, end: Int
        let samples: @Sendable ([Int]) throws -> [Sample]
        let batch: @Sendable (ArraySlice<Int>) throws -> Batch
    }

    private var parts: [Part] = []
    private let merge: @Sendable ([Sample]) -> Batch

    /// The samples of `datasets`, in that order; parts may be empty. Traps if there is none: nothing tells how to make a
    /// batch.
    public init<Base: Dataset>(_ datasets: [Base]) where Base.Sample == Sample, Base.Batch == Batch {
        guard let first = datasets.first else {
            failure("ConcatenatedDataset: at least one data set is needed, it may be empty")
        }
        merge = { first.collate($0) }
        for dataset in datasets { append(dataset) }
    }

    fileprivate init<First: Dataset, Second: Dataset>(_ first: First, _ second: Second)
    where First.Sample == Sample, First.Batch == Batch, Second.Sample == Sample, Second.Batch == Batch {
        merge = { first.collate($0) }
        append(first)
        append(second)
    }

    private mutating func append<Base: Dataset>(_ dataset: Base) where Base.Sample == Sample, Base.Batch == Batch {
        let part = Part(
            start: count, end: count + dataset.count, samples: { try dataset.samples(at: $0) },
            batch: { try dataset.batch(at: $0) })
        parts.append(part)
    }

    public var count: Int { parts.last?.end ?? 0 }

    /// Sample `index` of all. Traps unless `0 ≤ index < count`.
    public subscript(index: Int) -> Sample {
        get throws {
            let part = part(of: index)
            return try part.samples([index - part.start])[0]
        }
    }

    public func collate(_ samples: [Sample]) -> Batch { merge(samples) }

    public func batch(at indices: ArraySlice<Int>) throws -> Batch {
        if let first = indices.first {
            let part = part(of: first)
            if indices.allSatisfy({ (part.start..<part.end).contains($0) }) {
                return try part.batch(indices.map { $0 - part.start }[...])
            }
        }
        return collate(try samples(at: indices))
    }

    private func part(of index: Int) -> Part {
        guard (0..<count).contains(index) else {
            failure("ConcatenatedDataset: index \(index) is outside 0..<\(count)")
        }
        // The first part that ends behind it: empty ones end where they start.
        var (low, high) = (0, parts.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].end > index { high = middle } else { low = middle + 1 }
        }
        return parts[low]
    }
}

extension Dataset {
    /// The samples of this data set, then those of another with the same samples and batches. More can follow; of many data
    /// sets of one type, `ConcatenatedDataset([…])` is quicker.
    public func concatenated<Other: Dataset>(with other: Other) -> ConcatenatedDataset<Sample, Batch>
    where Other.Sample == Sample, Other.Batch == Batch {
        ConcatenatedDataset(self, other)
    }
}
