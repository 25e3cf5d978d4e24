/// A file that cannot be read or written, and why.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// What is wrong with it, in one line.
    public let reason: String

    /// An error of a file or a folder.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Names in the path that nobody could read to their ends are shortened.
    public var description: String {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        return "\(names.map(\.abbreviated).joined(separator: "/")): \(reason)"
    }
}

extension StringProtocol {
    /// The text in one line, without its middle if it is longer than 80 characters: as messages repeat what was typed.
    package var abbreviated: String {
        let isControl = { (character: Character) in character.unicodeScalars.allSatisfy { $0.value < 32 } }
        let line = split(whereSeparator: isControl).joined(separator: " ")
        return line.count > 80 ? "\(line.prefix(50))…\(line.suffix(20))" : line
    }
}
