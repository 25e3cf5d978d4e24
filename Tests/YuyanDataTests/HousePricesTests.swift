import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct HousePricesTests {
    private let training = """
        Id,area,quality,pool,SalePrice
        1,1,Gd,NA,100
        2,3,TA,Ex,300
        """
    private let test = """
        quality,Id,area,pool
        Gd,10,NA,NA
        Po,11,8,NA
        """

    private func files(
        _ folder: TemporaryFolder, training: String? = nil, test: String? = nil
    ) throws -> (training: URL, test: URL) {
        (
            try folder.write(Array((training ?? self.training).utf8), "train.csv"),
            try folder.write(Array((test ?? self.test).utf8), "test.csv")
        )
    }

    @Test func theTableOfAmesIsInside() throws {
        let table = AmesHouses.table()
        #expect(table.rowCount == 2930 && table.columns.count == 74)
        #expect(table.missingCounts.isEmpty)
        #expect(table.columnNames(of: .number).count == 34 && table.columnNames(of: .text).count == 40)
        // Sums that Python's csv gives.
        let numbers = try table.selecting(["Sale_Price"]).tensor().array(of: Double.self)
        #expect(numbers.reduce(0, +) == 529_732_456 && numbers.min() == 12_789 && numbers.max() == 755_000)
        let scale = try Standardization(of: table, columns: ["Lot_Area"])
        #expect(abs(try #require(scale.means["Lot_Area"]) - 10147.921843003413) < 1e-9)
        #expect(abs(try #require(scale.standardDeviations["Lot_Area"]) - 7880.017759439091) < 1e-9)
    }

    /// 33 numbers and 281 categories, as pandas counts them.
    @Test func amesHas314Features() throws {
        let houses = try HousePrices(AmesHouses.table(), target: "Sale_Price")
        #expect(houses.features.shape == [2930, 314] && houses.prices.shape == [2930, 1])
        #expect(houses.featureNames.count == 314 && Set(houses.featureNames).count == 314)
        #expect(houses.testFeatures.shape == [0, 314] && houses.testIDs.isEmpty)
        let x = Tensor(houses.features)
        // Each house has one of each of 40 kinds of category, and standardized columns have the variance 1.
        let isIndicator = houses.featureNames.map { $0.contains(" ") }
        #expect(isIndicator.count { $0 } == 281)
        let indicators = Tensor(isIndicator.map { $0 ? 1 : 0 } as [Float], shape: [314])
        #expect((x * indicators).sum(axis: 1).array(of: Float.self) == [Float](repeating: 40, count: 2930))
        for (isIndicator, squares) in zip(isIndicator, x.squared().sum(axis: 0).array(of: Float.self))
        where !isIndicator {
            #expect(abs(squares / 2929 - 1) < 1e-3)
        }
        #expect(Tensor(houses.prices).array(of: Float.self).first == 215_000)
    }

    @Test func readsFilesOfKagglesForm() throws {
        let folder = try TemporaryFolder()
        let (training, test) = try files(folder)
        let houses = try HousePrices(training: training, test: test)
        #expect(
            houses.featureNames == [
                "area", "quality Gd", "quality Po", "quality TA", "quality missing", "pool Ex", "pool missing",
            ])
        // The areas of both files are 1, 3 and 8: their mean is 4, their deviation √(26/2).
        let deviation = Float(13).squareRoot()
        #expect(
            Tensor(houses.features).array(of: Float.self) == [
                -3 / deviation, 1, 0, 0, 0, 0, 1,
                -1 / deviation, 0, 0, 1, 0, 1, 0,
            ])
        #expect(
            Tensor(houses.testFeatures).array(of: Float.self) == [
                0, 1, 0, 0, 0, 0, 1,
                4 / deviation, 0, 1, 0, 0, 0, 1,
            ])
        #expect(Tensor(houses.prices).array(of: Float.self) == [100, 300] && houses.prices.shape == [2, 1])
        #expect(houses.testIDs == ["10", "11"])
        #expect(houses.dataset.count == 2)
        // Prices in the second file are not read.
        let known = try folder.write(
            Array("Id,area,quality,pool,SalePrice\n10,NA,Gd,NA,5\n11,8,Po,NA,\n".utf8), "k.csv")
        #expect(try HousePrices(training: training, test: known).testFeatures == houses.testFeatures)
    }

    @Test func writesASubmission() throws {
        let folder = try TemporaryFolder()
        let (training, test) = try files(folder)
        let houses = try HousePrices(training: training, test: test)
        let file = folder.url.appendingPathComponent("submission.csv")
        try houses.writeSubmission(Tensor([[150.5], [200_000]]), to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "Id,SalePrice\n10,150.5\n11,200000.0\n")
        try houses.writeSubmission(Tensor([1.0, 2.0]), to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "Id,SalePrice\n10,1.0\n11,2.0\n")
        let error = failure { try houses.writeSubmission(Tensor([1, Double.nan]), to: file) }
        #expect(error?.reason == "was not written: the price of house 11 is nan")
        #expect(try String(contentsOf: file, encoding: .utf8) == "Id,SalePrice\n10,1.0\n11,2.0\n")
        #expect(try folder.fileNames == ["submission.csv", "test.csv", "train.csv"])
    }

    @Test func faultsOfTheFiles() throws {
        let folder = try TemporaryFolder()
        func reason(training: String? = nil, test: String? = nil) throws -> String? {
            let (training, test) = try files(folder, training: training, test: test)
            return failure { _ = try HousePrices(training: training, test: test) }?.reason
        }
        #expect(
            try reason(training: "Id,area,quality,pool,SalePrice\n1,1,Gd,Ex,\n")
                == "line 2, column SalePrice: the value is missing; fill it, or drop the row")
        #expect(try reason(test: "Id,area,quality\n1,1,Gd\n") == "has no column pool; it has area, quality")
        #expect(
            try reason(test: "Id,area,quality,pool,x\n1,1,Gd,Ex,2\n") == "has no column x; it has area, quality, pool")
        #expect(try reason(test: "area,quality,pool\n1,Gd,Ex\n")?.hasPrefix("has no column Id") == true)
        #expect(try reason(test: "Id,area,quality,pool\n,1,Gd,Ex\n") == "line 2, column Id: the value is missing")
    }

    /// Dive into Deep Learning, section 2.2: the book's rooms and alleys, and what pandas makes of them.
    @Test func preparesTheBooksFirstTable() throws {
        let table = try Table(csv: "NumRooms,Alley,Price\nNA,Pave,127500\n2,NA,106000\n4,NA,178100\nNA,NA,140000\n")
        let inputs = try table.dropping(["Price"]).fillingMissingWithMeans().oneHot(includingMissing: true)
        #expect(inputs.columnNames == ["NumRooms", "Alley Pave", "Alley missing"])
        #expect(try inputs.tensor().array(of: Float.self) == [3, 1, 0, 2, 0, 1, 4, 0, 1, 3, 0, 1])
    }

    @Test func appendsRows() throws {
        let upper = try Table(csv: "n,mixed,void,flag\n1,7,NA,true\n", source: "a.csv")
        let lower = try Table(csv: "flag,void,mixed,n\nNA,x,b,2\n,y,3,NA\n", source: "b.csv")
        let joined = try upper.appending(lower)
        #expect(joined.source == "a.csv + b.csv" && joined.lines == [2, 2, 3])
        #expect(joined.columnNames == ["n", "mixed", "void", "flag"])
        #expect(
            joined.columns.map(\.values) == [
                .numbers([1, 2, nil]), .texts(["7", "b", "3"]), .texts([nil, "x", "y"]), .booleans([true, nil, nil]),
            ])
        let error = failure { _ = try upper.appending(lower.dropping(["void"])) }
        #expect(error?.description == "b.csv: has no column void; it has flag, mixed, n")
        // A category that some rows lack gets a column for them, and so do the others.
        #expect(
            try joined.features().columnNames == [
                "n", "mixed 3", "mixed 7", "mixed b", "mixed missing", "void x", "void y", "void missing", "flag true",
                "flag missing",
            ])
    }
}
