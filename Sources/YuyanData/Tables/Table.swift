import YuyanCore

/// Named columns of numbers, text or booleans, in which values may be missing; usually the contents of a CSV file.
///
///     var houses = try Table(contentsOf: URL(fileURLWithPath: "houses.csv"))
///     houses = try houses.oneHot().fillingMissingWithMeans()
///     let samples = try houses.dataset(targets: ["price"])
///
/// Operations give new tables. What a file can be wrong about throws a `DataError` with the file, and the column and line
/// where there are such.
public struct Table: Sendable, Hashable {
    /// The type of a column's values.
    public enum ColumnType: String, Sendable, Hashable, CaseIterable {
        /// Numbers, as `Double`.
        case number
        /// Any text.
        case text
        /// True and false.
        case boolean
    }

    /// The values of a column, nil where one is missing.
    public enum Values: Sendable, Hashable {
        /// Numbers; nil is missing.
        case numbers([Double?])
        /// Texts; nil is missing.
        case texts([String?])
        /// True and false; nil is missing.
        case booleans([Bool?])
    }

    /// A named list of values.
    public struct Column: Sendable, Hashable {
        /// What the head of the table calls it.
        public var name: String
        /// A value for each row.
        public var values: Values

        /// A column of these values.
        public init(_ name: String, _ values: Values) {
            self.name = name
            self.values = values
        }
    }

    /// The columns, in order; their names differ.
    public let columns: [Column]
    /// How many rows there are; the head is none.
    public let rowCount: Int
    /// The file that the table was read from, or what else messages call it.
    public let source: String
    /// The line of the file where each row begins, from 1; in a table that was made otherwise, the number of the row.
    public let lines: [Int]

    /// A table of columns. Traps unless they have different names and equal lengths.
    public init(_ columns: [Column], source: String = "table") {
        self.init(columns, source: source, lines: Array(1..<(columns.first?.values.count ?? 0) + 1))
    }

    init(_ columns: [Column], source: String, lines: [Int]) {
        guard Set(columns.map(\.name)).count == columns.count else {
            YuyanCore.failure("Table: two columns share a name: \(columns.map(\.name))")
        }
        guard columns.allSatisfy({ $0.values.count == lines.count }) else {
            YuyanCore.failure("Table: columns have different lengths: \(columns.map(\.values.count))")
        }
        self.columns = columns
        self.source = source
        self.lines = lines
        rowCount = lines.count
    }

    /// The names of the columns, in order.
    public var columnNames: [String] { columns.map(\.name) }

    /// The column of a name. Throws `DataError` if there is none.
    public func column(_ name: String) throws(DataError) -> Column {
        if let found = columns.first(where: { $0.name == name }) { return found }
        let known = columnNames.prefix(10).map(\.abbreviated).joined(separator: ", ")
        throw failure("has no column \(name.abbreviated); it has \(known)\(columns.count > 10 ? ", …" : "")")
    }

    /// The columns of these names, in their order. Throws `DataError` if there is none of a name. Traps if one is named twice.
    public func selecting(_ names: [String]) throws(DataError) -> Table {
        var chosen: [Column] = []
        for name in names { chosen.append(try column(name)) }
        return Table(chosen, source: source, lines: lines)
    }

    /// All columns but these. Throws `DataError` if there is none of a name.
    public func dropping(_ names: [String]) throws(DataError) -> Table {
        for name in names { _ = try column(name) }
        return Table(columns.filter { !names.contains($0.name) }, source: source, lines: lines)
    }

    /// The names of the columns of a type, in order.
    public func columnNames(of type: ColumnType) -> [String] {
        columns.filter { $0.values.type == type }.map(\.name)
    }

    /// The rows at `indices`, in that order; they may repeat. Traps if one is outside `0..<rowCount`.
    public func rows(at indices: some Sequence<Int>) -> Table {
        let indices = Array(indices)
        if let wrong = indices.first(where: { !(0..<rowCount).contains($0) }) {
            YuyanCore.failure("Table.rows: index \(wrong) is outside 0..<\(rowCount)")
        }
        return Table(
            columns.map { Column($0.name, $0.values.rows(at: indices)) }, source: source,
            lines: indices.map { lines[$0] })
    }

