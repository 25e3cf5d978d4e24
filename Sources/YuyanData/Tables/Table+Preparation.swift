import YuyanCore

// MARK: - Missing values

extension Table {
    /// How many values are missing, by column, of the columns that lack some.
    public var missingCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for column in columns {
            let count = column.values.isMissing.count { $0 }
            if count > 0 { counts[column.name] = count }
        }
        return counts
    }

    /// The rows without missing values, in some columns or all. Throws `DataError` if there is no such column.
    public func droppingRowsWithMissingValues(in names: [String]? = nil) throws(DataError) -> Table {
        var isKept = [Bool](repeating: true, count: rowCount)
        for column in try names.map(selecting)?.columns ?? columns {
            for (row, isMissing) in column.values.isMissing.enumerated() where isMissing { isKept[row] = false }
        }
        return rows(at: isKept.indices.filter { isKept[$0] })
    }

    /// The table with `number` for each missing value, in some columns of numbers or all. Throws `DataError` if there is no
    /// such column, or it does not hold numbers.
    public func fillingMissing(with number: Double, in names: [String]? = nil) throws(DataError) -> Table {
        let names = try checked(names, .number)
        return try replacing { column in
            guard case .numbers(let values) = column.values, names.contains(column.name) else { return [column] }
            return [Column(column.name, .numbers(values.map { $0 ?? number }))]
        }
    }

    /// The table with `text` for each missing value, in some columns of text or all. Throws `DataError` if there is no such
    /// column, or it does not hold text.
    public func fillingMissing(with text: String, in names: [String]? = nil) throws(DataError) -> Table {
        let names = try checked(names, .text)
        return try replacing { column in
            guard case .texts(let values) = column.values, names.contains(column.name) else { return [column] }
            return [Column(column.name, .texts(values.map { $0 ?? text }))]
        }
    }

    /// The table with the mean of the column's other values for each missing one, in some columns of numbers or all.
    ///
    /// - Parameters:
    ///   - training: the table that means are taken of, such as the rows to train on while this one holds those to test
    ///     with; by default this one.
    ///   - names: the columns; by default all of numbers.
    /// - Throws: `DataError` if there is no such column, it does not hold numbers, or a mean that is needed is one of no
    ///   values.
    public func fillingMissingWithMeans(
        of training: Table? = nil, in names: [String]? = nil
    ) throws(DataError) -> Table {
        let names = try checked(names, .number)
        let training = training ?? self
        return try replacing { column throws(DataError) in
            guard case .numbers(let values) = column.values, names.contains(column.name), values.contains(nil) else {
                return [column]
            }
            guard let mean = Moments(try training.numbers(column.name).compactMap { $0 })?.mean else {
                throw training.failure("column \(column.name.abbreviated) has no values to take the mean of")
            }
            return [Column(column.name, .numbers(values.map { $0 ?? mean }))]
        }
    }

    /// The named columns after a look at their type, or all of that type.
    func checked(_ names: [String]?, _ type: ColumnType) throws(DataError) -> [String] {
        guard let names else { return columnNames(of: type) }
        for name in names {
            let found = try column(name).values.type
            guard found == type else {
                throw failure("column \(name.abbreviated) is one of \(found.plural), not of \(type.plural)")
            }
        }
        return names
    }

    func numbers(_ name: String) throws(DataError) -> [Double?] {
        guard let numbers = try column(name).values.numbers else {
            throw failure("column \(name.abbreviated) holds text, not numbers; oneHot makes columns of numbers of it")
        }
        return numbers
    }
}

extension Table.ColumnType {
    fileprivate var plural: String {
        switch self {
        case .number: "numbers"
        case .text: "text"
        case .boolean: "booleans"
        }
    }
}

// MARK: - Standardization

/// The mean and the standard deviation of numbers.
struct Moments: Sendable, Hashable {
    var mean: Double
    /// √(Σ (x − mean)² / (n − 1)); 0 of one number.
    var deviation: Double

    /// nil without numbers.
    init?(_ numbers: [Double]) {
        guard !numbers.isEmpty else { return nil }
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        self.mean = mean
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = numbers.count > 1 ? (squares / Double(numbers.count - 1)).squareRoot() : 0
    }
}

/// Makes columns of numbers have mean 0 and standard deviation 1, with the statistics of the rows to train on.
///
///     let scale = try Standardization(of: training, columns: ["area", "year"])
///     let x = try scale.applied(to: training)
///     let y = try scale.applied(to: test)  // with the same means and deviations
///
/// A value x becomes (x − μ) / σ, with μ the mean and σ = √(Σ (x − μ)² / (n − 1)) of the values that are there; where all
/// are equal, it becomes x − μ. Missing values stay missing: afterwards, 0 stands for the mean.
public struct Standardization: Sendable, Hashable {
    private var moments: [String: Moments] = [:]

    /// The statistics of some columns of a table, by default of all that hold numbers. Throws `DataError` if there is no
    /// such column, it does not hold numbers, or has no values.
    public init(of table: Table, columns names: [String]? = nil) throws(DataError) {
        for name in try table.checked(names, .number) {
            guard let found = Moments(try table.numbers(name).compactMap { $0 }) else {
                throw table.failure("column \(name.abbreviated) has no values to standardize")
            }
            moments[name] = found
        }
    }

