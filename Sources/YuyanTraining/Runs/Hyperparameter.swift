/// Something that a program has chosen for a run, under the name by which people know it.
public struct Hyperparameter: Sendable, Hashable, Codable {
    /// What was chosen.
    public enum Value: Sendable, Hashable {
        /// A number.
        case number(Double)
        /// A text.
        case text(String)
        /// Whether something holds.
        case boolean(Bool)
    }

    /// By which people know it, such as "learning rate".
    public var name: String
    /// What was chosen.
    public var value: Value

    /// A name with a number, a text or a boolean.
    public init(_ name: String, _ value: any HyperparameterValue) {
        self.name = name
        self.value = value.hyperparameter
    }
}

/// What a hyperparameter can be: a number, a text, or whether something holds.
public protocol HyperparameterValue: Sendable {
    /// The value as it is kept.
    var hyperparameter: Hyperparameter.Value { get }
}

extension Double: HyperparameterValue {
    /// The number itself.
    public var hyperparameter: Hyperparameter.Value { .number(self) }
}

extension Float: HyperparameterValue {
    /// The number that its shortest text names: 0.1 rather than 0.10000000149.
    public var hyperparameter: Hyperparameter.Value { .number(Double(description) ?? Double(self)) }
}

extension Int: HyperparameterValue {
    /// A number, or a text if it is too large to be one to the last digit.
    public var hyperparameter: Hyperparameter.Value { Double(exactly: self).map { .number($0) } ?? .text("\(self)") }
}

extension String: HyperparameterValue {
    /// The text itself.
    public var hyperparameter: Hyperparameter.Value { .text(self) }
}

extension Bool: HyperparameterValue {
    /// Whether it is true.
    public var hyperparameter: Hyperparameter.Value { .boolean(self) }
}

extension Hyperparameter.Value: CustomStringConvertible {
    public var description: String {
        switch self {
        case .number(let number): NumberText.plain(number)
        case .text(let text): text
        case .boolean(let holds): holds ? "yes" : "no"
        }
    }
}

extension Hyperparameter.Value: Codable {
    /// From a JSON number, string or boolean.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let holds = try? value.decode(Bool.self) {
            self = .boolean(holds)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else {
            self = .number(try value.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .boolean(let holds): try value.encode(holds)
        }
    }
}
