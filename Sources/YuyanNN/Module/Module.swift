import YuyanCore

/// A part of a network: it holds parameters and other modules.
///
/// Most modules compute one tensor from one tensor: those are `Layer`s. Others are called in a way of their own:
///
///     final class Regression: Module {
///         let image = Sequential { Flatten(); Linear(inputSize: 784, outputSize: 32) }
///         let table = Linear(inputSize: 5, outputSize: 32)
///         let output = Linear(inputSize: 32, outputSize: 1)
///         func callAsFunction(_ pixels: Tensor, _ columns: Tensor) -> Tensor {
///             scope(inputs: [pixels, columns]) { output((image(pixels) + table(columns)).relu()) }
///         }
///     }
///
/// Parts are found by reflection: properties that are modules, parameters or buffers, also optional ones and those in
/// arrays and dictionaries; those in tuples, structures, enumerations and sets are refused. Their names are property
/// paths, `"hidden.weight"`, `"layers.3.bias"`, as in PyTorch.
open class Module: NamedScope {
    /// Whether the module is being trained: dropout acts only then. Set it for all parts with `train()` and `eval()`.
    public internal(set) final var isTraining = true

    /// Nil while there are none: looked at in every call.
    @exclusivity(unchecked) final var hooks: ModuleHooks?

    /// A module in training mode.
    public init() {}

    /// Runs `body`, the module's computation, which gives one tensor: error texts and profiles name the module meanwhile,
    /// and its hooks are called. Modules that are called in their own way put their whole computation into it; layers need
    /// not.
    ///
    /// - Parameter inputs: what hooks are shown; computed only for them.
    public final func scope(inputs: @autoclosure () -> [Tensor], _ body: () throws -> Tensor) rethrows -> Tensor {
        if hooks != nil { return try runHooked(inputs()) { [try body()] }[0] }
        return try ModulePath.within(self, body)
    }

    /// The same for a computation that gives several tensors.
    public final func scope(inputs: @autoclosure () -> [Tensor], _ body: () throws -> [Tensor]) rethrows -> [Tensor] {
        if hooks != nil { return try runHooked(inputs(), body) }
        return try ModulePath.within(self, body)
    }

    /// The same for a computation that gives two tensors.
    public final func scope(
        inputs: @autoclosure () -> [Tensor], _ body: () throws -> (Tensor, Tensor)
    ) rethrows -> (Tensor, Tensor) {
        if hooks != nil {
            let outputs = try runHooked(inputs()) {
                let (first, second) = try body()
                return [first, second]
            }
            return (outputs[0], outputs[1])
        }
        return try ModulePath.within(self, body)
    }

    /// Runs `body`, another computation of the module or a part of one, and names the module meanwhile as
    /// `scope(inputs:_:)` does. Hooks are not called.
    public final func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
        try ModulePath.within(self, body)
    }

    /// The parts that this module holds directly, in order of declaration.
    ///
    /// The default reflects on the properties. It traps at parts in tuples, structures, enumerations, sets or lazy
    /// properties, which it cannot follow.
    open func children() -> [NamedChild] { Reflection.children(of: self) }

    /// The line that `summary` prints for this module, such as `Linear(inputSize: 400, outputSize: 120)`.
    open var details: String { "\(type(of: self))" }

    package final func name(of child: AnyObject) -> String? {
        // A part of a part, such as one of a `Sequential` that runs its layers by `reduce`, has a longer name.
        for (name, part) in children() {
            guard case .module(let module) = part else { continue }
            if module === child { return name }
            if let inner = module.name(of: child) { return "\(name).\(inner)" }
        }
        return nil
    }
}

/// A part and the name under which its module holds it.
public typealias NamedChild = (name: String, child: ModuleChild)

/// A part of a module.
public enum ModuleChild {
    /// A module with parts of its own.
    case module(Module)
    /// A tensor that is trained.
    case parameter(Parameter)
    /// A tensor that is saved and not trained.
    case buffer(Buffer)
}

/// A tensor that belongs to a module and is saved with it but not trained, such as a running mean.
public final class Buffer {
    /// The value, without history: setting it keeps only the elements of what is assigned.
    public var value: Tensor {
        didSet { value.node = nil }
    }

    /// A buffer of this value, without its history.
    public init(_ value: Tensor) { self.value = value.detached() }
}

// MARK: - Walking the parts

extension Module {
    /// This module and all below it, parents first, each once, with their paths (`""` for this one).
    public final func namedModules() -> [(name: String, module: Module)] {
        var result: [(name: String, module: Module)] = []
        walk { path, child in
            if case .module(let module) = child { result.append((path, module)) }
        }
        return result
    }

