import ArgumentParser
import Foundation
import Yuyan

/// `yuyan bench`: how fast training steps are, beside what the machine can do.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time training steps, or single operations, beside the machine's limits.",
        discussion: """
            A step is forward, loss, backward and update on one batch of random data; its time is the median of \
            many, after a warm-up. 'make bench' compares with PyTorch.

            WORKLOADS:
              \(Workload.all.prefix(5).map(\.name).joined(separator: ", ")),
              \(Workload.all.dropFirst(5).map(\.name).joined(separator: ", "))

            EXAMPLES:
              yuyan bench
              yuyan bench --workloads mlp,lenet --threads 1 --json steps.json
              yuyan bench --operations --filter softmax  single operations, in three sizes
              yuyan bench --profile lenet                time by layer and kernel
              yuyan bench --workloads mlp --steps 100    untimed, for other tools
            """)

    @Option(help: ArgumentHelp("Workloads, with commas between them. (default: all)", valueName: "a,b,…"))
    var workloads: String?

    @Flag(help: "Time single operations instead of training steps.")
    var operations = false

    @Option(help: ArgumentHelp("Of these operations, those with the text in their names.", valueName: "text"))
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Of the operations' sizes, these, with commas between them. (default: 100,100000,10000000)",
            valueName: "n,…"))
    var elements: String?

    @Option(parsing: .unconditional, help: "Threads to compute on. (default: one for each core)")
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: "Seconds for which each workload or operation is timed. (default: 1.5, an operation 0.1)")
    var seconds: Double?

    @Flag(help: "Time the kernels of convolutions first, and take the fastest, rather than those that a rule names.")
    var tune = false

    @Option(help: ArgumentHelp("Write the numbers to a file.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Show where the time of a model's step goes.", valueName: "model"))
    var profile: Recipe?

    @Option(
        help: ArgumentHelp(
            "Where --profile writes its trace, for chrome://tracing or ui.perfetto.dev. (default: trace.json)",
            valueName: "file"))
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "The numbers that the layers of --profile compute with: float32 or bfloat16. (default: float32)",
            valueName: "type"))
    var precision: Precision?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples in each step of --profile. (default: the model's)", valueName: "n"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: "Run exactly so many steps of each workload, from the first one on, and time nothing.")
    var steps: Int?

    func validate() throws {
        let allowed = ComputeThreads.allowed
        if let threads, !allowed.contains(threads) {
            throw ValidationError(
                "--threads must be \(allowed.lowerBound) to \(allowed.upperBound), not '\(threads)'.")
        }
        if let seconds, !(seconds > 0 && seconds <= 3600) {
            throw ValidationError("--seconds must be a number above 0 and at most 3600, not '\(seconds)'.")
        }
        if let steps, steps < 1 { throw ValidationError("--steps must be a whole number above 0, not '\(steps)'.") }
        if profile == nil, trace != nil { throw ValidationError("--trace goes with --profile.") }
        if profile == nil, precision != nil || batchSize != nil {
            throw ValidationError("--precision and --batch-size go with --profile.")
        }
        if let batchSize, batchSize < 1 {
            throw ValidationError("--batch-size must be a whole number above 0, not '\(batchSize)'.")
        }
        if profile != nil, workloads != nil || json != nil || steps != nil {
            throw ValidationError("--profile takes no --workloads, --json or --steps.")
        }
        if steps != nil, json != nil { throw ValidationError("--steps times nothing that --json could hold.") }
        if operations, workloads != nil || profile != nil || steps != nil {
            throw ValidationError("--operations takes no --workloads, --profile or --steps.")
        }
        if !operations, filter != nil || elements != nil {
            throw ValidationError("--filter and --elements go with --operations.")
        }
        _ = try chosenWorkloads()
        _ = try (chosenOperations(), chosenSizes())
    }

    private func chosenWorkloads() throws -> [Workload] {
        guard let workloads else { return Workload.all }
        return try workloads.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let workload = Workload(argument: String(name)) else {
                let known = Workload.allValueStrings.joined(separator: ", ")
                throw ValidationError("--workloads: there is no '\(name)'; there are \(known).")
            }
            return workload
        }
    }

    func run() throws {
        if let threads { ComputeThreads.count = threads }
        KernelTuning.isEnabled = tune
        try withSeed(0) {
            if let profile {
                try writeProfile(profile)
            } else if operations {
                try measureOperations()
            } else if let steps {
                try chosenWorkloads().forEach { runSteps($0, steps) }
            } else {
                try measure(chosenWorkloads())
            }
        }
    }

    private func writeProfile(_ recipe: Recipe) throws {
        let precision = precision ?? .float32
        do { try precision.check(on: .current) } catch { throw ValidationError("--precision: \(error).") }
        let limits = measureMachine()
        try withPrecision(precision) {
            try ProfileReport(recipe, batchSize: batchSize ?? recipe.batchSize, seconds: seconds ?? 1, limits)
                .write(trace: URL(fileURLWithPath: trace ?? "trace.json"))
        }
    }

    /// Scripts/check-counts.sh reads the line.
    private func runSteps(_ workload: Workload, _ count: Int) {
        let run = WorkloadRun(workload)
        for _ in 0..<count { run.step() }
        let blocks = MemoryStatistics.current.systemAllocations
        Terminal.standardOutput.write("\(workload.name): \(count) steps, \(blocks) blocks from the system\n")
    }

    private func measure(_ workloads: [Workload]) throws {
        let terminal = Terminal.standardOutput
        let limits = measureMachine()
        let width = Workload.all.map(\.name.count).max() ?? 0
        let table = TextTable([
            .init(localized("workload"), isNumber: false, width: width), .init(localized("batch"), width: 5),
            .init(localized("ms/step"), width: 8), .init(localized("samples/s"), width: 10),
            .init("GFLOP/s", width: 7), .init(localized("of the limit"), width: 12),
            .init(localized("memory"), width: 8),
        ])
        terminal.write("\n" + terminal.bold(table.header) + "\n")
        var timings: [StepTiming] = []
        for workload in workloads {
            let timing = StepTiming.measure(workload, seconds: seconds ?? 1.5)
            timings.append(timing)
            terminal.write(table.line(cells(timing, limits)) + "\n")
        }
        let legend = localized("The limit is the FMA peak; ns/op: bound by overhead, nanoseconds for each operation.")
        terminal.write("\n\(legend)\n")
        if let json { try BenchReport(timings, limits).write(to: URL(fileURLWithPath: json)) }
    }

    /// The machine's limits, and a header that says what it is.
    func measureMachine() -> MachineLimits {
        let limits = MachineLimits.measure()
        let machine = Machine.current
        let threads = ComputeThreads.count
        func text(_ value: Double) -> String { String(format: "%.1f", value / 1e9) }
        let memory = NumberText.bytes(Int(machine.memoryBytes))
        let (copying, adding) = (text(limits.copyBytesPerSecond), text(limits.addBytesPerSecond))
        let titles = [localized("FMA peak"), localized("memory")]
        let width = titles.map { DisplayText.width($0) }.max() ?? 0
        Terminal.standardOutput.write(
            """
            \(localized("\(machine.cpu), \(threads) of \(machine.cores) cores, \(memory)"))
            \(machine.system), Yuyan \(YuyanCommand.configuration.version)\(Device.oneDNNVersion.map { ", oneDNN \($0)" } ?? "")
            \(DisplayText.padded(titles[0], to: width))  \(text(limits.operationsPerSecond)) GFLOP/s (\(limits.instructions))
            \(DisplayText.padded(titles[1], to: width))  \(localized("copy \(copying) GB/s, add \(adding) GB/s"))

            """)
        if let notice = BusyCores.benchNotice { Terminal.standardOutput.write(notice + "\n") }
        return limits
    }

    private func cells(_ timing: StepTiming, _ limits: MachineLimits) -> [String] {
        let rate = Double(timing.operations) / timing.medianSeconds
        let perOperation = timing.medianSeconds / Double(timing.kernelCount) * 1e9
        let limit =
            timing.isBoundByOverhead(limits)
            ? String(format: "%.0f ns/op", perOperation)
            : String(format: "%.0f %%", rate / limits.operationsPerSecond * 100)
        return [
            timing.workload.name, "\(timing.workload.batchSize)", String(format: "%.4f", timing.medianSeconds * 1e3),
            NumberText.grouped(Int(Double(timing.workload.batchSize) / timing.medianSeconds)),
            String(format: "%.1f", rate / 1e9), limit, NumberText.bytes(timing.peakBytes),
        ]
    }
}
