import Foundation
import Mustache
import YuyanCore
import YuyanData
import YuyanPlot

/// What the template `report.mustache` shows, under the names that it uses. The template escapes all text.
struct ReportPage {
    struct Entry {
        var name: String
        var value: String
    }

    /// A picture as the base64 of an SVG file, or as text with the reason why there is none.
    struct Chart {
        var picture: String?
        var alternative: String
        var text: String
        var fault: String

        init(_ figure: Figure, _ alternative: String, _ language: Language) {
            self.alternative = alternative
            (picture, text, fault) = (nil, "", "")
            do {
                picture = Data(try figure.svg().utf8).base64EncodedString()
            } catch {
                text = figure.text(TextStyle(width: 60, usesUnicode: true, usesColor: false))
                fault =
                    if case .missingProgram(let program, let package) = error {
                        language(
                            "drawing needs the program `\(program)`, which is not in PATH: apt install \(package)")
                    } else { "\(error)" }
            }
        }
    }

    struct ClassRow {
        var name, samples, recall, precision, takenFor: String
    }

    struct PredictionView {
        var picture, alternative, label, labelPercent, prediction, percent, index: String
        var isWrong: Bool
    }

    struct Examples {
        var samples: [PredictionView]
    }

    struct Classifier {
        var chart: Chart
        var classes: [ClassRow]
        var mistakesNote: String
        var mistakes: [PredictionView]
        /// nil if there is nothing to be seen.
        var examples: Examples?
    }

    struct KnownParameter {
        var name, truth, learned, error: String
    }

    struct KnownParameters {
        var rows: [KnownParameter]
    }

    struct Layer {
        var name, layer, shape, parameters, settings: String
    }

    struct Model {
        var note: String
        var layers: [Layer]
    }

    var language, version, name, subtitle: String
    /// Puts what stands in a section `t` into the page's language.
    var t: MustacheLambda
    var highlights: [Entry]
    var charts: [Chart]
    var epochTitles: [String]
    var epochs: [[String]]
    var knownParameters: KnownParameters?
    var classifier: Classifier?
    var model: Model?
    var settings: [Entry]
    /// The command that repeats the run, if it is one of `yuyan train`.
    var command: String?
    var started: String

    init(_ report: RunReport, _ language: Language) {
        let configuration = report.configuration
        self.language = language == .chinese ? "zh-CN" : "en"
        t = MustacheLambda { language.word($0) }
        version = configuration.yuyanVersion
        name = report.name
        subtitle = [configuration.title, configuration.recipe?.dataSet ?? ""].filter { !$0.isEmpty }
            .map(language.word).joined(separator: " · ")
        let known = report.knownParameters.map {
            KnownParameter(
                name: $0.name, truth: NumberText.plain($0.truth), learned: String(format: "%.6f", $0.learned),
                error: String(format: "%+.6f", $0.error))
        }
        knownParameters = known.isEmpty ? nil : KnownParameters(rows: known)
        highlights = ReportPage.highlights(report, language)
        charts = ReportPage.charts(report, language)
        (epochTitles, epochs) = ReportPage.epochTable(report, language)
        classifier = report.evaluation.map { ReportPage.classifier($0, language) }
        model = report.model.map { ReportPage.model($0, language) }
        settings = configuration.settings.map { Entry(name: language.word($0.name), value: language.setting($0.value)) }
        command = configuration.recipe.map { configuration.command($0) }
        started = configuration.startedAt.formatted(.iso8601)
    }

    // MARK: - Parts

    private static func highlights(_ report: RunReport, _ language: Language) -> [Entry] {
        guard let last = report.records.last else { return [Entry(name: language("epochs"), value: "0")] }
        var entries: [Entry] = []
        func add(_ title: String, _ value: Double?) {
            if let value { entries.append(Entry(name: title, value: NumberText.decimal(value))) }
        }
        let metrics = report.records.metricNames
        let test = report.evaluation.map { ["accuracy": $0.accuracy] } ?? report.test?.metrics ?? [:]
        for metric in metrics { add(language.joined("test", metric), test[metric]) }
        add(language.joined("test", "loss"), report.evaluation?.loss ?? report.test?.loss)
        if let best = Monitor.validationAccuracy.best(of: report.records) {
            let title = language.joined("validation", "accuracy")
            add(language("\(title) (best, in epoch \(best.epoch))"), best.validationAccuracy)
        }
        for metric in metrics where metric != Metric.accuracy.name {
            add(language.joined("validation", metric), last.validationMetrics[metric])
        }
        add(language.joined("validation", "loss"), last.validationLoss)
        add(language.joined("train", "loss"), last.trainLoss)
        entries.append(Entry(name: language("epochs"), value: "\(report.records.count)/\(report.configuration.epochs)"))
        entries.append(
            Entry(name: language("training time"), value: NumberText.duration(report.records.seconds, in: language)))
        return entries
    }

