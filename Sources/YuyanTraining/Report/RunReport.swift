import Foundation
import Mustache
import YuyanData
import YuyanPlot
import YuyanCore

/// A run as one page of HTML that needs nothing else: curves, configuration, perhaps the model, and for a classifier the
/// confusion matrix, the first samples and the worst mistakes. It has no scripts, and is readable on a phone and a
/// desktop, light and dark.
///
///     let report = try RunReport(Run(at: folder), model: ModelSummary(net, inputShape: [1, 784]))
///     try report.write(to: folder.appendingPathComponent("report.html"), in: .english)
///
/// Pictures are drawn by gnuplot; without it the page shows them as text and says what to install.
public struct RunReport: Sendable {
    /// A parameter whose true value is known, because the data were made with it.
    public struct KnownParameter: Sendable, Hashable {
        /// Such as `w[0]`.
        public var name: String
        /// The value that made the data.
        public var truth: Double
        /// The value that was learned.
        public var learned: Double
        /// By how much it is too large.
        public var error: Double { learned - truth }

        /// A parameter beside its true value.
        public init(name: String, truth: Double, learned: Double) {
            self.name = name
            self.truth = truth
            self.learned = learned
        }
    }

    /// The run's name.
    public var name: String
    /// What the run was told.
    public var configuration: RunConfiguration
    /// The epochs that have ended.
    public var records: [EpochRecord]
    /// What is said of the model; nil says nothing.
    public var model: ModelSummary?
    /// What was to be learned, where that is known, and what was.
    public var knownParameters: [KnownParameter] = []
    /// What a classifier makes of the test set; nil for other models. Names of classes and pictures come from it.
    public var evaluation: ClassifierEvaluation?
    /// What the figure of loss and accuracies shows at least of its y axis; it shows more where a value lies outside. nil
    /// shows what the values need.
    public var curveRange: ClosedRange<Double>?
    /// What other models achieve on the test set, if it has been measured.
    public var test: TestRecord?

    /// A report of these parts.
    public init(
        name: String, configuration: RunConfiguration, records: [EpochRecord], model: ModelSummary? = nil,
        evaluation: ClassifierEvaluation? = nil, test: TestRecord? = nil
    ) {
        self.name = name
        self.configuration = configuration
        self.records = records
        self.model = model
        self.evaluation = evaluation
        self.test = test
    }

    /// The report of a run, with the numbers in its folder.
    ///
    /// - Throws: `DataError` if they cannot be read.
    public init(_ run: Run, model: ModelSummary? = nil, evaluation: ClassifierEvaluation? = nil) throws(DataError) {
        self.init(
            name: run.name, configuration: try run.configuration(), records: try run.records(), model: model,
            evaluation: evaluation, test: try run.testRecord())
    }

    /// The page.
    public func html(in language: Language) -> String {
        let page = ReportPage(self, language)
        return RunReport.templates.render(page, withTemplate: "report") ?? ""
    }

    /// Writes the page, whole or not at all.
    ///
    /// - Throws: `DataError` if the file cannot be written.
    public func write(to url: URL, in language: Language) throws(DataError) {
        let text = html(in: language)
        try Files.write(url) { try $0.write(contentsOf: Data(text.utf8)) }
    }

    /// Writes the page and the figures into the folder of a run.
    ///
    /// - Returns: why some figures could not be drawn: the page is whole without them.
    /// - Throws: `DataError` if the page cannot be written.
    package func write(in run: Run, _ language: Language) throws -> PlotError? {
        try write(to: run.reportFile, in: language)
        do {
            try run.createPicturesFolder()
            try writePictures(to: run.picturesFolder, in: language)
            return nil
        } catch let error as PlotError {
            return error
        }
    }

    /// Writes the page's figures as SVG files, each with its numbers as CSV beside it: `curves.svg` with the loss and the
    /// accuracies of a classifier, `loss.svg`, one for each metric such as `accuracy.svg` and, for what a classifier makes
    /// of a set, `confusion.svg` and, of images, `examples.svg`.
    ///
    /// - Throws: `PlotError` if one cannot be drawn or written. What can be written has been; the numbers come first.
    public func writePictures(to folder: URL, in language: Language) throws {
        var figures = ReportPage.curves(self, language).map { (file: $0.file, figure: $0.figure) }
        if let evaluation {
            figures.append(("confusion", ReportPage.heatMap(of: evaluation.confusion, language)))
            if evaluation.examples.contains(where: { $0.image != nil }) {
                figures.append(("examples", evaluation.exampleFigure()))
            }
        }
        var fault: (any Error)?
        for (file, figure) in figures {
            do { try figure.write(to: folder.appendingPathComponent("\(file).svg")) } catch { fault = fault ?? error }
        }
        if let fault { throw fault }
    }

    private static let templates: MustacheLibrary = {
        var library = MustacheLibrary()
        do {
            for (name, text) in [
                ("report", PackageResources.report_mustache), ("chart", PackageResources.chart_mustache),
            ] {
                library.register(try MustacheTemplate(string: String(decoding: text, as: UTF8.self)), named: name)
            }
        } catch {
            failure("RunReport: the template is malformed: \(error)")
        }
        return library
    }()
}
