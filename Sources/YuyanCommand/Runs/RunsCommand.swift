import ArgumentParser
import Foundation
import Yuyan

/// `yuyan runs`: what has been trained.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List, show and compare runs.",
        subcommands: [List.self, Show.self, Compare.self], defaultSubcommand: List.self)

    /// Where runs are unless said otherwise.
    static let defaultRoot = "runs"

    struct Root: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "Folder that holds the runs. (default: \(RunsCommand.defaultRoot))", valueName: "folder"),
            completion: .directory)
        var root: String?

        var folder: URL { URL(fileURLWithPath: root ?? RunsCommand.defaultRoot, isDirectory: true) }

        func run(_ name: String) throws -> Run { try Run(named: name, in: root) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the runs in a folder, newest first, with their states and best numbers.",
            discussion: """
                A run is running, finished, stopped (it can go on with 'yuyan train --resume'), diverged or failed. \
                Under 'validation' stands the number of its best epoch on the validation set, under 'test' what the \
                weights it ended with achieve on the test set, and under 'train loss' and 'validation loss' those \
                of its last epoch.

                EXAMPLES:
                  yuyan runs
                  yuyan runs --json
                """)

        @OptionGroup var root: Root

        @Flag(help: "Print one JSON object instead.")
        var json = false

        func run() throws {
            var (overviews, faults): ([RunOverview], [Fault]) = ([], [])
            for run in try Run.all(in: root.folder) {
                do {
                    overviews.append(try RunOverview(run, try run.configuration(), try run.records()))
                } catch {
                    faults.append(Fault(folder: run.folder.path, reason: "\(error)"))
                }
            }
            overviews.sort { ($1.startedAt, $0.name) < ($0.startedAt, $1.name) }
            if json {
                return Terminal.standardOutput.write(try jsonLine(Listing(runs: overviews, broken: faults)))
            }
            if !overviews.isEmpty {
                RunsTable(overviews, .standardOutput).print(to: .standardOutput)
            } else if faults.isEmpty {
                Terminal.standardError.write(localized("\(root.folder.relativePath) holds no runs") + "\n")
            }
            for fault in faults {
                let reason = ParserText.message(fault.reason)
                Terminal.standardError.write(localized("broken: \(reason)") + "\n")
            }
        }

        /// A folder of a run that cannot be read.
        private struct Fault: Encodable {
            var folder: String
            var reason: String
        }

        private struct Listing: Encodable {
            var runs: [RunOverview]
            var broken: [Fault]
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the settings and epochs of a run.")

        @Argument(help: "Name of the run, or its folder.", completion: .runs)
        var name: String

        @OptionGroup var root: Root

        @Flag(help: "Print one JSON object instead.")
        var json = false

        func run() throws {
            let run = try root.run(name)
            let details = try RunDetails(run)
            let terminal = Terminal.standardOutput
            if json { return terminal.write(try jsonLine(details)) }
            let (configuration, records) = (details.configuration, details.epochs)
            let settings = configuration.settings.map { (name: localized(word: $0.name), value: shown($0.value)) }
            let width = settings.map { DisplayText.width($0.name) }.max() ?? 0
            let (folder, start) = (run.folder.relativePath, configuration.startedAt.formatted(.iso8601))
            let state = localized(word: details.overview.state.rawValue)
            terminal.write(localized("\(folder): \(state), started \(start)") + "\n\n")
            for (name, value) in settings { terminal.write("\(DisplayText.padded(name, to: width))  \(value)\n") }
            guard !records.isEmpty else {
                terminal.write("\n" + localized("no epoch has ended") + "\n")
                return
            }
            let metrics = records.metricNames.map {
                Metric($0, title: $0 == "accuracy" ? "acc" : $0, sum: { x, _ in x })
            }
            let hasValidation = records.contains { $0.validationLoss != nil }
            let table = EpochTable(metrics: metrics, hasValidation: hasValidation, language: .current)
            terminal.write("\n" + terminal.bold(table.header) + "\n")
            for record in records { terminal.write(table.line(record) + "\n") }
            let overview = details.overview
            if let monitor = overview.monitor, let epoch = overview.bestEpoch, let value = overview.best {
                let name = localized(word: monitor)
                terminal.write(localized("best \(name) \(NumberText.decimal(value)) in epoch \(epoch)") + "\n")
            }
            if let test = overview.test {
                let loss = NumberText.decimal(test.loss)
                let result =
                    test.accuracy.map { localized("accuracy \(NumberText.decimal($0)), loss \(loss)") }
                    ?? localized("loss \(loss)")
                terminal.write(localized("test \(result) with the weights of epoch \(test.epoch)") + "\n")
            }
        }
    }

    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put runs side by side: the settings that differ, and the last and best numbers.")

        @Argument(help: "Names of the runs, or their folders; at least two.", completion: .runs)
        var names: [String]

        @OptionGroup var root: Root

        @Flag(help: "Print one JSON object instead.")
        var json = false

        func validate() throws {
            guard names.count >= 2 else { throw ValidationError("compare needs at least two runs.") }
        }

        func run() throws {
            let runs = try names.map { try root.run($0) }
            let details = try runs.map { try RunDetails($0) }
            let (configurations, records) = (details.map(\.configuration), details.map(\.epochs))
            var lines = RunConfiguration.settings(of: configurations).filter { Set($0.values).count > 1 }
                .map { [$0.name] + $0.values }
            if json {
                let differences = lines.map { Difference(setting: $0[0], values: Array($0.dropFirst())) }
                return Terminal.standardOutput.write(
                    try jsonLine(Comparison(runs: details, differences: differences)))
            }
            if lines.isEmpty { Terminal.standardOutput.write(localized("The settings are the same.") + "\n") }
            lines = lines.map { [localized(word: $0[0])] + $0.dropFirst().map(shown) }
            lines.append([localized("epochs done")] + records.map { "\($0.count)" })
            func add(_ name: String, _ monitor: Monitor) {
                guard records.joined().contains(where: { monitor.value($0) != nil }) else { return }
                let name = localized(word: name)
                lines.append(
                    [localized("last \(name)")] + records.map { NumberText.optional($0.last.flatMap(monitor.value)) })
                lines.append(
                    [localized("best \(name)")]
                        + records.map { NumberText.optional(monitor.best(of: $0).flatMap(monitor.value)) })
            }
            add("train loss", .trainLoss)
            add("validation loss", .validationLoss)
            for metric in records.joined().map({ $0 }).metricNames {
                let goal: Monitor.Goal = metric.hasSuffix("accuracy") ? .largest : .smallest
                add("validation \(metric)", Monitor(metric, goal) { $0.validationMetrics[metric] })
            }
            func addTest(_ name: String, _ value: (TestRecord) -> Double?) {
                let values = details.map { $0.overview.test.flatMap(value) }
                if values.contains(where: { $0 != nil }) {
                    lines.append([localized(word: "test \(name)")] + values.map(NumberText.optional))
                }
            }
            addTest("loss") { $0.loss }
            for metric in records.joined().map({ $0 }).metricNames { addTest(metric) { $0.metrics[metric] } }
            lines.append(
                [localized("time")]
                    + records.map { NumberText.duration($0.seconds, in: .current) })
            TextTable.fitting([.init("", isNumber: false)] + runs.map { .init(DisplayText.oneLine($0.name)) }, lines)
                .print(lines, to: .standardOutput)
        }

        /// A setting with its value in each of the runs.
        private struct Difference: Encodable {
            var setting: String
            var values: [String]
        }

        private struct Comparison: Encodable {
            var runs: [RunDetails]
            var differences: [Difference]
        }
    }
}