    private static func charts(_ report: RunReport, _ language: Language) -> [Chart] {
        curves(report, language).map { Chart($0.figure, $0.summary, language) }
    }

    /// Curves over the epochs, with the name of a file for each.
    static func curves(
        _ report: RunReport, _ language: Language
    ) -> [(file: String, figure: Figure, summary: String)] {
        let x = report.records.map { Double($0.epoch) }
        // From the first epoch to the last, as the book has it.
        let last = x.max() ?? 1
        let epochs = Axis(language("epoch"), range: last > 1 ? 1...last : nil)
        typealias Value = (EpochRecord) -> Double?
        func chart(
            _ file: String, _ title: String, _ train: @escaping Value, _ validation: @escaping Value
        ) -> (file: String, figure: Figure, summary: String)? {
            var curves: [Curve] = []
            for (name, value) in [(language("train"), train), (language("validation"), validation)] {
                let y = report.records.map(value)
                if y.contains(where: { $0 != nil }) { curves.append(Curve(name, x: x, y: y.map { $0 ?? Double.nan })) }
            }
            guard !curves.isEmpty else { return nil }
            let scale = Axis.Scale(fitting: curves.flatMap(\.y))
            let y = Axis(scale == .logarithmic ? language("logarithmic scale") : "", scale: scale)
            var figure = Figure.curves(title, curves, x: epochs, y: y)
            figure.size = chartSize
            return (file, figure, "\(title): \(lastValues(curves))")
        }
        let loss = chart("loss", language("loss"), { $0.trainLoss }, { $0.validationLoss })
        let metrics = report.records.metricNames.map { name in
            chart(fileName(of: name), language.word(name), { $0.trainMetrics[name] }, { $0.validationMetrics[name] })
        }
        return ([bookCurves(report, epochs, language), loss] + metrics).compactMap { $0 }
    }

    /// Small, so that its text can be read on a phone.
    private static let chartSize = FigureSize(width: 400, height: 280)

    private static func lastValues(_ curves: [Curve]) -> String {
        curves.map { "\($0.name) \(NumberText.decimal($0.y.last ?? .nan))" }.joined(separator: ", ")
    }

    /// The figure that the book draws of a classifier's training: loss and accuracies in one; nil for other models.
    private static func bookCurves(
        _ report: RunReport, _ epochs: Axis, _ language: Language
    ) -> (file: String, figure: Figure, summary: String)? {
        let accuracy = Metric.accuracy.name
        guard report.records.metricNames.contains(accuracy) else { return nil }
        let values: [(String, (EpochRecord) -> Double?)] = [
            (language.joined("train", "loss"), { $0.trainLoss }),
            (language.joined("train", accuracy), { $0.trainMetrics[accuracy] }),
            (language.joined("validation", accuracy), { $0.validationMetrics[accuracy] }),
        ]
        let curves = values.compactMap { name, value -> Curve? in
            let y = report.records.map(value)
            guard y.contains(where: { $0 != nil }) else { return nil }
            return Curve(name, x: report.records.map { Double($0.epoch) }, y: y.map { $0 ?? Double.nan })
        }
        let y = Axis(range: report.curveRange.map { widened($0, around: curves.flatMap(\.y)) })
        let title = language("loss and accuracy")
        var figure = Figure.curves(title, curves, x: epochs, y: y)
        figure.size = chartSize
        return ("curves", figure, "\(title): \(lastValues(curves))")
    }

