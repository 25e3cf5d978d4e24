import YuyanCore

/// Layers one after the other: each takes the result of the one before.
///
///     let net = Sequential {
///         Flatten()
///         Linear(inputSize: 784, outputSize: 10)
///     }
///     net[1], net.count, for layer in net { … }
///
/// The names of the parts are `"0"`, `"1"`, …, or those given to `append(_:named:)`.
public final class Sequential: Layer, RandomAccessCollection {
    @exclusivity(unchecked) private var parts: [(name: String, layer: Layer)] = []

    /// These layers, named 0, 1, 2 and so on.
    public init(_ layers: [Layer]) {
        super.init()
        for layer in layers { append(layer) }
    }

    /// These layers, named 0, 1, 2 and so on.
    public convenience init(_ layers: Layer...) { self.init(layers) }

    /// These layers, named 0, 1, 2 and so on.
    public convenience init(@SequentialBuilder _ layers: () -> [Layer]) { self.init(layers()) }

    /// Adds a layer at the end, under the next number unless a name is given. Traps if the name is taken, empty or
    /// holds a dot.
    public func append(_ layer: Layer, named name: String? = nil) {
        let name = name ?? "\(parts.count)"
        guard !name.isEmpty, !name.contains("."), !parts.contains(where: { $0.name == name }) else {
            failure("Sequential: \"\(name)\" is taken, empty or holds a dot")
        }
        parts.append((name, layer))
    }

    public override func forward(_ input: Tensor) -> Tensor {
        var x = input
        var index = 0
        while index < parts.count {
            let layer = parts[index].layer
            index += 1
            while index < parts.count, parts[index].layer.isFoldedAway { index += 1 }
            if index < parts.count, let activation = parts[index].layer.activation {
                x = layer(x, followedBy: parts[index].layer, activation)
                index += 1
            } else {
                x = layer(x)
            }
        }
        return x
    }

    public override func children() -> [NamedChild] { parts.map { ($0.name, .module($0.layer)) } }

    public var startIndex: Int { 0 }
    public var endIndex: Int { parts.count }

    public subscript(position: Int) -> Layer {
        guard parts.indices.contains(position) else {
            failure("Sequential: no layer \(position) among \(parts.count)")
        }
        return parts[position].layer
    }

    /// The layer of that name, or nil.
    public subscript(name: String) -> Layer? { parts.first { $0.name == name }?.layer }

    /// The names, in order.
    public var names: [String] { parts.map(\.name) }
}

/// Collects the layers between the braces of a `Sequential`.
@resultBuilder
public enum SequentialBuilder {
    /// One layer.
    public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
    /// Several layers from an array.
    public static func buildExpression(_ layers: [Layer]) -> [Layer] { layers }
    /// What stands between the braces, in order.
    public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
    /// What an `if` without `else` gives.
    public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
    /// What an `if` gives.
    public static func buildEither(first part: [Layer]) -> [Layer] { part }
    /// What an `else` gives.
    public static func buildEither(second part: [Layer]) -> [Layer] { part }
    /// What a `for` gives.
    public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
}
