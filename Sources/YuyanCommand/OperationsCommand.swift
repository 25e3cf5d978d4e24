import ArgumentParser
import Foundation
import Yuyan

/// `yuyan operations`: the reference table of all operations.
struct OperationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations", abstract: "Print all tensor operations, with formulas and gradients, as Markdown.")

    @Flag(help: "Print names and samples as JSON instead: the input of References/generate.py.")
    var json = false

    func run() throws {
        guard json else {
            Terminal.standardOutput.write(Catalogue.markdown)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.standardOutput.write(String(decoding: try encoder.encode(Catalogue.exported), as: UTF8.self) + "\n")
    }
}
