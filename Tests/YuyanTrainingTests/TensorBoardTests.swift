import Foundation
import SwiftProtobuf
import TensorBoardEvents
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanNN
import YuyanTraining

/// Reads the records of a file, as TensorBoard would, and checks their checksums bit by bit.
private func events(in url: URL) throws -> [Tensorboard_Event] {
    var rest = [UInt8](try Data(contentsOf: url))[...]
    func take(_ count: Int) throws -> [UInt8] {
        try #require(rest.count >= count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
    func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    var events: [Tensorboard_Event] = []
    while !rest.isEmpty {
        let length = try take(8)
        #expect(number(try take(4)) == UInt64(maskedChecksum(length)))
        let record = try take(Int(number(length)))
        #expect(number(try take(4)) == UInt64(maskedChecksum(record)))
        events.append(try Tensorboard_Event(serializedBytes: record))
    }
    return events
}

/// By the definition: the polynomial 0x1EDC6F41, reflected.
private func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return masked(~crc)
}

private func masked(_ checksum: UInt32) -> UInt32 { (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8 }

private final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-events-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
    var files: [URL] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().map(url.appendingPathComponent)
        }
    }
}

@Suite struct TensorBoardTests {
    @Test func recordsAreFramedAsTensorFlowDoes() {
        // RFC 3720 gives the CRC-32C of 32 zeros as 0x8A9136AA; "123456789" has 0xE3069283.
        #expect(maskedChecksum([UInt8](repeating: 0, count: 32)) == masked(0x8A91_36AA))
        let record = Array("123456789".utf8)
        let bytes = RecordFile.framed(record)
        #expect(bytes.count == 8 + 4 + 9 + 4)
        #expect(Array(bytes[..<8]) == [9, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[12..<21]) == record)
        let mask = masked(0xE306_9283)
        #expect(Array(bytes[21...]) == [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: mask >> $0) })
        #expect(RecordFile.framed([]).count == 16)
    }

    @Test func writesScalarsAndImages() throws {
        let folder = try Folder()
        let writer = try TensorBoardWriter(folder: folder.url)
        let image = Image(width: 2, height: 1, channelCount: 3, pixels: [1, 2, 3, 4, 5, 6])
        try writer.add("loss/train", 0.25, step: 7)
        try writer.add("损失 <b>", -.infinity, step: 1 << 40)
        try writer.add("picture", image, step: 8)
        #expect(writer.url.lastPathComponent.hasPrefix("events.out.tfevents."))
        #expect(try folder.files == [writer.url])
        let found = try events(in: writer.url)
        #expect(found.count == 4)
        #expect(found[0].fileVersion == "brain.Event:2")
        #expect(found[1].step == 7 && found[1].summary.value.count == 1)
        #expect(found[1].summary.value[0].tag == "loss/train" && found[1].summary.value[0].simpleValue == 0.25)
        #expect(abs(found[1].wallTime - Date().timeIntervalSince1970) < 600)
        #expect(found[2].step == 1 << 40 && found[2].summary.value[0].tag == "损失 <b>")
        #expect(found[2].summary.value[0].simpleValue == -.infinity)
        let picture = found[3].summary.value[0].image
        #expect(picture.width == 2 && picture.height == 1 && picture.colorspace == 3)
        #expect(try Image(data: [UInt8](picture.encodedImageString), path: "event") == image)
    }

    @Test func eachWriterHasItsOwnFile() throws {
        let folder = try Folder()
        let first = try TensorBoardWriter(folder: folder.url)
        let second = try TensorBoardWriter(folder: folder.url, firstStep: 101)
        #expect(first.url != second.url)
        // Readers take files in the order of their names.
        #expect(first.url.lastPathComponent < second.url.lastPathComponent)
        let start = try events(in: second.url)[1]
        #expect(start.step == 101 && start.sessionLog.status == .start)
        #expect(try events(in: first.url).count == 1)
    }