    /// A range with all values in it: no end is moved that need not be, and one that must goes to a tenth.
    static func widened(_ range: ClosedRange<Double>, around values: [Double]) -> ClosedRange<Double> {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return range }
        let low = least < range.lowerBound ? (least * 10).rounded(.down) / 10 : range.lowerBound
        let high = greatest > range.upperBound ? (greatest * 10).rounded(.up) / 10 : range.upperBound
        return low...high
    }

    /// A metric may be called anything.
    private static func fileName(of metric: String) -> String {
        String(metric.map { $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : "_" })
    }

    private static func epochTable(_ report: RunReport, _ language: Language) -> ([String], [[String]]) {
        var columns: [(String, (EpochRecord) -> Double?)] = []
        let metrics = report.records.metricNames
        columns.append((language.joined("train", "loss"), { $0.trainLoss }))
        for name in metrics { columns.append((language.joined("train", name), { $0.trainMetrics[name] })) }
        columns.append((language.joined("validation", "loss"), { $0.validationLoss }))
        for name in metrics { columns.append((language.joined("validation", name), { $0.validationMetrics[name] })) }
        columns.removeAll { column in report.records.allSatisfy { column.1($0) == nil } }
        let titles = [language("epoch")] + columns.map(\.0) + [language("samples/s"), language("time")]
        let rows = report.records.map { record in
            ["\(record.epoch)"] + columns.map { $0.1(record).map(NumberText.decimal) ?? "" }
                + record.timing(in: language)
        }
        return (titles, rows)
    }

    private static func model(_ summary: ModelSummary, _ language: Language) -> Model {
        Model(
            note: language("input \(summary.inputText), \(NumberText.grouped(summary.parameterCount)) parameters"),
            layers: summary.rows.map {
                Layer(
                    name: $0.name, layer: $0.layer, shape: $0.outputText,
                    parameters: NumberText.grouped($0.parameterCount), settings: $0.settings)
            })
    }

    static func heatMap(of matrix: ConfusionMatrix, _ language: Language) -> Figure {
        let names = matrix.classNames
        return Figure.heatMap(
            "", matrix.counts.map { $0.map(Double.init) }, rows: names, columns: names,
            rowTitle: language("true class"),
            columnTitle: language("predicted class"), showsValues: names.count <= 20)
    }

    private static func classifier(_ evaluation: ClassifierEvaluation, _ language: Language) -> Classifier {
        let matrix = evaluation.confusion
        let names = matrix.classNames
        let rows = names.indices.map { index in
            ClassRow(
                name: names[index], samples: NumberText.grouped(matrix.sampleCount(of: index)),
                recall: matrix.recall(of: index).map(NumberText.decimal) ?? "–",
                precision: matrix.precision(of: index).map(NumberText.decimal) ?? "–",
                takenFor: matrix.mostFrequentMistake(of: index).map { "\(names[$0.prediction]) (\($0.count))" } ?? "")
        }
        let examples = views(of: evaluation.examples, names, language)
        return Classifier(
            chart: Chart(heatMap(of: matrix, language), language("Confusion matrix"), language), classes: rows,
            mistakesNote: evaluation.worstMistakes.isEmpty
                ? language("There are none: every sample was classified correctly.")
                : language("The samples to whose true class the model gave the least probability."),
            mistakes: views(of: evaluation.worstMistakes, names, language),
            examples: examples.isEmpty ? nil : Examples(samples: examples))
    }

    private static func views(
        of predictions: [ClassifierEvaluation.Prediction], _ names: [String], _ language: Language
    ) -> [PredictionView] {
        predictions.compactMap { sample in
            guard let image = sample.image else { return nil }
            let (label, prediction) = (names[sample.label], names[sample.prediction])
            return PredictionView(
                picture: Data(Image(image).pngData).base64EncodedString(),
                alternative: "\(language("is")) \(label), \(language("taken for")) \(prediction)", label: label,
                labelPercent: percent(sample.labelProbability), prediction: prediction,
                percent: percent(sample.probability), index: "\(sample.index)", isWrong: !sample.isRight)
        }
    }

    private static func percent(_ value: Double) -> String {
        if value > 0, value < 0.0005 { return "<0.1%" }
        return String(format: value < 0.0995 ? "%.1f%%" : "%.0f%%", value * 100)
    }
}

extension RunConfiguration {
    /// The command that repeats a run of `yuyan train`.
    fileprivate func command(_ recipe: RecipeSettings) -> String {
        var words = [
            "yuyan train \(recipe.model)", "--epochs \(epochs)", "--batch-size \(recipe.batchSize)",
            "--learning-rate \(NumberText.plain(recipe.learningRate))",
        ]
        if recipe.optimizerName != RecipeSettings.firstOptimizer {
            words.insert("--optimizer \(recipe.optimizerName)", at: 1)
        }
        if recipe.momentum != 0 { words.append("--momentum \(NumberText.plain(recipe.momentum))") }
        // Not every optimizer has none by default.
        if recipe.weightDecay != 0 || recipe.optimizerName != RecipeSettings.firstOptimizer {
            words.append("--weight-decay \(NumberText.plain(recipe.weightDecay))")
        }
        words += ["--seed \(seed)", "--device \(device)", "--threads \(threads)"]
        words.append("--validation-fraction \(NumberText.plain(recipe.validationFraction))")
        if let patience { words.append("--patience \(patience)") }
        if precision != .float32 { words += ["--precision", precision.rawValue] }
        if tunes { words.append("--tune") }
        if let limit = recipe.limit { words.append("--limit \(limit)") }
        if let dataFolder = recipe.dataFolder { words.append("--data \(dataFolder.quotedForShell)") }
        return words.joined(separator: " ")
    }
}
