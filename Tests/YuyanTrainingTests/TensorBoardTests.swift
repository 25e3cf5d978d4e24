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
