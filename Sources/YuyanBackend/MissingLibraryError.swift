/// A library that only some operations need, and that is opened when they are first called, is not there.
public struct MissingLibraryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What needs it.
    public var operation: String
    /// Such as `LAPACK`.
    public var library: String
    /// The Debian package that provides it.
    public var package: String
    /// What the system said.
    public var reason: String

    /// An error of an operation whose library is not there.
    public init(operation: String, library: String, package: String, reason: String) {
        self.operation = operation
        self.library = library
        self.package = package
        self.reason = reason
    }

    public var description: String {
        "\(operation) needs \(library), which cannot be opened (\(reason)); `apt-get install \(package)` provides it"
    }
}
