import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanNN
import YuyanPlot
import YuyanTraining

private let records = [
    EpochRecord(
        epoch: 1, trainLoss: 2.25, trainMetrics: ["accuracy": 0.5], validationLoss: 1.0 / 3,
        validationMetrics: ["accuracy": 0.75],
        samplesPerSecond: 61_234.6, seconds: 1.25, dataShare: 0.25),
    EpochRecord(epoch: 2, trainLoss: 1e-7, samplesPerSecond: 5, seconds: 75),
]

/// A folder that is removed when the test lets go of it.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-training-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    var fileNames: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }
}

@Suite struct OutputTests {
    /// A Chinese character takes two places.
    @Test func tablesCountPlacesRatherThanCharacters() {
        let table = TextTable([.init("名", isNumber: false), .init("loss", width: 6)])
        #expect(table.header == "名    loss")
        #expect(table.line(["a", "1"]) == "a        1")
        #expect(table.line(["é", "轮"]) == "é       轮")
    }

    @Test func writesMetricsWithAllDigitsAndEmptyCells() throws {
        let text = MetricsCSV.text(records, .metrics, metrics: ["accuracy"])
        #expect(
            text == """
                epoch,train_loss,train_accuracy,validation_loss,validation_accuracy
                1,2.25,0.5,0.3333333333333333,0.75
                2,1e-07,,,

                """)
        #expect(
            MetricsCSV.text(records, .timing, metrics: ["accuracy"])
                == "epoch,samples_per_second,seconds,data_share\n1,61234.6,1.25,0.25\n2,5.0,75.0,\n")
        #expect(MetricsCSV.text([], .timing, metrics: []) == "epoch,samples_per_second,seconds,data_share\n")
    }

    @Test func writesFilesAfterEachEpoch() throws {
        let folder = try TemporaryFolder()
        let metrics = folder.url.appendingPathComponent("metrics.csv")
        let weights = folder.url.appendingPathComponent("weights.safetensors")
        let trainer = classifierTrainer(callbacks: [MetricsCSV(metrics), WeightsFile(weights)])
        try trainer.fit(epochs: 2)
        #expect(try folder.fileNames == ["metrics.csv", "weights.safetensors"])
        #expect(
            try String(contentsOf: metrics, encoding: .utf8)
                == MetricsCSV.text(trainer.records, .metrics, metrics: ["accuracy"]))
        let state = try Safetensors.load(from: weights)
        #expect(state.keys.sorted() == ["0.bias", "0.weight"])
        for (name, parameter) in trainer.module.namedParameters() {
            #expect(state[name]?.hostArray == parameter.value.hostArray)
        }
    }

    @Test func namesTheFileThatCannotBeWritten() {
        let url = URL(fileURLWithPath: "/nowhere/metrics.csv")
        for callback in [MetricsCSV(url), WeightsFile(url)] as [any TrainerCallback] {
            let error = #expect(throws: DataError.self) {
                try classifierTrainer(callbacks: [callback]).fit(epochs: 1)
            }
            #expect(error?.description == "/nowhere/metrics.csv: cannot be written: No such file or directory")
        }
    }

    @Test func printsATableOfEpochs() {
        let table = EpochTable(metrics: [.accuracy], hasValidation: true)
        #expect(table.header == "epoch  train loss       acc  validation loss       acc  samples/s       time")
        #expect(
            table.line(records[0]) == "    1      2.2500    0.5000           0.3333    0.7500     61,234     1.25 s")
        let plain = EpochTable(metrics: [], hasValidation: false)
        #expect(plain.header == "epoch  train loss  samples/s       time")
        #expect(plain.line(records[1]) == "    2    1.00e-07          5   1:15 min")
    }

    @Test func printsNumbers() {
        #expect(
            [0, 7, 999, 1000, 61_706, -1_234_567].map(NumberText.grouped) == [
                "0", "7", "999", "1,000", "61,706", "-1,234,567",
            ])
        #expect([0, 0.5, 0.0004, 123_456].map(NumberText.decimal) == ["0.0000", "0.5000", "4.00e-04", "1.23e+05"])
        #expect(
            [0.003, 0.42, 12.34, 245, 3723].map { NumberText.duration($0) }
                == ["3 ms", "0.42 s", "12.3 s", "4:05 min", "1:02:03 h"])
        #expect(NumberText.duration(9, isWhole: true) == "9 s")
    }

    /// What is shown where nobody watches: no control characters, one line for each epoch.
    @Test func progressInAPipeIsPlainLines() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appendingPathComponent("output")
        try Data().write(to: url)
        let file = try FileHandle(forWritingTo: url)
        let terminal = Terminal(file, environment: ["COLUMNS": "50"])
        #expect(!terminal.isInteractive && !terminal.usesColor)
        #expect(terminal.width == 50)
        let trainer = classifierTrainer(callbacks: [ProgressReporter(terminal)])
        try trainer.fit(epochs: 2)
        try file.close()
        let text = try String(contentsOf: url, encoding: .utf8)
        let table = EpochTable(trainer)
        #expect(text == ([table.header] + trainer.records.map(table.line)).joined(separator: "\n") + "\n")
    }

    @Test(arguments: [10, 30, 40, 60, 80, 120, 200])
    func theBarFitsIntoItsLine(width: Int) {
        let terminal = Terminal(.nullDevice, environment: ["LANG": "C.UTF-8"])
        let line = ProgressLine(
            epoch: 3, epochCount: 10, fraction: 0.5, loss: 0.8123, metrics: [("acc", 0.6912)], samplesPerSecond: 58_120,
            secondsLeft: 11.2)
        let text = line.text(width: width, terminal)
        #expect(text.count < width)
        #expect(text.hasPrefix("epoch  3/10".prefix(width - 1)))
        // What must go first where room is short.
        #expect(text.contains("samples/s") == (width >= 80))
        #expect(text.contains("12 s left") == (width >= 60))
        #expect(text.contains("━") == (width >= 40))
    }

    @Test(arguments: [10, 30, 40, 60, 80, 120])
    func theBarFitsInChinese(width: Int) {
        let terminal = Terminal(.nullDevice, environment: ["LANG": "zh_CN.UTF-8"])
        let line = ProgressLine(
            epoch: 3, epochCount: 10, fraction: 0.5, loss: 0.8123, metrics: [("acc", 0.6912)], samplesPerSecond: 58_120,
            secondsLeft: 11.2)
        let text = line.text(width: width, terminal, .chinese)
        #expect(DisplayText.width(text) < width, "\(text)")
        #expect(text.hasPrefix("第  3/"))
        #expect(text.contains("还需 12 秒") == (width >= 80))
    }

    @Test func theBarTellsOfWaitingForData() {
        let terminal = Terminal(.nullDevice, environment: ["LANG": "C.UTF-8"])
        func text(_ share: Double, _ language: Language = .english) -> String {
            ProgressLine(
                epoch: 1, epochCount: 1, fraction: 0.5, loss: 1, samplesPerSecond: 1, secondsLeft: 0, dataShare: share
            ).text(width: 120, terminal, language)
        }
        #expect(text(0.127).hasSuffix("1 samples/s  13 % waiting for data"))
        #expect(text(0.127, .chinese).hasSuffix("13 % 等待数据"))
        #expect(text(0.004).hasSuffix("1 samples/s"))
    }

    @Test func theBarHasPlainCharactersWhereNoOthersAreShown() {
        let terminal = Terminal(.nullDevice, environment: ["LANG": "C"])
        let line = ProgressLine(
            epoch: 1, epochCount: 1, fraction: 0.25, loss: 1, samplesPerSecond: 1, secondsLeft: 0)
        #expect(line.text(width: 80, terminal).contains(" ========-------"))
    }
}
