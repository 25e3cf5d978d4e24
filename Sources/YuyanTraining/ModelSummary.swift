import YuyanCore
import YuyanNN

/// What the layers of a sequential network compute and hold.
public struct ModelSummary: Sendable, Hashable {
    /// A layer.
    public struct Row: Sendable, Hashable {
        /// The path of the layer, such as `"3"`.
        public var name: String
        /// Its class, such as `"Linear"`.
        public var layer: String
        /// What it was made with, such as `"inputSize: 400, outputSize: 120"`; may be empty.
        public var settings: String
        /// The shape of its result.
        public var outputShape: Shape
        /// How many numbers of it are trained.
        public var parameterCount: Int
    }

    /// The shape of what was run through it.
    public var inputShape: Shape
    /// The layers in order; those of a network inside the network, instead of it.
    public var rows: [Row]
    /// Shared parameters count once.
    public var parameterCount: Int

    /// Runs zeros of `inputShape` (batch axis included) through the layers, in evaluation mode and unrecorded.
    public init(_ network: Sequential, inputShape: Shape) {
        self.inputShape = inputShape
        parameterCount = network.parameterCount
        rows = network.evaluating { withoutGradients { ModelSummary.rows(of: network, "", .zeros(inputShape)).rows } }
    }

    /// The rows of the layers of a network, and its output.
    private static func rows(of network: Sequential, _ path: String, _ input: Tensor) -> (rows: [Row], output: Tensor) {
        var (rows, x) = ([Row](), input)
        for (name, layer) in zip(network.names, network) {
            if let inner = layer as? Sequential {
                let result = ModelSummary.rows(of: inner, "\(path)\(name).", x)
                rows += result.rows
                x = result.output
                continue
            }
            x = layer(x)
            let kind = "\(type(of: layer))"
            var settings = layer.details
            if settings.hasPrefix(kind + "("), settings.hasSuffix(")") {
                settings = String(settings.dropFirst(kind.count + 1).dropLast())
            } else if settings == kind {
                settings = ""
            }
            rows.append(
                Row(
                    name: path + name, layer: kind, settings: settings, outputShape: x.shape,
                    parameterCount: layer.parameterCount))
        }
        return (rows, x)
    }
}
