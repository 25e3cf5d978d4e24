import Foundation
import Testing
import YuyanCore
import YuyanData

/// Images in files.
private struct Pictures: Dataset {
    let files: [URL]
    var count: Int { files.count }

    subscript(index: Int) -> (Tensor, Tensor) {
        get throws { (try Image(contentsOf: files[index]).tensor, Tensor(Int64(index))) }
    }
}

/// A folder of images, of which some are damaged.
private func pictures(_ count: Int, damaged: Set<Int>, in folder: TemporaryFolder) throws -> Pictures {
    let image = Image(width: 2, height: 2, pixels: [1, 2, 3, 4]).pngData
    return Pictures(
        files: try (0..<count).map { index in
            try folder.write(damaged.contains(index) ? Array(image.dropLast(20)) : image, "\(index).png")
        })
}

private func message(_ error: (any Error)?) -> String { error.map { "\($0)" } ?? "none" }

@Suite struct UnreadableSampleTests {
    @Test(arguments: [0, 1, 2, 3])
    func errorsNameTheSampleAndItsFile(workerCount: Int) throws {
        let folder = try TemporaryFolder()
        let data = try pictures(10, damaged: [7], in: folder)
        let loader = DataLoader(data, batchSize: 3, workerCount: workerCount)
        let epoch = loader.makeIterator()
        for batch in 0..<2 {
            let labels = try epoch.nextBatch()?.1.array(of: Int64.self)
            #expect(labels == [0, 1, 2].map { Int64(3 * batch) + $0 })
        }
        for _ in 0..<2 {
            let error = #expect(throws: SampleError.self) { try epoch.nextBatch() }
            #expect(error?.index == 7)
            #expect((error?.cause as? DataError)?.path == data.files[7].path)
            #expect(message(error).hasPrefix("sample 7 cannot be read: \(data.files[7].path): "))
        }
        // The next loop begins where this one ended, when the file is whole again.
        #expect(loader.position == .init(epoch: 0, batch: 2))
        try FileManager.default.removeItem(at: data.files[7])
        try FileManager.default.copyItem(at: data.files[6], to: data.files[7])
        #expect(loader.map { $0.1.array(of: Int64.self) } == [[6, 7, 8], [9]])
        #expect(loader.position == .init(epoch: 1))
    }

    /// A loop that has delivered one batch may have been a look; one that failed behind it was not.
    @Test func thePlaceAfterOneBatchIsKept() throws {
        let folder = try TemporaryFolder()
        let loader = DataLoader(try pictures(4, damaged: [3], in: folder), batchSize: 2)
        do {
            let epoch = loader.makeIterator()
            _ = try epoch.nextBatch()
            #expect(throws: SampleError.self) { try epoch.nextBatch() }
        }
        #expect(loader.position == .init(epoch: 0, batch: 1))
    }

    @Test func subsetsAndConcatenationsPassErrorsOn() throws {
        let folder = try TemporaryFolder()
        let data = try pictures(6, damaged: [4], in: folder)
        func index<Source: Dataset>(_ data: Source) -> Int? where Source.Batch == (Tensor, Tensor) {
            do {
                let epoch = DataLoader(data, batchSize: 4).makeIterator()
                while try epoch.nextBatch() != nil {}
                return nil
            } catch {
                return (error as? SampleError)?.index
            }
        }
        // The sample of the data set that reads it.
        #expect(index(Subset(data, [5, 4])) == 4)
        #expect(index(Subset(data, [5, 3])) == nil)
        #expect(index(Subset(data, 0..<3).concatenated(with: data)) == 4)
        #expect(index(ConcatenatedDataset([data, data])) == 4)
        let error = #expect(throws: SampleError.self) { _ = try Subset(data, [0, 4])[1] }
        #expect(error?.index == 4)
        // A collate function of the caller's, too.
        let own = DataLoader(data, batchSize: 6) { $0.count }
        #expect(throws: SampleError.self) { try own.makeIterator().nextBatch() }
    }

    @Test func aForLoopEndsTheProgramWithTheFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let missing = Pictures(files: [URL(fileURLWithPath: "/no/such.png")])
            for _ in DataLoader(missing) {}
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("DataLoader: sample 0 cannot be read: /no/such.png: no such file"))
    }
}
