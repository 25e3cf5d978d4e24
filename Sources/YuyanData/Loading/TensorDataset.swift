import YuyanCore

/// Samples that are the rows of tensors: sample i is row i of each.
///
///     for (x, y) in DataLoader(TensorDataset(features, labels), batchSize: 10, shuffle: true) { … }
///
/// The elements are copied to host memory once; batches are made on the device that is current when they are asked for.
public struct TensorDataset<Sample>: Dataset {
    private let arrays: [HostArray]
    private let sample: @Sendable ([Tensor]) -> Sample
    private let parts: @Sendable (Sample) -> [Tensor]
    public let count: Int

    private init(
        _ tensors: [Tensor], sample: @escaping @Sendable ([Tensor]) -> Sample,
        parts: @escaping @Sendable (Sample) -> [Tensor]
    ) {
        guard let first = tensors.first else { failure("TensorDataset: at least one tensor is needed") }
        guard tensors.allSatisfy({ $0.rank > 0 && $0.shape[0] == first.count }) else {
            let shapes = tensors.map(\.shape.description).joined(separator: ", ")
            failure("TensorDataset: the first axes must have equal sizes, got \(shapes)")
        }
        arrays = tensors.map(\.hostArray)
        count = first.count
        self.sample = sample
        self.parts = parts
    }

    /// Row `index` of each tensor. Traps unless `0 ≤ index < count`.
    public subscript(index: Int) -> Sample { sample(arrays.map { Tensor($0.row(at: index)) }) }

    public func batch(at indices: ArraySlice<Int>) -> Sample { sample(arrays.map { Tensor($0.rows(at: indices)) }) }

    public func collate(_ samples: [Sample]) -> Sample {
        let samples = samples.map(parts)
        return sample(arrays.indices.map { part in Tensor(HostArray.stacked(samples.map { $0[part].hostArray })) })
    }
}

extension TensorDataset where Sample == Tensor {
    /// The rows of one tensor `[n, …]`.
    public init(_ tensor: Tensor) { self.init([tensor], sample: { $0[0] }, parts: { [$0] }) }
}

extension TensorDataset where Sample == (Tensor, Tensor) {
    /// Pairs of rows. Traps unless the first axes have equal sizes.
    public init(_ first: Tensor, _ second: Tensor) {
        self.init([first, second], sample: { ($0[0], $0[1]) }, parts: { [$0.0, $0.1] })
    }
}

extension TensorDataset where Sample == (Tensor, Tensor, Tensor) {
    /// Triples of rows. Traps unless the first axes have equal sizes.
    public init(_ first: Tensor, _ second: Tensor, _ third: Tensor) {
        self.init([first, second, third], sample: { ($0[0], $0[1], $0[2]) }, parts: { [$0.0, $0.1, $0.2] })
    }
}

extension TensorDataset where Sample == [Tensor] {
    /// Rows of any number of tensors. Traps if there is none, or unless the first axes have equal sizes.
    public init(_ tensors: [Tensor]) { self.init(tensors, sample: { $0 }, parts: { $0 }) }
}
