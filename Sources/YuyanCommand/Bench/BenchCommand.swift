import ArgumentParser
import Foundation
import Yuyan

/// `yuyan bench`: how fast training steps are, beside what the machine can do.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time training steps, predictions or operations beside the machine's limits.",
        discussion: """
            A step is forward, loss, backward and update on one batch of random data; its time is the median of \
            many, after a warm-up. 'make bench' compares with PyTorch.

            WORKLOADS:
              \(Workload.all.prefix(5).map(\.name).joined(separator: ", ")),
              \(Workload.all.dropFirst(5).map(\.name).joined(separator: ", "))
              \(InferenceWorkload.predictionOnly.map(\.name).joined(separator: ", "))  with --inference alone

            EXAMPLES:
              yuyan bench
              yuyan bench --workloads mlp,lenet --threads 1 --json steps.json
              yuyan bench --inference                    predictions, one image and 32
              yuyan bench --operations --filter softmax  single operations, in three sizes
              yuyan bench --profile lenet                time by layer and kernel
              yuyan bench --workloads mlp --steps 100    untimed, for other tools
            """)

    @Option(help: ArgumentHelp("Workloads, with commas between them. (default: all)", valueName: "a,b,…"))
    var workloads: String?

    @Flag(help: "Time predictions, the forward pass alone, instead of training steps.")
    var inference = false

    @Option(
        help: ArgumentHelp(
            "Samples in a batch, with commas between sizes. (default: the workload's or model's own, of --inference 1,32)",
            valueName: "n,…"))
    var batchSize: String?

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

    @Option(
        help: ArgumentHelp(
            "The numbers that layers compute with: float32, or bfloat16, faster where the processor multiplies it.",
            valueName: "type"))
    var precision = Precision.float32

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
        if profile != nil, workloads != nil || json != nil || steps != nil {
            throw ValidationError("--profile takes no --workloads, --json or --steps.")
        }
        do { try precision.check(on: .current) } catch { throw ValidationError("--precision: \(error).") }
        if steps != nil, json != nil { throw ValidationError("--steps times nothing that --json could hold.") }
        if operations, workloads != nil || profile != nil || steps != nil || precision != .float32 {
            throw ValidationError("--operations takes no --workloads, --profile, --steps or --precision.")
        }
        if !operations, filter != nil || elements != nil {
            throw ValidationError("--filter and --elements go with --operations.")
        }
        if inference, operations || profile != nil || steps != nil {
            throw ValidationError("--inference takes no --operations, --profile or --steps.")
        }
        if batchSize != nil, operations || steps != nil {
            throw ValidationError("--batch-size goes with neither --operations nor --steps.")
        }
        if !inference, json != nil || profile != nil, try chosenBatchSizes()?.count ?? 1 > 1 {
            throw ValidationError("--json and --profile take one --batch-size, but for --inference.")
        }
        _ = try chosenBatchSizes()
        if inference { _ = try chosenInference() } else { _ = try chosenWorkloads() }
        _ = try (chosenOperations(), chosenSizes())
    }

    private func chosenWorkloads() throws -> [Workload] { try chosen(of: Workload.all, \.name) }

    /// Those that `--workloads` names, or all.
    func chosen<Choice>(of all: [Choice], _ name: (Choice) -> String) throws -> [Choice] {
        guard let workloads else { return all }
        return try workloads.split(separator: ",", omittingEmptySubsequences: false).map { wanted in
            guard let workload = all.first(where: { name($0) == wanted }) else {
                let known = all.map(name).joined(separator: ", ")
                throw ValidationError("--workloads: there is no '\(wanted)'; there are \(known).")
            }
            return workload
        }
    }

    func run() throws {
        if let threads { ComputeThreads.count = threads }
        KernelTuning.isEnabled = tune
        try withSeed(0) { try withPrecision(precision, measure) }
    }

    private func measure() throws {
        if let profile {
            try writeProfile(profile)
        } else if inference {
            try measureInference()
        } else if operations {
            try measureOperations()
        } else if let steps {
            try chosenWorkloads().forEach { runSteps($0, steps) }
        } else {
            try measure(chosenWorkloads())
        }
    }

    private func writeProfile(_ recipe: Recipe) throws {
        let limits = measureMachine()
        try ProfileReport(
            recipe, batchSize: chosenBatchSizes()?.first ?? recipe.batchSize, seconds: seconds ?? 1, limits
        ).write(trace: URL(fileURLWithPath: trace ?? "trace.json"))
    }

    /// Scripts/check-counts.sh reads the line.
    private func runSteps(_ workload: Workload, _ count: Int) {
        let run = WorkloadRun(workload)
        for _ in 0..<count { run.step() }
        let blocks = MemoryStatistics.current.systemAllocations
        Terminal.standardOutput.write("\(workload.name): \(count) steps, \(blocks) blocks from the system\n")
    }

    private func measure(_ workloads: [Workload]) throws {
        try report(time: localized("ms/step"), numbers: StepNumbers.init) { add in
            for var workload in workloads {
                for size in try chosenBatchSizes() ?? [workload.batchSize] {
                    workload.batchSize = size
                    add(StepTiming.measure(workload, seconds: seconds ?? 1.5))
                }
            }
        }
    }

    /// Prints a table of what `body` measures, row by row, and writes the numbers.
    func report<Numbers: Encodable>(
        time: String, numbers: ([StepTiming]) -> Numbers, _ body: ((StepTiming) -> Void) throws -> Void
    ) throws {
        let terminal = Terminal.standardOutput
        let limits = measureMachine()
        let table = StepTiming.table(time: time)
        terminal.write("\n" + terminal.bold(table.header) + "\n")
        var timings: [StepTiming] = []
        try body { timing in
            timings.append(timing)
            terminal.write(table.line(timing.cells(limits)) + "\n")
        }
        terminal.write("\n\(StepTiming.legend)\n")
        if let json { try BenchFile(numbers(timings), limits).write(to: URL(fileURLWithPath: json)) }
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
}
