import Glibc
import YuyanKernels

/// One primitive that ran, or a span of several, while a `Recorder` listened.
package struct ProfileEvent: Sendable, Hashable {
    package enum Kind: String, Sendable { case kernel, phase }

    package var kind: Kind
    /// The primitive, or the phase itself.
    package var name: String
    /// The part of the step: forward, backward, update, data.
    package var phase: String
    /// The module that asked for it, as `ModulePath` names it; empty outside modules.
    package var scope: String
    /// The operands: `[256, 1, 28, 28] · [6, 1, 5, 5]`.
    package var shapes = ""
    /// Who computed it: oneDNN's name of its implementation, or `own`.
    package var implementation = ""
    /// Nanoseconds since the recording began.
    package var start: Int
    package var duration: Int
    /// Floating-point operations, a multiply-add counted as two.
    package var operations = 0
    /// Bytes of all operands and results, each counted once.
    package var bytes = 0
    /// Copies of images from one layout into another, by the primitive itself or inside oneDNN. See `Reorders`.
    package var reorders = 0
    /// What is known of them, such as `[2, 64, 28, 28] plain → blocks of 16`, one after the other behind semicolons.
    package var reorderText = ""
}

/// Listens to the primitives that one thread asks for.
///
/// While none listens, an operation pays a load and a branch.
package final class Recorder {
    package private(set) var events: [ProfileEvent] = []
    /// Names the module that computes now; replaced in a backward pass, which runs outside all modules.
    private let currentScope: () -> String
    private var backwardScope: String?
    /// The scope in which a node of the graph was made, by its sequence number.
    private var nodeScopes: [UInt64: String] = [:]
    private var phase = ""
    private var outerScope = ""
    /// The reorders that belong to events already, and the texts of those that do not yet.
    private var reordersInEvents = 0
    private var reorderTexts: [String] = []
    private let origin = Recorder.nanoseconds()

    /// - Parameter currentScope: the name of the module whose forward pass is under way, or empty.
    package init(currentScope: @escaping () -> String) { self.currentScope = currentScope }

    /// The recorder of the calling thread, if one listens.
    @inline(__always)
    package static var current: Recorder? {
        yuyan_is_recording() ? Unmanaged<Recorder>.fromOpaque(yuyan_recorder()).takeUnretainedValue() : nil
    }

    /// Runs `body` and listens to the primitives that this thread asks for.
    package func listen<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = yuyan_recorder()
        yuyan_set_recorder(Unmanaged.passUnretained(self).toOpaque())
        defer { yuyan_set_recorder(before) }
        return try withExtendedLifetime(self) { try body() }
    }

    /// Runs `body` as part of the phase `name`. What it does outside all modules belongs to `scope`.
    package func measure<Result>(
        phase name: String, scope: String = "", _ body: () throws -> Result
    ) rethrows -> Result {
        (phase, outerScope) = (name, scope)
        let start = now
        defer {
            events.append(
                ProfileEvent(
                    kind: .phase, name: name, phase: name, scope: scope, start: start, duration: now - start))
            (phase, outerScope) = ("", "")
            backwardScope = nil
        }
        return try body()
    }

    /// Remembers which module recorded this node of the graph.
    package func noteNode(_ sequence: UInt64) { nodeScopes[sequence] = scope }

    /// What follows computes the gradient of this node, until the phase ends.
    package func enterGradient(of sequence: UInt64) { backwardScope = nodeScopes[sequence] }

    /// The module under way, or the one whose gradient is.
    private var scope: String {
        if let backwardScope { return backwardScope }
        let module = currentScope()
        return module.isEmpty ? outerScope : module
    }

    /// Forgets all that was heard.
    package func removeAllEvents() {
        events.removeAll(keepingCapacity: true)
        nodeScopes.removeAll(keepingCapacity: true)
    }

    /// Keeps the text of a reorder for the primitive under way.
    func note(_ reorder: String) { reorderTexts.append(reorder) }

    fileprivate var now: Int { Recorder.nanoseconds() - origin }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension Recorder {
    /// Runs and times one primitive. It becomes an event if that `isWorthIt`.
    func time<Result>(
        _ name: String, _ operands: [DeviceBuffer?], _ body: () -> Result,
        outcome: (Result) -> (results: [DeviceBuffer?], operations: Int), isWorthIt: (Result) -> Bool = { _ in true }
    ) -> Result {
        Recorder.forgetImplementation()
        // A primitive may ask for others, which are events of their own.
        let before = (Reorders.total, reordersInEvents)
        reorderTexts.removeAll(keepingCapacity: true)
        let start = now
        let result = body()
        let duration = now - start
        let reorders = Reorders.total - before.0 - (reordersInEvents - before.1)
        guard isWorthIt(result) else { return result }
        let implementation = Recorder.lastImplementation
        let (results, operations) = outcome(result)
        let buffers = (operands + results).compactMap { $0 }
        let shapes = operands.compactMap { $0 }.map { "\($0.shape)" }.joined(separator: " · ")
        reordersInEvents += reorders
        if reorders > reorderTexts.count && reorders > 0 {
            reorderTexts.append("\(reorders - reorderTexts.count) in oneDNN")
        }
        events.append(
            ProfileEvent(
                kind: .kernel, name: name, phase: phase, scope: scope, shapes: shapes,
                implementation: implementation.isEmpty ? "own" : implementation, start: start, duration: duration,
                operations: operations, bytes: buffers.reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount },
                reorders: reorders, reorderText: reorders > 0 ? reorderTexts.joined(separator: "; ") : ""))
        return result
    }

    /// The same for a primitive that checks indices.
    func timeChecking<Value>(
        _ name: String, _ operands: [DeviceBuffer?], _ body: () throws(IndexError) -> Value,
        outcome: (Value) -> (results: [DeviceBuffer?], operations: Int)
    ) throws(IndexError) -> Value {
        let result: Result<Value, IndexError> = time(name, operands) {
            do throws(IndexError) { return .success(try body()) } catch { return .failure(error) }
        } outcome: {
            if case .success(let value) = $0 { outcome(value) } else { ([], 0) }
        }
        return try result.get()
    }

    private static func forgetImplementation() {
        #if OneDNN
            CPUBackend.forgetImplementation()
        #endif
    }

    private static var lastImplementation: String {
        #if OneDNN
            CPUBackend.lastImplementation
        #else
            ""
        #endif
    }
}
