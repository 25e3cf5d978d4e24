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
    /// Who computed it: the name of a kernel, ours or oneDNN's, `Reference`, or `own` for all our other loops.
    package var implementation = ""
    /// Nanoseconds since the recording began.
    package var start: Int
    package var duration: Int
    /// Floating-point operations, a multiply-add counted as two.
    package var operations = 0
    /// Bytes of all operands and results, each counted once.
    package var bytes = 0
    /// Copies into other layouts, by the primitive itself or inside oneDNN.
    package var reorders: [Reorder] = []
}

extension ProfileEvent {
    package static let reference = "Reference"

    package var imageReorderCount: Int { reorders.count { $0.operand == .image } }

    /// Why it has no fast path: it was left to loops or kernels that are not made for the processor. nil if it has one.
    package var slowPath: SlowPath? { ProfileEvent.slowPath(of: name, computedBy: implementation) }

    package static func slowPath(of name: String, computedBy implementation: String) -> SlowPath? {
        if implementation == reference { return .reference }
        // Such as `ref:any`, and `gemm:jit` or `x64:gemm:jit`.
        let parts = implementation.split(separator: ":")
        if parts.contains(where: { $0.hasPrefix("ref") }) { return .oneDNNReference }
        // oneDNN's convolution by a product, for which it writes every window of the image out; as a product, gemm is fast.
        let isConvolution =
            name.hasPrefix("convolution") || name == "input gradient" || name == "weight gradient"
        return isConvolution && parts.contains("gemm") ? .product : nil
    }

    package enum SlowPath: String, Sendable {
        case reference = "the plain loops of Reference"
        case oneDNNReference = "oneDNN's plain loops"
        case product = "oneDNN's matrix product of copied windows"
    }
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
    /// Those of the primitive under way.
    private var reorders: [Reorder] = []
    private let origin = yuyan_nanoseconds()

    /// - Parameter currentScope: the name of the module whose forward pass is under way, or empty.
    package init(currentScope: @escaping () -> String) {
        self.currentScope = currentScope
        _ = Recorder.listensToOneDNN
    }

    private static let listensToOneDNN: Void = yuyan_set_reorder_listener { recorder, reorder in
        guard let recorder, let reorder else { return }
        Unmanaged<Recorder>.fromOpaque(recorder).takeUnretainedValue().note(Reorder(reorder.pointee))
    }

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

    /// Keeps a reorder for the primitive under way.
    func note(_ reorder: Reorder) { reorders.append(reorder) }

    /// Runs `body` and forgets the reorders that it makes.
    func withoutReorders<Result>(_ body: () -> Result) -> Result {
        let before = reorders
        defer { reorders = before }
        return body()
    }

    /// Runs `body`; returns its reorders, too. A primitive may ask for others, whose reorders are their own.
    fileprivate func withReorders<Result>(_ body: () -> Result) -> (Result, [Reorder]) {
        let before = reorders
        reorders = []
        defer { reorders = before }
        let result = body()
        return (result, reorders)
    }

    fileprivate var now: Int { yuyan_nanoseconds() - origin }
}

extension Recorder {
    /// Runs and times one primitive. It becomes an event if that `isWorthIt`.
    func time<Result>(
        _ name: String, _ operands: [DeviceBuffer?], _ body: () -> Result,
        outcome: (Result) -> (results: [DeviceBuffer?], operations: Int), isWorthIt: (Result) -> Bool = { _ in true }
    ) -> Result {
        Recorder.forgetImplementation()
        let referenceUses = yuyan_reference_uses()
        let start = now
        let (result, reorders) = withReorders(body)
        let duration = now - start
        guard isWorthIt(result) else { return result }
        let (results, operations) = outcome(result)
        let buffers = (operands + results).compactMap { $0 }
        let isReference = yuyan_reference_uses() != referenceUses || buffers.first?.device == .reference
        let named = Recorder.lastImplementation
        let shapes = operands.compactMap { $0 }.map { "\($0.shape)" }.joined(separator: " · ")
        events.append(
            ProfileEvent(
                kind: .kernel, name: name, phase: phase, scope: scope, shapes: shapes,
                implementation: isReference ? ProfileEvent.reference : named.isEmpty ? "own" : named, start: start,
                duration: duration, operations: operations,
                bytes: buffers.reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount }, reorders: reorders))
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
