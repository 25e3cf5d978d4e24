import YuyanCore

/// A mean over samples, or over what else has a weight, of which batches report sums or means.
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
        /// What the sum is divided by: the weights of all that was added.
        public var weight: Double

        /// - Parameter weight: by default that of samples which weigh 1 each.
        public init(sum: Double = 0, sampleCount: Int = 0, weight: Double? = nil) {
            self.sum = sum
            self.sampleCount = sampleCount
            self.weight = weight ?? Double(sampleCount)
        }

        /// A state without a weight is one of samples which weigh 1 each.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                sum: try values.decode(Double.self, forKey: .sum),
                sampleCount: try values.decode(Int.self, forKey: .sampleCount),
                weight: try values.decodeIfPresent(Double.self, forKey: .weight))
        }
    }

    private var sum = 0.0
    private var unread: [(value: Tensor, scale: Double)] = []
    /// The number of samples so far.
    public private(set) var sampleCount = 0
    /// What the mean is over: the number of samples, unless they have weights.
    public private(set) var weight = 0.0

    private static let readingInterval = 64

    /// A mean of nothing yet.
    public init() {}

    /// Continues from a saved state.
    public init(_ state: State) {
        sum = state.sum
        sampleCount = state.sampleCount
        weight = state.weight
    }

    /// Adds the sum over `sampleCount` samples. Reading the mean traps unless `sum` is a scalar.
    public mutating func add(sum: Tensor, sampleCount: Int) {
        add(sum, scale: 1, sampleCount, weight: Double(sampleCount))
    }

    /// Adds the mean over `sampleCount` samples. Reading the mean traps unless `mean` is a scalar.
    ///
    /// - Parameter weight: what the mean is over, if not the samples.
    public mutating func add(mean: Tensor, sampleCount: Int, weight: Double? = nil) {
        let weight = weight ?? Double(sampleCount)
        add(mean, scale: weight, sampleCount, weight: weight)
    }

    /// Adds the loss of a batch.
    mutating func add(_ result: StepResult) {
        add(mean: result.loss, sampleCount: result.sampleCount, weight: result.weight)
    }

    /// The mean of all samples so far; NaN before the first.
    public mutating func mean() -> Double {
        read()
        return sum / weight
    }

    /// Where the mean stands. It does not depend on when it was read before, to the bit.
    public mutating func state() -> State {
        read()
        return State(sum: sum, sampleCount: sampleCount, weight: weight)
    }

    private mutating func add(_ value: Tensor, scale: Double, _ count: Int, weight: Double) {
        unread.append((value.detached(), scale))
        sampleCount += count
        self.weight += weight
        if unread.count >= RunningMean.readingInterval { read() }
    }

    private mutating func read() {
        for (value, scale) in unread { sum += value.item() * scale }
        unread.removeAll(keepingCapacity: true)
    }
}
