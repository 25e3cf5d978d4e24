import YuyanCore

/// A state dictionary does not belong to a module.
public struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Names that the module has and the state lacks.
    public var missing: [String] = []
    /// Names that the state has and the module lacks.
    public var unexpected: [String] = []
    /// Names whose shapes differ, with both shapes.
    public var mismatched: [String] = []

    public var description: String {
        func list(_ title: String, _ names: [String]) -> String? {
            guard !names.isEmpty else { return nil }
            let shown = names.prefix(5).joined(separator: ", ")
            return "\(title) \(shown)" + (names.count > 5 ? " and \(names.count - 5) more" : "")
        }
        let parts = [list("missing", missing), list("unexpected", unexpected), list("of another shape:", mismatched)]
        return "the state does not fit the model: " + parts.compactMap { $0 }.joined(separator: "; ")
    }
}

extension Module {
    /// The values of all parameters and buffers under their paths: PyTorch's names and layouts.
    public final func stateDictionary() -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (name, parameter) in namedParameters() { state[name] = parameter.value }
        for (name, buffer) in namedBuffers() { state[name] = buffer.value }
        return state
    }

    /// Sets all parameters and buffers, cast to their element types. Changes nothing if the names or shapes differ.
    ///
    /// - Throws: `StateError`, naming what is missing, unexpected or of another shape.
    public final func load(_ state: [String: Tensor]) throws(StateError) {
        let parameters = namedParameters()
        let buffers = namedBuffers()
        let own = parameters.map { ($0.name, $0.parameter.shape) } + buffers.map { ($0.name, $0.buffer.value.shape) }
        var error = StateError()
        for (name, shape) in own {
            guard let value = state[name] else {
                error.missing.append(name)
                continue
            }
            if value.shape != shape { error.mismatched.append("\(name) is \(value.shape), the model's is \(shape)") }
        }
        error.unexpected = Set(state.keys).subtracting(own.map(\.0)).sorted()
        guard error == StateError() else { throw error }
        for (name, parameter) in parameters { parameter.value = Module.adapted(state[name]!, to: parameter.value) }
        for (name, buffer) in buffers { buffer.value = Module.adapted(state[name]!, to: buffer.value) }
    }

    private static func adapted(_ value: Tensor, to old: Tensor) -> Tensor {
        value.detached().cast(to: old.dtype).to(old.device)
    }
}