    /// All parameters with their paths, in order of declaration; a shared one once, under its first path.
    public final func namedParameters() -> [(name: String, parameter: Parameter)] {
        var result: [(name: String, parameter: Parameter)] = []
        walk { path, child in
            guard case .parameter(let parameter) = child else { return }
            // The path from the whole model is longer than that from a part of it.
            if path.utf8.count > parameter.path.utf8.count { parameter.path = path }
            result.append((path, parameter))
        }
        return result
    }

    /// All buffers with their paths, in order of declaration.
    public final func namedBuffers() -> [(name: String, buffer: Buffer)] {
        var result: [(name: String, buffer: Buffer)] = []
        walk { path, child in
            if case .buffer(let buffer) = child { result.append((path, buffer)) }
        }
        return result
    }

    /// All parameters, for an optimizer.
    public final func parameters() -> [Parameter] { namedParameters().map(\.parameter) }

    /// The number of trainable numbers.
    public final var parameterCount: Int { parameters().reduce(0) { $0 + $1.elementCount } }

    /// Calls `body` for all modules below this one, then for this one: children before their parents.
    @discardableResult
    public final func apply(_ body: (Module) -> Void) -> Self {
        for (_, module) in namedModules().reversed() { body(module) }
        return self
    }

    /// Puts this module and all below it into training mode, or out of it. Traps if it is to be trained and is an inference
    /// copy with folded normalisations.
    @discardableResult
    public final func train(_ isTraining: Bool = true) -> Self {
        let modules = namedModules()
        if isTraining { refuseFolded(modules) }
        for (_, module) in modules { module.isTraining = isTraining }
        return self
    }

    /// Puts this module and all below it into evaluation mode: no dropout.
    @discardableResult
    public final func eval() -> Self { train(false) }

    /// Runs `body` with this module and all below it in evaluation mode. Afterwards each is in the mode it was in, so that
    /// parts that are kept in evaluation mode during training, such as frozen ones, stay so.
    public final func evaluating<Result>(_ body: () throws -> Result) rethrows -> Result {
        try keepingModes {
            eval()
            return try body()
        }
    }

    /// Runs `body`. Afterwards this module and all below it are in the modes they were in, each once, also a part that
    /// several hold.
    package final func keepingModes<Result>(_ body: () throws -> Result) rethrows -> Result {
        let modes = namedModules().map { ($0.module, $0.module.isTraining) }
        defer { for (module, isTraining) in modes { module.isTraining = isTraining } }
        return try body()
    }

    /// Forgets the gradients of all parameters.
    public final func zeroGradients() {
        for parameter in parameters() { parameter.gradient = nil }
    }

    /// Moves all parameters and buffers to a device. Gradients are forgotten.
    @discardableResult
    public final func to(_ device: Device) -> Self {
        convert { $0.to(device) }
    }

    /// Casts all parameters and floating-point buffers to another type of floating point. Gradients are forgotten.
    ///
    /// An optimizer keeps its state in the old type: make a new one, or `restore(savedState())`, which casts
    /// it. Traps for integers and bool.
    @discardableResult
    public final func cast(to dtype: DType) -> Self {
        guard dtype.isFloatingPoint else {
            failure("cast: a module's parameters are of floating point; they cannot be \(dtype)")
        }
        return convert { $0.dtype.isFloatingPoint ? $0.cast(to: dtype) : $0 }
    }

    private func convert(_ body: (Tensor) -> Tensor) -> Self {
        for parameter in parameters() {
            parameter.value = body(parameter.value)
            parameter.gradient = nil
        }
        for (_, buffer) in namedBuffers() { buffer.value = body(buffer.value) }
        return self
    }

    /// Visits this module, then its parts in order and what is below them; each object once.
    private func walk(_ visit: (String, ModuleChild) -> Void) {
        var visited: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        visit("", .module(self))
        func descend(_ module: Module, _ path: String) {
            for (name, child) in module.children() {
                let childPath = path.isEmpty ? name : "\(path).\(name)"
                guard visited.insert(child.identifier).inserted else { continue }
                visit(childPath, child)
                if case .module(let module) = child { descend(module, childPath) }
            }
        }
        descend(self, "")
    }
}

extension ModuleChild {
    fileprivate var identifier: ObjectIdentifier {
        switch self {
        case .module(let module): ObjectIdentifier(module)
        case .parameter(let parameter): ObjectIdentifier(parameter)
        case .buffer(let buffer): ObjectIdentifier(buffer)
        }
    }
}
