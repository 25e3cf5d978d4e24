import ArgumentParser
import Foundation
import Yuyan

/// The parts of a data set: to learn from, to choose by, and to measure with in the end.
enum DataSplit: String, Sendable, Encodable, CaseIterable, ExpressibleByArgument {
    case train, validation, test
}

/// How one model is trained: the settings of the book.
struct Recipe: Sendable {
    /// What a run may change about the data.
    struct DataSettings {
        var folder: URL?
        var batchSize: Int
        var limit: Int?
        /// Height and width to which images are resized; nil if they stay as they are.
        var imageSize: Int?
        /// Of the samples to train on, those that are kept back to validate with.
        var validationFraction: Double
        var workerCount: Int
        var seed: UInt64
    }

    struct Batches {
        /// Those that were asked for; no validation set if nothing is kept back for one.
        var splits: [DataSplit: any Yuyan.Batches<(Tensor, Tensor)>] = [:]
        /// The number of samples in each.
        var sampleCounts: [DataSplit: Int] = [:]
        /// Checksums of the sets that were read, by their names; computed when it is called.
        var checksums: @Sendable () throws -> [String: String] = { [:] }
        /// Throws if a sample cannot be read; for data that were not read as a whole yet.
        var check: @Sendable () throws -> Void = {}

        /// A split that was asked for and cannot be missing. Traps if it is.
        subscript(split: DataSplit) -> any Yuyan.Batches<(Tensor, Tensor)> {
            guard let batches = splits[split] else { fatalError("the \(split) split was not asked for") }
            return batches
        }
    }

    /// The values that made the data, and the name of the parameter that should come to them.
    struct Truth {
        var name: String
        var parameter: String
        var values: [Double]
    }

    /// Numbers that a recipe reports after training.
    struct Finding: Encodable {
        var name: String
        var values: [Double]
        /// What the values are errors of.
        var parameter: String

        init(_ parameter: String, errors: [Double]) {
            name = "error of \(parameter)"
            values = errors
            self.parameter = parameter
        }

        private enum CodingKeys: CodingKey {
            case name, values
        }
    }

    /// What a network is made for.
    struct NetworkForm: Sendable {
        /// One sample, without the batch axis: `[C, H, W]` of images.
        var sampleShape: Shape
        /// The number of classes that a classifier tells apart; 0 for others.
        var classCount: Int
        /// What channels and hidden units are divided by.
        var widthRatio: Int

        var channels: Int { sampleShape[0] }
        var imageSize: Size2D { [sampleShape[1], sampleShape[2]] }
    }

    var name: String
    /// One line for the help.
    var summary: String
    /// Makes a network for samples of a shape and a number of classes.
    var makeModel: @Sendable (NetworkForm) -> Sequential
    /// Makes names of weights to the model's whose network counts the same layers otherwise; nil if there is none.
    var otherNames: Renaming?
    /// One sample as the network takes it, without the batch axis.
    var sampleShape: Shape
    /// Height and width of the data set's images, which are resized where the network takes others; nil for other data.
    var dataImageSize: Int?
    /// The least height and width that the network can take.
    var minimumImageSize = 1
    /// What channels and hidden units are divided by; nil if the network has no widths to choose.
    var widthRatio: Int?
    var weights: Initializer
    /// nil keeps the layers' own.
    var biases: Initializer?
    var batchSize = 256
    var learningRate: Double
    var epochs: Int
    var loss: @Sendable (Tensor, Tensor) -> Tensor
    /// What is measured beside the loss.
    var metrics: [Metric] = []
    /// What people call the data set.
    var dataSet: String
    /// What pictures show and how they are changed; nil for Fashion-MNIST's as they are, and for other data.
    var images: ImageSettings?
    /// The names of what a classifier tells apart; nil for others.
    var classNames: [String]?
    /// The same in Chinese.
    var chineseClassNames: [String]?
    /// In the language of whoever uses the command.
    var shownClassNames: [String]? { Language.current == .chinese ? chineseClassNames ?? classNames : classNames }
    /// What the figure of loss and accuracies shows at least of its y axis; nil leaves it to the values.
    var curveRange: ClosedRange<Double>?
    /// Whether the data are files, which `--data` can name.
    var readsFiles = true
    /// No more is read than is needed for the splits.
    var makeBatches: @Sendable (DataSettings, Set<DataSplit>) throws -> Batches
    /// What the parameters should come to, where the data were made with them.
    var truths: [Truth] = []

    /// How far the parameters are from the truth.
    func findings(_ model: Sequential) -> [Finding] {
        truths.map { truth in
            Finding(truth.name, errors: zip(learned(truth, model), truth.values).map { $0 - $1 })
        }
    }

    /// The same, number by number.
    func knownParameters(_ model: Sequential) -> [RunReport.KnownParameter] {
        truths.flatMap { truth in
            zip(learned(truth, model), truth.values).enumerated().map { index, pair in
                let name = truth.values.count == 1 ? truth.name : "\(truth.name)[\(index)]"
                return .init(name: name, truth: pair.1, learned: pair.0)
            }
        }
    }

    private func learned(_ truth: Truth, _ model: Sequential) -> [Double] {
        model.stateDictionary()[truth.parameter]?.array(of: Double.self) ?? []
    }

    /// A new network for the samples and classes of the recipe, with the layers' own first weights.
    func network() -> Sequential {
        makeModel(
            NetworkForm(sampleShape: sampleShape, classCount: classNames?.count ?? 0, widthRatio: widthRatio ?? 1))
    }

    /// Height and width to which images are resized; nil if they stay as they are.
    var imageSize: Int? { dataImageSize.flatMap { sampleShape[2] == $0 ? nil : sampleShape[2] } }

    /// The recipe for images of another size.
    func resized(to size: Int) -> Recipe {
        var recipe = self
        recipe.sampleShape = [sampleShape[0], size, size]
        return recipe
    }

    /// The recipe of a narrower network.
    func narrowed(by ratio: Int) -> Recipe {
        var recipe = self
        recipe.widthRatio = ratio
        return recipe
    }

    /// A new model with the recipe's first weights, drawn from the current generator.
    func initializedModel() -> Sequential {
        func initialize(_ weight: Parameter, _ bias: Parameter?) {
            weight.initialize(weights)
            if let bias, let biases { bias.initialize(biases) }
        }
        return network().apply { module in
            switch module {
            case let layer as Linear: initialize(layer.weight, layer.bias)
            case let layer as Conv2D: initialize(layer.weight, layer.bias)
            default: break
            }
        }
    }
}

extension Recipe: ExpressibleByArgument {
    init?(argument: String) {
        guard let recipe = Recipe.all.first(where: { $0.name == argument }) else { return nil }
        self = recipe
    }

    static var allValueStrings: [String] { all.map(\.name) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    /// The list of models for the help.
    static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        let lines = all.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.summary)" }
        return "MODELS:\n" + lines.joined(separator: "\n")
    }

    /// The sizes to which the recipes resize images, by default.
    static var imageSizes: String {
        all.filter { $0.imageSize != nil }.map { "\($0.name) \($0.sampleShape[2])" }.joined(separator: ", ")
    }

    /// A setting's defaults: `10, linear-regression 3`.
    static func defaults(_ value: (Recipe) -> String) -> String {
        let common = value(all[0])
        let others = all.filter { value($0) != common }.map { "\($0.name) \(value($0))" }
        return ([common] + others).joined(separator: ", ")
    }
}
