import ArgumentParser
import Foundation
import Yuyan

/// `yuyan predict IMAGE…`: what a trained model takes pictures for.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Say what PNG or JPEG images show, by a trained classifier.",
        discussion: """
            An image of any size becomes what the model was trained on. For Fashion-MNIST that is gray, shrunk to fit into \
            28 × 28 pixels, black around it, and light on dark: an image with light edges is inverted, unless --invert yes \
            or --invert no decides for all. For pictures of your own it is what the run did with them, but for random \
            changes: resized, and the middle cut out.

            EXAMPLES:
              yuyan predict shoe.png --run runs/lenet
              yuyan predict *.jpg --run runs/lenet --top 1
            """)

    @Argument(help: "PNG or JPEG files.", completion: .file(extensions: ["png", "jpg", "jpeg"]))
    var images: [String]

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The folder of a run: its model and the weights it ended with.", valueName: "run"),
        completion: .runs)
    var runFolder: String?

    @Option(help: "The model, with --weights.")
    var model: Recipe?

    @Option(
        help: ArgumentHelp("The model's weights, a safetensors file.", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Folder with the pictures that --model was trained on: its classes are named. (default: Fashion-MNIST's)",
            valueName: "folder"), completion: .directory)
    var data: String?

    /// Whether light and dark are exchanged.
    enum Inversion: String, CaseIterable, ExpressibleByArgument {
        /// Where the edges of an image are light.
        case auto
        case yes
        case no
    }

    @Option(
        help:
            "Exchange light and dark first: auto does so if the edges of an image are light and Fashion-MNIST was learned."
    )
    var invert = Inversion.auto

    @Option(
        parsing: .unconditional, help: ArgumentHelp("How many classes to name for each image.", valueName: "n"))
    var top = 3

    @OptionGroup var form: NetworkOptions

    @OptionGroup var root: RunsCommand.Root

    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Print one JSON object instead.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only each image's most probable class.")
    var quiet = false

    func validate() throws {
        guard top >= 1 else { throw ValidationError("--top must be a whole number above 0, not '\(top)'.") }
        guard (runFolder == nil) != (model == nil) else {
            throw ValidationError("Give --run, or --model and --weights.")
        }
        if let model, weights == nil { throw ValidationError("--weights: \(model.name) needs a file of weights.") }
        if let model, model.classNames == nil { throw PredictCommand.noImages(model) }
        if data != nil, runFolder != nil { throw ValidationError("--data cannot be given with --run.") }
    }

    /// From here on it pays to make a copy of the network that predicts faster.
    private static let manyImages = 20

    private static func noImages(_ recipe: Recipe) -> ValidationError {
        ValidationError("\(recipe.name) does not look at images.")
    }

    func run() throws { try compute.apply(predict) }

    private func predict() throws {
        var trained = try trainedModel()
        guard trained.recipe.classNames != nil else { throw PredictCommand.noImages(trained.recipe) }
        if images.count >= PredictCommand.manyImages { trained = trained.forPrediction() }
        let terminal = Terminal.standardOutput
        var report = PredictionReport(model: trained.recipe.name, weights: trained.weights.relativePath)
        for path in images {
            do {
                let prediction = try ImagePrediction(path, by: trained, inverting: invert, count: top)
                if !json {
                    let gap = report.images.isEmpty ? "" : "\n"
                    terminal.write(quiet ? prediction.line : gap + prediction.text(terminal))
                }
                report.images.append(prediction)
            } catch let error as DataError {
                // The others are looked at all the same.
                report.failures.append(.init(path: error.path, reason: error.reason))
                Terminal.standardError.write(ParserText.line(of: error))
            }
        }
        if json { terminal.write(try jsonLine(report)) }
        if !report.failures.isEmpty { throw ExitCode.failure }
    }

    private func trainedModel() throws -> TrainedModel {
        let file = weights.map { URL(fileURLWithPath: $0) }
        if let model, let file { return try TrainedModel(model, form, weights: file, data: data) }
        try form.refuseBesideRun()
        return try TrainedModel(root.run(runFolder ?? ""), weights: file)
    }
}

/// What `--json` prints.
private struct PredictionReport: Encodable {
    struct Failure: Encodable {
        var path: String
        var reason: String
    }

    var model: String
    var weights: String
    var images: [ImagePrediction] = []
    /// The files that could not be read.
    var failures: [Failure] = []
}

/// The most probable classes of one image.
struct ImagePrediction: Encodable {
    struct ClassProbability: Encodable {
        var name: String
        var index: Int
        var probability: Double
    }

    var path: String
    var width: Int
    var height: Int
    /// Whether light and dark were exchanged.
    var isInverted: Bool
    var classes: [ClassProbability]
    /// The names of the classes for people.
    private var shownNames: [String]

    /// Above it the edges of an image are light. Of the 70,000 images of Fashion-MNIST, which are light on dark, none has
    /// edges above 0.43.
    private static let lightEdge = 0.5

    init(_ path: String, by trained: TrainedModel, inverting: PredictCommand.Inversion, count: Int) throws {
        let image = try Image(contentsOf: URL(fileURLWithPath: path))
        self.path = path
        width = image.width
        height = image.height
        let recipe = trained.recipe
        let isFashion = recipe.classNames == FashionMNIST.classNames
        let isLight = { image.grayscale().edgeBrightness > ImagePrediction.lightEdge }
        // Only of Fashion-MNIST is it known how light its edges are.
        isInverted = inverting == .yes || inverting == .auto && isFashion && isLight()
        let picture = isInverted ? image.inverted() : image
        let input: Tensor
        do {
            if isFashion {
                // As the images of the data set, also where these were made larger.
                let side = FashionMNIST.side
                let resizing = ImageTransforms(recipe.imageSize.map { [.resize(Size2D($0))] } ?? [])
                let transforms = recipe.images?.evaluation ?? resizing
                input = try transforms(picture.grayscale().fitted(width: side, height: side).tensor)
            } else {
                let transforms = recipe.images?.evaluation ?? []
                input = try transforms(picture.tensor(channelCount: recipe.sampleShape[0]))
            }
        } catch {
            throw DataError(path: path, reason: error.reason)
        }
        let logits = withoutGradients { trained.network(input.reshaped(Shape([1] + Array(recipe.sampleShape)))) }
        let probabilities = logits.cast(to: .float64).softmax(axis: 1).array(of: Double.self)
        guard probabilities.allSatisfy(\.isFinite) else {
            throw DataError(
                path: path,
                reason: "the model makes no finite numbers of it: its weights are too large for any prediction")
        }
        let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
        let names = trained.recipe.classNames ?? []
        classes = order.prefix(count).map { index in
            ClassProbability(name: names[index], index: index, probability: probabilities[index])
        }
        let shown = trained.recipe.shownClassNames ?? names
        shownNames = classes.map { shown[$0.index] }
    }

    private enum CodingKeys: CodingKey {
        case path, width, height, isInverted, classes
    }

    /// The file and its most probable class.
    var line: String { "\(path)  \(shownNames[0])\n" }

    func text(_ terminal: Terminal) -> String {
        let facts = isInverted ? localized("\(width) × \(height), inverted") : "\(width) × \(height)"
        var text = terminal.bold(path) + terminal.dim("  \(facts)") + "\n"
        let width = shownNames.map { DisplayText.width($0) }.max() ?? 0
        for (name, result) in zip(shownNames, classes) {
            text += "  \(DisplayText.padded(name, to: width))  \(NumberText.decimal(result.probability))\n"
        }
        return text
    }
}
