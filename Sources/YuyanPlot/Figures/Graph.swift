import Foundation
import YuyanCore
import YuyanData

/// A box of a graph.
public struct GraphNode: Sendable, Hashable {
    /// What a node stands for; it decides the color.
    public enum Role: String, Sendable, Hashable {
        /// Something that is computed.
        case operation
        /// Something that is trained.
        case parameter
        /// What comes in.
        case input
        /// What comes out.
        case output
    }

    /// The first line is what it is, the others say more.
    public var label: [String]
    /// What it stands for, which its form shows.
    public var role: Role

    /// A node with these lines of text.
    public init(_ label: [String], role: Role = .operation) {
        self.label = label
        self.role = role
    }
}

/// An arrow between two nodes, which are named by their places in the list.
public struct GraphEdge: Sendable, Hashable {
    /// The place of the node it leaves.
    public var from: Int
    /// The place of the node it enters.
    public var to: Int
    /// What stands beside it; empty for nothing.
    public var label: String

    /// An arrow between two nodes, by their places.
    public init(from: Int, to: Int, label: String = "") {
        self.from = from
        self.to = to
        self.label = label
    }
}

extension Figure {
    /// Nodes and arrows between them, from top to bottom, drawn by Graphviz. More than eight nodes in a single chain
    /// stand in two or three columns. Traps if an arrow leads to no node.
    ///
    /// - Parameter rows: nodes that stand side by side in the order given, such as the units of a layer.
    public static func graph(
        _ title: String = "", _ nodes: [GraphNode], _ edges: [GraphEdge], rows: [[Int]] = []
    ) -> Figure {
        for node in rows.joined() where !nodes.indices.contains(node) {
            failure("graph: node \(node) of a row among \(nodes.count) nodes")
        }
        for edge in edges where !nodes.indices.contains(edge.from) || !nodes.indices.contains(edge.to) {
            failure("graph: an edge from \(edge.from) to \(edge.to) among \(nodes.count) nodes")
        }
        return Figure(title, Graph(nodes: nodes, edges: edges, rows: rows))
    }
}

struct Graph: FigureContent {
    let nodes: [GraphNode]
    let edges: [GraphEdge]
    var rows: [[Int]] = []

    var preferredSize: FigureSize { .standard }
    var texts: [String] { nodes.flatMap(\.label) + edges.map(\.label) }

    /// The nodes, then the edges.
    var table: CSVTable {
        let nodeRows = nodes.enumerated().map { index, node in
            ["\(index)", node.role.rawValue, node.label.joined(separator: "; "), "", ""]
        }
        let edgeRows = edges.map { ["", "edge", $0.label, "\($0.from)", "\($0.to)"] }
        return CSVTable(header: ["node", "kind", "label", "from", "to"], rows: nodeRows + edgeRows)
    }

    func drawing(_ title: String, _ size: FigureSize) -> Drawing {
        var script = DotScript(title: title)
        for (index, node) in nodes.enumerated() {
            script.addNode(index, node.label.flatMap(Graph.wrapped), Graph.colors(node.role))
        }
        for row in rows { script.addRow(row) }
        // What flows from operation to operation runs straight down; parameters come in from the side.
        for edge in edges {
            script.addEdge(
                from: edge.from, to: edge.to, edge.label, weight: nodes[edge.from].role == .parameter ? 1 : 8,
                startsColumn: isColumnStart(edge.to))
        }
        return .graphviz(script)
    }

    /// Whether a node begins another column: a long chain, such as the layers of a network, would be much higher than a
    /// page if it ran straight down.
    private func isColumnStart(_ node: Int) -> Bool {
        guard node > 0, nodes.count > Graph.longestColumn else { return false }
        guard edges.count == nodes.count - 1, zip(edges, nodes.indices).allSatisfy({ $0.from == $1 && $0.to == $1 + 1 })
        else { return false }
        let columns = min((nodes.count - 1) / Graph.longestColumn + 1, 3)
        return node.isMultiple(of: (nodes.count + columns - 1) / columns)
    }

    private static let longestColumn = 8

    /// A long list in several lines, so that boxes stay narrow.
    private static func wrapped(_ line: String) -> [String] {
        var lines: [String] = []
        for (index, part) in line.components(separatedBy: ", ").enumerated() {
            if index == 0 {
                lines.append(part)
            } else if DisplayText.width(lines[lines.count - 1]) + DisplayText.width(part) < 34 {
                lines[lines.count - 1] += ", " + part
            } else {
                lines[lines.count - 1] += ","
                lines.append(part)
            }
        }
        return lines
    }

    private static func colors(_ role: GraphNode.Role) -> String {
        switch role {
        case .operation: "fillcolor=\"#eaf1f9\", color=\"#2867b2\""
        case .parameter: "fillcolor=\"#fdf2df\", color=\"#e07b00\""
        case .input: "fillcolor=\"#e8f4ec\", color=\"#2a8c55\""
        case .output: "fillcolor=\"#fae9e7\", color=\"#c8372d\""
        }
    }

    /// One line for each node: its number, the numbers of those that lead to it, its label.
    func text(_ style: TextStyle) -> [String] {
        var sources: [Int: [Int]] = [:]
        for edge in edges { sources[edge.to, default: []].append(edge.from) }
        let columns = nodes.map(\.label.count).max() ?? 0
        let widths = (0..<columns).map { column in
            nodes.map { column < $0.label.count ? DisplayText.width($0.label[column]) : 0 }.max() ?? 0
        }
        let numberWidth = "\(max(nodes.count - 1, 0))".count
        let arrow = style.usesUnicode ? "←" : "<-"
        let inputs = nodes.indices.map { index in
            sources[index].map { "\(arrow) " + $0.map(String.init).joined(separator: ", ") } ?? ""
        }
        let inputWidth = inputs.map(\.count).max() ?? 0
        return nodes.enumerated().map { index, node in
            let number = DisplayText.padded("\(index)", to: numberWidth, isNumber: true)
            let cells = [number, DisplayText.padded(inputs[index], to: inputWidth)]
            let label = zip(node.label, widths).map { DisplayText.padded($0, to: $1) }
            return DisplayText.shortened(
                DisplayText.trimmed((cells + label).joined(separator: "  ")), to: style.width, style)
        }
    }
}
