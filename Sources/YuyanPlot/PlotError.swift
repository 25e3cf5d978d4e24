import YuyanData

/// Why a picture could not be drawn. The numbers are kept all the same: `Figure.write(to:)` writes them first.
public enum PlotError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The drawing program is not in `PATH`. `package` is Debian's name for what to install.
    case missingProgram(String, package: String)
    /// The figure holds Chinese text and no installed font has its characters.
    case missingFont(package: String)
    /// The program gave up; `message` is what it said, in one line.
    case programFailed(String, message: String)
    /// The file's name ends neither in `.svg` nor in `.png`.
    case unknownFormat(path: String)
    /// The file cannot be written.
    case file(DataError)

    public var description: String {
        switch self {
        case .missingProgram(let program, let package):
            "drawing needs the program `\(program)`, which is not in PATH: apt install \(package)"
        case .missingFont(let package):
            "drawing Chinese text needs a font that has it, and none is installed: apt install \(package)"
        case .programFailed(let program, let message): "\(program) could not draw the picture: \(message)"
        case .unknownFormat(let path): "\(path): a picture's name ends in .svg or .png"
        case .file(let error): error.description
        }
    }
}
