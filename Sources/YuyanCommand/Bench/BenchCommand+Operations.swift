import ArgumentParser
import Foundation
import Yuyan

extension BenchCommand {
    func chosenOperations() throws -> [TimedOperation] {
        guard let filter else { return TimedOperation.all }
        let chosen = TimedOperation.all.filter { $0.name.contains(filter) }
        if chosen.isEmpty {
            let known = TimedOperation.all.map { $0.name }.joined(separator: ", ")
            throw ValidationError("--filter: no operation's name holds '\(filter)'; there are \(known).")
        }
        return chosen
    }

    func chosenSizes() throws -> [OperandSizes] {
        guard let elements else { return OperandSizes.all }
        return try elements.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let sizes = OperandSizes.all.first(where: { "\($0.elements)" == text }) else {
                let known = OperandSizes.all.map { "\($0.elements)" }.joined(separator: ", ")
                throw ValidationError("--elements: there is no '\(text)'; there are \(known).")
            }
            return sizes
        }
    }

    func measureOperations() throws {
        let terminal = Terminal.standardOutput
        let limits = measureMachine()
        let table = OperationTiming.table
        terminal.write("\n" + terminal.bold(table.header) + "\n")
        var timings: [OperationTiming] = []
        let sizes = try chosenSizes()
        for operation in try chosenOperations() {
            for size in sizes {
                let timing = OperationTiming.measure(operation, size, seconds: seconds ?? 0.1)
                timings.append(timing)
                terminal.write(table.line(timing.cells) + "\n")
            }
        }
        terminal.write(
            "\n" + localized("GB/s: bytes of the operands and the result; GFLOP/s: a multiply-add is two.") + "\n")
        if let json {
            try BenchFile(OperationNumbers(timings), limits).write(to: URL(fileURLWithPath: json))
        }
    }
}