/// A setting's value: what was typed, or in Chinese its name.
private func shown(_ value: String) -> String { Language.current == .english ? value : Language.current.setting(value) }

extension NumberText {
    fileprivate static func optional(_ value: Double?) -> String { value.map(decimal) ?? "" }
}

extension TextTable {
    /// A table whose columns are as wide as their widest cell.
    static func fitting(_ columns: [Column], _ lines: [[String]]) -> TextTable {
        var table = TextTable(columns)
        for index in columns.indices {
            table.columns[index].width = max(
                columns[index].width, lines.map { DisplayText.width($0[index]) }.max() ?? 0)
        }
        return table
    }

    /// Where a line is too long, a list in its last column goes on below.
    func print(_ lines: [[String]], to terminal: Terminal) {
        terminal.write(terminal.bold(header) + "\n")
        let indent = columns.dropLast().reduce(0) { $0 + $1.width + 2 }
        for cells in lines {
            var cells = cells
            let parts = cells.last?.components(separatedBy: ", ") ?? []
            if columns.last?.isNumber == false, parts.count > 1 {
                let words = parts.dropLast().map { $0 + "," } + parts.suffix(1)
                cells[cells.count - 1] = terminal.wrapped(words, indent: indent)
            }
            terminal.write(line(cells) + "\n")
        }
    }
}
