import Foundation
import Testing
import Yuyan
import YuyanLabs

/// Each lab as it is declared, and as it runs. They say themselves where they compute: once is enough.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["YUYAN_DEVICE"] != "reference"))
struct CurriculumTests {
    private static let ids = Labs.all.map(\.id)

    /// Where the pages of the last full run are.
    private static let published = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Documentation/Labs").standardizedFileURL

    private func isChinese(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    @Test func idsAreNamesOfTheirOwn() {
        #expect(Set(CurriculumTests.ids).count == CurriculumTests.ids.count)
        for id in CurriculumTests.ids { #expect(id.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(id)") }
    }

    @Test(arguments: ids)
    func aLabIsDeclaredWhole(id: String) throws {
        let lab = try #require(Labs.lab(id))
        #expect(!lab.claims.isEmpty)
        #expect(Set(lab.claims.map(\.name)).count == lab.claims.count)
        #expect(Set(lab.figures).count == lab.figures.count)
        for words in [lab.title] + lab.claims.map(\.words) {
            #expect(!words.english.isEmpty && !isChinese(words.english), "\(words.english)")
            // Some claims are formulas alone.
            #expect(isChinese(words.chinese) || words.chinese == words.english, "\(words.chinese)")
        }
        let lines = lab.source.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "import Foundation" || lines.first == "import Yuyan")
        #expect((15...120).contains(lines.count - 1), "\(lines.count - 1) lines")
    }

    #if !DEBUG
        @Test(arguments: ids)
        func itsClaimsHold(id: String) throws {
            let lab = try #require(Labs.lab(id))
            if lab.needs == .fashionMNIST, (try? FashionMNIST(.test)) == nil { return }
            var runner = LabRunner()
            // What is small is run whole, and must print what its page says, on any machine.
            runner.isQuick = lab.machine == .fast
            let result = try runner.run(lab)
            let checks = zip(lab.claims, result.checks).filter { !$0.0.isTimed }.map(\.1)
            for check in checks where check.verdict == .failed {
                Issue.record("\(check.words.english): \(check.measured ?? .nan)")
            }
            for figure in lab.figures {
                let isDrawn = result.entries.contains {
                    if case .figure(let drawn) = $0 { drawn.name == figure } else { false }
                }
                #expect(isDrawn, "\(figure)")
            }
            guard lab.machine == .reference else { return }
            let page = try #require(LabFolder(CurriculumTests.published.path).result(of: lab), "it has no page")
            let expected = zip(lab.claims, page.checks).filter { !$0.0.isTimed }.map(\.1)
            #expect(checks.count == expected.count)
            for (check, expected) in zip(checks, expected) { #expect(check == expected) }
            guard !lab.claims.contains(where: \.isTimed) else { return }
            #expect(result.entries.count == page.entries.count)
            for (entry, expected) in zip(result.entries, page.entries) { #expect(entry == expected) }
        }
    #endif
}
