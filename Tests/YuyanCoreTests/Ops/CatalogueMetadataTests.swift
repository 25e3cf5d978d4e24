import Foundation
import Testing
import YuyanCore

/// The catalogue is complete, and the documentation follows it.
@Suite struct CatalogueMetadataTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../..").standardized

    @Test func everyRuleHasAnEntry() throws {
        let folder = Self.repository.appendingPathComponent("Sources/YuyanCore/Ops")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "swift" }
        let catalogue = try String(contentsOf: folder.appendingPathComponent("Catalogue.swift"), encoding: .utf8)
        let rule = /enum (?<name>\w+): \w*(?:Rule|ElementwiseUnary|ElementwiseBinary)\b/
        var count = 0
        for file in files {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: rule) {
                count += 1
                let entry = try Regex("\\b\(match.output.name)\\.entry\\b")
                #expect(catalogue.contains(entry), "\(match.output.name) in \(file.lastPathComponent) has no entry")
            }
        }
        #expect(count > 40)
    }

    @Test func namesAreUnique() {
        let names = Catalogue.entries.map(\.name)
        for name in Set(names) { #expect(names.filter { $0 == name }.count == 1, "\(name)") }
    }

    @Test(arguments: Catalogue.entries.map(\.name))
    func entryIsComplete(_ name: String) throws {
        let entry = try #require(Catalogue.entries.first { $0.name == name })
        #expect(!entry.formula.isEmpty)
        #expect(!entry.samples.isEmpty)
        switch entry.gradient {
        case .differentiable: #expect(entry.samples.contains { $0.checksGradient })
        case .none(let reason): #expect(!reason.isEmpty)
        }
        for sample in entry.samples { #expect((1...Sample.letters.count).contains(sample.operands.count)) }
    }

    @Test func documentationIsUpToDate() throws {
        let file = Self.repository.appendingPathComponent("Documentation/Operations.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == Catalogue.markdown, "run: yuyan operations > Documentation/Operations.md")
    }
}