    @Test func saysWhyNothingCanBeWritten() throws {
        let folder = try Folder()
        let missing = folder.url.appendingPathComponent("a/b")
        #expect(throws: DataError(path: missing.path, reason: "cannot be created: No such file or directory")) {
            _ = try TensorBoardWriter(folder: missing)
        }
        let file = folder.url.appendingPathComponent("file")
        try Data().write(to: file)
        do {
            _ = try TensorBoardWriter(folder: file)
            Issue.record("a file was taken for a folder")
        } catch {
            #expect(error.path.hasPrefix(file.path + "/events.out.tfevents."))
            #expect(error.reason == "cannot be created: Not a directory")
        }
    }

    @Test func callbackWritesLossesMetricsAndLearningRate() throws {
        let folder = try Folder()
        let model = makeSoftmaxRegression()
        let images = Tensor.ones([8, 1, 28, 28])
        let labels = Tensor((0..<8).map { Int64($0) })
        let trainer = Trainer(
            model, training: DataLoader(TensorDataset(images, labels), batchSize: 2),
            validation: DataLoader(TensorDataset(images, labels), batchSize: 8),
            optimizer: SGD(model.parameters(), learningRate: 0.5), loss: { crossEntropy($0, $1) },
            metrics: [.accuracy], callbacks: [TensorBoardCallback(folder.url, every: 2)])
        let records = try trainer.fit(epochs: 2)
        let file = try #require(try folder.files.first)
        var values: [String: [(step: Int64, value: Float)]] = [:]
        for event in try events(in: file).dropFirst() {
            for value in event.summary.value { values[value.tag, default: []].append((event.step, value.simpleValue)) }
        }
        #expect(
            Set(values.keys) == [
                "loss/train", "loss/validation", "loss/step", "accuracy/train", "accuracy/validation",
                "learning rate",
                "samples per second",
            ])
        #expect(values["loss/train"]!.map(\.step) == [4, 8])
        #expect(values["loss/train"]!.map(\.value) == records.map { Float($0.trainLoss) })
        #expect(values["loss/validation"]!.map(\.value) == records.map { Float($0.validationLoss!) })
        #expect(values["accuracy/validation"]!.map(\.value) == records.map { Float($0.validationMetrics["accuracy"]!) })
        #expect(values["learning rate"]!.map(\.value) == [0.5, 0.5, 0.5, 0.5])
        let steps = values["loss/step"]!
        #expect(steps.map(\.step) == [2, 4, 6, 8])
        // Both halves of an epoch make up the whole.
        for (index, record) in records.enumerated() {
            let mean = (Double(steps[2 * index].value) + Double(steps[2 * index + 1].value)) / 2
            #expect(abs(mean - record.trainLoss) < 1e-5 * record.trainLoss)
        }
        try trainer.fit(epochs: 1)
        #expect(try folder.files.count == 1)
    }

    @Test func writesTheTestOnce() throws {
        let folder = try Folder()
        let callback = TensorBoardCallback(folder.url)
        let trainer = stepTrainer([callback])
        try trainer.fit(epochs: 2)
        try callback.add(TestRecord(epoch: 1, loss: 0.5, metrics: ["accuracy": 0.25]), trainer)
        let numbers = try numbers(in: folder)
        #expect(numbers["loss/test"] == [10: 0.5] && numbers["accuracy/test"] == [10: 0.25])
    }

    /// A number is the mean since the last one, also where an epoch ended between.
    @Test func stepLossesSpanTheEndsOfEpochs() throws {
        final class Losses: TrainerCallback {
            var all: [(sum: Double, count: Int)] = []
            private var before = (sum: 0.0, count: 0)
            func stepDidEnd(_ trainer: Trainer) {
                var losses = trainer.losses
                let state = losses.state()
                if trainer.step == 1 { before = (0, 0) }
                all.append((state.sum - before.sum, state.sampleCount - before.count))
                before = (state.sum, state.sampleCount)
            }
        }
        let folder = try Folder()
        let losses = Losses()
        try stepTrainer([losses, TensorBoardCallback(folder.url, every: 3)]).fit(epochs: 3)
        // Five steps an epoch, the last of one sample.
        #expect(losses.all.map(\.count) == [2, 2, 2, 2, 1, 2, 2, 2, 2, 1, 2, 2, 2, 2, 1])
        let found = try #require(try numbers(in: folder)["loss/step"])
        #expect(found.keys.sorted() == [3, 6, 9, 12, 15])
        for (step, value) in found {
            let part = losses.all[Int(step) - 3..<Int(step)]
            let mean = part.reduce(0) { $0 + $1.sum } / Double(part.reduce(0) { $0 + $1.count })
            #expect(abs(Double(value) - mean) < 1e-5 * mean, "step \(step)")
        }
    }

    /// Killed after each step and resumed from a checkpoint of some steps before, TensorBoard shows the same numbers.
    @Test(arguments: [1, 2, 4])
    func anInterruptionChangesNoNumber(checkpointInterval: Int) throws {
        let reference = try Folder()
        try stepTrainer([TensorBoardCallback(reference.url, every: 3)]).fit(epochs: 3)
        let expected = try numbers(in: reference)
        #expect(expected["loss/step"]?.count == 5 && expected["loss/validation"]?.count == 3)
        for kill in (1...15).map(Kill.init(afterStep:)) + (1...3).map(Kill.init(afterEpoch:)) {
            let (folder, other) = (try Folder(), try Folder())
            let last = other.url.appendingPathComponent("last.safetensors")
            func trainer(_ kill: Kill?) -> Trainer {
                // The end of an epoch kills when its numbers have been written, and no checkpoint yet.
                let isOfAnEpoch = kill?.epoch != nil
                let board = TensorBoardCallback(folder.url, every: 3)
                let checkpointer = Checkpointer(last: last, every: .steps(checkpointInterval))
                let kills: [any TrainerCallback] = kill.map { [$0] } ?? []
                return stepTrainer([board] + (isOfAnEpoch ? kills + [checkpointer] : [checkpointer] + kills))
            }
            #expect(throws: Killed.self) { try trainer(kill).fit(epochs: 3) }
            let resumed = trainer(nil)
            try Checkpoint(from: last).restore(resumed)
            try resumed.fit(epochs: 3 - resumed.records.count)
            #expect(try numbers(in: folder) == expected, "killed after step \(kill.step), epoch \(kill.epoch ?? 0)")
        }
    }

    /// Nine samples in batches of two: five steps an epoch.
    private func stepTrainer(_ callbacks: [any TrainerCallback]) -> Trainer {
        withSeed(2) {
            let model = Sequential { Linear(inputSize: 3, outputSize: 4) }
            let data = TensorDataset(Tensor.normal([9, 3]), Tensor((0..<9).map { Int64($0 % 4) }))
            return Trainer(
                model, training: DataLoader(data, batchSize: 2, shuffle: true, seed: 8),
                validation: DataLoader(data, batchSize: 9), optimizer: SGD(model.parameters(), learningRate: 0.5),
                loss: { crossEntropy($0, $1) }, metrics: [.accuracy], callbacks: callbacks)
        }
    }

    /// What TensorBoard shows of a folder: by tag and step, without what later files replace and without times.
    private func numbers(in folder: Folder) throws -> [String: [Int64: Float]] {
        var result: [String: [Int64: Float]] = [:]
        for event in try folder.files.flatMap(events(in:)) {
            if event.sessionLog.status == .start {
                for tag in result.keys { result[tag] = result[tag]?.filter { $0.key < event.step } }
            }
            for value in event.summary.value where value.tag != "samples per second" {
                #expect(result[value.tag]?[event.step] == nil, "\(value.tag) twice at step \(event.step)")
                result[value.tag, default: [:]][event.step] = value.simpleValue
            }
        }
        return result
    }

    @Test func callbackContinuesWhereTheTrainerStands() throws {
        let folder = try Folder()
        let model = makeSoftmaxRegression()
        let batches = DataLoader(TensorDataset(.ones([8, 1, 28, 28]), .zeros([8], dtype: .int64)), batchSize: 2)
        func trainer(_ callbacks: [any TrainerCallback]) -> Trainer {
            Trainer(
                model, training: batches, optimizer: SGD(model.parameters(), learningRate: 0.1),
                loss: { crossEntropy($0, $1) }, callbacks: callbacks)
        }
        let first = trainer([])
        try first.fit(epochs: 1)
        let second = trainer([TensorBoardCallback(folder.url, every: 3)])
        try second.restore(first.state)
        // Nothing to do, nothing written.
        try second.fit(epochs: 0)
        #expect(try folder.files.isEmpty)
        try second.fit(epochs: 1)
        let found = try events(in: try #require(folder.files.first))
        #expect(found[1].sessionLog.status == .start && found[1].step == 5)
        #expect(found.filter { $0.summary.value.first?.tag == "loss/step" }.map(\.step) == [6])
    }
}
