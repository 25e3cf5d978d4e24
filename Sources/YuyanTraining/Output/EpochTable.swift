/// The table of epochs that a training shows: titles, and one line for each epoch.
public struct EpochTable: Sendable {
    private let table: TextTable
    private let metrics: [Metric]
    private let hasValidation: Bool

    public init(metrics: [Metric], hasValidation: Bool) {
        self.metrics = metrics
        self.hasValidation = hasValidation
        var columns = [TextTable.Column("epoch")]
        // The metrics of a set stand behind its loss, without its name, so that all fits into 80 characters.
        for title in ["train loss"] + (hasValidation ? ["validation loss"] : []) {
            columns.append(.init(title))
            columns += metrics.map { .init($0.title, width: 8) }
        }
        columns += [.init("samples/s"), .init("time", width: 9)]
        table = TextTable(columns)
    }

    public init(_ trainer: Trainer) {
        self.init(metrics: trainer.metrics, hasValidation: trainer.validation != nil)
    }

    public var header: String { table.header }

    public func line(_ record: EpochRecord) -> String {
        func text(_ value: Double?) -> String { value.map(NumberText.decimal) ?? "" }
        var cells = ["\(record.epoch)", text(record.trainLoss)]
        cells += metrics.map { text(record.trainMetrics[$0.name]) }
        if hasValidation {
            cells.append(text(record.validationLoss))
            cells += metrics.map { text(record.validationMetrics[$0.name]) }
        }
        cells += [NumberText.grouped(Int(record.samplesPerSecond)), NumberText.duration(record.seconds)]
        return table.line(cells)
    }
}
