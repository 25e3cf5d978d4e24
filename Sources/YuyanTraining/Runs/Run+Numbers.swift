import Foundation
import SwiftCSV
import YuyanData

extension Run {
    /// The epochs so far, read from the CSV files; empty before the first has ended.
    public func records() throws(DataError) -> [EpochRecord] {
        guard isThere(metricsFile) else { return [] }
        let metrics = try rows(of: metricsFile)
        let timing = isThere(timingFile) ? try rows(of: timingFile) : []
        var records: [EpochRecord] = []
        for (index, row) in metrics.enumerated() {
            var record = EpochRecord(
                epoch: Int(try number(row, "epoch", metricsFile)),
                trainLoss: try number(row, "train_loss", metricsFile),
                samplesPerSecond: .nan, seconds: .nan)
            for (column, text) in row where !text.isEmpty {
                if column == "validation_loss" {
                    record.validationLoss = try number(row, column, metricsFile)
                } else if column.hasPrefix("validation_") {
                    record.validationMetrics[String(column.dropFirst(11))] = try number(row, column, metricsFile)
                } else if column.hasPrefix("train_"), column != "train_loss" {
                    record.trainMetrics[String(column.dropFirst(6))] = try number(row, column, metricsFile)
                }
            }
            if index < timing.count {
                record.samplesPerSecond = try number(timing[index], "samples_per_second", timingFile)
                record.seconds = try number(timing[index], "seconds", timingFile)
                if timing[index]["data_share"]?.isEmpty == false {
                    record.dataShare = try number(timing[index], "data_share", timingFile)
                }
            }
            records.append(record)
        }
        return records
    }

    /// What the weights achieve on the test set; nil before the training has ended.
    public func testRecord() throws(DataError) -> TestRecord? {
        guard isThere(testFile) else { return nil }
        guard let row = try rows(of: testFile).first else { throw DataError(path: testFile.path, reason: "is empty") }
        var record = TestRecord(
            epoch: Int(try number(row, "epoch", testFile)), loss: try number(row, "test_loss", testFile))
        for (column, text) in row where !text.isEmpty && column.hasPrefix("test_") && column != "test_loss" {
            record.metrics[String(column.dropFirst(5))] = try number(row, column, testFile)
        }
        return record
    }

    /// Writes what `testRecord` reads, whole or not at all.
    ///
    /// - Throws: `DataError` if it cannot be written.
    public func write(_ record: TestRecord) throws(DataError) {
        let metrics = record.metrics.sorted { $0.key < $1.key }
        let table = CSVTable(
            header: ["epoch", "test_loss"] + metrics.map { "test_\($0.key)" },
            rows: [["\(record.epoch)", "\(record.loss)"] + metrics.map { "\($0.value)" }])
        try Files.write(testFile) { try $0.write(contentsOf: Data(table.text.utf8)) }
    }

    /// Forgets what weights have achieved that are trained on.
    package func removeTestRecord() { try? FileManager.default.removeItem(at: testFile) }

    // MARK: - Cells

    private func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

    private func number(_ row: [String: String], _ name: String, _ file: URL) throws(DataError) -> Double {
        guard let text = row[name], let value = Double(text) else {
            throw DataError(path: file.path, reason: "\(name) is \(row[name].map { "'\($0)'" } ?? "missing")")
        }
        return value
    }

    private func rows(of url: URL) throws(DataError) -> [[String: String]] {
        let bytes = try Files.read(url)
        do {
            return try CSV<Named>(string: String(decoding: bytes, as: UTF8.self), delimiter: .comma).rows
        } catch {
            throw DataError(path: url.path, reason: "is no CSV file")
        }
    }
}
