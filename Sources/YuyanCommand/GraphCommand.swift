import ArgumentParser
import Foundation
import Yuyan

/// `yuyan graph MODEL`: the layers of a model, or the operations they record, as a graph.
struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw a model's layers, or the operations of its forward pass, as a graph.",
        discussion: """
            \(Recipe.overview)

            Layers stand one below the other in the order in which they run; --computation draws branches and jumps, too.

            EXAMPLES:
              yuyan graph lenet --output lenet.svg
              yuyan graph mlp --computation --output mlp-operations.png
              yuyan graph lenet --computation
            """)

    @Argument(help: "The model.")
    var model: Recipe

    @Flag(help: "The recorded operations and the parameters they use, instead of the layers.")
    var computation = false

    @Option(
        help: ArgumentHelp(
            "Picture to write, .png or .svg, with nodes and edges beside it as CSV. (default: text)",
            valueName: "file"))
    var output: String?

    @OptionGroup var form: NetworkOptions

    func validate() throws { try output.map(PictureFile.validate) }

    func run() throws {
        let model = try form.applied(to: model)
        let network = model.network()
        let inputShape = Shape([1] + Array(model.sampleShape))
        let figure: Figure =
            if computation {
                .computation(
                    "\(model.name): operations", of: network(Tensor.zeros(inputShape)),
                    names: network.namedParameters())
            } else {
                ModelSummary(network, inputShape: inputShape).figure("\(model.name): layers")
            }
        try PictureFile.show(figure, output)
    }
}