    /// The means by column.
    public var means: [String: Double] { moments.mapValues(\.mean) }
    /// The standard deviations by column; 0 where all values are equal.
    public var standardDeviations: [String: Double] { moments.mapValues(\.deviation) }

    /// A table with its columns standardized; others stay as they are. Throws `DataError` if it lacks one of them, or that
    /// does not hold numbers.
    public func applied(to table: Table) throws(DataError) -> Table {
        _ = try table.checked(moments.keys.sorted(), .number)
        return try table.replacing { column in
            guard case .numbers(let values) = column.values, let moments = moments[column.name] else { return [column] }
            let scale = moments.deviation > 0 ? moments.deviation : 1
            return [.init(column.name, .numbers(values.map { $0.map { ($0 - moments.mean) / scale } }))]
        }
    }

    /// Takes the standardization of one column's values back, such as of predictions. Traps if it is none of the columns.
    public func restored(_ values: Tensor, column name: String) -> Tensor {
        guard let moments = moments[name] else {
            failure("Standardization.restored: \(name) is none of the columns \(moments.keys.sorted())")
        }
        return values * (moments.deviation > 0 ? moments.deviation : 1) + moments.mean
    }
}

extension Table {
    /// The table with columns of numbers standardized by their own statistics; see `Standardization`.
    public func standardized(_ names: [String]? = nil) throws(DataError) -> Table {
        try Standardization(of: self, columns: names).applied(to: self)
    }
}

// MARK: - One-hot encoding

/// Makes a column of zeros and ones for each value of a column, with the values of the rows to train on.
///
///     let encoding = try OneHotEncoding(of: training)
///     let x = try encoding.applied(to: training)  // roof → "roof Slate", "roof Tile"
///     let y = try encoding.applied(to: test)      // the same columns
///
/// The columns stand in place of the one they are made of, sorted by value. A missing value has 0 in all of them, unless
/// they have one of their own; so does a value that the encoding does not know.
public struct OneHotEncoding: Sendable, Hashable {
    /// The values by column, sorted.
    public let categories: [String: [String]]
    /// Whether each column gets one more, named after `missing`.
    public let includesMissing: Bool

    /// The encoding of some columns of a table, by default of all that hold text.
    ///
    /// - Parameters:
    ///   - names: the columns. Numbers and booleans count as what they are written as, such as `1` and `true`.
    ///   - includesMissing: whether missing values get a column of their own, the last one.
    /// - Throws: `DataError` if there is no such column.
    public init(of table: Table, columns names: [String]? = nil, includesMissing: Bool = false) throws(DataError) {
        var categories: [String: [String]] = [:]
        for name in names ?? table.columnNames(of: .text) {
            categories[name] = Set(try table.column(name).values.texts.compactMap { $0 }).sorted()
        }
        self.categories = categories
        self.includesMissing = includesMissing
    }

    /// A table with its columns encoded; others stay as they are. Throws `DataError` if it lacks one of them, or a new
    /// column has the name of another.
    public func applied(to table: Table) throws(DataError) -> Table {
        for name in categories.keys.sorted() { _ = try table.column(name) }
        return try table.replacing { column in
            guard let categories = categories[column.name] else { return [column] }
            let texts = column.values.texts
            func isEqual(_ category: String?) -> Table.Values { .numbers(texts.map { $0 == category ? 1 : 0 }) }
            var encoded = categories.map { Table.Column("\(column.name) \($0)", isEqual($0)) }
            if includesMissing { encoded.append(.init("\(column.name) missing", isEqual(nil))) }
            return encoded
        }
    }
}

extension Table {
    /// The table with columns encoded by their own values; see `OneHotEncoding`.
    public func oneHot(_ names: [String]? = nil, includingMissing: Bool = false) throws(DataError) -> Table {
        try OneHotEncoding(of: self, columns: names, includesMissing: includingMissing).applied(to: self)
    }
}

// MARK: - Features

extension Table {
    /// The table as numbers that a network learns well from.
    ///
    /// Columns of numbers are standardized, and then 0, their mean, stands for missing values. Of text, and of booleans of
    /// which some are missing, each value gets a column of zeros and ones. Missing values get such a column, too, if the
    /// table lacks any of these: then each of these columns has one, as of `get_dummies(dummy_na=True)` in pandas. The
    /// columns of zeros and ones stand in place of those they are made of.
    ///
    /// Prepare the rows to train on and those to test with in one table, or with `Standardization` and `OneHotEncoding` of
    /// the former: the columns depend on the values.
    ///
    /// - Throws: `DataError` if a column of numbers has no values, or two of the new ones have the same name.
    public func features() throws(DataError) -> Table {
        let categories = columns.filter { column in
            column.values.type == .text || column.values.type == .boolean && column.values.isMissing.contains(true)
        }
        let lacksSome = categories.contains { $0.values.isMissing.contains(true) }
        return try standardized().fillingMissing(with: 0)
            .oneHot(categories.map(\.name), includingMissing: lacksSome)
    }
}
