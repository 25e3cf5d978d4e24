import YuyanKernels

/// Something whose forward pass can be under way, and that knows its parts by name.
package protocol NamedScope: AnyObject {
    /// The name by which this scope holds `child` (or a scope that holds it): `"conv1"`, `"layers.3"`; nil if it
    /// does not hold it.
    func name(of child: AnyObject) -> String?
}

/// The modules whose forward pass is under way on this thread, for error texts.
package enum ModulePath {
    /// Runs `body` inside `scope`.
    @inline(__always)
    package static func within<Result>(_ scope: some NamedScope, _ body: () throws -> Result) rethrows -> Result {
        enter(scope)
        defer { leave() }
        return try body()
    }

    /// Enters a `NamedScope`, which must stay alive until it is left: `within` without a closure, for the shortest calls.
    package static func enter(_ scope: AnyObject) {
        yuyan_module_enter(Unmanaged.passUnretained(scope).toOpaque())
    }

    package static func leave() { yuyan_module_leave() }

    /// Such as `LeNet.features.0 (Conv2D)`; empty outside any module. Names are looked up only here.
    package static var current: String {
        let depth = Int(yuyan_module_depth())
        guard depth > 0 else { return "" }
        let scopes = (0..<depth).compactMap { index -> (any NamedScope)? in
            guard let pointer = yuyan_module_at(Int32(index)) else { return nil }
            return Unmanaged<AnyObject>.fromOpaque(pointer).takeUnretainedValue() as? any NamedScope
        }
        guard let first = scopes.first, let last = scopes.last else { return "" }
        var path = "\(type(of: first))"
        for (parent, child) in zip(scopes, scopes.dropFirst()) {
            path += "." + (parent.name(of: child) ?? "\(type(of: child))")
        }
        return scopes.count > 1 ? "\(path) (\(type(of: last)))" : path
    }
}
