import ArgumentParser
import Foundation
import Yuyan

/// How labs are run, from the command line.
public struct LabOptions: ParsableArguments {
    /// The seed of all random numbers.
    @Option(parsing: .unconditional, help: ArgumentHelp("Where random numbers start.", valueName: "n"))
    public var seed: UInt64 = 0

    /// Whether to run small.
    @Flag(help: "Fewer epochs, samples and seeds: what this does not check, it says.")
    public var quick = false

    /// Where to compute; nil is where each lab says.
    @Option(help: "Where to compute. (default: as each lab says)")
    public var device: Device?

    /// The folder of pages and pictures.
    @Option(
        help: ArgumentHelp("Folder for pages and pictures.", valueName: "folder"), completion: .directory)
    public var output = "labs"

    /// Whether to open the page.
    @Flag(help: "Open the page in the browser.")
    public var open = false

    /// The language that is shown; nil is that of the environment.
    @Option(help: "The language: en or zh. (default: as LANG says, English or Chinese)")
    public var language: Language?

    /// The defaults.
    public init() {}

    public func validate() throws {
        if output.isEmpty { throw ValidationError("--output must be a folder, not ''.") }
    }

    private var runner: LabRunner {
        var runner = LabRunner()
        (runner.seed, runner.isQuick, runner.device) = (seed, quick, device)
        (runner.language, runner.folder) = (language ?? .current, LabFolder(output))
        return runner
    }

    /// Runs one lab and shows all that it writes.
    ///
    /// - Returns: whether all its claims hold.
    public func run(_ lab: Lab) throws -> Bool {
        let runner = runner
        let printer = LabPrinter(terminal: .standardOutput, language: runner.language)
        printer.title(of: lab, runner)
        let result = try runner.run(lab) { printer.show($0, $1) }
        try runner.folder?.writeIndex()
        printer.show(result.checks)
        try printer.end(of: [result], runner.folder, page: runner.folder?.page(of: lab.id, runner.language), open)
        return result.holds
    }

    /// Runs several labs and shows a line of each, with the claims that fail. What an interrupted run has done already is
    /// not done again.
    ///
    /// - Returns: whether all claims hold.
    public func run(_ labs: [Lab]) throws -> Bool {
        let runner = runner
        let printer = LabPrinter(terminal: .standardOutput, language: runner.language)
        let folder = LabFolder(output)
        let continues = folder.isUnfinished
        try folder.begin()
        var results: [LabResult] = []
        var errors: [any Error] = []
        for lab in labs {
            if continues, let done = folder.result(of: lab), done.key == runner.key(for: lab) {
                printer.summary(of: lab, done, isOld: true)
                results.append(done)
                continue
            }
            do {
                let result = try runner.run(lab)
                printer.summary(of: lab, result, isOld: false)
                results.append(result)
            } catch {
                printer.missing(lab, error)
                errors.append(error)
            }
        }
        try folder.writeIndex()
        folder.end()
        printer.missing(errors.compactMap { $0 as? MissingDataError }, of: labs.count)
        try printer.end(of: results, folder, page: folder.index(runner.language), open)
        return errors.isEmpty && results.allSatisfy(\.holds)
    }
}

extension LabOptions {
    /// Writes all results that are in the output folder into one page for each language that needs no other file.
    public func writeSingleFile() throws {
        try LabPages.writeSingleFile(in: LabFolder(output))
        let language = language ?? .current
        let words = Words("one page", "单个网页")
        Terminal.standardOutput.write("\(words[language])  \(LabFolder(output).singlePage(language).relativePath)\n")
    }
}

extension LabPrinter {
    /// The last lines: how many claims hold, and where the page is.
    func end(of results: [LabResult], _ folder: LabFolder?, page: URL?, _ opens: Bool) throws {
        let checks = results.flatMap(\.checks)
        let passed = checks.count { $0.verdict == .passed }
        let skipped = checks.count { $0.verdict == .notChecked }
        let time = NumberText.duration(results.reduce(0) { $0 + $1.duration }, in: language)
        var line = Words(
            "\(passed) of \(checks.count) claims hold, in \(time).", "\(checks.count) 项结论中 \(passed) 项成立，用时 \(time)。")
        if skipped > 0 {
            line.english += " \(skipped) not checked: they need a full run."
            line.chinese += "\(skipped) 项未检查：需要完整运行。"
        }
        write("\n" + line[language])
        guard let page else { return }
        for fault in Set(results.flatMap(\.pictureFaults)).sorted() {
            write(paragraph(Words("Pictures are missing: \(fault)", "缺少图片：\(fault)")[language]))
        }
        write("\(Words("page", "网页")[language])  \(page.relativePath)")
        if opens { open(page) }
    }

    func summary(of lab: Lab, _ result: LabResult, isOld: Bool) {
        let verdict: Check.Verdict = result.holds ? .passed : .failed
        let word = LabPrinter.verdict(verdict)[language]
        let passed = result.checks.count { $0.verdict == .passed }
        let time = isOld ? Words("done before", "已完成")[language] : NumberText.duration(result.duration, in: language)
        let id = DisplayText.padded(lab.id, to: 32)
        let count = DisplayText.padded("\(passed)/\(result.checks.count)", to: 7)
        write("\(verdict == .passed ? terminal.green(word) : terminal.bold(word))  \(id)  \(count)  \(time)")
        for check in result.checks where check.verdict == .failed { write("      " + line(check)) }
    }

    func missing(_ lab: Lab, _ error: any Error) {
        var reason = "\(error)"
        if let error = error as? MissingDataError {
            reason = Words("needs \(error.data.rawValue)", "需要 \(error.data.rawValue)")[language]
        }
        write("\(terminal.bold("----"))  \(DisplayText.padded(lab.id, to: 32))  \(reason)")
    }

    /// What could not be run for want of data.
    func missing(_ errors: [MissingDataError], of count: Int) {
        guard !errors.isEmpty else { return }
        let packages = Set(errors.map(\.data.debianPackage)).sorted().joined(separator: " ")
        let rest = count - errors.count
        let words = Words(
            "\(errors.count) labs need data that are not here: apt install \(packages). The other \(rest) do without.",
            "\(errors.count) 个实验缺少数据：apt install \(packages)。其余 \(rest) 个不需要。")
        write("\n" + paragraph(words[language]))
    }

    private func open(_ page: URL) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", page.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus == 0 { return }
        } catch {}
        let text = Words(
            "no browser could be opened (xdg-open, in the package xdg-utils); the page is in the file above",
            "无法打开浏览器（需要软件包 xdg-utils 中的 xdg-open）；网页在上面的文件中")
        write(text[language])
    }
}

extension Lab {
    /// Runs the lab with the options of the command line, as the program that `yuyan lab copy` makes does, and ends the
    /// process: with 0 if all claims hold.
    public func main() -> Never {
        do {
            let holds = try LabOptions.parse().run(self)
            LabOptions.exit(withError: holds ? nil : ExitCode.failure)
        } catch {
            LabOptions.exit(withError: error)
        }
    }
}
