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
        let records = try run.records()
        let trained = try TrainedModel(run)
        var configuration = try run.configuration()
        let language = language ?? Language()
        let recipe = trained.recipe
        if let data { configuration = try configuration.movedData(to: data, for: recipe) }
        let batches = try recipe.makeBatches(.init(configuration), [.test])
        try configuration.check(batches.checksums())
        let names = language == .chinese ? recipe.chineseClassNames ?? recipe.classNames : recipe.classNames
        var report = RunReport(
            name: run.name, configuration: configuration, records: records,
            model: ModelSummary(trained.network, inputShape: Shape([1] + Array(recipe.sampleShape))),
            evaluation: try names.map {
                try evaluateClassifier(
                    trained.network, on: batches[.test], loss: recipe.loss, classNames: $0,
                    mistakeCount: mistakes)
            }, test: try run.testRecord())
        report.knownParameters = recipe.knownParameters(trained.network)
        let file = output.map { URL(fileURLWithPath: $0) } ?? run.reportFile
        try report.write(to: file, in: language)
        var lines = ["report    \(file.relativePath)"]
        if output == nil { lines.append("pictures  \(try writePictures(report, run, language))") }
        if !quiet { Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n") }
    }

    /// Writes the figures and tells where they are, or why some are missing: the page is whole without them.
    private func writePictures(_ report: RunReport, _ run: Run, _ language: Language) throws -> String {
        do {
            try run.createPicturesFolder()
            try report.writePictures(to: run.picturesFolder, in: language)
            return run.picturesFolder.relativePath
        } catch let error as PlotError {
            return "not all drawn: \(error)"
        }
    }
}

extension Language: ExpressibleByArgument {}
