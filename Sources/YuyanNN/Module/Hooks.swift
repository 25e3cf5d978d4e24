import YuyanCore

extension Module {
    /// Calls `body` after each run of this module, with what went in and what came out.
    ///
    ///     var sizes: [String: Float] = [:]
    ///     let handles = net.namedModules().map { name, module in
    ///         module.addForwardHook { _, _, outputs in sizes[name] = outputs[0].abs().mean().item() }
    ///     }
    ///     _ = net(x)
    ///     for handle in handles { handle.remove() }
    ///
    /// A layer has one input and one output; a module that is called in its own way has those that it gives to
    /// `scope(inputs:_:)`. Hooks are called in the order in which they were added, in training and in evaluation; those of
    /// a module that is used twice, at each use. They look on and change nothing. A layer computes the activation after it
    /// in the same pass, but not while either has a hook: on a `Linear` it sees what the `ReLU` after it takes.
    @discardableResult
    public final func addForwardHook(
        _ body: @escaping (_ module: Module, _ inputs: [Tensor], _ outputs: [Tensor]) -> Void
    ) -> HookHandle {
        addHook(body, to: \.forward)
    }

    /// Calls `body` before each run of this module, with what goes in; see `addForwardHook(_:)`.
    @discardableResult
    public final func addForwardPreHook(
        _ body: @escaping (_ module: Module, _ inputs: [Tensor]) -> Void
    ) -> HookHandle {
        addHook(body, to: \.before)
    }

    /// Calls `body` in a backward pass, with the gradients of what this module gave: ∂L/∂y for each output y, complete, nil
    /// for one on which L does not depend.
    ///
    ///     net[0].addBackwardHook { _, gradients in print(gradients[0]!.abs().max()) }
    ///     crossEntropy(net(x), y).backward()
    ///
    /// It is called for each run of the module, in reverse order, before the gradients of the module's parameters are
    /// computed. It is not called for a run whose outputs have no history, such as one inside `withoutGradients`, or on which L does
    /// not depend. Gradients are only looked at; to scale or to clip them, change those of the parameters after the pass.
    @discardableResult
    public final func addBackwardHook(
        _ body: @escaping (_ module: Module, _ gradients: [Tensor?]) -> Void
    ) -> HookHandle {
        addHook(body, to: \.backward)
    }

    private func addHook<Body>(_ body: Body, to list: ReferenceWritableKeyPath<ModuleHooks, [Hook<Body>]>) -> HookHandle
    {
        let hooks = hooks ?? ModuleHooks()
        self.hooks = hooks
        let hook = Hook(body)
        hooks[keyPath: list].append(hook)
        return HookHandle { [weak self] in
            hook.isRemoved = true
            hooks[keyPath: list].removeAll { $0 === hook }
            if hooks.isEmpty { self?.hooks = nil }
        }
    }

    /// Runs `body` and calls the hooks.
    @inline(never)
    final func runHooked(_ inputs: [Tensor], _ body: () throws -> [Tensor]) rethrows -> [Tensor] {
        try ModulePath.within(self) {
            for hook in hooks?.before ?? [] where !hook.isRemoved { hook.body(self, inputs) }
            var outputs = try body()
            // Hooks may have come and gone meanwhile.
            if let backward = hooks?.backward, !backward.isEmpty {
                outputs = observingGradients(of: outputs) { gradients in
                    for hook in backward where !hook.isRemoved { hook.body(self, gradients) }
                }
            }
            for hook in hooks?.forward ?? [] where !hook.isRemoved { hook.body(self, inputs, outputs) }
            return outputs
        }
    }
}

/// A hook that was added to a module. It stays for as long as the module, whether or not the handle is kept, unless it is
/// removed. A hook that uses its own module should hold it weakly, or each keeps the other alive.
public final class HookHandle {
    private var removal: (() -> Void)?

    fileprivate init(_ removal: @escaping () -> Void) { self.removal = removal }

    /// Takes the hook away; it is not called any more. Hooks may remove themselves and others.
    public func remove() {
        removal.take()?()
    }
}

/// The hooks of a module that has any.
final class ModuleHooks {
    fileprivate var before: [Hook<(Module, [Tensor]) -> Void>] = []
    fileprivate var forward: [Hook<(Module, [Tensor], [Tensor]) -> Void>] = []
    fileprivate var backward: [Hook<(Module, [Tensor?]) -> Void>] = []

    fileprivate var isEmpty: Bool { before.isEmpty && forward.isEmpty && backward.isEmpty }
}

private final class Hook<Body> {
    let body: Body
    var isRemoved = false

    init(_ body: Body) { self.body = body }
}
