import YuyanCore

/// A state dictionary does not belong to a module.
public struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Names that the module has and the state lacks.
    public var missing: [String] = []
    /// Names that the state has and the module lacks.
    public var unexpected: [String] = []
    /// Names whose shapes differ, with both shapes.
    public var mismatched: [String] = []
    /// Names that several of the state's become when they are renamed, with those.
    public var repeated: [String] = []
    /// Names of layers into which an inference copy has folded others: they take no weights.
    public var folded: [String] = []
    /// Whose the state is and whose it should be, if it is that of another optimizer.
    public var owners: Owners?

    /// Whose states two are, by the names of their optimizers.
    public struct Owners: Sendable, Hashable {
        /// Whose the state is.
        public var state: String
        /// Whose it should be.
        public var expected: String
    }

    public var description: String {
        if let owners { return "the state is that of \(owners.state), not of \(owners.expected)" }
        if let folded = StateError.list("normalisations are folded into", folded) {
            return "an inference copy takes no weights, because \(folded): load them into the network, and copy it anew"
        }
        let parts = [
            UnmatchedNames(missing: missing, unexpected: unexpected).text,
            StateError.list("of another shape:", mismatched), StateError.list("of one name:", repeated),
        ]
        return "the state does not fit the model: " + parts.compactMap { $0 }.joined(separator: "; ")
    }

    fileprivate static func list(_ title: String, _ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(5).joined(separator: ", ")
        return "\(title) \(shown)" + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}

/// What a state and the module that it is loaded into may lack of each other.
public struct StateGaps: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The state may lack names of the module, whose parameters and buffers keep their values.
    public static let missing = StateGaps(rawValue: 1)
    /// The state may have names that the module lacks; they are left out.
    public static let unexpected = StateGaps(rawValue: 2)
    /// Both: what the two have in common is loaded.
    public static let partial: StateGaps = [.missing, .unexpected]
}

/// What was left when a state was loaded in part.
public struct UnmatchedNames: Sendable, Hashable, CustomStringConvertible {
    /// The module's names that the state lacks, in order of declaration: their values are what they were.
    public var missing: [String]
    /// The state's names, as they are there, that the module lacks, sorted.
    public var unexpected: [String]

    /// Names of both kinds; none unless given.
    public init(missing: [String] = [], unexpected: [String] = []) {
        self.missing = missing
        self.unexpected = unexpected
    }

    /// Whether everything was loaded.
    public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty }

    /// Such as `missing 7.weight, 7.bias; unexpected fc.weight`; `nothing` if all was loaded. Of long lists the first names.
    public var description: String { text ?? "nothing" }

    fileprivate var text: String? {
        let parts = [StateError.list("missing", missing), StateError.list("unexpected", unexpected)].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
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

    /// Sets parameters and buffers, cast to their element types: all of them, unless gaps are allowed.
    ///
    ///     let left = try net.load(state, renaming: ["backbone": "features"], allowing: .partial)
    ///     print(left.missing)    // new layers, which keep their first weights
    ///
    /// - Parameters:
    ///   - renaming: makes names of the state to those of the module; see `Renaming`.
    ///   - gaps: what the two may lack of each other, by default nothing. Shapes must agree in any case.
    /// - Returns: what was not loaded; empty unless gaps are allowed.
    /// - Throws: `StateError`, naming what is missing, unexpected or of another shape, and what is renamed to one name;
    ///   also if the two have no name in common, whatever is allowed, and of an inference copy with folded normalisations.
    ///   The module is then unchanged.
    @discardableResult
    public final func load(
        _ state: [String: Tensor], renaming: Renaming = .none, allowing gaps: StateGaps = []
    ) throws(StateError) -> UnmatchedNames {
        let match = try match(state, renaming: renaming, allowing: gaps)
        match.apply()
        return match.unmatched
    }

    /// Finds the part of the module for each value of a state, and checks all that `load` does.
    package final func match(
        _ state: [String: Tensor], renaming: Renaming, allowing gaps: StateGaps
    ) throws(StateError) -> StateMatch {
        var error = StateError()
        error.folded = namesOfFolded(namedModules())
        if !error.folded.isEmpty { throw error }
        var sources: [String: String] = [:]
        for source in state.keys.sorted() {
            let name = renaming(source)
            if let other = sources.updateValue(source, forKey: name) {
                error.repeated.append("\(other) and \(source) are both \(name)")
            }
        }
        var match = StateMatch()
        func take(_ name: String, _ old: Tensor, _ set: @escaping (Tensor) -> Void) {
            guard let source = sources.removeValue(forKey: name), let value = state[source] else {
                match.unmatched.missing.append(name)
                return
            }
            if value.shape != old.shape {
                let own = source == name ? "the model's" : "the model's \(name)"
                error.mismatched.append("\(source) is \(value.shape), \(own) is \(old.shape)")
            }
            match.entries.append((source, value, { set(value.detached().cast(to: old.dtype).to(old.device)) }))
        }
        for (name, parameter) in namedParameters() { take(name, parameter.value) { parameter.value = $0 } }
        for (name, buffer) in namedBuffers() { take(name, buffer.value) { buffer.value = $0 } }
        match.unmatched.unexpected = sources.values.sorted()
        // Two that have nothing in common were not meant for each other.
        let isStranger = match.entries.isEmpty && !match.unmatched.isEmpty
        if isStranger || !gaps.contains(.missing) { error.missing = match.unmatched.missing }
        if isStranger || !gaps.contains(.unexpected) { error.unexpected = match.unmatched.unexpected }
        guard error == StateError() else { throw error }
        return match
    }
}

/// A state that fits a module.
package struct StateMatch {
    /// The values by their names in the state, and how each is put into its place.
    fileprivate var entries: [(name: String, value: Tensor, assign: () -> Void)] = []
    package fileprivate(set) var unmatched = UnmatchedNames()

    /// What will be loaded, under the names of the state.
    package var values: [(name: String, value: Tensor)] { entries.map { ($0.name, $0.value) } }

    package func apply() {
        for entry in entries { entry.assign() }
    }
}
