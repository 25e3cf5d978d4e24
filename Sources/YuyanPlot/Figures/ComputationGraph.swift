import YuyanCore

extension Figure {
    /// The operations recorded on the way to a tensor, with the shapes of their results; parameters are leaves.
    ///
    ///     Figure.computation("The loss", of: loss, names: network.namedParameters())
    ///
    /// - Parameter names: what to call the parameters.
    public static func computation(
        _ title: String = "", of tensor: Tensor, names: [(name: String, parameter: Parameter)] = []
    ) -> Figure {
        computation(title, tensor.recordedGraph(names: names))
    }

    /// A recorded graph, such as one taken before a backward pass released it.
    public static func computation(_ title: String = "", _ graph: RecordedGraph) -> Figure {
        let last = graph.nodes.count - 1
        let nodes = graph.nodes.enumerated().map { index, node in
            switch node.kind {
            case .operation: GraphNode([node.name, "\(node.shape)"], role: index == last ? .output : .operation)
            case .parameter:
                GraphNode([node.name.isEmpty ? "parameter" : node.name, "\(node.shape)"], role: .parameter)
            case .constant: GraphNode(["constant", "\(node.shape)"], role: .input)
            }
        }
        let edges = graph.nodes.enumerated().flatMap { index, node in
            node.inputs.map { GraphEdge(from: $0, to: index) }
        }
        return .graph(title, nodes, edges)
    }
}
