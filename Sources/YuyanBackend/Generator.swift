import Synchronization

/// A source of random numbers that depend only on a seed and on how many draws came before.
///
/// Element i of draw c is word i of Philox4x32-10 with the seed as key and (i / 4, c) as counter, so the numbers are
/// the same for any number of threads and on every device, and the state is two integers.
/// Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011).
public final class Generator: Sendable {
    /// What must be saved to continue the sequence later.
    public struct State: Sendable, Hashable, Codable {
        /// What the sequence depends on.
        public var seed: UInt64
        /// The number of draws so far. A draw fills one tensor.
        public var draws: UInt64

        /// The state after so many draws.
        public init(seed: UInt64, draws: UInt64 = 0) {
            self.seed = seed
            self.draws = draws
        }
    }

    private let stored: Mutex<State>

    /// The sequence of a seed, from its beginning.
    public init(seed: UInt64) { stored = Mutex(State(seed: seed)) }

    /// The seed and position. Setting it jumps there.
    public var state: State {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }

    /// Takes the key of the next draw.
    package func nextKey() -> RandomKey {
        stored.withLock { state in
            defer { state.draws &+= 1 }
            return RandomKey(seed: state.seed, draw: state.draws)
        }
    }
}

extension Generator: RandomNumberGenerator {
    /// A draw of 64 bits, for the standard library's own random numbers:
    ///
    ///     var random = Generator.current
    ///     let die = Int.random(in: 1...6, using: &random)
    public func next() -> UInt64 {
        let words = nextKey().words(block: 0)
        return UInt64(words[0]) | UInt64(words[1]) << 32
    }
}

/// Names one draw: everything that its numbers depend on.
package struct RandomKey: Sendable, Hashable {
    package var seed: UInt64
    package var draw: UInt64

    package init(seed: UInt64, draw: UInt64) {
        self.seed = seed
        self.draw = draw
    }

    /// Words 4·block … 4·block + 3 of this draw.
    package func words(block: UInt64) -> SIMD4<UInt32> {
        var counter = SIMD4<UInt32>(
            UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
            UInt32(truncatingIfNeeded: draw), UInt32(truncatingIfNeeded: draw >> 32))
        var key0 = UInt32(truncatingIfNeeded: seed)
        var key1 = UInt32(truncatingIfNeeded: seed >> 32)
        for _ in 0..<10 {
            let product0 = UInt64(counter.x) * 0xD251_1F53
            let product1 = UInt64(counter.z) * 0xCD9E_8D57
            counter = SIMD4(
                UInt32(truncatingIfNeeded: product1 >> 32) ^ counter.y ^ key0,
                UInt32(truncatingIfNeeded: product1),
                UInt32(truncatingIfNeeded: product0 >> 32) ^ counter.w ^ key1,
                UInt32(truncatingIfNeeded: product0))
            key0 &+= 0x9E37_79B9
            key1 &+= 0xBB67_AE85
        }
        return counter
    }
}
