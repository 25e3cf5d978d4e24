import Foundation
import SwiftCSV
import YuyanCore

/// Rows of text under a header, to be written as CSV (RFC 4180, with `\n` at the ends of lines).
package struct CSVTable: Sendable, Hashable {
    package var header: [String]
    package var rows: [[String]]

    /// Traps unless each row has as many cells as the header.
    package init(header: [String], rows: [[String]]) {
        for (index, row) in rows.enumerated() where row.count != header.count {
            failure("CSV: row \(index) has \(row.count) cells, the header \(header.count)")
        }
        self.header = header
        self.rows = rows
    }

    /// The file's text. Line breaks inside cells become spaces.
    package var text: String {
        // The library keeps a row by the names of its columns, so a second column of a name gets a number.
        var names: [String] = []
        var taken: Set<String> = []
        for title in header.map(CSVTable.oneLine) {
            var name = title
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(title) (\(number))"
                number += 1
            }
            names.append(name)
        }
        guard var view = try? Named(header: names, text: "", delimiter: .comma) else {
            failure("CSV: an empty table was refused")
        }
        view.rows = rows.map { row in
            Dictionary(uniqueKeysWithValues: zip(names, row.map(CSVTable.oneLine)))
        }
        let text = view.serialize(header: names, delimiter: .comma)
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private static func oneLine(_ cell: String) -> String {
        cell.contains(where: \.isNewline) ? cell.split(whereSeparator: \.isNewline).joined(separator: " ") : cell
    }
}
