import YuyanBackend

/// The rules of all operations, `Op.Add` and so on: apart from layers and functions of the same names.
package enum Op {}

/// What a recorded operation keeps for its gradient.
package struct Kept: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let first = operand(0)
    package static let second = operand(1)
    package static let third = operand(2)
    package static let output = result(0)

    /// The operand at a place, 0 to 7.
    package static func operand(_ place: Int) -> Kept { Kept(rawValue: 1 << UInt16(place)) }
    /// The result at a place, 0 to 7.
    package static func result(_ place: Int) -> Kept { Kept(rawValue: 1 << UInt16(8 + place)) }

    func containsOperand(_ place: Int) -> Bool { place < 8 && contains(.operand(place)) }
    func containsResult(_ place: Int) -> Bool { place < 8 && contains(.result(place)) }
}

/// An operation on one tensor: its shape rule, its value and its gradient.
///
/// This, `BinaryRule` and `TernaryRule` are the fast ways to say what a `GeneralRule` says.
///
/// A gradient is written with tensor operations and returns a contribution; only the sweep adds. It has the operand's
/// shape, or one that the operand's shape broadcasts to: then it is summed.
package protocol UnaryRule {
    associatedtype Options
    static var name: String { get }
    static func keeps(_ options: Options) -> Kept
    static func outputShape(_ x: Shape, _ options: Options) throws(ShapeError) -> Shape
    /// The value, of the shape that `outputShape` gave. A call to the backend.
    static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer
    /// ∂L/∂x for `gradient` = ∂L/∂y. Touches only what `keeps` names.
    static func gradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor
}

