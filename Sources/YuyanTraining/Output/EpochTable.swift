/// The table of epochs that a training shows: titles, and one line for each epoch.
public struct EpochTable: Sendable {
    private let table: TextTable
    private let metrics: [Metric]
    private let hasValidation: Bool
    private let language: Language

    /// A table for these metrics, with or without columns for the validation set.
    public init(metrics: [Metric], hasValidation: Bool, language: Language = .english) {
        self.language = language
        self.metrics = metrics
        self.hasValidation = hasValidation
        var columns = [TextTable.Column(language("epoch"))]
        // The metrics of a set stand behind its loss, without its name, so that all fits into 80 characters.
        for title in ["train loss"] + (hasValidation ? ["validation loss"] : []) {
            columns.append(.init(language.word(title), width: 8))
            columns += metrics.map { .init(language.word($0.title), width: 8) }
        }
        columns += [.init(language("samples/s"), width: 9), .init(language("time"), width: 9)]
        table = TextTable(columns)
    }

    /// A table for what a trainer measures.
    public init(_ trainer: Trainer, language: Language = .english) {
        self.init(metrics: trainer.metrics, hasValidation: trainer.validation != nil, language: language)
    }

    /// The titles, one line without its end.
    public var header: String { table.header }

    /// An epoch, one line without its end.
    public func line(_ record: EpochRecord) -> String {
        func text(_ value: Double?) -> String { value.map(NumberText.decimal) ?? "" }
        var cells = ["\(record.epoch)", text(record.trainLoss)]
        cells += metrics.map { text(record.trainMetrics[$0.name]) }
        if hasValidation {
            cells.append(text(record.validationLoss))
            cells += metrics.map { text(record.validationMetrics[$0.name]) }
        }
        return table.line(cells + record.timing(in: language))
    }
}

extension EpochRecord {
    /// Samples a second and the length, empty where the run has lost them.
    func timing(in language: Language) -> [String] {
        [
            samplesPerSecond.isFinite ? NumberText.grouped(Int(samplesPerSecond)) : "",
            seconds.isFinite ? NumberText.duration(seconds, in: language) : "",
        ]
    }
}

extension [EpochRecord] {
    /// The length of all epochs together.
    package var seconds: Double { map(\.seconds).filter(\.isFinite).reduce(0, +) }

    /// Of their time, the part in which they waited for data; nil if it was not measured.
    package var dataShare: Double? {
        let measured = filter { $0.dataShare != nil && $0.seconds.isFinite }
        guard measured.seconds > 0 else { return nil }
        return measured.reduce(0) { $0 + ($1.dataShare ?? 0) * $1.seconds } / measured.seconds
    }
}
