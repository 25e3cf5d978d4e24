import Foundation
import Testing
import YuyanData

@Suite struct TableReadingTests {
    @Test func findsTheTypesOfColumns() throws {
        let table = try Table(
            csv: """
                id,price,roof,garden,code,empty
                1,1.5e3,Slate,true,0x10,NA
                2,NA,,FALSE,inf,
                -3,.5,Tile,?,5,null

                """)
        #expect(table.columnNames == ["id", "price", "roof", "garden", "code", "empty"])
        #expect(table.rowCount == 3)
        #expect(table.lines == [2, 3, 4])
        #expect(
            table.columns.map(\.values) == [
                .numbers([1, 2, -3]), .numbers([1500, nil, 0.5]), .texts(["Slate", nil, "Tile"]),
                .booleans([true, false, nil]), .texts(["0x10", "inf", "5"]), .numbers([nil, nil, nil]),
            ])
        #expect(table.missingCounts == ["price": 1, "roof": 1, "garden": 1, "empty": 3])
    }

    @Test func takesDeclaredTypesAndMarks() throws {
        let text = "postcode,sold\n01067,-\n80331,1\n"
        let found = try Table(csv: text)
        #expect(found.columns.map(\.values) == [.numbers([1067, 80331]), .texts(["-", "1"])])
        let declared = try Table(csv: text, missing: ["-"], types: ["postcode": .text])
        #expect(declared.columns.map(\.values) == [.texts(["01067", "80331"]), .numbers([nil, 1])])
        // Nothing is missing if nothing is named.
        #expect(try Table(csv: "a\nNA\n", missing: []).columns[0].values == .texts(["NA"]))
    }

    @Test(arguments: [",", ";", "\t", "|"] as [Character])
    func readsEveryDelimiterAndQuotation(delimiter: Character) throws {
        let rows = [
            ["name", "note"], ["\"x\(delimiter)y\"", "\"say \"\"no\"\"\""], ["\"two\nlines\"", "plain"],
            ["last", "\" kept \""],
        ]
        for newline in ["\n", "\r\n", "\r"] {
            for (start, end) in [("", newline), ("", ""), ("\u{FEFF}", newline), (newline, newline + newline)] {
                let body = rows.map { $0.joined(separator: String(delimiter)) }.joined(separator: newline)
                let table = try Table(csv: start + body + end, delimiter: delimiter == "|" ? delimiter : nil)
                #expect(table.columnNames == ["name", "note"])
                #expect(table.columns[0].values == .texts(["x\(delimiter)y", "two\nlines", "last"]))
                #expect(table.columns[1].values == .texts(["say \"no\"", "plain", " kept "]))
                // Line breaks inside a cell count.
                #expect(table.lines.map { $0 - table.lines[0] } == [0, 1, 3])
            }
        }
    }

    @Test func readsFilesWithoutNamesAndLastCellsThatAreEmpty() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Array("5.1,Iris-setosa,\n4.9,Iris-virginica,".utf8), "iris.data")
        let table = try Table(contentsOf: file, columnNames: ["length", "species", "rest"])
        #expect(
            table.columns.map(\.values) == [
                .numbers([5.1, 4.9]), .texts(["Iris-setosa", "Iris-virginica"]), .numbers([nil, nil]),
            ])
        #expect(table.source == file.path)
        // An index that R or pandas writes has no name.
        #expect(try Table(csv: ",a\n0,7\n").columnNames == ["column 1", "a"])
        #expect(try Table(csv: "a,b\n").rowCount == 0)
    }

    @Test(
        arguments: [
            ("", "is empty"), ("\n \n", "is empty"),
            ("a,b\n1,2\n3\n", "line 3 has 1 cell, line 1 has 2"),
            ("a,b\n\n\"x\ny\",2\n3,4,5", "line 5 has 3 cells, line 1 has 2"),
            ("a,b,a\n1,2,3\n", "has two columns a"),
            (
                "a,b\n1,2\n3,5\" inch\n",
                "line 3 has a quotation mark inside a cell; in quotation marks a cell ends at the next one, unless that "
                    + "is doubled"
            ),
            ("a,b\n1,\"2\n3,4\n", "line 2 has a quotation mark that is not closed"),
            ("a,n\n1,2\n1,many\n", "line 3, column n: 'many' is no number"),
            ("a,n\n1,2\n1,1e999\n", "line 3, column n: '1e999' is no number"),
            ("a\n1\n", "has no column n, for which a type is declared"),
        ])
    func refusesMalformedText(text: String, reason: String) {
        let types: [String: Table.ColumnType] = reason.contains("olumn n") ? ["n": .number] : [:]
        #expect(
            failure { _ = try Table(csv: text, types: types, source: "x.csv") } == .init(path: "x.csv", reason: reason))
    }

    @Test func refusesFilesThatAreNoTextOrMissing() throws {
        let folder = try TemporaryFolder()
        // "价格" in GB 18030.
        let file = try folder.write(Array("a,b\n1,".utf8) + [0xBC, 0xDB, 0xB8, 0xF1, 10], "gb.csv")
        #expect(
            failure { _ = try Table(contentsOf: file) }
                == DataError(
                    path: file.path, reason: "line 2 is not text in UTF-8; save the table as CSV in UTF-8"))
        let missing = folder.url.appendingPathComponent("no.csv")
        #expect(failure { _ = try Table(contentsOf: missing) } == DataError(path: missing.path, reason: "no such file"))
        #expect(
            failure { _ = try Table(csv: "a,b\n1,2\n", columnNames: ["x"], source: "x.csv") }?.description
                == "x.csv: has 2 columns, but 1 names are given")
    }
}
