import ArgumentParser
import Foundation
import Yuyan
import YuyanLabs

/// `yuyan lab`: the sections of the book as programs.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Run the labs: each idea of the book as a short program, with its number and picture.",
        discussion: """
            EXAMPLES:
              yuyan lab list                          all labs, with what the last run found
              yuyan lab run linreg-scratch            one lab: text, pictures, claims
              yuyan lab run --note 002                the labs of a note
              yuyan lab show linreg-scratch           the program
              yuyan lab copy linreg-scratch           the program as a package of your own
            """,
        subcommands: [LabListCommand.self, LabRunCommand.self, LabShowCommand.self, LabCopyCommand.self])
}

/// A lab that the command line names.
struct LabName: ExpressibleByArgument {
    let lab: Lab

    init?(argument: String) {
        guard let lab = Labs.lab(argument) else { return nil }
        self.lab = lab
    }

    static var allValueStrings: [String] { Labs.all.map(\.id) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension Note: ExpressibleByArgument {}

/// `yuyan lab list`.
struct LabListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the labs by note and chapter, with what the last run found.")

    @Option(help: "Only the labs of this note.")
    var note: Note?

    @Option(
        help: ArgumentHelp("Folder that the labs were run in.", valueName: "folder"), completion: .directory)
    var output = "labs"

    @Flag(help: "All labs as tables in Markdown, with what they should give.")
    var markdown = false

    func run() throws {
        if markdown { return Terminal.standardOutput.write(LabList.markdown(.current)) }
        LabList(folder: output).write(to: .standardOutput, .current, note)
    }
}

/// `yuyan lab show ID`.
struct LabShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a lab's program.")

    @Argument(help: "The lab.", completion: .list(LabName.allValueStrings))
    var id: String

    func run() throws { Terminal.standardOutput.write(try lab(id).source) }
}

/// `yuyan lab run ID…`.
struct LabRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run labs, and hold what they measure against what the book says.",
        discussion: """
            One lab shows its text, tables and pictures as it runs; of several, each has a line. All leave pages of HTML, \
            in English and Chinese. If a run of several is interrupted, the same command continues it. The command ends \
            with an error if a claim fails.

            EXAMPLES:
              yuyan lab run linreg-scratch --open
              yuyan lab run gradient-descent learning-rate-choice
              yuyan lab run --all --quick
              yuyan lab run --all --single-file
            """)

    @Argument(help: "The labs.", completion: .list(LabName.allValueStrings))
    var ids: [String] = []

    @Flag(help: "All labs.")
    var all = false

    @Option(help: "All labs of this note.")
    var note: Note?

    @Flag(help: "Write all results into one page as well, labs.html, which needs no other file.")
    var singleFile = false

    @OptionGroup var options: LabOptions

    func validate() throws {
        let ways = (ids.isEmpty ? 0 : 1) + (all ? 1 : 0) + (note == nil ? 0 : 1)
        guard ways == 1 else { throw ValidationError("name labs, or --note, or --all: one of these.") }
    }

    func run() throws {
        let labs = try all ? Labs.all : note.map { note in Labs.all.filter { $0.note == note } } ?? ids.map(lab)
        let holds = try labs.count == 1 && !ids.isEmpty ? options.run(labs[0]) : options.run(labs)
        if singleFile { try options.writeSingleFile() }
        if !holds { throw ExitCode.failure }
    }
}

/// `yuyan lab copy ID`.
struct LabCopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Make a small package of a lab: change a number, and run it again.",
        discussion: """
            The package depends on Yuyan: on the copy of the repository that this command was built in, or on what \
            --package names.

            EXAMPLES:
              yuyan lab copy linreg-scratch
              cd linreg-scratch && swift run -c release
            """)

    @Argument(help: "The lab.", completion: .list(LabName.allValueStrings))
    var id: String

    @Option(
        help: ArgumentHelp("The new folder. (default: the lab's name)", valueName: "folder"), completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Folder or address of Yuyan's repository. (default: the one this was built in)", valueName: "place"),
        completion: .directory)
    var package: String?

    func validate() throws {
        if output == "" { throw ValidationError("--output must be a folder, not ''.") }
    }

    func run() throws {
        let lab = try lab(id)
        let folder = output ?? lab.id
        guard let package = package ?? LabCopyCommand.ownPackage else {
            throw ValidationError("this yuyan was installed: name Yuyan's repository with --package.")
        }
        try lab.writePackage(to: URL(fileURLWithPath: folder, isDirectory: true), dependency: package)
        Terminal.standardOutput.write("\(localized("package"))  \(folder)\n")
        Terminal.standardOutput.write(
            "\(localized("to run it"))  cd \(folder.quotedForShell) && swift run -c release\n")
        Terminal.standardOutput.write(localized("The first build takes some minutes.") + "\n")
    }

    /// The repository whose `.build` this program stands in; nil if it has been installed.
    private static var ownPackage: String? {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        guard let end = program.range(of: "/.build") else { return nil }
        let folder = String(program[..<end.lowerBound])
        return FileManager.default.fileExists(atPath: folder + "/Package.swift") ? folder : nil
    }
}

/// The lab of that id.
///
/// - Throws: `ValidationError` with the one that may be meant.
private func lab(_ id: String) throws -> Lab {
    if let lab = Labs.lab(id) { return lab }
    guard let nearest = nearestName(to: id, among: Labs.all.map(\.id)) else {
        throw ValidationError("there is no lab '\(id.abbreviated)'; `yuyan lab list` names all.")
    }
    throw ValidationError("there is no lab '\(id.abbreviated)'; did you mean '\(nearest)'?")
}
