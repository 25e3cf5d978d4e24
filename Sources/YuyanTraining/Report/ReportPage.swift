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

    struct MistakeView {
        var picture, alternative, label, labelPercent, prediction, percent, index: String
    }

    struct Classifier {
        var chart: Chart
        var classes: [ClassRow]
        var mistakesNote: String
        var mistakes: [MistakeView]
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

    var language, version, name, subtitle: String
    /// Puts what stands in a section `t` into the page's language.
    var t: MustacheLambda
    var highlights: [Entry]
    var charts: [Chart]
    var epochTitles: [String]
    var epochs: [[String]]
    var knownParameters: KnownParameters?
    var classifier: Classifier?
    var modelNote: String
    var layers: [Layer]
    var settings: [Entry]
    var command, started: String

    init(_ report: RunReport, _ language: Language) {
        let configuration = report.configuration
        self.language = language == .chinese ? "zh-CN" : "en"
        t = MustacheLambda { language.word($0) }
        version = configuration.yuyanVersion
        name = report.name
        subtitle = "\(language.word(configuration.model)) · \(language.word(configuration.dataSet))"
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
        let model = report.model
        modelNote =
            language("input \(model.inputText), \(NumberText.grouped(model.parameterCount)) parameters")
        layers = model.rows.map {
            Layer(
                name: $0.name, layer: $0.layer, shape: $0.outputText,
                parameters: NumberText.grouped($0.parameterCount), settings: $0.settings)
        }
        settings = configuration.settings.map { Entry(name: language.word($0.name), value: language.setting($0.value)) }
        command = configuration.command
        started = configuration.startedAt.formatted(.iso8601)
    }

    // MARK: - Parts

    private static func highlights(_ report: RunReport, _ language: Language) -> [Entry] {
        guard let last = report.records.last else { return [Entry(name: language("epochs"), value: "0")] }
        var entries: [Entry] = []
        func add(_ title: String, _ value: Double?) {
            if let value { entries.append(Entry(name: title, value: NumberText.decimal(value))) }
        }
        add(language.joined("test", "accuracy"), report.evaluation?.accuracy ?? report.test?.accuracy)
        add(language.joined("test", "loss"), report.evaluation?.loss ?? report.test?.loss)
        if let best = Monitor.validationAccuracy.best(of: report.records) {
            let title = language.joined("validation", "accuracy")
            add(language("\(title) (best, in epoch \(best.epoch))"), best.validationAccuracy)
        }
        add(language.joined("validation", "loss"), last.validationLoss)
        add(language.joined("train", "loss"), last.trainLoss)
        entries.append(Entry(name: language("epochs"), value: "\(report.records.count)/\(report.configuration.epochs)"))
        let seconds = report.records.map(\.seconds).filter(\.isFinite).reduce(0, +)
        entries.append(Entry(name: language("training time"), value: NumberText.duration(seconds, in: language)))
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
            var figure = Figure.curves(title, curves, x: Axis(language("epoch")), y: y)
            // Small, so that its text can be read on a phone.
            figure.size = FigureSize(width: 400, height: 280)
            let last = curves.map { "\($0.name) \(NumberText.decimal($0.y.last ?? .nan))" }.joined(separator: ", ")
            return (file, figure, "\(title): \(last)")
        }
        return [
            chart("loss", language("loss"), { $0.trainLoss }, { $0.validationLoss }),
            chart("accuracy", language("accuracy"), { $0.trainAccuracy }, { $0.validationAccuracy }),
        ].compactMap { $0 }
    }

    private static func epochTable(_ report: RunReport, _ language: Language) -> ([String], [[String]]) {
        let columns: [(String, (EpochRecord) -> Double?)] = [
            (language.joined("train", "loss"), { $0.trainLoss }),
            (language.joined("train", "accuracy"), { $0.trainAccuracy }),
            (language.joined("validation", "loss"), { $0.validationLoss }),
            (language.joined("validation", "accuracy"), { $0.validationAccuracy }),
        ].filter { column in report.records.contains { column.1($0) != nil } }
        let titles = [language("epoch")] + columns.map(\.0) + [language("samples/s"), language("time")]
        let rows = report.records.map { record in
            ["\(record.epoch)"] + columns.map { $0.1(record).map(NumberText.decimal) ?? "" }
                + [
                    record.samplesPerSecond.isFinite ? NumberText.grouped(Int(record.samplesPerSecond)) : "",
                    record.seconds.isFinite ? NumberText.duration(record.seconds, in: language) : "",
                ]
        }
        return (titles, rows)
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
        let mistakes = evaluation.worstMistakes.compactMap { mistake -> MistakeView? in
            // Only pictures can be shown.
            let shape = mistake.input.shape
            guard shape.rank == 3, shape[0] == 1 || shape[0] == 3 else { return nil }
            let picture = Image(Tensor(mistake.input))
            let (label, prediction) = (names[mistake.label], names[mistake.prediction])
            return MistakeView(
                picture: Data(picture.pngData).base64EncodedString(),
                alternative: "\(language("is")) \(label), \(language("taken for")) \(prediction)", label: label,
                labelPercent: percent(mistake.labelProbability), prediction: prediction,
                percent: percent(mistake.probability), index: "\(mistake.index)")
        }
        return Classifier(
            chart: Chart(heatMap(of: matrix, language), language("Confusion matrix"), language), classes: rows,
            mistakesNote: evaluation.worstMistakes.isEmpty
                ? language("There are none: every sample was classified correctly.")
                : language("The samples to whose true class the model gave the least probability."), mistakes: mistakes)
    }

    private static func percent(_ value: Double) -> String {
        if value > 0, value < 0.0005 { return "<0.1%" }
        return String(format: value < 0.0995 ? "%.1f%%" : "%.0f%%", value * 100)
    }
}

extension RunConfiguration {
    /// The command that repeats the run.
    fileprivate var command: String {
        var words = [
            "yuyan train \(model)", "--epochs \(epochs)", "--batch-size \(batchSize)",
            "--learning-rate \(NumberText.plain(learningRate))",
        ]
        if momentum != 0 { words.append("--momentum \(NumberText.plain(momentum))") }
        if weightDecay != 0 { words.append("--weight-decay \(NumberText.plain(weightDecay))") }
        words += ["--seed \(seed)", "--device \(device)", "--threads \(threads)"]
        words.append("--validation-fraction \(NumberText.plain(validationFraction))")
        if let patience { words.append("--patience \(patience)") }
        if deterministic { words.append("--deterministic") }
        if let limit { words.append("--limit \(limit)") }
        if let dataFolder { words.append("--data \(dataFolder.quotedForShell)") }
        return words.joined(separator: " ")
    }
}
