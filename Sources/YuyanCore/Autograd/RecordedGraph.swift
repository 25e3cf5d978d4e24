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

        // All nodes, with an explicit stack: chains may be a million long.
        var found: [(node: YuyanCore.Node, shape: Shape)] = [(root, shape)]
        var visited: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var next = 0
        while next < found.count {
            for input in found[next].node.recordedOperands {
                guard let node = input.node, visited.insert(ObjectIdentifier(node)).inserted else { continue }
                found.append((node, input.shape))
            }
            next += 1
        }

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

extension YuyanCore.Node {
    fileprivate var recordedOperands: [Edge] { isReleased ? [] : operands }
}
