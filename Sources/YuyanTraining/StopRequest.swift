import Synchronization

/// A request to end the training after the current step. It can be made from any thread, and from a signal handler.
public final class StopRequest: Sendable {
    private let flag = Atomic(false)

    /// A request that nobody has made yet.
    public init() {}

    /// Whether somebody has asked.
    public var isMade: Bool { flag.load(ordering: .relaxed) }

    /// Asks to stop, from any thread.
    public func make() { flag.store(true, ordering: .relaxed) }

    /// Forgets the request.
    public func withdraw() { flag.store(false, ordering: .relaxed) }
}
