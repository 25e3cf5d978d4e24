import YuyanCore

/// Finds the parts of a module among its properties.
enum Reflection {
    static func children(of module: Module) -> [NamedChild] {
        var mirrors: [Mirror] = []
        var mirror: Mirror? = Mirror(reflecting: module)
        while let current = mirror {
            mirrors.append(current)
            mirror = current.superclassMirror
        }
        checkMetadata(mirrors, module)
        var result: [NamedChild] = []
        // Superclasses first, as they were declared first.
        for mirror in mirrors.reversed() {
            for (label, value) in mirror.children {
                guard let label else { continue }
                let lazyPrefix = "$__lazy_storage_$_"
                if label.hasPrefix(lazyPrefix) {
                    refuseLazy(String(label.dropFirst(lazyPrefix.count)), value, module)
                } else {
                    collect(label, value, module, &result)
                }
            }
        }
        return result
    }

    private static func collect(_ name: String, _ value: Any, _ owner: Module, _ result: inout [NamedChild]) {
        switch value {
        case let module as Module: result.append((name, .module(module)))
        case let parameter as Parameter: result.append((name, .parameter(parameter)))
        case let buffer as Buffer: result.append((name, .buffer(buffer)))
        default:
            if holdsNoParts(type(of: value)) { return }
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .optional:
                if let wrapped = mirror.children.first { collect(name, wrapped.value, owner, &result) }
            case .collection:
                for (index, element) in mirror.children.enumerated() {
                    collect("\(name).\(index)", element.value, owner, &result)
                }
            case .dictionary:
                collectDictionary(name, mirror, owner, &result)
            case .tuple, .struct, .enum, .set:
                if holdsPart(mirror) { refuse(name, mirror.displayStyle, owner) }
            default: return
            }
        }
    }

    /// Whether a part is somewhere in a value that is no part itself. Objects that are no modules may hold what they like.
    private static func holdsPart(_ mirror: Mirror) -> Bool {
        mirror.children.contains { child in
            let value = child.value
            if value is Module || value is Parameter || value is Buffer { return true }
            if holdsNoParts(type(of: value)) { return false }
            let inside = Mirror(reflecting: value)
            return inside.displayStyle != .class && holdsPart(inside)
        }
    }

    /// True for numbers, texts and tensors, and for arrays of them, which may be long.
    private static func holdsNoParts(_ type: Any.Type) -> Bool {
        if type is any TensorElement.Type || type == Tensor.self || type == String.self { return true }
        return (type as? any ArrayType.Type)?.holdsPlainElements ?? false
    }

    private static func refuse(_ name: String, _ style: Mirror.DisplayStyle?, _ owner: Module) -> Never {
        let kind =
            switch style {
            case .tuple: "a tuple"
            case .struct: "a structure"
            case .enum: "an enumeration"
            default: "a set"
            }
        failure(
            """
            \(type(of: owner)).\(name): modules or parameters in \(kind) cannot be named in a checkpoint
              make them properties of the module, or keep them in an array or a dictionary
            """)
    }

    private static func collectDictionary(
        _ name: String, _ mirror: Mirror, _ owner: Module, _ result: inout [NamedChild]
    ) {
        let pairs = mirror.children.compactMap { entry -> (key: String, value: Any)? in
            let parts = Array(Mirror(reflecting: entry.value).children)
            return parts.count == 2 ? ("\(parts[0].value)", parts[1].value) : nil
        }
        for (key, value) in pairs.sorted(by: { $0.key < $1.key }) { collect("\(name).\(key)", value, owner, &result) }
    }

    private static func refuseLazy(_ name: String, _ value: Any, _ owner: Module) {
        guard let optional = type(of: value) as? any OptionalType.Type, optional.holdsPart else { return }
        failure(
            """
            \(type(of: owner)).\(name): a lazy module or parameter would be missed until it is first used
              create it in init
            """)
    }

    /// Without reflection metadata every module would look empty, and nothing would train.
    private static func checkMetadata(_ mirrors: [Mirror], _ module: Module) {
        guard let base = mirrors.last, base.children.contains(where: { $0.label == "isTraining" }) else {
            failure(
                """
                \(type(of: module)): modules need reflection metadata to find their parts
                  build without -disable-reflection-metadata, or override children()
                """)
        }
    }
}

private protocol ArrayType {
    static var holdsPlainElements: Bool { get }
}
extension Array: ArrayType {
    static var holdsPlainElements: Bool {
        Element.self is any TensorElement.Type || Element.self == Tensor.self || Element.self == String.self
    }
}

private protocol OptionalType {
    static var holdsPart: Bool { get }
}
extension Optional: OptionalType {
    static var holdsPart: Bool {
        Wrapped.self is Module.Type || Wrapped.self is Parameter.Type || Wrapped.self is Buffer.Type
    }
}
