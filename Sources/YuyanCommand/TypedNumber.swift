import ArgumentParser

/// A number as the user typed it, so that messages about it show the same.
struct TypedNumber: ExpressibleByArgument, CustomStringConvertible {
    var value: Double
    var description: String

    init?(argument: String) {
        guard let value = Double(argument) else { return nil }
        self.value = value
        description = argument
    }
}
