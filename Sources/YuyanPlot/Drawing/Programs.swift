import Foundation

/// Finds programs and runs them, without a shell.
package struct Programs: Sendable {
    /// The folders to look in.
    private let folders: [String]
    /// Seconds that a program may take: Graphviz takes hours for a graph of some thousand tangled nodes.
    private let timeLimit: Double

    private struct TimeOut: Error {}

    /// Those of the process's `PATH`.
    package static var current: Programs { Programs(path: ProcessInfo.processInfo.environment["PATH"] ?? "") }

    /// A program, and Debian's package that has it.
    package typealias Source = (name: String, package: String)
    package static let gnuplot: Source = ("gnuplot", "gnuplot-nox")
    package static let dot: Source = ("dot", "graphviz")
    package static let forPictures = [gnuplot, dot]

    /// - Parameter path: folders with colons between them.
    package init(path: String, timeLimit: Double = 60) {
        folders = path.split(separator: ":").map(String.init)
        self.timeLimit = timeLimit
    }

    package func url(of program: String) -> URL? {
        folders.lazy.map { URL(fileURLWithPath: $0, isDirectory: true).appendingPathComponent(program) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// What `program` writes to its standard output when it is given `arguments` and a file that holds `input`.
    ///
    /// - Parameter package: what to install if the program is missing.
    package func output(
        of program: String, package: String, _ arguments: [String], input: String = ""
    ) throws(PlotError) -> Data {
        guard let executable = url(of: program) else { throw .missingProgram(program, package: package) }
        let (status, output, errors): (Int32, Data, Data)
        do {
            (status, output, errors) = try run(executable, arguments, input)
        } catch is TimeOut {
            throw .programFailed(program, message: "it was stopped after \(Int(timeLimit)) s; the figure is too large")
        } catch {
            throw .programFailed(program, message: "it cannot be run: \(error.localizedDescription)")
        }
        guard status == 0, !output.isEmpty else {
            let lines = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline)
            // The last line holds the reason; those before it repeat the script.
            let reason = lines.last { !$0.allSatisfy(\.isWhitespace) }.map { $0.trimmingCharacters(in: .whitespaces) }
            throw .programFailed(program, message: reason ?? "it ended with status \(status)")
        }
        return output
    }

    /// Input and output are files, so that neither side can wait for the other.
    private func run(
        _ executable: URL, _ arguments: [String], _ input: String
    ) throws -> (status: Int32, output: Data, errors: Data) {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("yuyan-plot-\(UUID().uuidString)")
        try files.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? files.removeItem(at: folder) }
        func file(_ name: String, _ contents: Data = Data()) throws -> URL {
            let url = folder.appendingPathComponent(name)
            try contents.write(to: url)
            return url
        }
        let inputFile = try file("input", Data(input.utf8))
        let (outputFile, errorFile) = (try file("output"), try file("errors"))

        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if ended.wait(timeout: .now() + timeLimit) == .timedOut {
            // Not `terminate()`, which a program may take its time to obey.
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
            throw TimeOut()
        }
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, try Data(contentsOf: outputFile), try Data(contentsOf: errorFile))
    }
}
