import ArgumentParser
import Yuyan

/// `yuyan info`: the machine and the software, as a bug report needs them.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Describe this machine and this build of Yuyan, for bug reports.",
        discussion: """
            Which processor, instructions, devices and threads are in use, how much memory there is, and which data \
            sets and programs are installed. Nothing is measured; 'yuyan bench' does that.

            EXAMPLES:
              yuyan info
              yuyan info --json
            """)

    @Flag(help: "Print one JSON object instead.")
    var json = false

    func run() throws {
        let terminal = Terminal.standardOutput
        let report = InfoReport()
        terminal.write(json ? try jsonLine(report) : report.text(terminal))
    }
}
