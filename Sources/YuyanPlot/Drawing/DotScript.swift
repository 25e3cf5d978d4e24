import Foundation

/// A graph in Graphviz's language, without font and format.
package struct DotScript: Sendable {
    private var lines: [String] = []
    private let title: String

    init(title: String) { self.title = title }

    /// A node; the lines of its label are centered.
    mutating func addNode(_ id: Int, _ label: [String], _ attributes: String) {
        lines.append("n\(id) [label=\(DotScript.quoted(label)), \(attributes)]")
    }

    /// - Parameter startsColumn: whether it leads to the top of another column.
    mutating func addEdge(from: Int, to: Int, _ label: String, weight: Int, startsColumn: Bool = false) {
        let text = label.isEmpty ? "" : ", label=\(DotScript.quoted([label]))"
        let ports = startsColumn ? ", constraint=false, tailport=e, headport=w" : ""
        lines.append("n\(from) -> n\(to) [weight=\(weight)\(text)\(ports)]")
    }

    /// Nodes side by side, in order.
    mutating func addRow(_ ids: [Int]) {
        let names = ids.map { "n\($0)" }.joined(separator: " -> ")
        lines.append("{ rank=same; edge [style=invis, weight=100]; \(names) }")
    }

    /// The whole graph, with its text in the font `family`.
    package func text(family: String) -> String {
        let font = "fontname=\(DotScript.quoted([family]))"
        var head = [
            "digraph {",
            "graph [rankdir=TB, nodesep=0.25, ranksep=0.3, pad=0.15, bgcolor=\"#ffffff\", \(font), fontsize=12]",
            "node [shape=box, style=\"rounded,filled\", \(font), fontsize=11, fontcolor=\"#111111\", penwidth=0.8, "
                + "margin=\"0.12,0.06\", height=0.3]",
            "edge [color=\"#8a8a8a\", arrowsize=0.6, penwidth=0.9, \(font), fontsize=10, fontcolor=\"#555555\"]",
        ]
        if !title.isEmpty { head.append("labelloc=t; label=\(DotScript.quoted([title]))") }
        return (head + lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A quoted string of lines in which backslashes, quotes and entities stand for themselves.
    package static func quoted(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            DisplayText.oneLine(line).replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"").replacingOccurrences(of: "&", with: "&amp;")
        }
        return "\"" + escaped.joined(separator: "\\n") + "\""
    }
}
