import ArgumentParser
import Yuyan

/// `yuyan summary MODEL`: what the layers compute and hold.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "Print each layer's class, output shape and parameter count.",
        discussion: Recipe.overview)

    @Argument(help: "The model.")
    var model: Recipe

    @Flag(help: "Print one JSON object instead.")
    var json = false

    func run() throws {
        let network = model.network()
        let summary = ModelSummary(network, inputShape: Shape([1] + Array(model.sampleShape)))
        let bytes = network.parameters().reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount }
        if json { return Terminal.standardOutput.write(try jsonLine(Report(model.name, summary, bytes: bytes))) }
        let columns: [TextTable.Column] = [
            .init(localized("name"), isNumber: false), .init(localized("layer"), isNumber: false),
            .init(localized("output shape"), isNumber: false), .init(localized("parameters")),
            .init(localized("settings"), isNumber: false),
        ]
        let lines = summary.rows.map { row in
            [row.name, row.layer, row.outputText, NumberText.grouped(row.parameterCount), row.settings]
        }
        let terminal = Terminal.standardOutput
        let title = localized("\(model.name): \(localized(word: model.summary))")
        terminal.write(title + "\n" + localized("input [N = 1]: \(summary.inputText)") + "\n\n")
        TextTable.fitting(columns, lines).print(lines, to: terminal)
        let count = NumberText.grouped(summary.parameterCount)
        let total = localized("\(count) parameters, \(NumberText.grouped(bytes)) bytes")
        terminal.write("\n\(total)\n")
    }

    private struct Report: Encodable {
        struct Layer: Encodable {
            var name: String
            var layer: String
            var settings: String
            var outputShape: [Int]
            var parameters: Int
        }

        var model: String
        var inputShape: [Int]
        var layers: [Layer]
        var parameters: Int
        var bytes: Int

        init(_ model: String, _ summary: ModelSummary, bytes: Int) {
            self.model = model
            inputShape = Array(summary.inputShapes[0])
            layers = summary.rows.map {
                Layer(
                    name: $0.name, layer: $0.layer, settings: $0.settings,
                    outputShape: $0.outputShapes.first.map(Array.init) ?? [],
                    parameters: $0.parameterCount)
            }
            parameters = summary.parameterCount
            self.bytes = bytes
        }
    }
}
