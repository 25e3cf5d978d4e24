import ArgumentParser
import Yuyan

extension Language: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

extension Device: ExpressibleByArgument {
    public init?(argument: String) {
        guard let device = try? Device(argument) else { return nil }
        self = device
    }

    /// The best first.
    public static var allValueStrings: [String] { available.map(\.description) }
    public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
