import ArgumentParser
import Yuyan

extension Language: ExpressibleByArgument {}

extension Device: ExpressibleByArgument {
    public init?(argument: String) {
        guard let device = Device(rawValue: argument), device.isAvailable else { return nil }
        self = device
    }

    /// The best first.
    public static var allValueStrings: [String] {
        ([best] + allCases.filter { $0.isAvailable && $0 != best }).map(\.rawValue)
    }
    public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
