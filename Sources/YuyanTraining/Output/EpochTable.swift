/// The table of epochs that a training shows: titles, and one line for each epoch.
public struct EpochTable: Sendable {
    private let table: TextTable
    private let hasAccuracy: Bool
    private let hasValidation: Bool

    public init(hasAccuracy: Bool, hasValidation: Bool) {
        self.hasAccuracy = hasAccuracy
        self.hasValidation = hasValidation
        var columns = [TextTable.Column("epoch"), .init("train loss")]
        if hasAccuracy { columns.append(.init("train acc")) }
        if hasValidation { columns.append(.init("valid loss")) }
        if hasValidation && hasAccuracy { columns.append(.init("valid acc")) }
        columns += [.init("samples/s"), .init("time", width: 9)]
        table = TextTable(columns)
    }

    public init(_ trainer: Trainer) {
        self.init(hasAccuracy: trainer.measuresAccuracy, hasValidation: trainer.validation != nil)
    }

    public var header: String { table.header }

    public func line(_ record: EpochRecord) -> String {
        func text(_ value: Double?) -> String { value.map(NumberText.decimal) ?? "" }
        var cells = ["\(record.epoch)", text(record.trainLoss)]
        if hasAccuracy { cells.append(text(record.trainAccuracy)) }
        if hasValidation { cells.append(text(record.validationLoss)) }
        if hasValidation && hasAccuracy { cells.append(text(record.validationAccuracy)) }
        cells += [NumberText.grouped(Int(record.samplesPerSecond)), NumberText.duration(record.seconds)]
        return table.line(cells)
    }
}
