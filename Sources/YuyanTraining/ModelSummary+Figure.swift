import YuyanPlot

extension ModelSummary {
    /// The parts as boxes from the input on, in the order of the calls: name and class, the shape that comes out, number of
    /// parameters, settings. Branches and jumps are not drawn: `Figure.computation(_:of:names:)` shows those.
    public func figure(_ title: String = "") -> Figure {
        var nodes = [GraphNode(["input", inputText], role: .input)]
        for row in rows {
            var label = ["\(row.name)  \(row.layer)", row.outputText]
            if row.parameterCount > 0 { label.append("\(NumberText.grouped(row.parameterCount)) parameters") }
            // A list without a name are the sizes that `Reshape` makes.
            if !row.settings.isEmpty { label.append((row.settings.hasPrefix("[") ? "sizes: " : "") + row.settings) }
            nodes.append(GraphNode(label, role: row.parameterCount > 0 ? .parameter : .operation))
        }
        let edges = nodes.indices.dropFirst().map { GraphEdge(from: $0 - 1, to: $0) }
        return .graph(title, nodes, edges)
    }
}
