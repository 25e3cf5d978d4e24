/// The catalogue as `yuyan operations` prints it.
extension Catalogue {
    /// A page with one table: every operation by family, with its formula and whether it has a gradient.
    package static var markdown: String {
        var lines = [
            "# Operations", "",
            "All operations of `YuyanCore`, as `yuyan operations` prints them. They are tested against the Reference",
            "backend, central differences and PyTorch.", "",
            "| Family | Operation | Formula | Gradient |", "|---|---|---|---|",
        ]
        for (family, entries) in families {
            for entry in entries {
                let gradient =
                    switch entry.gradient {
                    case .differentiable: "yes"
                    case .none(let reason): "no: \(reason)"
                    }
                let cells = [family, entry.name, entry.formula, gradient].map(escaped)
                lines.append("| \(cells.joined(separator: " | ")) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
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
        let name: String
        let samples: [ExportedSample]
    }

    /// All operations with their samples.
    package static var exported: [ExportedOperation] {
        entries.map { entry in
            .init(name: entry.name, samples: entry.samples.map { .init(operands: $0.operands, torch: $0.torch) })
        }
    }
}
