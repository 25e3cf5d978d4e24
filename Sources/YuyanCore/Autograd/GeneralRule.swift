import YuyanBackend

/// An operation on any number of operands, of which some may be absent or without gradient, with one result or several.
///
/// Gradients are written as for `UnaryRule`.
package protocol GeneralRule {
    associatedtype Options
    static var name: String { get }
    /// Which element types go together; one for all unless declared.
    static var types: OperandTypes { get }
    /// What texts call the operand at a place.
    static func operandName(_ place: Int, _ options: Options) -> String
    /// What graphs call the result at a place, where there are several.
    static func resultName(_ place: Int) -> String
    static func keeps(_ options: Options) -> Kept
    /// Whether the result at a place has a gradient; integers and bool never do.
    static func isDifferentiable(result place: Int, _ options: Options) -> Bool
    /// The shapes of the results. The operands' element types have been checked, not how many there are.
    static func outputShapes(_ operands: Few<Shape?>, _ options: Options) throws(ShapeError) -> Few<Shape>
    /// The results, of the shapes that `outputShapes` gave, and what the gradient needs besides. Throws for an index, among
    /// the elements of an operand, that names nothing.
    static func forward(_ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ options: Options) throws(IndexError)
        -> Computed
    /// What is said of such an index.
    static func text(of error: IndexError, _ options: Options) -> String
    /// The contribution to each operand, nil for one that has no gradient or does not need it (`saved.needsGradient`);
    /// from the gradients of the results, nil for one on which nothing depends: at least one is there.
    static func gradients(_ gradients: Few<Tensor?>, _ saved: SavedValues, _ options: Options) -> Few<Tensor?>
}

extension GeneralRule {
    package static var types: OperandTypes { .equal }
    package static func operandName(_ place: Int, _ options: Options) -> String { "tensor \(place)" }
    package static func resultName(_ place: Int) -> String { "\(place)" }
    package static func keeps(_ options: Options) -> Kept { [] }
    package static func isDifferentiable(result place: Int, _ options: Options) -> Bool { true }
    package static func text(of error: IndexError, _ options: Options) -> String {
        "\(name): index \(error.index) at [\(error.place)] is outside 0 ..< \(error.count)"
    }
}

/// What `GeneralRule.forward` gives.
package struct Computed {
    package var results: Few<DeviceBuffer>
    /// Buffers that nobody sees but the rule's gradient.
    package var workspaces: Few<DeviceBuffer>

    package init(_ results: Few<DeviceBuffer>, workspaces: Few<DeviceBuffer> = Few()) {
        self.results = results
        self.workspaces = workspaces
    }

    package init(_ result: DeviceBuffer, workspace: DeviceBuffer) {
        self.init(Few(result), workspaces: Few(workspace))
    }

    package init(_ result: DeviceBuffer) { self.init(Few(result)) }
}

/// What a recorded operation of a `GeneralRule` has kept, as its gradient sees it.
package struct SavedValues {
    fileprivate let node: OperationNode
    fileprivate let recordsGraph: Bool

    /// How many operands there were, absent ones included.
    package var operandCount: Int { node.edges.count }

    package func needsGradient(_ place: Int) -> Bool { node.edges[place]?.node != nil }

    /// The shape of an operand; of one that was not absent.
    package func shape(_ place: Int) -> Shape { node.edges[place]!.shape }

    /// The element type of an operand; of one that was not absent.
    package func dtype(_ place: Int) -> DType { node.edges[place]!.dtype }

    package func isAbsent(_ place: Int) -> Bool { node.edges[place] == nil }

    package var workspaces: Few<DeviceBuffer> { node.workspaces }

    package func resultShape(_ place: Int) -> Shape { node.results[place].shape }

    package func operand(_ place: Int) -> Tensor {
        Tensor(
            kept(node.keptOperands[place], "operand \(place)"), node: recordsGraph ? node.edges[place]?.node : nil)
    }

    package func result(_ place: Int) -> Tensor {
        let buffer = kept(node.keptResults[place], "result \(place)")
        guard recordsGraph else { return Tensor(buffer) }
        return Tensor(buffer, node: node.results.count == 1 ? node : node.result(place))
    }

    @inline(__always)
    private func kept(_ buffer: DeviceBuffer?, _ name: @autoclosure () -> String) -> DeviceBuffer {
        guard let buffer else { failure("gradient: the rule reads its \(name()) but does not keep it") }
        return buffer
    }
}

