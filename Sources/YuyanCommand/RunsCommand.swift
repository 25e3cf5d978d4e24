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
        @Option(help: ArgumentHelp("Folder that holds the runs.", valueName: "folder"))
        var root = RunsCommand.defaultRoot

        /// The run of that name in the root; a path with a slash is taken as it stands.
        func run(_ name: String) throws -> Run {
            let folder =
                name.contains("/")
                ? URL(fileURLWithPath: name, isDirectory: true)
                : URL(fileURLWithPath: root, isDirectory: true).appendingPathComponent(name, isDirectory: true)
            return try Run(at: folder)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the runs in a folder, with their best numbers.")

        @OptionGroup var root: Root

        func run() throws {
            let runs = try Run.all(in: URL(fileURLWithPath: root.root, isDirectory: true))
            guard !runs.isEmpty else {
                Terminal.standardError.write("\(root.root) holds no runs\n")
                return
            }
            var lines: [[String]] = []
            var faults: [String] = []
            for run in runs {
                do {
                    let (configuration, records) = (try run.configuration(), try run.records())
                    let monitor = records.monitor
                    let (best, last) = (monitor.best(of: records), records.last)
                    lines.append([
                        run.name, configuration.model, "\(records.count)/\(configuration.epochs)",
                        NumberText.optional(last?.trainLoss), NumberText.optional(last?.validationLoss),
                        monitor.name, NumberText.optional(last.flatMap(monitor.value)),
                        NumberText.optional(best.flatMap(monitor.value)), best.map { "\($0.epoch)" } ?? "",
                    ])
                } catch {
                    faults.append("\(error)")
                }
            }
            TextTable.fitting(
                [
                    .init("run", isNumber: false), .init("model", isNumber: false), .init("epochs"),
                    .init("train loss"), .init("valid loss"), .init("compared by", isNumber: false), .init("last"),
                    .init("best"), .init("in epoch"),
                ], lines
            ).print(lines, to: .standardOutput)
            for fault in faults { Terminal.standardError.write("broken: \(fault)\n") }
            if !faults.isEmpty { throw ExitCode.failure }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the settings and epochs of a run.")

        @Argument(help: "Name of the run, or its folder.")
        var name: String

        @OptionGroup var root: Root

        func run() throws {
            let run = try root.run(name)
            let (configuration, records) = (try run.configuration(), try run.records())
            let terminal = Terminal.standardOutput
            let width = configuration.settings.map(\.name.count).max() ?? 0
            terminal.write("\(run.folder.relativePath), started \(configuration.startedAt.formatted(.iso8601))\n\n")
            for (name, value) in configuration.settings {
                terminal.write("\(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(value)\n")
            }
            guard !records.isEmpty else {
                terminal.write("\nno epoch has ended\n")
                return
            }
            let metrics = records.metricNames.map {
                Metric($0, title: $0 == "accuracy" ? "acc" : $0, sum: { x, _ in x })
            }
            let hasValidation = records.contains { $0.validationLoss != nil }
            let table = EpochTable(metrics: metrics, validationName: hasValidation ? "valid" : nil)
            terminal.write("\n" + terminal.bold(table.header) + "\n")
            for record in records { terminal.write(table.line(record) + "\n") }
            let monitor = records.monitor
            if let best = monitor.best(of: records), let value = monitor.value(best) {
                terminal.write("best \(monitor.name) \(NumberText.decimal(value)) in epoch \(best.epoch)\n")
            }
        }
    }

    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put runs side by side: the settings that differ, and the last and best numbers.")

        @Argument(help: "Names of the runs, or their folders; at least two.")
        var names: [String]

        @OptionGroup var root: Root

        func validate() throws {
            guard names.count >= 2 else { throw ValidationError("compare needs at least two runs.") }
        }

        func run() throws {
            let runs = try names.map { try root.run($0) }
            let configurations = try runs.map { try $0.configuration() }
            let records = try runs.map { try $0.records() }
            var lines: [[String]] = []
            for index in configurations[0].settings.indices {
                let values = configurations.map { $0.settings[index].value }
                if Set(values).count > 1 { lines.append([configurations[0].settings[index].name] + values) }
            }
            if lines.isEmpty { Terminal.standardOutput.write("The settings are the same.\n") }
            lines.append(["epochs done"] + records.map { "\($0.count)" })
            func add(_ name: String, _ monitor: Monitor) {
                guard records.joined().contains(where: { monitor.value($0) != nil }) else { return }
                lines.append(["last \(name)"] + records.map { NumberText.optional($0.last.flatMap(monitor.value)) })
                lines.append(
                    ["best \(name)"] + records.map { NumberText.optional(monitor.best(of: $0).flatMap(monitor.value)) })
            }
            add("train loss", .trainLoss)
            add("validation loss", .validationLoss)
            for metric in records.joined().map({ $0 }).metricNames {
                let goal: Monitor.Goal = metric.hasSuffix("accuracy") ? .largest : .smallest
                add("validation \(metric)", Monitor(metric, goal) { $0.validationMetrics[metric] })
            }
            lines.append(["time"] + records.map { NumberText.duration($0.reduce(0) { $0 + $1.seconds }) })
            TextTable.fitting([.init("", isNumber: false)] + runs.map { .init($0.name) }, lines)
                .print(lines, to: .standardOutput)
        }
    }
}

extension [EpochRecord] {
    /// The metrics that were measured, by name.
    fileprivate var metricNames: [String] {
        reduce(into: Set<String>()) { $0.formUnion($1.trainMetrics.keys) }.sorted()
    }

    /// As `Trainer.defaultMonitor`.
    fileprivate var monitor: Monitor {
        if contains(where: { $0.validationAccuracy != nil }) { return .validationAccuracy }
        return contains { $0.validationLoss != nil } ? .validationLoss : .trainLoss
    }
}

extension NumberText {
    fileprivate static func optional(_ value: Double?) -> String { value.map(decimal) ?? "" }
}

extension TextTable {
    /// A table whose columns are as wide as their widest cell.
    static func fitting(_ columns: [Column], _ lines: [[String]]) -> TextTable {
        var table = TextTable(columns)
        for index in columns.indices {
            table.columns[index].width = max(columns[index].width, lines.map { $0[index].count }.max() ?? 0)
        }
        return table
    }

    func print(_ lines: [[String]], to terminal: Terminal) {
        terminal.write(terminal.bold(header) + "\n")
        for cells in lines { terminal.write(line(cells) + "\n") }
    }
}
