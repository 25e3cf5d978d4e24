import Foundation
import Testing
import YuyanCore
import YuyanData

/// Samples that are their own index.
private struct Indices: Dataset {
    var count: Int
    subscript(index: Int) -> Tensor { Tensor(Int64(index)) }
}

/// Words, whose batches are their lengths.
private struct Words: Dataset {
    let words = ["one", "two", "three", "seventeen"]
    var count: Int { words.count }
    subscript(index: Int) -> String { words[index] }
    func collate(_ samples: [String]) -> [Int] { samples.map(\.count) }
}

@Suite struct SubsetTests {
    @Test func holdsTheSamplesOfItsIndices() throws {
        let subset = Subset(Words(), [3, 0, 0])
        #expect(subset.count == 3)
        #expect(try (0..<3).map { try subset[$0] } == ["seventeen", "one", "one"])
        // Batches are made as those of the whole set.
        #expect(Array(DataLoader(subset, batchSize: 2)) == [[9, 3], [3]])
        let features = Tensor((0..<12).map { Float($0) }, shape: [6, 2])
        let rows = Subset(TensorDataset(features, Tensor((0..<6).map { Int64($0) })), 2..<5)
        for (x, y) in DataLoader(rows, batchSize: 3) {
            #expect(x.array(of: Float.self) == [4, 5, 6, 7, 8, 9] && y.array(of: Int64.self) == [2, 3, 4])
        }
        #expect(Subset(Words(), []).count == 0)
    }

    @Test func indicesAreChecked() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Subset(Words(), [0, 4])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Subset: index 4 is outside 0..<4, the samples of the data set"))
    }

    /// Together the parts hold each sample once.
    @Test(
        arguments: [
            (100, [0.9, 0.1], [90, 10]), (60_000, [0.9, 0.1], [54_000, 6000]), (7, [0.5, 0.5], [4, 3]),
            (10, [1.0 / 3, 1.0 / 3, 1.0 / 3], [3, 4, 3]), (1, [1], [1]), (1, [0, 1, 0], [0, 1, 0]),
            (5, [1, 0], [5, 0]),
            (1000, [Double](repeating: 0.1, count: 10), [Int](repeating: 100, count: 10)), (0, [0, 1], [0, 0]),
        ] as [(Int, [Double], [Int])])
    func partsAreDisjointAndComplete(count: Int, fractions: [Double], sizes: [Int]) throws {
        guard count > 0 else {
            #expect(throws: SplitError(reason: "1.0 of 0 samples is none")) {
                try Indices(count: 0).randomSplit(fractions, seed: 1)
            }
            return
        }
        let parts = try Indices(count: count).randomSplit(fractions, seed: 1)
        #expect(parts.map(\.count) == sizes)
        #expect(parts.flatMap(\.indices).sorted() == Array(0..<count))
        // In the order of the data set.
        for part in parts { #expect(part.indices == part.indices.sorted()) }
    }

    @Test func partsDependOnTheSeedAlone() throws {
        func split(_ seed: UInt64?) throws -> [[Int]] {
            try Indices(count: 200).randomSplit([0.8, 0.2], seed: seed).map(\.indices)
        }
        let first = try split(5)
        #expect(try split(5) == first)
        #expect(try split(6) != first)
        #expect(first[1] != Array(160..<200))
        let (a, b) = try withGenerator(Generator(seed: 3)) { (try split(nil), try split(nil)) }
        #expect(a != b)
        #expect(try withGenerator(Generator(seed: 3)) { try split(nil) } == a)
        // The order in which a loader with the same seed reads is another: the first that it reads are not a part.
        let order = RandomSampler(count: 200, seed: 5)
        for epoch in 0..<20 { #expect(order.indices(epoch: epoch).prefix(160).sorted() != first[0]) }
    }

    /// Each sample is as likely to be kept back as any other.
    @Test func partsAreDrawnUniformly() throws {
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<4000 {
            for index in try Indices(count: 10).randomSplit([0.7, 0.3], seed: UInt64(seed))[1].indices {
                counts[index] += 1
            }
        }
        // 1200 are expected with a deviation of 29.
        for (index, count) in counts.enumerated() { #expect(abs(count - 1200) < 130, "\(index)") }
    }

    @Test(
        arguments: [
            ([0.9, 0.2], 10, "the fractions add up to 1.1, not to 1"),
            ([], 10, "the fractions add up to 0.0, not to 1"),
            ([1.5, -0.5], 10, "1.5 is no fraction, they are 0 to 1"),
            ([-0.5, 1], 10, "-0.5 is no fraction, they are 0 to 1"),
            ([.nan, 1], 10, "nan is no fraction, they are 0 to 1"), ([0.9, 0.1], 3, "0.1 of 3 samples is none"),
            ([0.9, 0.1], 1, "0.1 of 1 sample is none"),
        ] as [([Double], Int, String)])
    func impossibleFractionsAreRefused(fractions: [Double], count: Int, reason: String) throws {
        let error = try #require(throws: SplitError.self) {
            try Indices(count: count).randomSplit(fractions, seed: 0)
        }
        #expect(error.description == "the data set cannot be split: \(reason)")
    }
}