/// The results of a rule. Traps unless the operands have fitting types and shapes and are on one device.
package func apply<R: GeneralRule>(
    _ rule: R.Type, _ operands: Few<Tensor?>, _ options: R.Options,
    _ file: StaticString = #fileID, _ line: UInt = #line
) -> Few<Tensor> {
    checkOperands(R.name, R.types, { R.operandName($0, options) }, operands, file, line)
    let shapes: Few<Shape>
    do { shapes = try R.outputShapes(operands.map { $0?.shape }, options) } catch { shapeFailure(error, file, line) }
    let computed: Computed
    do { computed = try R.forward(operands.map { $0?.buffer }, shapes, options) } catch {
        failure(R.text(of: error, options), file, line)
    }
    guard operands.indices.contains(where: { operands[$0]?.node != nil }), ExecutionContext.current.recordsGradients
    else {
        return computed.results.map { Tensor($0) }
    }
    let places = computed.results.indices.filter {
        computed.results[$0].dtype.isFloatingPoint && R.isDifferentiable(result: $0, options)
    }
    if places.isEmpty { return computed.results.map { Tensor($0) } }
    let node = GeneralNode<R>(operands, computed, options)
    if computed.results.count == 1 { return Few(Tensor(computed.results[0], node: node)) }
    var results = computed.results.map { Tensor($0) }
    for place in places { results[place].node = node.result(place) }
    return results
}

/// The only result of a rule that has one.
@inline(__always)
package func applyForOne<R: GeneralRule>(
    _ rule: R.Type, _ operands: Few<Tensor?>, _ options: R.Options,
    _ file: StaticString = #fileID, _ line: UInt = #line
) -> Tensor {
    apply(rule, operands, options, file, line)[0]
}

/// A recorded operation that may have several results, each with a `ResultNode`: all of it that does not depend on the
/// rule.
private class OperationNode: Node {
    /// The gradients of the results that have arrived in the sweep under way, where there are several.
    @exclusivity(unchecked) fileprivate final var arrived: Few<Tensor?>
    /// What the gradient of each result must be.
    fileprivate final let results: Few<Edge>
    @exclusivity(unchecked) fileprivate final var edges: Few<Edge?>
    @exclusivity(unchecked) fileprivate final var keptOperands: Few<DeviceBuffer?>
    @exclusivity(unchecked) fileprivate final var keptResults: Few<DeviceBuffer?>
    @exclusivity(unchecked) fileprivate final var workspaces: Few<DeviceBuffer>

    // Borrowed: a copy of the lists costs as much as the rest.
    init(_ operands: borrowing Few<Tensor?>, _ computed: borrowing Computed, _ keeps: Kept) {
        results = computed.results.map { Edge(Tensor($0)) }
        arrived = results.count == 1 ? Few() : Few(repeating: nil, count: results.count)
        edges = operands.map { $0.map(Edge.init) }
        keptOperands = Few()
        for place in operands.indices {
            keptOperands.append(keeps.containsOperand(place) ? operands[place]?.buffer : nil)
        }
        keptResults = Few()
        for place in computed.results.indices {
            keptResults.append(keeps.containsResult(place) ? computed.results[place] : nil)
        }
        workspaces = computed.workspaces
        super.init()
    }

    override final var operands: [Edge] { edges.compactMap { $0 } }

    func resultName(_ place: Int) -> String { "" }

    /// The node of one of several results. It has a larger number than the operation, so a sweep reaches all results
    /// before it.
    final func result(_ place: Int) -> Node { ResultNode(self, place) }

    /// What has arrived, or the one gradient there is.
    final func take(_ gradient: Tensor) -> Few<Tensor?> {
        if results.count == 1 { return Few(gradient) }
        let gradients = arrived
        for place in arrived.indices { arrived[place] = nil }
        return gradients
    }

    final func contribute(_ contributions: Few<Tensor?>, _ sweep: inout Sweep) {
        for place in contributions.indices {
            guard let contribution = contributions[place], let edge = edges[place] else { continue }
            sweep.contribute(contribution, to: edge)
        }
    }

    override final func release(into nodes: inout [Node]) {
        if edges.isEmpty { return }
        keptOperands = Few()
        keptResults = Few()
        workspaces = Few()
        for place in edges.indices {
            if let node = edges[place]?.node, !node.isLeaf { nodes.append(node) }
        }
        edges = Few()
    }
}

private final class ResultNode: Node {
    private var operation: Edge
    private let place: Int

    init(_ operation: OperationNode, _ place: Int) {
        self.operation = operation.results[place]
        self.operation.node = operation
        self.place = place
    }

    override var name: String {
        (operation.node as? OperationNode)?.resultName(place) ?? "result \(place)"
    }
    override var operands: [Edge] { [operation] }

    override func propagate(_ sweep: inout Sweep) {
        let operation = unsafeDowncast(operation.node!, to: OperationNode.self)
        sweep.contribute(takeGradient(), toResultOf: operation, &operation.arrived[place])
    }

    override func release(into nodes: inout [Node]) { operation.release(into: &nodes) }
}

private final class GeneralNode<R: GeneralRule>: OperationNode {
    private let options: R.Options

    init(_ operands: borrowing Few<Tensor?>, _ computed: borrowing Computed, _ options: R.Options) {
        self.options = options
        super.init(operands, computed, R.keeps(options))
    }

    override var name: String { R.name }
    override func resultName(_ place: Int) -> String { "\(R.name): \(R.resultName(place))" }

    override func propagate(_ sweep: inout Sweep) {
        let saved = SavedValues(node: self, recordsGraph: sweep.recordsGraph)
        contribute(R.gradients(take(takeGradient()), saved, options), &sweep)
    }
}
