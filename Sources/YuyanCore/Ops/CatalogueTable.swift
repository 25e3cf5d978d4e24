/// The catalogue as `yuyan operations` prints it.
extension Catalogue {
    /// A page with one table: every operation by family, with its formula and whether it has a gradient.
    package static var markdown: String {
        var lines = [
            "# Operations", "",
            "All operations of `YuyanCore`, as `yuyan operations` prints them: how they are written in Swift (`x` is a tensor",
            "or a parameter, and `Self` is its type), and what they compute. They are tested against the Reference backend,",
            "central differences and PyTorch. Those in the last table are not called by users: gradients are made of them.",
        ]
        let columns = ["| Swift | Formula | Gradient |", "|---|---|---|"]
        for family in families {
            lines += ["", "## \(family.name)", ""] + columns
            lines += family.entries.filter { !$0.swift.isEmpty }.map { row($0, $0.swift.map { "`\($0)`" }) }
        }
        lines += ["", "## Inside", ""] + columns
        lines += entries.filter(\.swift.isEmpty).map { row($0, [$0.name]) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ entry: OperationEntry, _ names: [String]) -> String {
        let gradient =
            switch entry.gradient {
            case .differentiable: "yes"
            case .none(let reason): "no: \(reason)"
            }
        let cells = [names.joined(separator: "<br>"), entry.formula, gradient].map(escaped)
        return "| \(cells.joined(separator: " | ")) |"
    }

    /// A bar inside a cell would end it.
    private static func escaped(_ cell: String) -> String {
        cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    /// An operation's samples, for the script that computes the same with PyTorch.
    package struct ExportedOperation: Sendable, Encodable {
        package struct ExportedSample: Sendable, Encodable {
            let operands: [Sample.Operand]
            let torch: String
        }
        let family: String
        let name: String
        let samples: [ExportedSample]
    }

    /// All operations with their samples.
    package static var exported: [ExportedOperation] {
        families.flatMap { family in
            family.entries.map { entry in
                .init(
                    family: family.name, name: entry.name,
                    samples: entry.samples.map { .init(operands: $0.operands, torch: $0.torch) })
            }
        }
    }
}
