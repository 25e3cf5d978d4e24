import Foundation
import Yuyan

/// A run in short, as `yuyan runs` lists it.
struct RunOverview: Encodable {
    var name: String
    var folder: String
    var model: String
    var state: RunState
    var startedAt: Date
    /// Those that have ended.
    var epochsDone: Int
    var epochs: Int
    var trainLoss: Double?
    var validationLoss: Double?
    /// The number by which epochs are compared, after the last epoch and after the best; nil without a validation set.
    var monitor: String?
    var last: Double?
    var best: Double?
    var bestEpoch: Int?
    /// What the weights achieve on the test set; nil before the training has ended.
    var test: TestRecord?

    init(_ run: Run, _ configuration: RunConfiguration, _ records: [EpochRecord]) throws {
        name = run.name
        folder = run.folder.path
        model = configuration.title
        state = run.state(configuration, records)
        startedAt = configuration.startedAt
        epochsDone = records.count
        epochs = configuration.epochs
        trainLoss = records.last?.trainLoss
        validationLoss = records.last?.validationLoss
        test = try run.testRecord()
        guard let monitor = records.monitor else { return }
        self.monitor = monitor.name
        last = records.last.flatMap(monitor.value)
        let best = monitor.best(of: records)
        self.best = best.flatMap(monitor.value)
        bestEpoch = best?.epoch
    }
}

/// A run with all its numbers, as `yuyan runs show --json` prints it.
struct RunDetails: Encodable {
    var overview: RunOverview
    var configuration: RunConfiguration
    var epochs: [EpochRecord]

    init(_ run: Run) throws {
        configuration = try run.configuration()
        epochs = try run.records()
        overview = try RunOverview(run, configuration, epochs)
    }

    private enum CodingKeys: String, CodingKey {
        case overview = "run"
        case configuration, epochs
    }
}

/// The table of `yuyan runs`. Where the line is too short for all columns, those that matter least are left out.
struct RunsTable {
    private struct Column {
        let name: String
        var column: TextTable.Column
        var cells: [String]

        init(_ title: String, isNumber: Bool = false, _ cells: [String]) {
            name = title
            column = TextTable.Column(localized(word: title), isNumber: isNumber)
            column.width = cells.reduce(column.width) { max($0, DisplayText.width($1)) }
            self.cells = cells
        }
    }

    private var columns: [Column]

    init(_ runs: [RunOverview], _ terminal: Terminal) {
        func decimal(_ value: Double?) -> String { value.map(NumberText.decimal) ?? "" }
        func date(_ format: String) -> [String] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = format
            return runs.map { formatter.string(from: $0.startedAt) }
        }
        let best = runs.map { run in
            run.best.map(NumberText.decimal).map {
                run.monitor?.hasSuffix("accuracy") == true ? localized("acc \($0)") : localized("loss \($0)")
            } ?? ""
        }
        let test = runs.map { run in
            run.test.map { test in
                test.accuracy.map { localized("acc \(NumberText.decimal($0))") }
                    ?? localized("loss \(NumberText.decimal(test.loss))")
            } ?? ""
        }
        columns = [
            Column("run", runs.map { DisplayText.oneLine($0.name) }), Column("model", runs.map(\.model)),
            Column("state", runs.map { localized(word: $0.state.rawValue) }),
            Column("epochs", isNumber: true, runs.map { "\($0.epochsDone)/\($0.epochs)" }), Column("validation", best),
            Column("test", test), Column("started", date("yyyy-MM-dd HH:mm")),
            Column("train loss", isNumber: true, runs.map { decimal($0.trainLoss) }),
            Column("validation loss", isNumber: true, runs.map { decimal($0.validationLoss) }),
        ]
        // Such as that of a test where no training has ended.
        columns.removeAll { $0.cells.allSatisfy(\.isEmpty) }
        for title in ["validation loss", "train loss", "model"] where width > terminal.width { remove(title) }
        if width > terminal.width, let index = index(of: "started") {
            columns[index] = Column("started", date("yyyy-MM-dd"))
        }
        if width > terminal.width, let index = index(of: "test") {
            columns[index] = Column(
                "test", isNumber: true, runs.map { decimal($0.test.map { $0.accuracy ?? $0.loss }) })
        }
        for title in ["started", "validation", "test"] where width > terminal.width { remove(title) }
        // A script that reads the table must find the names; somebody who looks at it needs lines that fit.
        guard terminal.isInteractive, width > terminal.width else { return }
        let style = TextStyle(usesUnicode: terminal.usesUnicode)
        let room = max(columns[0].column.width - (width - terminal.width), 10)
        columns[0] = Column("run", columns[0].cells.map { DisplayText.shortened($0, to: room, style) })
    }

    private var width: Int { columns.reduce(-2) { $0 + $1.column.width + 2 } }
    private func index(of title: String) -> Int? { columns.firstIndex { $0.name == title } }
    private mutating func remove(_ title: String) { columns.removeAll { $0.name == title } }

    func print(to terminal: Terminal) {
        let lines = columns[0].cells.indices.map { row in columns.map { $0.cells[row] } }
        TextTable(columns.map(\.column)).print(lines, to: terminal)
    }
}
