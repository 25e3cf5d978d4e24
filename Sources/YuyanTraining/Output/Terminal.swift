import Foundation
import Synchronization
import YuyanData

/// Standard output or standard error, and what it can show.
public struct Terminal: Sendable {
    private let file: FileHandle
    /// Whether somebody watches: lines can be drawn over.
    public let isInteractive: Bool
    /// Whether text may be colored: not if the variable `NO_COLOR` is set (https://no-color.org).
    public let usesColor: Bool
    /// Whether it shows more than ASCII.
    public let usesUnicode: Bool
    private let columns: Int?
    private let fault = Fault()

    private final class Fault: Sendable {
        let number = Atomic<Int32>(0)
    }

    /// Standard output.
    public static let standardOutput = Terminal(.standardOutput)
    /// Standard error.
    public static let standardError = Terminal(.standardError)

    /// A file, pipe or terminal. `environment` is that of the process unless given.
    public init(_ file: FileHandle, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.file = file
        isInteractive = isatty(file.fileDescriptor) == 1 && environment["TERM", default: ""] != "dumb"
        usesColor = isInteractive && environment["NO_COLOR", default: ""].isEmpty
        // The first of these that is set decides.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        usesUnicode = ["utf-8", "utf8"].contains { (locale ?? "").lowercased().hasSuffix($0) }
        columns = environment["COLUMNS"].flatMap { Int($0) }
    }

    /// The characters that fit into a line now.
    public var width: Int {
        var size = winsize()
        if isInteractive, ioctl(file.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return columns.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }

    /// Writes text at once. Where it cannot be written, `writeError` tells why, and nothing else happens.
    public func write(_ text: String) {
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            let number = Files.systemError(error) ?? EIO
            _ = fault.number.compareExchange(expected: 0, desired: number, ordering: .relaxed)
        }
    }

    /// The system's number, such as `ENOSPC` or `EPIPE`, of the first error in writing; nil if all has been written.
    public var writeError: Int32? {
        let number = fault.number.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Draws `text` over the current line, without ending it.
    public func redraw(_ text: String) { write("\r\(text)\u{1B}[K") }

    /// Empties the current line.
    public func eraseLine() { write("\r\u{1B}[K") }

    /// The text in bold, where colors are used.
    public func bold(_ text: String) -> String { styled(text, "1") }
    /// The text in green, where colors are used.
    public func green(_ text: String) -> String { styled(text, "32") }
    /// The text less bright, where colors are used.
    public func dim(_ text: String) -> String { styled(text, "2") }

    private func styled(_ text: String, _ code: String) -> String {
        usesColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
