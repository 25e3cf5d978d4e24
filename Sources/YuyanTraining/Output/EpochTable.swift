/// The table of epochs that a training shows: titles, and one line for each epoch.
public struct EpochTable: Sendable {
    private let table: TextTable
    private let metrics: [Metric]
    private let hasValidation: Bool

    /// - Parameter validationName: what the validation set is called; nil without one.
    public init(metrics: [Metric], validationName: String?) {
        self.metrics = metrics
        hasValidation = validationName != nil
        var columns = [TextTable.Column("epoch")]
        for set in ["train", validationName].compactMap(\.self) {
            columns.append(.init("\(set) loss"))
            columns += metrics.map { .init("\(set) \($0.title)") }
        }
        columns += [.init("samples/s"), .init("time", width: 9)]
        table = TextTable(columns)
    }

    public init(_ trainer: Trainer) {
        self.init(
            metrics: trainer.metrics, validationName: trainer.validation == nil ? nil : trainer.validationName)
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
