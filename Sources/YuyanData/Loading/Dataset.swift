import YuyanCore

/// A finite collection of samples that are read by index, from any thread.
///
/// A sample is one tensor, a pair or triple of tensors, an array of tensors, or a type of your own. Because loading
/// threads read data sets while the caller computes, a data set is `Sendable`: keep its contents in Swift arrays or
/// `HostArray`s, and make tensors in the subscript.
///
///     struct Squares: Dataset {
///         let count = 100
///         subscript(index: Int) -> (Tensor, Tensor) {
///             (Tensor([Float(index)]), Tensor([Float(index * index)]))
///         }
///     }
///
/// The subscript may throw, such as for a damaged file: see `SampleError`.
///
/// Random numbers drawn in the subscript come from a generator that depends only on the loader's seed, the epoch and
/// the batch, so that they are the same for any number of loading threads.
public protocol Dataset<Sample>: Sendable {
    /// What a subscript gives, such as a pair of tensors.
    associatedtype Sample
    /// What samples become when they are put together: usually of the same form, with one axis more.
    associatedtype Batch = Sample

    /// The number of samples.
    var count: Int { get }

    /// Sample `index`, `0 ≤ index < count`. Throws if it cannot be read.
    subscript(index: Int) -> Sample { get throws }

    /// Makes one batch of several samples. Samples made of tensors have a default, which stacks them along a new first
    /// axis; others need their own.
    func collate(_ samples: [Sample]) -> Batch

    /// The batch of the samples at `indices`. The default reads one after the other and collates them; a data set that
    /// can gather all at once does so here. Throws if one of them cannot be read: `SampleError` by default.
    func batch(at indices: ArraySlice<Int>) throws -> Batch
}

extension Dataset {
    public func batch(at indices: ArraySlice<Int>) throws -> Batch { collate(try samples(at: indices)) }

    /// The samples at `indices`. Throws `SampleError` if one cannot be read.
    func samples(at indices: some Sequence<Int>) throws -> [Sample] {
        try indices.map { index in
            do {
                return try self[index]
            } catch let error as SampleError {
                throw error
            } catch {
                throw SampleError(index: index, cause: error)
            }
        }
    }
}

extension Dataset where Sample == Tensor {
    /// Stacks tensors of one shape along a new first axis.
    public func collate(_ samples: [Tensor]) -> Tensor { stacked(samples) }
}

extension Dataset where Sample == (Tensor, Tensor) {
    /// Stacks the first tensors of the samples, and the second.
    public func collate(_ samples: [(Tensor, Tensor)]) -> (Tensor, Tensor) {
        (stacked(samples.map(\.0)), stacked(samples.map(\.1)))
    }
}

extension Dataset where Sample == (Tensor, Tensor, Tensor) {
    /// Stacks the first, the second and the third tensors of the samples.
    public func collate(_ samples: [(Tensor, Tensor, Tensor)]) -> (Tensor, Tensor, Tensor) {
        (stacked(samples.map(\.0)), stacked(samples.map(\.1)), stacked(samples.map(\.2)))
    }
}

extension Dataset where Sample == [Tensor] {
    /// Traps if samples have different numbers of tensors.
    public func collate(_ samples: [[Tensor]]) -> [Tensor] {
        let width = samples.first?.count ?? 0
        guard samples.allSatisfy({ $0.count == width }) else {
            failure("collate: samples of one batch have \(Set(samples.map(\.count)).sorted()) tensors")
        }
        return (0..<width).map { part in stacked(samples.map { $0[part] }) }
    }
}

/// Through host memory: loading threads must not wake the pool of the compute thread.
private func stacked(_ tensors: [Tensor]) -> Tensor { Tensor(HostArray.stacked(tensors.map(\.hostArray))) }