/// An operation on two tensors; see `UnaryRule`.
package protocol BinaryRule {
    associatedtype Options
    static var name: String { get }
    /// Which element types go together; one for both unless declared.
    static var types: OperandTypes { get }
    /// What texts call the operands.
    static var operandNames: [String] { get }
    static func keeps(_ options: Options) -> Kept
    static func outputShape(_ a: Shape, _ b: Shape, _ options: Options) throws(ShapeError) -> Shape
    static func forward(_ a: DeviceBuffer, _ b: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer
    static func firstGradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor
    static func secondGradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor
}

/// An operation on three tensors, the last of which may be absent; see `UnaryRule`.
package protocol TernaryRule {
    associatedtype Options
    static var name: String { get }
    /// Which element types go together; one for all unless declared.
    static var types: OperandTypes { get }
    /// What texts call the operands.
    static var operandNames: [String] { get }
    /// What the operation computes in the same pass after its own formula.
    static func activation(_ options: Options) -> UnaryOperation?
    static func keeps(_ options: Options) -> Kept
    static func outputShape(_ a: Shape, _ b: Shape, _ c: Shape?, _ options: Options) throws(ShapeError) -> Shape
    static func forward(_ a: DeviceBuffer, _ b: DeviceBuffer, _ c: DeviceBuffer?, _ shape: Shape, _ options: Options)
        -> DeviceBuffer
    /// The contributions that are needed, computed together where a kernel gives several at once. `gradient` is that of the
    /// operation's own formula, before the activation.
    static func gradients(
        _ gradient: Tensor, _ saved: Saved, _ options: Options, needs: (Bool, Bool, Bool)
    ) -> (Tensor?, Tensor?, Tensor?)
}

extension UnaryRule {
    package static func keeps(_ options: Options) -> Kept { [] }
}
extension BinaryRule {
    package static var types: OperandTypes { .equal }
    package static var operandNames: [String] { ["left", "right"] }
    package static func keeps(_ options: Options) -> Kept { [] }
}
extension TernaryRule {
    package static var types: OperandTypes { .equal }
    package static func activation(_ options: Options) -> UnaryOperation? { nil }
    package static func keeps(_ options: Options) -> Kept { [.first, .second] }
}

/// The kept operands and result of a recorded operation, as its gradient sees them.
package struct Saved {
    /// The shapes of the operands are always known.
    package let firstShape: Shape
    package let secondShape: Shape
    package let thirdShape: Shape
    fileprivate let keptFirst: Tensor?
    fileprivate let keptSecond: Tensor?
    fileprivate let keptThird: Tensor?
    fileprivate let keptOutput: Tensor?

    /// The only or first operand.
    package var first: Tensor { kept(keptFirst, "first") }
    package var second: Tensor { kept(keptSecond, "second") }
    package var third: Tensor { kept(keptThird, "third") }
    /// The operation's result.
    package var output: Tensor { kept(keptOutput, "output") }

    private func kept(_ value: Tensor?, _ name: String) -> Tensor {
        guard let value else { failure("gradient: the rule reads its \(name) but does not keep it") }
        return value
    }
}

// MARK: - Applying a rule

@inline(__always)
package func apply<R: UnaryRule>(
    _ rule: R.Type, _ x: Tensor, _ options: R.Options, _ file: StaticString = #fileID, _ line: UInt = #line
) -> Tensor {
    let shape: Shape
    do { shape = try R.outputShape(x.shape, options) } catch { shapeFailure(error, file, line) }
    let result = R.forward(x.buffer, shape, options)
    guard x.node != nil, isRecorded(result) else { return Tensor(result) }
    return Tensor(result, node: UnaryNode<R>(x, result, options))
}

@inline(__always)
package func apply<R: BinaryRule>(
    _ rule: R.Type, _ a: Tensor, _ b: Tensor, _ options: R.Options,
    _ file: StaticString = #fileID, _ line: UInt = #line
) -> Tensor {
    checkOperands(R.name, R.types, R.operandNames, a, b, file, line)
    let shape: Shape
    do { shape = try R.outputShape(a.shape, b.shape, options) } catch { shapeFailure(error, file, line) }
    let result = R.forward(a.buffer, b.buffer, shape, options)
    guard a.node != nil || b.node != nil, isRecorded(result) else { return Tensor(result) }
    return Tensor(result, node: BinaryNode<R>(a, b, result, options))
}

@inline(__always)
package func apply<R: TernaryRule>(
    _ rule: R.Type, _ a: Tensor, _ b: Tensor, _ c: Tensor?, _ options: R.Options,
    _ file: StaticString = #fileID, _ line: UInt = #line
) -> Tensor {
    checkOperands(R.name, R.types, R.operandNames, a, b, c, file, line)
    let shape: Shape
    do { shape = try R.outputShape(a.shape, b.shape, c?.shape, options) } catch { shapeFailure(error, file, line) }
    let result = R.forward(a.buffer, b.buffer, c?.buffer, shape, options)
    guard a.node != nil || b.node != nil || c?.node != nil, isRecorded(result) else { return Tensor(result) }
    return Tensor(result, node: TernaryNode<R>(a, b, c, result, options))
}

/// Asked only if an operand is recorded: integers have no gradients.
func isRecorded(_ result: DeviceBuffer) -> Bool {
    result.dtype.isFloatingPoint && ExecutionContext.current.recordsGradients
}

// MARK: - Recorded rules

private final class UnaryNode<R: UnaryRule>: Node {
    @exclusivity(unchecked) private var input: Edge
    @exclusivity(unchecked) private var first: DeviceBuffer?
    @exclusivity(unchecked) private var output: DeviceBuffer?
    private let options: R.Options

    init(_ x: Tensor, _ result: DeviceBuffer, _ options: R.Options) {
        let keeps = R.keeps(options)
        input = Edge(x)
        first = keeps.contains(.first) ? x.buffer : nil
        output = keeps.contains(.output) ? result : nil
        self.options = options
    }

    override var name: String { R.name }
    override var operands: [Edge] { [input] }

    override func propagate(_ sweep: inout Sweep) {
        let gradient = takeGradient()
        let saved = Saved(
            firstShape: input.shape, secondShape: .scalar, thirdShape: .scalar,
            keptFirst: first.map { Tensor($0, node: sweep.recordsGraph ? input.node : nil) }, keptSecond: nil,
            keptThird: nil,
            keptOutput: output.map { Tensor($0, node: sweep.recordsGraph ? self : nil) })
        sweep.contribute(R.gradient(gradient, saved, options), to: input)
    }

    override func release(into nodes: inout [Node]) {
        first = nil
        output = nil
        input.release(into: &nodes)
    }
}

private final class BinaryNode<R: BinaryRule>: Node {
    @exclusivity(unchecked) private var a: Edge
    @exclusivity(unchecked) private var b: Edge
    @exclusivity(unchecked) private var first: DeviceBuffer?
    @exclusivity(unchecked) private var second: DeviceBuffer?
    @exclusivity(unchecked) private var output: DeviceBuffer?
    private let options: R.Options

    init(_ a: Tensor, _ b: Tensor, _ result: DeviceBuffer, _ options: R.Options) {
        let keeps = R.keeps(options)
        self.a = Edge(a)
        self.b = Edge(b)
        first = keeps.contains(.first) ? a.buffer : nil
        second = keeps.contains(.second) ? b.buffer : nil
        output = keeps.contains(.output) ? result : nil
        self.options = options
    }

    override var name: String { R.name }
    override var operands: [Edge] { [a, b] }

    override func propagate(_ sweep: inout Sweep) {
        let gradient = takeGradient()
        let records = sweep.recordsGraph
        let saved = Saved(
            firstShape: a.shape, secondShape: b.shape, thirdShape: .scalar,
            keptFirst: first.map { Tensor($0, node: records ? a.node : nil) },
            keptSecond: second.map { Tensor($0, node: records ? b.node : nil) }, keptThird: nil,
            keptOutput: output.map { Tensor($0, node: records ? self : nil) })
        if a.node != nil { sweep.contribute(R.firstGradient(gradient, saved, options), to: a) }
        if b.node != nil { sweep.contribute(R.secondGradient(gradient, saved, options), to: b) }
    }

    override func release(into nodes: inout [Node]) {
        first = nil
        second = nil
        output = nil
        a.release(into: &nodes)
        b.release(into: &nodes)
    }
}

private final class TernaryNode<R: TernaryRule>: Node {
    @exclusivity(unchecked) private var a: Edge
    @exclusivity(unchecked) private var b: Edge
    @exclusivity(unchecked) private var c: Edge?
    @exclusivity(unchecked) private var first: DeviceBuffer?
    @exclusivity(unchecked) private var second: DeviceBuffer?
    @exclusivity(unchecked) private var third: DeviceBuffer?
    @exclusivity(unchecked) private var output: DeviceBuffer?
    private let options: R.Options

    init(_ a: Tensor, _ b: Tensor, _ c: Tensor?, _ result: DeviceBuffer, _ options: R.Options) {
        let keeps = R.keeps(options)
        self.a = Edge(a)
        self.b = Edge(b)
        self.c = c.map(Edge.init)
        first = keeps.contains(.first) ? a.buffer : nil
        second = keeps.contains(.second) ? b.buffer : nil
        third = keeps.contains(.third) ? c?.buffer : nil
        output = R.activation(options) != nil ? result : nil
        self.options = options
    }

    override var name: String { R.name }
    override var fullName: String { R.activation(options).map { "\(R.name), \($0)" } ?? R.name }
    override var operands: [Edge] { [a, b] + (c.map { [$0] } ?? []) }

    override func propagate(_ sweep: inout Sweep) {
        let records = sweep.recordsGraph
        let gradient = gradientBeforeActivation(sweep)
        let saved = Saved(
            firstShape: a.shape, secondShape: b.shape, thirdShape: c?.shape ?? .scalar,
            keptFirst: first.map { Tensor($0, node: records ? a.node : nil) },
            keptSecond: second.map { Tensor($0, node: records ? b.node : nil) },
            keptThird: third.map { Tensor($0, node: records ? c?.node : nil) }, keptOutput: nil)
        let needs = (a.node != nil, b.node != nil, c?.node != nil)
        let gradients = R.gradients(gradient, saved, options, needs: needs)
        if let gradient = gradients.0 { sweep.contribute(gradient, to: a) }
        if let gradient = gradients.1 { sweep.contribute(gradient, to: b) }
        if let gradient = gradients.2, let c { sweep.contribute(gradient, to: c) }
    }

    /// The gradient of what the formula gave. The pending one and the result, often the largest images of a network, are
    /// let go of before the operands' gradients need memory.
    @inline(never)
    private func gradientBeforeActivation(_ sweep: borrowing Sweep) -> Tensor {
        let gradient = takeGradient()
        guard let activation = R.activation(options), let result = output else { return gradient }
        if !sweep.retainsGraph { output = nil }
        return activation.gradient(gradient, output: Tensor(result, node: sweep.recordsGraph ? self : nil))
    }

    override func release(into nodes: inout [Node]) {
        first = nil
        second = nil
        third = nil
        output = nil
        a.release(into: &nodes)
        b.release(into: &nodes)
        c?.release(into: &nodes)
    }
}
