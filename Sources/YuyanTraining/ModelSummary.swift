import YuyanCore
import YuyanNN

/// What the parts of a model compute and hold, in the order in which they run.
///
///     let summary = ModelSummary(makeLeNet(), inputShape: [1, 1, 28, 28])
///     for row in summary.rows { print(row.name, row.layer, row.outputText, row.parameterCount) }
///
/// Any module will do: one that is called in its own way is run by a closure.
///
///     ModelSummary(translator) { _ = translator(source, target) }
public struct ModelSummary: Sendable, Hashable {
    /// One run of a part that holds parameters of its own or no other parts.
    public struct Row: Sendable, Hashable {
        /// The path, such as `"3"` or `"encoder.0.weight"`; empty for the model itself. Of a part that several hold, the first.
        public var name: String
        /// The class, such as `"Linear"`.
        public var layer: String
        /// What it was made with, such as `"inputSize: 400, outputSize: 120"`; may be empty.
        public var settings: String
        /// What came out. Empty for a part that holds parameters and was not seen running, because the model did not use
        /// it, or called it without `scope(inputs:_:)`: such rows come last.
        public var outputShapes: [Shape]
        /// The parameters that the part holds itself, without those that a row before has counted.
        public var parameterCount: Int

        /// The shapes that came out, such as `[1, 10]` or `[1, 5, 8], [1, 8]`.
        public var outputText: String { ModelSummary.text(outputShapes) }
    }

    /// What the model was given; empty if it was not seen running.
    public var inputShapes: [Shape]
    /// In the order of the calls: a part that is called twice has two.
    public var rows: [Row]
    /// Shared parameters count once.
    public var parameterCount: Int

    /// The shapes that the model was given, such as `[1, 28, 28]`.
    public var inputText: String { ModelSummary.text(inputShapes) }

    /// Runs zeros of `inputShape` (batch axis included) through a layer, in evaluation mode and unrecorded.
    public init(_ layer: Layer, inputShape: Shape) {
        self.init(layer) { _ = layer(Tensor.zeros(inputShape)) }
    }

    /// Runs `body`, which calls the module, in evaluation mode and unrecorded.
    public init(_ module: Module, running body: () throws -> Void) rethrows {
        let watch = Watch(module)
        defer { watch.end() }
        try module.evaluating { try withoutGradients(body) }
        watch.addUnseen()
        inputShapes = watch.inputShapes
        rows = watch.rows
        parameterCount = module.parameterCount
    }

    private static func text(_ shapes: [Shape]) -> String { shapes.map { "\($0)" }.joined(separator: ", ") }
}

/// Makes rows by hooks.
private final class Watch {
    private(set) var inputShapes: [Shape] = []
    private(set) var rows: [ModelSummary.Row] = []
    /// The rows of the modules that are running, outermost first.
    private var running: [Int] = []
    private var counted: Set<ObjectIdentifier> = []
    private var handles: [HookHandle] = []
    private let parts: [(name: String, module: Module)]

    init(_ model: Module) {
        parts = model.namedModules()
        handles.append(
            model.addForwardPreHook { [weak self] _, inputs in
                if let self, inputShapes.isEmpty { inputShapes = inputs.map(\.shape) }
            })
        for (name, module) in parts where Watch.hasRow(module) {
            handles.append(
                module.addForwardPreHook { [weak self] module, _ in
                    guard let self else { return }
                    running.append(rows.count)
                    add(name, module)
                })
            handles.append(
                module.addForwardHook { [weak self] _, _, outputs in
                    if let row = self?.running.popLast() { self?.rows[row].outputShapes = outputs.map(\.shape) }
                })
        }
    }

    func end() {
        for handle in handles { handle.remove() }
    }

    /// Those whose parameters no row has.
    func addUnseen() {
        for (name, module) in parts where Watch.parameters(of: module).contains(where: { !isCounted($0) }) {
            add(name, module)
        }
    }

    private func add(_ name: String, _ module: Module) {
        let kind = "\(type(of: module))"
        var settings = module.details
        if settings.hasPrefix(kind + "("), settings.hasSuffix(")") {
            settings = String(settings.dropFirst(kind.count + 1).dropLast())
        } else if settings == kind {
            settings = ""
        }
        let new = Watch.parameters(of: module).filter { !isCounted($0) }
        counted.formUnion(new.map(ObjectIdentifier.init))
        rows.append(
            .init(
                name: name, layer: kind, settings: settings, outputShapes: [],
                parameterCount: new.reduce(0) { $0 + $1.elementCount }))
    }

    private func isCounted(_ parameter: Parameter) -> Bool { counted.contains(ObjectIdentifier(parameter)) }

    /// A network of layers is told by its layers.
    private static func hasRow(_ module: Module) -> Bool {
        if module is Sequential { return false }
        let holdsModules = module.children().contains { if case .module = $0.child { true } else { false } }
        return !holdsModules || !parameters(of: module).isEmpty
    }

    private static func parameters(of module: Module) -> [Parameter] {
        module.children().compactMap { if case .parameter(let parameter) = $0.child { parameter } else { nil } }
    }
}
