import Foundation
import YuyanData

/// Writes the numbers of all epochs as a CSV file, anew after each epoch and whole or not at all.
///
/// Numbers have all their digits; one that was not measured is an empty cell.
public final class MetricsCSV: TrainerCallback {
    /// Which numbers a file has beside that of the epoch.
    public enum Columns: Sendable {
        /// Losses and metrics: the same in each run with the same seed.
        case metrics
        /// Seconds, samples a second, and the share of waiting for data.
        case timing
    }

    /// The file.
    public let url: URL
    /// What it has a column for.
    public let columns: Columns

    /// Writes a line to the file after each epoch.
    public init(_ url: URL, columns: Columns = .metrics) {
        self.url = url
        self.columns = columns
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        guard trainer.isMainProcess else { return }
        let text = MetricsCSV.text(trainer.records, columns, metrics: trainer.metrics.map(\.name))
        try Files.write(url) { try $0.write(contentsOf: Data(text.utf8)) }
    }

    /// - Parameter metrics: the names of the metrics, in the order of their columns.
    package static func text(_ records: [EpochRecord], _ columns: Columns, metrics: [String]) -> String {
        let rows = records.map { record in
            ["\(record.epoch)"] + cells(record, columns, metrics).map { $0.value.map { "\($0)" } ?? "" }
        }
        return CSVTable(header: ["epoch"] + cells(nil, columns, metrics).map(\.name), rows: rows).text
    }

    private static func cells(
        _ record: EpochRecord?, _ columns: Columns, _ metrics: [String]
    ) -> [(name: String, value: Double?)] {
        switch columns {
        case .metrics:
            [("train_loss", record?.trainLoss)] + metrics.map { ("train_\($0)", record?.trainMetrics[$0]) }
                + [("validation_loss", record?.validationLoss)]
                + metrics.map { ("validation_\($0)", record?.validationMetrics[$0]) }
        case .timing:
            [
                ("samples_per_second", record?.samplesPerSecond), ("seconds", record?.seconds),
                ("data_share", record?.dataShare),
            ]
        }
    }
}
