import Foundation
import Testing
import Yuyan
import YuyanLabs

/// `yuyan lab` as a learner uses it, with labs that take no time.
@Suite struct LabCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-lab-\(UUID().uuidString)")

    private func run(_ arguments: String..., language: String = "en") throws -> Child {
        try Child.run(["lab"] + arguments, environment: ["LC_ALL": "C.UTF-8", "LANGUAGE": language, "COLUMNS": "80"])
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    @Test func oneLabShowsItsTextAndItsClaims() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let child = try run("run", "data-iter-scratch", "--output", folder.path)
        #expect(child.status == 0, "\(child.errors)")
        let claims = try #require(Labs.lab("data-iter-scratch")).claims
        #expect(child.output.hasPrefix("Reading a data set in batches  data-iter-scratch\n"))
        #expect(child.output.split(separator: "\n").count { $0.hasPrefix("PASS  ") } == claims.count)
        #expect(child.output.contains("\(claims.count) of \(claims.count) claims hold, in "))
        #expect(exists("data-iter-scratch.html") && exists("data-iter-scratch.zh.html") && exists("index.html"))
        for line in child.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }

        let chinese = try run("run", "data-iter-scratch", "--output", folder.path, "--language", "zh")
        #expect(chinese.output.contains("通过  ") && chinese.output.contains("项结论中"))
        #expect(!chinese.output.contains("PASS"))

        let list = try run("list", "--note", "002", "--output", folder.path)
        let rows = list.output.split(separator: "\n")
        #expect(rows.first == "Note 002: Linear neural networks")
        for lab in Labs.all where lab.note == .linearNetworks {
            let row = try #require(rows.first { $0.contains(" \(lab.id) ") }, "\(lab.id)")
            #expect(row.contains("PASS") == (lab.id == "data-iter-scratch"), "\(row)")
        }
    }

    @Test func severalLabsHaveALineEachAndOnePage() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let child = try run(
            "run", "data-iter-scratch", "linreg-scratch", "--quick", "--output", folder.path, "--single-file")
        #expect(child.status == 0, "\(child.errors)")
        let lines = child.output.split(separator: "\n")
        #expect(lines[0].hasPrefix("PASS  data-iter-scratch ") && lines[1].hasPrefix("PASS  linreg-scratch "))
        let html = try text("labs.html")
        #expect(html.contains("src=\"data:image/svg+xml;base64,") && !html.contains("src=\"linreg-scratch/"))
        #expect(html.contains("href=\"#linreg-scratch\"") && html.contains("id=\"linreg-scratch\""))
        #expect(html.contains("href=\"labs.zh.html\"") && exists("labs.zh.html"))
        #expect(!exists("unfinished.txt"))
    }

    @Test func aRunThatWasInterruptedGoesOn() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["run", "data-iter-scratch", "tensordataset-dataloader", "--output", folder.path]
        func lines() throws -> [Substring] { try Child.run(["lab"] + arguments).output.split(separator: "\n") }
        #expect(try !lines().contains { $0.hasSuffix("done before") })
        // Whole runs are made anew; after an interruption, this file is there.
        #expect(try !lines().contains { $0.hasSuffix("done before") })
        try FileManager.default.removeItem(at: folder.appendingPathComponent("tensordataset-dataloader/result.json"))
        try Data().write(to: folder.appendingPathComponent("unfinished.txt"))
        let again = try lines()
        #expect(again[0].hasSuffix("done before") && !again[1].hasSuffix("done before"), "\(again)")
        #expect(!exists("unfinished.txt"))
    }

    @Test func theProgramIsShownAndCopied() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let lab = try #require(Labs.lab("linreg-scratch"))
        #expect(try run("show", "linreg-scratch").output == lab.source)
        #expect(lab.source.hasPrefix("import Yuyan\n") && lab.source.hasSuffix("\n}\n"))
        let child = try run("copy", "linreg-scratch", "--output", folder.path, "--package", "https://example.org/Yuyan")
        #expect(child.status == 0, "\(child.errors)")
        #expect(try text("Sources/LinregScratch.swift").contains("let linregScratch: Lab = Lab("))
        // What is there is not overwritten.
        let again = try run("copy", "linreg-scratch", "--output", folder.path, "--package", "https://example.org/Yuyan")
        #expect(again.status == 1 && again.errors.contains("is not empty"), "\(again.errors)")
    }

    @Test(arguments: [
        (["run", "linreg-scrach"], "there is no lab 'linreg-scrach'; did you mean 'linreg-scratch'?"),
        (["show", "nothing-like-it"], "there is no lab 'nothing-like-it'; `yuyan lab list` names all."),
        (["run"], "name labs, or --note, or --all: one of these."),
        (["run", "bandit", "--all"], "name labs, or --note, or --all: one of these."),
        (["run", "bandit", "--output", ""], "--output must be a folder, not ''."),
    ])
    func wrongNamesAreSaid(arguments: [String], message: String) throws {
        let child = try Child.run(["lab"] + arguments)
        #expect(child.status == 64 && child.output.isEmpty)
        #expect(child.errors.hasPrefix("Error: \(message)\n"), "\(child.errors)")
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() throws {
        try Data().write(to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let child = try run("run", "data-iter-scratch", "--output", folder.path)
        #expect(child.status == 1 && child.errors.contains(folder.lastPathComponent), "\(child.errors)")
    }
}
