import Foundation
import Testing

/// The example program, as somebody runs it.
@Suite struct HousePricesTests {
    private static let program = Child.executable.deletingLastPathComponent().appendingPathComponent("HousePrices")

    /// Invented houses whose prices are 100 for each unit of area, and 50 more with a pool.
    private func write(_ folder: DataFolder) throws -> (arguments: [String], submission: URL) {
        func price(_ area: Int) -> Int { 100 * area + (area % 3 == 0 ? 50 : 0) }
        func row(_ id: Int, _ area: Int) -> String { "\(id),\(area),\(area % 3 == 0 ? "Yes" : "NA")" }
        let known = (1...40).map { row($0, $0 * 7 % 41) + ",\(price($0 * 7 % 41))" }
        let asked = [(101, 6), (102, 20)].map(row)
        let (training, test) = (folder.file("train.csv"), folder.file("test.csv"))
        try (["Id,Area,Pool,SalePrice"] + known).joined(separator: "\n")
            .write(to: training, atomically: true, encoding: .utf8)
        try (["Id,Area,Pool"] + asked).joined(separator: "\n").write(to: test, atomically: true, encoding: .utf8)
        let submission = folder.file("submission.csv")
        return (["--training", training.path, "--test", test.path, "--output", submission.path], submission)
    }

    @Test func writesASubmission() throws {
        let folder = try DataFolder()
        let (arguments, submission) = try write(folder)
        let child = try Child.run(arguments + ["--epochs", "600"], program: Self.program)
        #expect(child.status == 0 && child.errors == "", "\(child.errors)")
        let lines = child.output.split(separator: "\n")
        #expect(lines.first == "40 houses, 3 features, 2 prices are asked for")
        #expect(lines.count { $0.hasPrefix("fold ") } == 5 && lines.last == "written: \(submission.path)")
        let rows = try String(contentsOf: submission, encoding: .utf8).split(separator: "\n")
        #expect(rows.count == 3 && rows.first == "Id,SalePrice")
        for (row, expected) in zip(rows.dropFirst(), [("101", 650.0), ("102", 2000)]) {
            let cells = row.split(separator: ",").map(String.init)
            #expect(cells.count == 2 && cells.first == expected.0)
            let price = try #require(cells.last.flatMap(Double.init))
            #expect(abs(price - expected.1) < 20, "\(row)")
        }
    }

    @Test func faultsAreOneLine() throws {
        let folder = try DataFolder()
        let (arguments, submission) = try write(folder)
        let missing = try Child.run(
            ["--training", folder.file("none.csv").path] + arguments.dropFirst(2), program: Self.program)
        #expect(missing.status == 1 && missing.errors.contains("none.csv"), "\(missing.errors)")
        #expect(missing.errors.split(separator: "\n").count == 1)
        let tooMany = try Child.run(arguments + ["--folds", "41"], program: Self.program)
        #expect(tooMany.status == 1 && tooMany.errors.contains("40 houses are too few for 41 folds"))
        #expect(!FileManager.default.fileExists(atPath: submission.path))
    }
}
