import Testing
import YuyanCore
import YuyanData

/// Twenty images of 5 × 4 with their indices as labels.
private let images = TensorDataset(
    withSeed(1) { Tensor.uniform([20, 3, 5, 4]) }, Tensor((0..<20).map { Int64($0) }))

private let random: ImageTransforms = [
    .randomCrop([5, 4], padding: 2), .randomHorizontalFlip(), .colorJitter(brightness: 0.5, hue: 0.2),
    .randomRotation(degrees: 20),
]

/// The values of each image of an epoch, by its label.
private func images<Source>(_ loader: DataLoader<Source, (Tensor, Tensor)>) -> [Int: [Float]] {
    var found: [Int: [Float]] = [:]
    for (inputs, labels) in loader {
        let values = inputs.array(of: Float.self)
        let size = values.count / labels.count
        for (row, label) in labels.array(of: Int.self).enumerated() {
            found[label] = Array(values[row * size..<(row + 1) * size])
        }
    }
    return found
}

@Suite struct TransformedDatasetTests {
    @Test func changesImagesAndKeepsLabels() throws {
        let data = TransformedDataset(images, [.centerCrop([3, 2])])
        #expect(data.count == 20)
        let (inputs, labels) = try data.batch(at: [4, 2][...])
        #expect(inputs.shape == [2, 3, 3, 2] && labels.array(of: Int.self) == [4, 2])
        #expect(try inputs[1].array(of: Float.self) == data[2].0.array(of: Float.self))
        let plain = try TransformedDataset(images, []).batch(at: [3][...]).0
        #expect(plain.array(of: Float.self) == images[3].0.array(of: Float.self))
    }

    /// The same for any number of loading threads, any size of batches and any order; others for another epoch or seed.
    @Test func randomChangesDependOnSeedEpochAndIndexAlone() {
        let data = TransformedDataset(images, random)
        let loader = DataLoader(data, batchSize: 3, shuffle: true, seed: 7)
        let first = images(loader)
        let second = images(loader)
        #expect(first.count == 20 && first != second)
        for (batchSize, workers) in [(3, 2), (8, 1), (20, 0)] {
            let other = DataLoader(data, batchSize: batchSize, shuffle: workers > 0, workerCount: workers, seed: 7)
            #expect(images(other) == first)
            #expect(images(other) == second)
        }
        #expect(images(DataLoader(data, batchSize: 3, seed: 8)) != first)
        // Two samples with the same image are changed otherwise.
        let same = Subset(images, [5, 5])
        let twice = TransformedDataset(same, random)
        let batch = DataLoader(twice, batchSize: 2, seed: 0).first { _ in true }!.0
        #expect(batch[0].array(of: Float.self) != batch[1].array(of: Float.self))
    }

    /// One data set in another: what the inner draws says nothing about what the outer does.
    @Test func changesOfChangedImagesAreTheirOwn() throws {
        let corner = Tensor([1, 0, 0, 0] as [Float]).reshaped([1, 1, 2, 2])
        let data = TensorDataset(concatenate([Tensor](repeating: corner, count: 64), axis: 0), Tensor.arange(64))
        let inner = TransformedDataset(data, [.randomHorizontalFlip()])
        let both = TransformedDataset(inner, [.randomVerticalFlip()])
        let found = images(DataLoader(both, batchSize: 64, seed: 5))
        #expect(Set(found.values).count == 4)
        // The outer one draws as it would alone.
        let alone = images(DataLoader(TransformedDataset(data, [.randomVerticalFlip()]), batchSize: 64, seed: 5))
        for (label, values) in found { #expect((values[0] + values[1] > 0) == (alone[label]![0] > 0)) }
    }

    @Test func aResumedEpochGoesOnToTheBit() {
        func rest(from batch: Int, workers: Int) -> [[Float]] {
            let loader = DataLoader(
                TransformedDataset(images, random), batchSize: 4, shuffle: true, workerCount: workers, seed: 2)
            loader.position = BatchPosition(epoch: 3, batch: batch)
            return loader.map { $0.0.array(of: Float.self) }
        }
        let whole = rest(from: 0, workers: 0)
        #expect(whole.count == 5)
        #expect(rest(from: 2, workers: 2) == Array(whole[2...]))
    }

    /// The order of the samples and what a data set draws itself are those without transforms.
    @Test func transformsLeaveOtherRandomNumbersAlone() {
        let plain = DataLoader(images, batchSize: 6, shuffle: true, seed: 4)
        let changed = DataLoader(TransformedDataset(images, random), batchSize: 6, shuffle: true, seed: 4)
        #expect(plain.map { $0.1.array(of: Int.self) } == changed.map { $0.1.array(of: Int.self) })
    }

    @Test func outsideALoaderTheCurrentGeneratorDraws() throws {
        let data = TransformedDataset(images, random)
        func draw() throws -> [Float] { try data[3].0.array(of: Float.self) }
        let (first, second) = try withSeed(1) { (try draw(), try draw()) }
        #expect(first != second)
        #expect(try withSeed(1) { try draw() } == first)
        // One that is not random draws nothing.
        try withSeed(1) {
            _ = try TransformedDataset(images, [.resize(2)])[0]
            #expect(Generator.current.state.draws == 0)
        }
    }

    @Test func anImageThatCannotBeChangedIsNamed() {
        let data = TransformedDataset(images, [.centerCrop(9)])
        #expect {
            _ = try DataLoader(data, batchSize: 4).makeIterator().nextBatch()
        } throws: { error in
            "\(error)"
                == "sample 0 cannot be read: center_crop: 9 × 9 cannot be cut out of an image of 5 × 4 (height × width)"
        }
    }
}
