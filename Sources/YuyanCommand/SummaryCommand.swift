import ArgumentParser
import Yuyan

/// `yuyan summary MODEL`: what the layers compute and hold.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "Print each layer's class, output shape and parameter count.",
        discussion: Recipe.overview)

    @Argument(help: "The model.")
    var model: Recipe

    func run() {
        let network = model.makeModel()
        let summary = ModelSummary(network, inputShape: Shape([1] + Array(model.sampleShape)))
        var table = TextTable([
            .init("name", isNumber: false), .init("layer", isNumber: false), .init("output shape", isNumber: false),
            .init("parameters"), .init("settings", isNumber: false),
        ])
        let lines = summary.rows.map { row in
            [row.name, row.layer, "\(row.outputShape)", NumberText.grouped(row.parameterCount), row.settings]
        }
        for column in table.columns.indices {
            let width = lines.map { $0[column].count }.max() ?? 0
            table.columns[column].width = max(table.columns[column].width, width)
        }
        let terminal = Terminal.standardOutput
        terminal.write("\(model.name): \(model.summary)\ninput [N = 1]: \(summary.inputShape)\n\n")
        terminal.write(terminal.bold(table.header) + "\n")
        for line in lines { terminal.write(table.line(line) + "\n") }
        let bytes = network.parameters().reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount }
        let total = "\(NumberText.grouped(summary.parameterCount)) parameters, \(NumberText.grouped(bytes)) bytes"
        terminal.write("\n\(total)\n")
    }
}
