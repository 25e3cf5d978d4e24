import ArgumentParser
import Foundation
import Yuyan

/// `yuyan report RUN`: a run as a page of HTML.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a run as one HTML page: curves, settings, worst mistakes.",
        discussion: """
            The page needs no other file and no network; it can be mailed or opened on a phone. Pictures are drawn by \
            gnuplot (Debian: gnuplot-nox).

            EXAMPLES:
              yuyan report lenet                       writes runs/lenet/report.html
              yuyan report runs/lenet --language zh --output lenet.html
            """)

    @Argument(help: ArgumentHelp("Name of the run, or its folder.", valueName: "run"), completion: .runs)
    var runName: String

    @Option(
        help: ArgumentHelp("The page. (default: report.html in the run's folder)", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var output: String?

    @Option(help: "The language. (default: as LANG says, English or Chinese)")
    var language: Language?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("How many of the worst mistakes to show.", valueName: "n"))
    var mistakes = 12

    @Option(
        help: ArgumentHelp("Folder with the run's data, if they have been moved.", valueName: "folder"),
        completion: .directory)
    var data: String?

    @OptionGroup var root: RunsCommand.Root

    @OptionGroup var compute: ComputeOptions

    @Flag(name: .shortAndLong, help: "Print nothing.")
    var quiet = false

    func validate() throws {
        guard (0...1000).contains(mistakes) else {
            throw ValidationError("--mistakes must be 0 to 1000, not '\(mistakes)'.")
        }
        if data == "" { throw ValidationError("--data must be a folder, not ''.") }
        if output == "" { throw ValidationError("--output must be a file, not ''.") }
    }

    func run() throws { try compute.apply(write) }

    private func write() throws {
        let run = try root.run(runName)
        let language = language ?? Language()
        let report = try report(of: run, language)
        var lines: [String]
        if let output {
            let file = URL(fileURLWithPath: output)
            try report.write(to: file, in: language)
            lines = ["report    \(file.relativePath)"]
        } else {
            let fault = try report.write(in: run, language)
            lines = ["report    \(run.reportFile.relativePath)"]
            lines.append("pictures  \(fault.map { "not all drawn: \($0)" } ?? run.picturesFolder.relativePath)")
        }
        if !quiet { Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n") }
    }

    private func report(of run: Run, _ language: Language) throws -> RunReport {
        // Another program's model is its own affair: its numbers are there.
        guard try run.configuration().recipe != nil else {
            if data != nil { throw ValidationError("--data: the run is one of another program, which has its data.") }
            return try RunReport(run)
        }
        let trained = try TrainedModel(run)
        var report = try RunReport(run)
        var (recipe, settings) = try report.configuration.recipe(of: run)
        if let data { try settings.moveData(to: data, for: recipe) }
        report.configuration.recipe = settings
        let batches = try recipe.makeBatches(.init(settings, seed: report.configuration.seed), [.test])
        try settings.check(batches.checksums())
        let names = language == .chinese ? recipe.chineseClassNames ?? recipe.classNames : recipe.classNames
        report.model = ModelSummary(trained.network, inputShape: Shape([1] + Array(recipe.sampleShape)))
        report.evaluation = try names.map {
            try evaluateClassifier(
                trained.network, on: batches[.test], loss: recipe.loss, classNames: $0, mistakeCount: mistakes,
                exampleCount: EvaluationReport.exampleCount)
        }
        report.curveRange = recipe.curveRange
        report.knownParameters = recipe.knownParameters(trained.network)
        return report
    }
}
