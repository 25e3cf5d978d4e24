import ArgumentParser
import Foundation
import Yuyan

@main
struct YuyanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yuyan",
        abstract: "Trains the networks of Dive into Deep Learning, and uses them.",
        discussion: """
            EXAMPLES:
              yuyan train lenet                       train on Fashion-MNIST
              yuyan train mlp --name first            keep the run in runs/first
              yuyan train --resume runs/first         continue it after an interruption
              yuyan runs                              what has been trained
              yuyan train lenet --limit 1000 --json   print JSON, for scripts
              yuyan evaluate runs/first               accuracy, class by class
              yuyan predict shoe.png --run runs/first what an image shows
              yuyan report runs/first                 the run as a page of HTML
              yuyan summary lenet                     layers, shapes, parameters
              yuyan data show fashion-mnist           samples with their labels
              yuyan graph lenet --output lenet.svg    the layers as a picture
              yuyan lab run linreg-scratch            a section of the book, as a program
              yuyan bench                             how fast steps are
              yuyan info                              machine and build, for bug reports

            SHELL COMPLETION (bash, zsh or fish):
              yuyan --generate-completion-script bash > yuyan.bash && source yuyan.bash
            """,
        version: currentYuyanVersion,
        subcommands: [
            TrainCommand.self, RunsCommand.self, EvaluateCommand.self, PredictCommand.self, ReportCommand.self,
            SummaryCommand.self, LabCommand.self, GraphCommand.self, DataCommand.self, BenchCommand.self,
            InfoCommand.self,
            OperationsCommand.self,
        ])

    static func main() {
        do {
            if let (command, error) = wrongName(in: CommandLine.arguments.dropFirst()) { refuse(error, by: command) }
            var command = try parseAsRoot()
            do {
                try command.run()
            } catch let error as ValidationError {
                refuse(error, by: type(of: command))
            }
            try checkOutput()
        } catch  where exitCode(for: error) == .success {
            // Help and the like.
            Terminal.standardOutput.write(ParserText.fullMessage(for: error) + "\n")
            do { try checkOutput() } catch { fail(error) }
        } catch {
            fail(error)
        }
    }

    /// Ends the process with what went wrong, in the language of whoever uses the command.
    private static func fail(_ error: any Error) -> Never {
        guard Language.current == .chinese else { exit(withError: error) }
        let text = ParserText.fullMessage(for: error)
        if !text.isEmpty { Terminal.standardError.write(text + "\n") }
        exit(withError: exitCode(for: error))
    }

    /// Throws if not all that was to be printed could be: a script must not take an empty file for a result.
    private static func checkOutput() throws {
        guard let number = Terminal.standardOutput.writeError else { return }
        // As a program ends whose reader has gone.
        if number == EPIPE { throw ExitCode(128 + SIGPIPE) }
        throw DataError(path: "standard output", reason: "cannot be written: \(String(cString: strerror(number)))")
    }

    /// Ends the process as the parser does where arguments do not fit: a command finds out about some only when it runs,
    /// and the parser would then show how to call `yuyan` rather than the command.
    private static func refuse(_ error: ValidationError, by command: any ParsableCommand.Type) -> Never {
        let usage = usageString(for: command)
        let names = usage.split(separator: " ").prefix { !"[<-(".contains($0.first ?? "<") }.joined(separator: " ")
        let text = """
            Error: \(error.message)
            Usage: \(usage)
              See '\(names) --help' for more information.

            """
        let isChinese = Language.current == .chinese
        Terminal.standardError.write(isChinese ? ParserText(width: Terminal.standardError.width).error(text) : text)
        exit(withError: ExitCode.validationFailure)
    }

    /// Before any subcommand: the library takes an unknown device for a programmer's mistake, and an unknown limit of
    /// instructions for none.
    func validate() throws {
        let environment = ProcessInfo.processInfo.environment
        if let limit = Processor.unknownLimit {
            let name = Processor.limitingVariables.first { environment[$0] == limit } ?? Processor.limitingVariables[0]
            throw ValidationError("\(name) is '\(limit)'; it takes names such as SSE41, AVX2 and AVX512_CORE.")
        }
        do { _ = try Device.ofEnvironment } catch {
            let known = error.known.joined(separator: ", ")
            throw ValidationError("YUYAN_DEVICE is '\(error.name)', this build has the devices \(known).")
        }
    }
}
