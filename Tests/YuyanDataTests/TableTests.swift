import Foundation
import Testing
import YuyanCore
import YuyanData

private let houses = """
    rooms,roof,sold,price
    NA,NA,true,127500
    2,NA,false,106000
    4,Slate,true,178100
    NA,Tile,true,140000
    """

@Suite struct TableTests {
    /// The example of Dive into Deep Learning, chapter 2.2, whose numbers pandas gives.
    @Test func preparesAnExampleAsPandasDoes() throws {
        let table = try Table(csv: houses)
        let inputs = try table.selecting(["rooms", "roof"]).oneHot(includingMissing: true).fillingMissingWithMeans()
        #expect(inputs.columnNames == ["rooms", "roof Slate", "roof Tile", "roof missing"])
        #expect(try inputs.tensor().shape == [4, 4])
        #expect(
            try inputs.tensor().array(of: Float.self) == [
                3, 0, 0, 1,
                2, 0, 0, 1,
                4, 1, 0, 0,
                3, 0, 1, 0,
            ])
        #expect(try inputs.tensor().dtype == .float32)
        // Without a column for what is missing there are zeros.
        #expect(try table.oneHot().columns[1].values == .numbers([0, 0, 1, 0]))
        // Booleans are numbers to a tensor, and words to an encoding.
        #expect(try table.selecting(["sold"]).tensor().array(of: Float.self) == [1, 0, 1, 1])
        #expect(try table.selecting(["sold"]).oneHot(["sold"]).columnNames == ["sold false", "sold true"])
        #expect(try table.oneHot(["price"]).columnNames.contains("price 127500"))
    }

    @Test func statisticsOfOneTableServeAnother() throws {
        let training = try Table(csv: "x,same,kind\n1,5,b\n3,5,a\nNA,5,b\n8,5,\n")
        let test = try Table(csv: "x,same,kind\n4,7,c\nNA,5,a\n")
        let scale = try Standardization(of: training)
        // The mean of 1, 3 and 8 is 4, Σ (x − 4)² = 26, σ = √13.
        #expect(scale.means == ["x": 4, "same": 5])
        #expect(scale.standardDeviations == ["x": 13.0.squareRoot(), "same": 0])
        let deviation = 13.0.squareRoot()
        let scaled = try scale.applied(to: training)
        #expect(
            scaled.columns[0].values == .numbers([-3 / deviation, -1 / deviation, nil, 4 / deviation]))
        #expect(scaled.columns[1].values == .numbers([0, 0, 0, 0]))
        #expect(try scale.applied(to: test).columns[0].values == .numbers([0, nil]))
        #expect(try scale.applied(to: test).columns[1].values == .numbers([2, 0]))
        #expect(try training.standardized(["x"]).columns[0] == scaled.columns[0])
        let x = try scaled.selecting(["x"]).fillingMissing(with: 0).tensor()
        #expect(abs(x.mean().item()) < 1e-6)
        #expect(scale.restored(x, column: "x").array(of: Float.self) == [1, 3, 4, 8])

        #expect(try test.fillingMissingWithMeans(of: training).columns[0].values == .numbers([4, 4]))
        #expect(try test.fillingMissingWithMeans().columns[0].values == .numbers([4, 4]))
        #expect(try training.fillingMissingWithMeans(of: test, in: ["x"]).columns[0].values == .numbers([1, 3, 4, 8]))

        let encoding = try OneHotEncoding(of: training, includesMissing: true)
        #expect(encoding.categories == ["kind": ["a", "b"]])
        let encoded = try encoding.applied(to: test)
        #expect(encoded.columnNames == ["x", "same", "kind a", "kind b", "kind missing"])
        #expect(encoded.columns[2...].map(\.values) == [.numbers([0, 1]), .numbers([0, 0]), .numbers([0, 0])])
        #expect(try encoding.applied(to: training).columns[4].values == .numbers([0, 0, 0, 1]))
    }

    @Test func fillsAndDropsMissingValues() throws {
        let table = try Table(csv: houses)
        #expect(try table.fillingMissing(with: 0).columns[0].values == .numbers([0, 2, 4, 0]))
        #expect(try table.fillingMissing(with: "none").columns[1].values == .texts(["none", "none", "Slate", "Tile"]))
        // Only what is named.
        #expect(try table.fillingMissing(with: 0, in: ["price"]).columns[0].values == .numbers([nil, 2, 4, nil]))
        let whole = try table.droppingRowsWithMissingValues()
        #expect(whole.rowCount == 1 && whole.lines == [4])
        #expect(try table.droppingRowsWithMissingValues(in: ["roof"]).lines == [4, 5])
    }

    @Test func choosesColumnsAndRows() throws {
        let table = try Table(csv: houses)
        #expect(try table.selecting(["price", "rooms"]).columnNames == ["price", "rooms"])
        #expect(try table.dropping(["price", "rooms"]).columnNames == ["roof", "sold"])
        #expect(table.columnNames(of: .number) == ["rooms", "price"])
        #expect(table.rows(at: [3, 0, 3]).columns[3].values == .numbers([140000, 127500, 140000]))
        #expect(table.rows(at: [3, 0, 3]).lines == [5, 2, 5])
        let numbers = Table([.init("n", .numbers((0..<100).map { Double($0) }))])
        let parts = try numbers.randomSplit([0.8, 0.2], seed: 3)
        // The same rows as of a data set.
        let samples = try TensorDataset(numbers.tensor()).randomSplit([0.8, 0.2], seed: 3)
        #expect(parts.map { $0.lines.map { $0 - 1 } } == samples.map(\.indices))
        #expect(throws: SplitError.self) { try numbers.randomSplit([0.5], seed: 3) }
    }

    @Test func becomesADataset() throws {
        let table = try Table(csv: houses).selecting(["rooms", "price", "sold"]).fillingMissing(with: 1)
        let samples = try table.dataset(targets: ["price"])
        for (x, y) in DataLoader(samples, batchSize: 4) {
            #expect(x.array(of: Float.self) == [1, 1, 2, 0, 4, 1, 1, 1] && x.shape == [4, 2])
            #expect(y.array(of: Float.self) == [127500, 106000, 178100, 140000] && y.shape == [4, 1])
        }
        let kinds = try Table(csv: "x,kind\n1,b\n2,a\n3,b\n")
        let (labels, names) = try kinds.classes(of: "kind")
        #expect(labels.array(of: Int64.self) == [1, 0, 1] && names == ["a", "b"])
        #expect(try kinds.classes(of: "kind", classNames: ["b", "c", "a"]).labels.array(of: Int64.self) == [0, 2, 0])
        for (x, y) in DataLoader(try kinds.dataset(classes: "kind"), batchSize: 3) {
            #expect(x.array(of: Float.self) == [1, 2, 3] && x.shape == [3, 1])
            #expect(y.array(of: Int64.self) == [1, 0, 1] && y.shape == [3])
        }
    }

    @Test func faultsNameColumnAndLine() throws {
        let table = try Table(csv: houses, source: "houses.csv")
        let empty = try Table(csv: "x,y\nNA,1\n", source: "e.csv")
        let cases: [(String, () throws -> Void)] = [
            ("houses.csv: has no column Roof; it has rooms, roof, sold, price", { _ = try table.selecting(["Roof"]) }),
            ("houses.csv: has no column Roof; it has rooms, roof, sold, price", { _ = try table.dropping(["Roof"]) }),
            (
                "houses.csv: line 2, column rooms: the value is missing; fill it, or drop the row",
                { _ = try table.tensor() }
            ),
            (
                "houses.csv: column roof holds text, not numbers; oneHot makes columns of numbers of it",
                { _ = try table.fillingMissingWithMeans().tensor() }
            ),
            ("houses.csv: column roof is one of text, not of numbers", { _ = try table.standardized(["roof"]) }),
            (
                "houses.csv: column sold is one of booleans, not of text",
                { _ = try table.fillingMissing(with: "x", in: ["sold"]) }
            ),
            ("e.csv: column x has no values to standardize", { _ = try empty.standardized() }),
            ("e.csv: column x has no values to take the mean of", { _ = try empty.fillingMissingWithMeans() }),
            (
                "houses.csv: line 2, column roof: the class is missing", { _ = try table.classes(of: "roof") }
            ),
            (
                "houses.csv: line 5, column roof: 'Tile' is none of the 1 classes",
                { _ = try table.rows(at: [2, 3]).classes(of: "roof", classNames: ["Slate"]) }
            ),
            (
                "CSV: would have two columns a b",
                { _ = try Table(csv: "a b,a\n1,b\n").oneHot() }
            ),
        ]
        for (message, body) in cases { #expect(failure(body)?.description == message) }
    }
}
