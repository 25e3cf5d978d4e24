import Foundation
import Testing
import Yuyan
import YuyanLabs

/// A lab of the tests: what it measures is given.
private func lab(
    _ claims: [Claim], figures: [String] = [], _ body: @escaping @Sendable (Notebook) throws -> Void
) -> Lab {
    Lab(
        "linreg-scratch", "A test", "测试", book: "3.2", note: .linearNetworks, part: "1", claims: claims,
        figures: figures,
        body: body)
}

@Suite struct FrameTests {
    @Test(arguments: [
        (Claim.Expectation.exactly(0.25), 0.25002, 0.2501), (.exactly(0), 5e-7, 2e-6),
        (.exactly(1e7), 1e7 + 9, 1e7 + 11), (.near(2, margin: 0.1), 1.9001, 1.8999),
        (.within(1...2), 2, 2.0001), (.below(3), 2.999, 3), (.above(3), 3.001, 3), (.yes, 1, 0),
    ])
    func expectationsHoldOnOneSideOnly(expectation: Claim.Expectation, good: Double, bad: Double) {
        #expect(expectation.holds(for: good))
        #expect(!expectation.holds(for: bad))
        #expect(!expectation.holds(for: .nan))
    }

    /// Counts stand with all their digits, without a margin.
    @Test func expectationsReadAsPeopleWriteThem() {
        let count = Claim.Expectation.count(128_806_154)
        #expect(count.holds(for: 128_806_154) && !count.holds(for: 128_806_155))
        #expect(count.text == "128806154" && count.text(of: 128_806_154) == "128806154")
        #expect(Claim.Expectation.exactly(0.25).text == "0.25 ± 2.5e-05")
        #expect(Claim.Expectation.exactly(1e9).text == "1000000000 ± 1e+03")
        #expect(Claim.Expectation.below(2).text(of: 0.1234567) == "0.123457")
        #expect(Claim.Expectation.above(3).text(of: .nan) == "nan")
    }

    @Test func aClaimThatIsNotMeasuredFailsUnlessTheRunIsQuick() throws {
        let claims = [
            Claim("a", "a", "甲", .below(1)), Claim("b", "b", "乙", .below(1)),
            Claim("c", "c", "丙", .below(1), needsFullSize: true),
        ]
        let lab = lab(claims) { lab in
            lab.check("a", 0.5)
            lab.check("c", 2.0)
        }
        var runner = LabRunner()
        let full = try runner.run(lab)
        #expect(full.checks.map(\.verdict) == [.passed, .failed, .failed])
        #expect(!full.holds)
        runner.isQuick = true
        let quick = try runner.run(lab)
        #expect(quick.checks.map(\.verdict) == [.passed, .failed, .notChecked])
        #expect(quick.checks[2].measured == nil)
    }

    @Test func seedAndDeviceAreThoseOfTheRun() throws {
        let lab = lab([Claim("x", "x", "x", .yes)]) { lab in
            lab.say("\(Tensor.normal([3]))", "")
            lab.check("x", Device.current == .reference)
        }
        var runner = LabRunner()
        runner.seed = 7
        let (first, second) = (try runner.run(lab), try runner.run(lab))
        #expect(first.entries == second.entries && first.holds)
        #expect(first.device == "reference" && first.seed == 7)
        runner.seed = 8
        #expect(try runner.run(lab).entries != first.entries)
    }

    @Test func resultsAndPagesAreWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-labs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let lab = lab([Claim("x", "x & y", "甲与乙", .below(1))], figures: ["line"]) { lab in
            lab.say("In <words>", "用文字")
            lab.print(Tensor([1.0, 2]))
            lab.table([Words("epoch", "轮次"), Words("loss", "损失")], [["1", "0.5"]])
            lab.show("line") { t in .curves(t("Line", "线"), [Curve("a", [1, 2])], x: Axis(t("epoch", "轮次"))) }
            lab.check("x", 0.25)
        }
        var runner = LabRunner()
        runner.folder = LabFolder(folder.path)
        let result = try runner.run(lab)
        try runner.folder?.writeIndex()
        let stored = try #require(runner.folder?.result(of: lab))
        #expect(stored.entries == result.entries && stored.checks == result.checks)
        #expect(stored.seed == result.seed && stored.version == currentYuyanVersion)
        func page(_ name: String) throws -> String {
            try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        let english = try page("linreg-scratch.html")
        for text in [
            "In &lt;words&gt;", "x &amp; y", "0.25", "PASS", "linreg-scratch/line.svg", "let linregScratch: Lab = Lab(",
        ] {
            #expect(english.contains(text), "\(text)")
        }
        let chinese = try page("linreg-scratch.zh.html")
        for text in ["用文字", "甲与乙", "通过", "linreg-scratch/line.zh.svg", "轮次"] {
            #expect(chinese.contains(text), "\(text)")
        }
        #expect(try page("index.zh.html").contains("linreg-scratch.zh.html"))
        let numbers = try String(contentsOf: folder.appendingPathComponent("linreg-scratch/line.csv"), encoding: .utf8)
        #expect(numbers.split(separator: "\n").count == 3)
    }

    @Test func aRunThatIsCutOffLeavesNoResult() throws {
        struct Fault: Error {}
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-labs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let claims = [Claim("x", "x", "x", .yes)]
        let good = lab(claims) { $0.check("x", true) }
        var runner = LabRunner()
        runner.folder = LabFolder(folder.path)
        _ = try runner.run(good)
        #expect(runner.folder?.result(of: good) != nil)
        #expect(throws: Fault.self) { try runner.run(lab(claims) { _ in throw Fault() }) }
        #expect(runner.folder?.result(of: good) == nil)
    }

    @Test func undeclaredNamesTrap() async {
        await #expect(processExitsWith: .failure) {
            let lab = Lab("a", "a", "a", book: "1", note: .linearNetworks, part: "1", claims: []) { $0.check("x", 1) }
            _ = try LabRunner().run(lab)
        }
        await #expect(processExitsWith: .failure) {
            let lab = Lab("a", "a", "a", book: "1", note: .linearNetworks, part: "1", claims: []) { lab in
                lab.show("x") { _ in .curves("", [Curve("a", [1])]) }
            }
            _ = try LabRunner().run(lab)
        }
    }

    @Test func aCopyIsAPackage() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-labs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let lab = try #require(Labs.lab("linreg-scratch"))
        try lab.writePackage(to: folder, dependency: "https://example.org/yuyan")
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        #expect(
            try text("Package.swift").contains(
                #".package(url: "https://example.org/yuyan", from: "\#(currentYuyanVersion)")"#))
        #expect(try text("Sources/main.swift").contains("linregScratch.main()"))
        #expect(try text("Sources/LinregScratch.swift").hasPrefix("import Yuyan\nimport YuyanLabs\n"))
        #expect(throws: DataError.self) { try lab.writePackage(to: folder, dependency: "https://example.org/yuyan") }
    }
}
