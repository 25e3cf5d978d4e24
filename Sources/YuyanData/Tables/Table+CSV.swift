import Foundation
import SwiftCSV

extension Table {
    /// What stands for a missing value, unless something else is named: an empty cell, `NA`, `N/A`, `NaN`, `nan`, `NULL`,
    /// `null` and `?`.
    public static let missingMarks: Set<String> = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "?"]

    /// Reads a CSV file in UTF-8. Its first line names the columns, unless `columnNames` does.
    ///
    /// A column whose values are all finite decimal numbers is one of numbers, and one of `true` and `false` in any case is
    /// one of booleans; one without any values counts as numbers; others are text. Declare as text what only looks like a
    /// number, such as a postcode `01067`. Cells in quotation marks may hold delimiters, line breaks, and quotation marks
    /// that are doubled. Spaces in front of other cells do not count, nor do empty lines. A column without a name is called
    /// `column 3` after its place.
    ///
    /// - Parameters:
    ///   - url: the file.
    ///   - delimiter: what separates cells; by default the first comma, semicolon or tab of the first line.
    ///   - columnNames: the names, for a file that has no line of them.
    ///   - missing: the cells that stand for a missing value.
    ///   - types: the types of some columns, by name; those of the others are found from their cells.
    /// - Throws: `DataError` with the line if the file cannot be read or is not UTF-8, is empty, has rows that are
    ///   shorter or longer than the first, two columns of a name, or a quotation mark that is not closed or not doubled; also
    ///   with the column, if a cell does not have the declared type or there is no such column.
    public init(
        contentsOf url: URL, delimiter: Character? = nil, columnNames: [String]? = nil,
        missing: Set<String> = Table.missingMarks, types: [String: ColumnType] = [:]
    ) throws(DataError) {
        let bytes = try Files.read(url)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .firstIndex { String(validating: $0, as: UTF8.self) == nil }
            let place = line.map { "line \($0 + 1) " } ?? ""
            throw DataError(path: url.path, reason: "\(place)is not text in UTF-8; save the table as CSV in UTF-8")
        }
        try self.init(
            csv: text, delimiter: delimiter, columnNames: columnNames, missing: missing, types: types,
            source: url.path)
    }

    /// Reads the text of a CSV file; see `init(contentsOf:delimiter:columnNames:missing:types:)`.
    ///
    /// - Parameter source: what messages call it.
    public init(
        csv text: String, delimiter: Character? = nil, columnNames: [String]? = nil,
        missing: Set<String> = Table.missingMarks, types: [String: ColumnType] = [:], source: String = "CSV"
    ) throws(DataError) {
        func failure(_ reason: String) -> DataError { DataError(path: source, reason: reason) }
        var (rows, lines) = try Table.cells(text, delimiter, source)
        guard let width = rows.first?.count else { throw failure("is empty") }
        if let wrong = rows.firstIndex(where: { $0.count != width }) {
            let cells = rows[wrong].count == 1 ? "1 cell" : "\(rows[wrong].count) cells"
            throw failure("line \(lines[wrong]) has \(cells), line \(lines[0]) has \(width)")
        }
        let names: [String]
        if let columnNames {
            guard columnNames.count == width else {
                throw failure("has \(width) columns, but \(columnNames.count) names are given")
            }
            names = columnNames
        } else {
            names = rows.removeFirst().enumerated().map { $1.isEmpty ? "column \($0 + 1)" : $1 }
            lines.removeFirst()
        }
        var known: Set<String> = []
        for name in names where !known.insert(name).inserted {
            throw failure("has two columns \(name.abbreviated)")
        }
        if let unknown = types.keys.sorted().first(where: { !known.contains($0) }) {
            throw failure("has no column \(unknown.abbreviated), for which a type is declared")
        }
        var columns: [Column] = []
        for (index, name) in names.enumerated() {
            let cells = rows.map { row in missing.contains(row[index].trimmed) ? nil : row[index] }
            let type = types[name] ?? Table.type(of: cells)
            columns.append(Column(name, try Table.values(cells, type, name, lines, source)))
        }
        self.init(columns, source: source, lines: lines)
    }

    /// The cells of all lines that are not empty, and where they begin.
    private static func cells(
        _ text: String, _ delimiter: Character?, _ source: String
    ) throws(DataError) -> (rows: [[String]], lines: [Int]) {
        var rows: [[String]] = []
        var lines: [Int] = []
        var line = 1
        // A row of the parser's that is no longer there if a quotation mark before it has not been closed.
        let end = "end"
        let terminated = text.last?.isNewline == false ? text + "\n" : text
        do {
            let found = delimiter.map { CSVDelimiter(unicodeScalarLiteral: $0) } ?? .guessed(string: text)
            // Without rows: the parser's own list of them fills short ones up.
            let parser = try CSV<Enumerated>(
                string: terminated + end + "\n", delimiter: found, loadColumns: false, rowLimit: 0)
            try parser.enumerateAsArray(rowLimit: nil) { cells in
                if cells != [""] {
                    rows.append(cells)
                    lines.append(line)
                }
                line += 1 + cells.reduce(0) { $0 + $1.count(where: \.isNewline) }
            }
        } catch {
            let advice = "in quotation marks a cell ends at the next one, unless that is doubled"
            throw DataError(path: source, reason: "line \(line) has a quotation mark inside a cell; \(advice)")
        }
        guard rows.last == [end] else {
            throw DataError(path: source, reason: "line \(lines.last ?? line) has a quotation mark that is not closed")
        }
        rows.removeLast()
        lines.removeLast()
        return (rows, lines)
    }

    private static func type(of cells: [String?]) -> ColumnType {
        let present = cells.lazy.compactMap { $0 }
        if present.allSatisfy({ number($0) != nil }) { return .number }
        return present.allSatisfy { boolean($0) != nil } ? .boolean : .text
    }

    private static func values(
        _ cells: [String?], _ type: ColumnType, _ name: String, _ lines: [Int], _ source: String
    ) throws(DataError) -> Values {
        func parsed<Value>(_ parse: (String) -> Value?) throws(DataError) -> [Value?] {
            var values: [Value?] = []
            values.reserveCapacity(cells.count)
            for (cell, line) in zip(cells, lines) {
                let value = cell.flatMap(parse)
                if let cell, value == nil {
                    let place = "line \(line), column \(name.abbreviated)"
                    throw DataError(path: source, reason: "\(place): '\(cell.abbreviated)' is no \(type.rawValue)")
                }
                values.append(value)
            }
            return values
        }
        switch type {
        case .number: return .numbers(try parsed(number))
        case .boolean: return .booleans(try parsed(boolean))
        case .text: return .texts(cells)
        }
    }

    /// A finite decimal number. Swift would take hexadecimal ones and words such as "infinity", too.
    private static func number(_ cell: String) -> Double? {
        let cell = cell.trimmed
        guard cell.utf8.allSatisfy(decimalCharacters.contains), let value = Double(cell), value.isFinite else {
            return nil
        }
        return value
    }

    private static let decimalCharacters = Set("0123456789+-.eE".utf8)

    private static func boolean(_ cell: String) -> Bool? { Bool(cell.trimmed.lowercased()) }
}

extension String {
    /// Without spaces at its ends.
    fileprivate var trimmed: String {
        guard first?.isWhitespace == true || last?.isWhitespace == true else { return self }
        return trimmingCharacters(in: .whitespaces)
    }
}