    /// Deals all rows at random to several tables, as `Dataset.randomSplit` does with samples, before numbers such as means
    /// are taken of those to train on.
    ///
    ///     let parts = try houses.randomSplit([0.9, 0.1], seed: 0)
    ///
    /// - Throws: `SplitError` as `Dataset.randomSplit`.
    public func randomSplit(_ fractions: [Double], seed: UInt64? = nil) throws(SplitError) -> [Table] {
        try splitIndices(rowCount, fractions, seed: seed).map { rows(at: $0) }
    }

    /// The table with the rows of another one below its own.
    ///
    /// The columns are found by their names. Where one holds numbers here and text there, it becomes one of text; one
    /// without any values takes the other's type.
    ///
    /// - Throws: `DataError` if one of the two has a column that the other lacks.
    public func appending(_ other: Table) throws(DataError) -> Table {
        for name in other.columnNames { _ = try column(name) }
        var joined: [Column] = []
        for column in columns {
            joined.append(Column(column.name, column.values.appending(try other.column(column.name).values)))
        }
        let name = other.source == source ? source : "\(source) + \(other.source)"
        return Table(joined, source: name, lines: lines + other.lines)
    }

    func failure(_ reason: String) -> DataError { DataError(path: source, reason: reason) }

    /// This table with other values in some columns, or other columns in place of one.
    func replacing(_ change: (Column) throws(DataError) -> [Column]) throws(DataError) -> Table {
        var changed: [Column] = []
        for column in columns { changed += try change(column) }
        var names: Set<String> = []
        for column in changed where !names.insert(column.name).inserted {
            throw failure("would have two columns \(column.name.abbreviated)")
        }
        return Table(changed, source: source, lines: lines)
    }
}

extension Table.Values {
    /// How many values there are, missing ones too.
    public var count: Int {
        switch self {
        case .numbers(let values): values.count
        case .texts(let values): values.count
        case .booleans(let values): values.count
        }
    }

    /// The type that all values have.
    public var type: Table.ColumnType {
        switch self {
        case .numbers: .number
        case .texts: .text
        case .booleans: .boolean
        }
    }

    /// For each row whether its value is missing.
    public var isMissing: [Bool] {
        switch self {
        case .numbers(let values): values.map { $0 == nil }
        case .texts(let values): values.map { $0 == nil }
        case .booleans(let values): values.map { $0 == nil }
        }
    }

    /// As text; numbers without a fraction as integers.
    var texts: [String?] {
        switch self {
        case .numbers(let values): values.map { $0.map { Int(exactly: $0).map(String.init) ?? String($0) } }
        case .texts(let values): values
        case .booleans(let values): values.map { $0.map(String.init) }
        }
    }

    /// Booleans as 1 and 0; nil for text.
    var numbers: [Double?]? {
        switch self {
        case .numbers(let values): values
        case .texts: nil
        case .booleans(let values): values.map { $0.map { $0 ? 1 : 0 } }
        }
    }

    func appending(_ other: Table.Values) -> Table.Values {
        switch (self, other) {
        case (.numbers(let own), .numbers(let others)): .numbers(own + others)
        case (.texts(let own), .texts(let others)): .texts(own + others)
        case (.booleans(let own), .booleans(let others)): .booleans(own + others)
        case (_, .booleans(let others)) where texts.allSatisfy({ $0 == nil }):
            .booleans(texts.map { _ in nil } + others)
        case (.booleans(let own), _) where other.texts.allSatisfy({ $0 == nil }):
            .booleans(own + other.texts.map { _ in nil })
        default: .texts(texts + other.texts)
        }
    }

    func rows(at indices: [Int]) -> Table.Values {
        switch self {
        case .numbers(let values): .numbers(indices.map { values[$0] })
        case .texts(let values): .texts(indices.map { values[$0] })
        case .booleans(let values): .booleans(indices.map { values[$0] })
        }
    }
}
