import Yuyan

/// What `yuyan evaluate` prints, as text or JSON.
struct EvaluationReport: Encodable {
    struct ClassResult: Encodable {
        var name: String
        var samples: Int
        var recall: Double?
        var precision: Double?
    }

    var model: String
    var weights: String
    var set: DataSplit
    var samples: Int
    var loss: Double
    var accuracy: Double?
    var classes: [ClassResult]?
    /// Rows are true classes, columns predicted ones.
    var confusion: [[Int]]?
    private var matrix: ConfusionMatrix?
    /// The names of the classes for people.
    private var shownNames: [String] = []
    /// The first samples with their true and their predicted classes; nil for what does not look at images.
    private(set) var examples: Figure?

    /// Two rows of nine, as in the book.
    static let exampleCount = 18

    init(_ trained: TrainedModel, on batches: some Batches<(Tensor, Tensor)>, of set: DataSplit) throws {
        model = trained.recipe.name
        weights = trained.weights.relativePath
        self.set = set
        guard let names = trained.recipe.classNames else {
            var counted = 0
            loss =
                try Yuyan.evaluate(
                    trained.network, on: batches,
                    loss: { outputs, targets in
                        counted += targets.count
                        return trained.recipe.loss(outputs, targets)
                    }
                ).loss
            samples = counted
            return
        }
        let evaluation = try evaluateClassifier(
            trained.network, on: batches, loss: trained.recipe.loss,
            classNames: trained.recipe.shownClassNames ?? names, exampleCount: EvaluationReport.exampleCount)
        let matrix = evaluation.confusion
        loss = evaluation.loss
        samples = matrix.sampleCount
        accuracy = matrix.accuracy
        classes = names.indices.map { index in
            ClassResult(
                name: names[index], samples: matrix.sampleCount(of: index), recall: matrix.recall(of: index),
                precision: matrix.precision(of: index))
        }
        confusion = matrix.counts
        shownNames = trained.recipe.shownClassNames ?? names
        self.matrix = matrix
        examples = evaluation.exampleFigure()
    }

    private enum CodingKeys: CodingKey {
        case model, weights, set, samples, loss, accuracy, classes, confusion
    }

    /// The numbers of the whole set, one line.
    var result: String {
        let text = "\(Language.current.joined("\(set)", "loss")) \(NumberText.decimal(loss))"
        return (accuracy.map { localized("\(text), accuracy \(NumberText.decimal($0))") } ?? text) + "\n"
    }

    func text(_ terminal: Terminal) -> String {
        var text =
            localized("\(model), weights \(weights), on \(NumberText.grouped(samples)) samples") + "\n"
            + terminal.bold(result)
        if let matrix {
            text += "\n" + classTable(matrix, terminal)
            // Wider than any terminal, and nothing to be read from.
            if matrix.classNames.count <= 20 { text += "\n" + matrixTable(matrix, terminal) }
        }
        return text
    }

    private func classTable(_ matrix: ConfusionMatrix, _ terminal: Terminal) -> String {
        let names = shownNames
        var table = TextTable([
            .init(localized("class"), isNumber: false, width: names.map { DisplayText.width($0) }.max() ?? 0),
            .init(localized("samples"), width: 7), .init(localized("recall"), width: 6),
            .init(localized("precision"), width: 9), .init(localized("most often taken for"), isNumber: false),
        ])
        let lines = names.indices.map { index in
            let mistake = matrix.mostFrequentMistake(of: index).map { "\(names[$0.prediction]) (\($0.count))" }
            return [
                names[index], NumberText.grouped(matrix.sampleCount(of: index)),
                matrix.recall(of: index).map(NumberText.decimal) ?? "–",
                matrix.precision(of: index).map(NumberText.decimal) ?? "–", mistake ?? "",
            ]
        }
        table.columns[1].width = max(table.columns[1].width, lines.map { $0[1].count }.max() ?? 0)
        return terminal.bold(table.header) + "\n" + lines.map { table.line($0) + "\n" }.joined()
    }

    private func matrixTable(_ matrix: ConfusionMatrix, _ terminal: Terminal) -> String {
        let names = shownNames
        let width = max(3, matrix.counts.joined().map { "\($0)".count }.max() ?? 0)
        let table = TextTable(
            [
                .init(
                    localized("true class"), isNumber: false,
                    width: (names.map { DisplayText.width($0) }.max() ?? 0) + 4)
            ]
                + names.indices.map { .init("\($0)", width: width) })
        let lines = names.indices.map { row -> String in
            let number = "\(row)"
            let cells = matrix.counts[row].map { $0 == 0 ? "." : "\($0)" }
            return table.line(["\(number)\(number.count < 2 ? "  " : " ")\(names[row])"] + cells)
        }
        let title = localized("predicted class (columns) of the samples of each true class (rows)")
        return title + "\n" + terminal.bold(table.header) + "\n" + lines.joined(separator: "\n") + "\n"
    }
}
