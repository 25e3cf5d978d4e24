import Foundation
import SwiftCSV
import YuyanData

/// Writes the numbers of all epochs as a CSV file, anew after each epoch and whole or not at all.
///
/// Numbers have all their digits; one that was not measured is an empty cell.
public final class MetricsCSV: TrainerCallback {
    /// Which numbers a file has beside that of the epoch.
    public enum Columns: Sendable {
        /// Losses and accuracies: the same in each run with the same seed.
        case metrics
        /// Seconds and samples a second.
        case timing
    }

    public let url: URL
    public let columns: Columns

    public init(_ url: URL, columns: Columns = .metrics) {
        self.url = url
        self.columns = columns
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) throws {
        let text = try MetricsCSV.text(trainer.records, columns)
        try Files.write(url) { try $0.write(contentsOf: Data(text.utf8)) }
    }

    package static func text(_ records: [EpochRecord], _ columns: Columns) throws -> String {
        let header = ["epoch"] + cells(nil, columns).map(\.name)
        var view = try Named(header: header, text: "", delimiter: .comma)
        view.rows = records.map { record in
            let numbers = cells(record, columns).map { ($0.name, $0.value.map { "\($0)" } ?? "") }
            return Dictionary(uniqueKeysWithValues: [("epoch", "\(record.epoch)")] + numbers)
        }
        return view.serialize(header: header, delimiter: .comma) + "\n"
    }

    private static func cells(_ record: EpochRecord?, _ columns: Columns) -> [(name: String, value: Double?)] {
        switch columns {
        case .metrics:
            [
                ("train_loss", record?.trainLoss), ("train_accuracy", record?.trainAccuracy),
                ("validation_loss", record?.validationLoss), ("validation_accuracy", record?.validationAccuracy),
            ]
        case .timing:
            [("samples_per_second", record?.samplesPerSecond), ("seconds", record?.seconds)]
        }
    }
}
