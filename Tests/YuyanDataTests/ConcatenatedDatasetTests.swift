import Foundation
import Testing
import YuyanCore
import YuyanData

/// [first], [first + 1], ….
private func numbers(_ first: Int, _ count: Int) -> TensorDataset<Tensor> {
    TensorDataset(Tensor((0..<count).map { Float(first + $0) }))
}

/// Numbers of another type.
private struct Tens: Dataset {
    let count = 3
    subscript(index: Int) -> Tensor { Tensor(Float(10 * index)) }
    func batch(at indices: ArraySlice<Int>) -> Tensor { Tensor(indices.map { -Float(10 * $0) }) }
}

private func values<Source: Dataset>(_ loader: DataLoader<Source, Tensor>) -> [[Float]] {
    loader.map { $0.array(of: Float.self) }
}

@Suite struct ConcatenatedDatasetTests {
    @Test func partsFollowOneAnother() throws {
        let all = ConcatenatedDataset([numbers(0, 0), numbers(1, 2), numbers(0, 0), numbers(7, 3), numbers(0, 0)])
        #expect(all.count == 5)
        #expect(try (0..<5).map { try all[$0].item() } == [1, 2, 7, 8, 9])
        #expect(values(DataLoader(all, batchSize: 2)) == [[1, 2], [7, 8], [9]])
        #expect(values(DataLoader(all, batchSize: 3)) == [[1, 2, 7], [8, 9]])
        #expect(
            values(DataLoader(numbers(0, 2).concatenated(with: numbers(5, 1)).concatenated(with: numbers(9, 1)))) == [
                [0], [1], [5], [9],
            ])
        let empty = ConcatenatedDataset([numbers(0, 0)])
        #expect(empty.count == 0 && values(DataLoader(empty)) == [])
    }

    @Test(arguments: [0, 2])
    func ordersAreThoseOfTheWhole(workerCount: Int) {
        let whole = DataLoader(numbers(0, 10), batchSize: 3, shuffle: true, seed: 4)
        let parts = DataLoader(
            ConcatenatedDataset([numbers(0, 4), numbers(4, 6)]), batchSize: 3, shuffle: true,
            workerCount: workerCount, seed: 4)
        for _ in 0..<3 { #expect(values(parts) == values(whole)) }
        parts.position = .init(epoch: 1, batch: 2)
        whole.position = .init(epoch: 1, batch: 2)
        #expect(values(parts) == values(whole))
    }

    @Test func subsetsOfItAndOfParts() throws {
        let all = ConcatenatedDataset([numbers(0, 4), numbers(4, 6)])
        #expect(values(DataLoader(Subset(all, [9, 0, 4]), batchSize: 2)) == [[9, 0], [4]])
        // All folds of a cross-validation but one.
        let folds = try numbers(0, 10).randomSplit([Double](repeating: 0.2, count: 5), seed: 1)
        let training = ConcatenatedDataset(Array(folds[1...]))
        let read = values(DataLoader(training, batchSize: 3)).joined()
        #expect(read.count == 8)
        #expect((read + folds[0].indices.map { Float($0) }).sorted() == (0..<10).map { Float($0) })
    }

    /// Whole batches of a part are made by the part, others from its samples.
    @Test func typesMayDiffer() {
        let mixed = numbers(1, 2).concatenated(with: Tens())
        #expect(values(DataLoader(mixed, batchSize: 3)) == [[1, 2, 0], [-10, -20]])
        #expect(
            values(DataLoader(Tens().concatenated(with: numbers(1, 2)), batchSize: 3)) == [[0, -10, -20], [1, 2]])
    }

    @Test func faultsAreNamed() async {
        let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = ConcatenatedDataset([TensorDataset<Tensor>]())
        }
        #expect(text(none).contains("ConcatenatedDataset: at least one data set is needed, it may be empty"))
        let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try numbers(0, 2).concatenated(with: numbers(0, 1))[3]
        }
        #expect(text(index).contains("ConcatenatedDataset: index 3 is outside 0..<3"))
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
