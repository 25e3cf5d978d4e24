import YuyanBackend

/// The operations that were recorded on the way to a tensor, as plain values: for pictures and for tests.
public struct RecordedGraph: Sendable, Hashable {
    /// An operation, or where values come from.
    public struct Node: Sendable, Hashable {
        /// What a node stands for.
        public enum Kind: String, Sendable, Hashable {
            /// The result of an operation.
            case operation
            /// The value of a `Parameter`.
            case parameter
            /// A tensor without history, such as a batch of data. One that is used twice appears twice.
            case constant
        }

        /// What it stands for.
        public var kind: Kind
        /// The operation's name, such as `"conv2D"` or, with what is computed in the same pass, `"conv2D, relu"`; that of the parameter if it was given; else empty.
        public var name: String
        /// The shape of its result.
        public var shape: Shape
        /// The places in `nodes` of the operands, in order.
        public var inputs: [Int]

        /// A node, of the nodes at `inputs`.
        public init(kind: Kind, name: String, shape: Shape, inputs: [Int]) {
            self.kind = kind
            self.name = name
            self.shape = shape
            self.inputs = inputs
        }
    }

    /// In order of computation: operands before what is computed from them, the tensor itself last.
    public var nodes: [Node]

    /// A graph of these nodes, inputs before what uses them.
    public init(nodes: [Node]) { self.nodes = nodes }
}

extension Tensor {
    /// What was recorded on the way to this tensor. A backward pass that did not retain the graph has released it; then,
    /// and for a tensor without history, there is only one node.
    ///
    /// - Parameter names: what to call the parameters among the leaves, such as `network.namedParameters()`.
    public func recordedGraph(names: [(name: String, parameter: Parameter)] = []) -> RecordedGraph {
        guard let root = node else {
            return RecordedGraph(nodes: [.init(kind: .constant, name: "", shape: shape, inputs: [])])
        }
        var leafNames: [ObjectIdentifier: String] = [:]
        for (name, parameter) in names {
            if let leaf = parameter.tensor.node { leafNames[ObjectIdentifier(leaf)] = name }
        }

        var found: [(node: YuyanCore.Node, shape: Shape)] = [(root, shape)]
        _ = root.forEachOperand { found.append(($0.node!, $0.shape)) }
        // Operands have smaller numbers than what is computed from them.
        found.sort { $0.node.sequence < $1.node.sequence }
        var nodes: [RecordedGraph.Node] = []
        var places: [ObjectIdentifier: Int] = [:]
        for (node, shape) in found {
            var inputs: [Int] = []
            for input in node.recordedOperands {
                if let operand = input.node {
                    inputs.append(places[ObjectIdentifier(operand)]!)
                } else {
                    inputs.append(nodes.count)
                    nodes.append(.init(kind: .constant, name: "", shape: input.shape, inputs: []))
                }
            }
            let identifier = ObjectIdentifier(node)
            places[identifier] = nodes.count
            nodes.append(
                node.isLeaf
                    ? .init(kind: .parameter, name: leafNames[identifier] ?? "", shape: shape, inputs: [])
                    : .init(kind: .operation, name: node.fullName, shape: shape, inputs: inputs))
        }
        return RecordedGraph(nodes: nodes)
    }
}

extension Tensor {
    /// How often each value that was recorded on the way to this tensor is an operand there, by its node. The tensor itself
    /// is one for who looks at it.
    package func recordedUses() -> [ObjectIdentifier: Int] {
        guard let node else { return [:] }
        return node.forEachOperand { _ in }
    }
}

extension YuyanCore.Node {
    fileprivate var recordedOperands: [Edge] { isReleased ? [] : operands }

    /// Calls `body` once for each recorded operand of this node and of those before it.
    ///
    /// - Returns: how often each is one, by its node; of this node 1.
    fileprivate func forEachOperand(_ body: (Edge) -> Void) -> [ObjectIdentifier: Int] {
        var uses = [ObjectIdentifier(self): 1]
        // An explicit stack: chains may be a million long.
        var pending = [self]
        while let node = pending.popLast() {
            for input in node.recordedOperands {
                guard let operand = input.node else { continue }
                uses[ObjectIdentifier(operand), default: 0] += 1
                guard uses[ObjectIdentifier(operand)] == 1 else { continue }
                pending.append(operand)
                body(input)
            }
        }
        return uses
    }
}
