import YuyanCore

/// Modules one after the other: each takes the result of the one before.
///
///     let net = Sequential {
///         Flatten()
///         Linear(inputSize: 784, outputSize: 10)
///     }
///     net[1], net.count, for layer in net { … }
///
/// The names of the parts are `"0"`, `"1"`, …, or those given to `append(_:named:)`.
public final class Sequential: Module, RandomAccessCollection {
    private var parts: [(name: String, module: Module)] = []

    public init(_ modules: [Module]) {
        super.init()
        for module in modules { append(module) }
    }

    public convenience init(_ modules: Module...) { self.init(modules) }

    public convenience init(@SequentialBuilder _ modules: () -> [Module]) { self.init(modules()) }

    /// Adds a module at the end, under the next number unless a name is given. Traps if the name is taken, empty or
    /// holds a dot.
    public func append(_ module: Module, named name: String? = nil) {
        let name = name ?? "\(parts.count)"
        guard !name.isEmpty, !name.contains("."), !parts.contains(where: { $0.name == name }) else {
            failure("Sequential: \"\(name)\" is taken, empty or holds a dot")
        }
        parts.append((name, module))
    }

    public override func forward(_ input: Tensor) -> Tensor {
        var x = input
        var index = 0
        while index < parts.count {
            let module = parts[index].module
            index += 1
            if index < parts.count, let activation = parts[index].module.activation {
                x = module(x, followedBy: parts[index].module, activation)
                index += 1
            } else {
                x = module(x)
            }
        }
        return x
    }

    public override func children() -> [NamedChild] { parts.map { ($0.name, .module($0.module)) } }

    public var startIndex: Int { 0 }
    public var endIndex: Int { parts.count }

    public subscript(position: Int) -> Module {
        guard parts.indices.contains(position) else {
            failure("Sequential: no module \(position) among \(parts.count)")
        }
        return parts[position].module
    }

    /// The module of that name, or nil.
    public subscript(name: String) -> Module? { parts.first { $0.name == name }?.module }

    /// The names, in order.
    public var names: [String] { parts.map(\.name) }
}

/// Collects the modules between the braces of a `Sequential`.
@resultBuilder
public enum SequentialBuilder {
    public static func buildExpression(_ module: Module) -> [Module] { [module] }
    public static func buildExpression(_ modules: [Module]) -> [Module] { modules }
    public static func buildBlock(_ parts: [Module]...) -> [Module] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [Module]?) -> [Module] { part ?? [] }
    public static func buildEither(first part: [Module]) -> [Module] { part }
    public static func buildEither(second part: [Module]) -> [Module] { part }
    public static func buildArray(_ parts: [[Module]]) -> [Module] { parts.flatMap { $0 } }
}
