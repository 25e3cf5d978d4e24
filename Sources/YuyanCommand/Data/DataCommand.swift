import ArgumentParser
import Foundation
import Yuyan

/// `yuyan data`: what there is to learn from.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "List the data sets, look at samples of one, or write them as pictures.",
        discussion: """
            EXAMPLES:
              yuyan data list
              yuyan data show fashion-mnist
              yuyan data show fashion-mnist --seed 1 --output samples.png
              yuyan data export fashion-mnist --split test --output samples
            """,
        subcommands: [DataListCommand.self, DataShowCommand.self, DataExportCommand.self])
}

/// `yuyan data list`: the data sets, and whether they are there.
struct DataListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the data sets: sizes, classes, and where they are looked for.",
        discussion: """
            EXAMPLES:
              yuyan data list
              yuyan data list --data ~/fashion-mnist
            """)

    @Option(
        help: ArgumentHelp("Folder to look in. (default: each set's own)", valueName: "folder"),
        completion: .directory)
    var data: String?

    func validate() throws {
        if data == "" { throw ValidationError("--data must be a folder, not ''.") }
    }

    @Flag(help: "Print one JSON object instead.")
    var json = false

    func run() throws {
        let terminal = Terminal.standardOutput
        func folder(_ known: KnownDataset) -> URL {
            data.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? known.folder
        }
        if json {
            let sets = KnownDataset.all.map { Entry($0, folder($0)) }
            return terminal.write(try jsonLine(["data_sets": sets]))
        }
        for known in KnownDataset.all {
            let folder = folder(known)
            let splits = known.splits.map { "\(localized(word: $0.name)) \(NumberText.grouped($0.count))" }
            let place =
                known.isPresent(folder)
                ? localized("\(folder.path) (found)")
                : localized("\(folder.path) (not there: apt install \(known.package), or --data FOLDER)")
            let titles = [localized("samples"), localized("shape"), localized("classes"), localized("folder")]
            let width = titles.map { DisplayText.width($0) }.max() ?? 0
            let texts = [
                splits.joined(separator: localized(", ")), "\(known.shape)",
                list(known.shownClassNames, indent: width + 4), place,
            ]
            terminal.write("\(terminal.bold(known.name))  \(localized(word: known.summary))\n")
            for (title, text) in zip(titles, texts) {
                terminal.write("  \(DisplayText.padded(title, to: width))  \(text)\n")
            }
        }
    }

    private struct Entry: Encodable {
        var name: String
        var summary: String
        var samples: [String: Int]
        var shape: [Int]
        var classes: [String]
        var folder: String
        var isFound: Bool
        /// Debian's package that has it.
        var package: String

        init(_ known: KnownDataset, _ folder: URL) {
            name = known.name
            summary = known.summary
            samples = Dictionary(uniqueKeysWithValues: known.splits.map { ($0.name, $0.count) })
            shape = Array(known.shape)
            classes = known.classNames
            self.folder = folder.path
            isFound = known.isPresent(folder)
            package = known.package
        }
    }

    private func list(_ names: [String], indent: Int) -> String {
        let isChinese = Language.current == .chinese
        let words = names.dropLast().map { $0 + (isChinese ? "、" : ",") } + names.suffix(1)
        return Terminal.standardOutput.wrapped(words, indent: indent, space: isChinese ? "" : " ")
    }
}
