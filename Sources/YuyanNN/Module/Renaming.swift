import YuyanCore

/// How the names in a state become those of a module, for weights that come from a network built otherwise.
///
///     try net.loadWeights(from: url, renaming: ["features": "0", "classifier.6": "1.4"])
///     try net.loadWeights(from: url, renaming: Renaming { $0.replacing("gamma", with: "weight") })
public struct Renaming: Sendable, ExpressibleByDictionaryLiteral {
    private let rename: @Sendable (String) -> String

    /// A rule that gives the name in the module for a name in the state.
    public init(_ rename: @escaping @Sendable (String) -> String) { self.rename = rename }

    /// What stands in the module, by names in the state or by their beginnings up to a dot: `["conv1": "0"]` makes
    /// `conv1.weight` and `conv1.bias` to `0.weight` and `0.bias`. Of several that fit, the longest holds; names that
    /// none fits stay. `["module": ""]` takes a part away, and `["": "backbone"]` puts one in front of all names.
    public init(_ names: [String: String]) {
        self.init { name in
            var beginning = name[...]
            while true {
                if let replacement = names[String(beginning)] {
                    // Empty, or a dot and what follows it.
                    let rest = beginning.isEmpty ? "." + name : String(name[beginning.endIndex...])
                    return replacement.isEmpty ? String(rest.dropFirst()) : replacement + rest
                }
                guard !beginning.isEmpty else { return name }
                beginning = beginning.lastIndex(of: ".").map { beginning[..<$0] } ?? beginning.prefix(0)
            }
        }
    }

    /// Traps if a name stands twice.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(
            Dictionary(elements) { first, second in
                failure("Renaming: one name is to become \"\(first)\" and \"\(second)\"")
            })
    }

    /// Every name stays.
    public static let none = Renaming { $0 }

    /// The layers of a `Sequential` that are numbered otherwise in the state, such as by −1 where the state's network
    /// has a layer without parameters in front: `1.weight` becomes `0.weight`. Names without a number stay.
    public static func layersShifted(by offset: Int) -> Renaming {
        Renaming { name in
            let digits = name.prefix { $0 != "." }
            guard let number = Int(digits) else { return name }
            return "\(number + offset)" + name[digits.endIndex...]
        }
    }

    func callAsFunction(_ name: String) -> String { rename(name) }
}
