import Foundation
import Testing
import YuyanCore
import YuyanData

/// A record whose pixel i has the value (first + i) mod 256.
private func record(label: UInt8, first: Int) -> [UInt8] {
    [label] + (0..<3072).map { UInt8(truncatingIfNeeded: first + $0) }
}

/// Two records in each file: labels 2k and 2k + 1 in file k.
private func write(to folder: TemporaryFolder) throws {
    for file in 1...5 {
        let (one, two) = (UInt8(2 * file - 2), UInt8(2 * file - 1))
        try folder.write(
            record(label: one, first: file) + record(label: two, first: 100 + file), "data_batch_\(file).bin")
    }
    try folder.write(record(label: 3, first: 50), "test_batch.bin")
}

@Suite struct CIFAR10Tests {
    @Test func readsTheRecordsOfAllFiles() throws {
        let folder = try TemporaryFolder()
        try write(to: folder)
        let data = try CIFAR10(.train, folder: folder.url)
        #expect(data.count == 10 && data.labels == Array(0..<10))
        let (images, labels) = data.batch(at: [9, 2][...])
        #expect(images.shape == [2, 3, 32, 32] && labels.array(of: Int.self) == [9, 2])
        let values = images.array(of: Float.self)
        // The first pixels of red, green and blue: 1024 bytes apart, which is 0 mod 256.
        #expect(values[0] == 105 / 255 && values[1024] == 105 / 255 && values[1] == 106 / 255)
        #expect(values[3072] == Float(2) / 255)
        let test = try CIFAR10(.test, folder: folder.url)
        #expect(test.count == 1 && test[0].1.item(as: Int64.self) == 3)
        #expect(data.checksum != test.checksum && data.checksum.count == 8)
    }

    @Test func findsThePackedFolder() throws {
        let folder = try TemporaryFolder()
        #expect(!CIFAR10.isPresent(in: folder.url))
        let packed = folder.url.appendingPathComponent("cifar-10-batches-bin")
        try FileManager.default.createDirectory(at: packed, withIntermediateDirectories: true)
        try folder.write(record(label: 1, first: 0), "cifar-10-batches-bin/test_batch.bin")
        #expect(CIFAR10.isPresent(in: folder.url) && CIFAR10.isPresent(in: packed))
        #expect(try CIFAR10(.test, folder: folder.url).labels == [1])
    }

    @Test func namesWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        try write(to: folder)
        func error(_ split: CIFAR10.Split) -> DataError? { failure { _ = try CIFAR10(split, folder: folder.url) } }
        try folder.write([UInt8](repeating: 0, count: 3074), "data_batch_3.bin")
        #expect(error(.train)?.path == folder.url.appendingPathComponent("data_batch_3.bin").path)
        #expect(
            error(.train)?.reason == "has 3074 bytes, which are no whole records of 3073 (label and pixels)")
        try folder.write(record(label: 0, first: 0) + record(label: 10, first: 0), "data_batch_3.bin")
        #expect(error(.train)?.reason == "the label of record 1 is 10, labels are 0 to 9")
        try folder.write([], "test_batch.bin")
        #expect(error(.test)?.reason == "has 0 bytes, which are no whole records of 3073 (label and pixels)")
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("data_batch_5.bin"))
        try folder.write(record(label: 0, first: 0), "data_batch_3.bin")
        #expect(error(.train)?.path == folder.url.appendingPathComponent("data_batch_5.bin").path)
        #expect(error(.train)?.reason == "no such file")
    }
}
