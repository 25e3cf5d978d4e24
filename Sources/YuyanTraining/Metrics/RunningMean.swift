import YuyanCore

/// A mean over samples, of which batches report sums.
///
/// Tensors that are added are read later and together, so that a device which computes on its own is not waited for at
/// each step. They are kept without their history.
public struct RunningMean {
    /// What must be saved to continue later.
    public struct State: Sendable, Hashable, Codable {
        /// The sum of all that was added.
        public var sum: Double
        /// Over how many samples.
        public var sampleCount: Int
    }

    private var sum = 0.0
    private var unread: [(value: Tensor, scale: Double)] = []
    /// The number of samples so far.
    public private(set) var sampleCount = 0

    private static let readingInterval = 64

    /// A mean of nothing yet.
    public init() {}

    /// Continues from a saved state.
    public init(_ state: State) {
        sum = state.sum
        sampleCount = state.sampleCount
    }

    /// Adds the sum over `sampleCount` samples. Reading the mean traps unless `sum` is a scalar.
    public mutating func add(sum: Tensor, sampleCount: Int) { add(sum, scale: 1, sampleCount) }

    /// Adds the mean over `sampleCount` samples. Reading the mean traps unless `mean` is a scalar.
    public mutating func add(mean: Tensor, sampleCount: Int) { add(mean, scale: Double(sampleCount), sampleCount) }

    /// The mean of all samples so far; NaN before the first.
    public mutating func mean() -> Double {
        read()
        return sum / Double(sampleCount)
    }

    /// Where the mean stands. It does not depend on when it was read before, to the bit.
    public mutating func state() -> State {
        read()
        return State(sum: sum, sampleCount: sampleCount)
    }

    private mutating func add(_ value: Tensor, scale: Double, _ count: Int) {
        unread.append((value.detached(), scale))
        sampleCount += count
        if unread.count >= RunningMean.readingInterval { read() }
    }

    private mutating func read() {
        for (value, scale) in unread { sum += value.item() * scale }
        unread.removeAll(keepingCapacity: true)
    }
}
