import Foundation
import Testing
import YuyanCore

/// The catalogue is complete, and the documentation follows it.
@Suite struct CatalogueMetadataTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../..").standardized

    /// Of all public functions, operators and subscripts that make tensors, from the compiler's own list.
    @Test func everyPublicOperationIsListedAsItIsDeclared() throws {
        let declared = try SymbolGraph.ofCore().operations()
        #expect(declared.count > 100)
        let listed = Catalogue.entries.flatMap(\.swift)
        for name in Set(listed) { #expect(listed.filter { $0 == name }.count == 1, "\(name) is listed twice") }
        for name in declared.subtracting(listed) { Issue.record("no entry of the catalogue lists \(name)") }
        for name in Set(listed).subtracting(declared) { Issue.record("nothing is declared as \(name)") }
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
