import Foundation
import YuyanCore

/// Houses as numbers, to learn their prices.
///
///     let ames = try HousePrices(AmesHouses.table(), target: "Sale_Price")
///     let kaggle = try HousePrices(training: folder.appending(path: "train.csv"), test: folder.appending(path: "test.csv"))
///     for (x, y) in DataLoader(kaggle.dataset, batchSize: 64, shuffle: true) { … }
///     try kaggle.writeSubmission(net(Tensor(kaggle.testFeatures)), to: folder.appending(path: "submission.csv"))
///
/// The features are those of `Table.features()`: numbers standardized, categories one-hot.
/// Source: Zhang et al., Dive into Deep Learning, predicting house prices on Kaggle (2023).
public struct HousePrices: Sendable {
    /// What the d columns of the features are called.
    public let featureNames: [String]
    /// The houses whose prices are known, float32 `[n, d]`.
    public let features: HostArray
    /// What was paid for them, float32 `[n, 1]`, in the unit of the table.
    public let prices: HostArray
    /// The houses whose prices are asked for, float32 `[m, d]`; m is 0 where there is one table only.
    public let testFeatures: HostArray
    /// What these m houses are called in the file.
    public let testIDs: [String]

    /// The houses of a table with their prices, such as `AmesHouses.table()`.
    ///
    /// - Parameter target: the column of prices.
    /// - Throws: `DataError` if there is no such column, if it holds text or lacks a value, or as `Table.features()`.
    public init(_ table: Table, target: String) throws(DataError) {
        let features = try table.dropping([target]).features()
        try self.init(features, prices: table.selecting([target]), testIDs: [])
    }

    /// The houses of two CSV files of one form, such as those of Kaggle's competition House Prices, which you must fetch
    /// from there: the first with prices, the second with houses whose prices are asked for.
    ///
    /// Means, deviations and categories are those of the rows of both files together, as in the book: 331 features of
    /// Kaggle's files.
    ///
    /// - Parameters:
    ///   - training: has the columns of `test` and the one of prices.
    ///   - test: may lack the prices; if it has them, they are not read.
    ///   - identifier: the column that only names houses.
    ///   - target: the column of prices.
    /// - Throws: `DataError` as `Table.init(contentsOf:)` and `Table.features()`; also if `test` lacks a column of
    ///   `training`, or the other way round, and with the line if a price or a name is missing.
    public init(
        training: URL, test: URL, identifier: String = "Id", target: String = "SalePrice"
    ) throws(DataError) {
        let (known, asked) = (try Table(contentsOf: training), try Table(contentsOf: test))
        let unseen = try asked.dropping(asked.columnNames.contains(target) ? [identifier, target] : [identifier])
        let all = try known.dropping([identifier, target]).appending(unseen)
        var names: [String] = []
        for (line, name) in zip(asked.lines, try asked.column(identifier).values.texts) {
            guard let name else { throw asked.failure("line \(line), column \(identifier): the value is missing") }
            names.append(name)
        }
        try self.init(all.features(), prices: known.selecting([target]), testIDs: names)
    }

    /// The first rows of `features` are those of the prices, the others those to be asked for.
    private init(_ table: Table, prices: Table, testIDs: [String]) throws(DataError) {
        featureNames = table.columnNames
        features = try table.rows(at: 0..<prices.rowCount).hostArray()
        testFeatures = try table.rows(at: prices.rowCount..<table.rowCount).hostArray()
        self.prices = try prices.hostArray()
        self.testIDs = testIDs
    }

    /// The houses whose prices are known, as samples: features `[d]` and the price `[1]`.
    public var dataset: TensorDataset<(Tensor, Tensor)> { TensorDataset(Tensor(features), Tensor(prices)) }

    /// Writes what Kaggle takes: a CSV file with the name of each house of `testFeatures` and its price.
    ///
    /// - Parameters:
    ///   - prices: the predictions `[m]` or `[m, 1]`.
    ///   - identifier: the first column's name.
    ///   - target: the second column's name.
    /// - Throws: `DataError` if a price is infinite or not a number, or the file cannot be written. Traps unless there is a
    ///   price for each house.
    public func writeSubmission(
        _ prices: Tensor, to url: URL, identifier: String = "Id", target: String = "SalePrice"
    ) throws(DataError) {
        guard prices.shape == [testIDs.count] || prices.shape == [testIDs.count, 1] else {
            failure(
                "writeSubmission: prices must be [m] or [m, 1] with m = \(testIDs.count), one for each house of "
                    + "testFeatures, got \(prices.shape)")
        }
        var rows: [[String]] = []
        for (name, price) in zip(testIDs, prices.array(of: Float.self)) {
            guard price.isFinite else {
                throw DataError(path: url.path, reason: "was not written: the price of house \(name) is \(price)")
            }
            rows.append([name, String(price)])
        }
        let text = CSVTable(header: [identifier, target], rows: rows).text
        try Files.write(url) { try $0.write(contentsOf: Data(text.utf8)) }
    }
}
