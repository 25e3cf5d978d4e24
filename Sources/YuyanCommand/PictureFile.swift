import ArgumentParser
import Foundation
import Yuyan

/// A figure as the file that `--output` names, or as text.
enum PictureFile {
    /// Why there is a file of numbers and no picture.
    struct Failure: Error, CustomStringConvertible {
        var reason: PlotError
        var numbers: String

        var description: String { "\(reason); the numbers are in \(numbers)" }
    }

    static func validate(_ path: String) throws {
        guard ["png", "svg"].contains(URL(fileURLWithPath: path).pathExtension.lowercased()) else {
            throw ValidationError("--output must be a file that ends in .png or .svg, not '\(path)'.")
        }
    }

    static func show(_ figure: Figure, _ path: String?) throws {
        let terminal = Terminal.standardOutput
        guard let path else {
            let style = TextStyle(
                width: max(20, terminal.width), usesUnicode: terminal.usesUnicode, usesColor: terminal.usesColor)
            return terminal.write(figure.text(style))
        }
        try write(figure, to: path)
        terminal.write("\(localized("picture"))  \(path)\n\(localized("numbers"))  \(numbers(path))\n")
    }

    static func write(_ figure: Figure, to path: String) throws {
        let picture = URL(fileURLWithPath: path)
        do {
            try figure.write(to: picture)
        } catch {
            switch error {
            case .file, .unknownFormat: throw error
            case .missingProgram, .missingFont, .programFailed:
                throw Failure(reason: error, numbers: numbers(path))
            }
        }
    }

    /// The file of numbers beside a picture, as the user would name it.
    private static func numbers(_ path: String) -> String { path.dropLast(4) + ".csv" }
}
