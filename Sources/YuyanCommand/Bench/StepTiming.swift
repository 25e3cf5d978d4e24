import Yuyan

/// How long a training step or a prediction takes once warm, and what it does.
struct StepTiming {
    /// Of the workload.
    var name: String
    var batchSize: Int
    /// Of all steps that were timed.
    var medianSeconds: Double
    var minimumSeconds: Double
    var stepCount: Int
    /// Primitives of the backend in one step.
    var kernelCount: Int
    /// Floating-point operations of one step, a multiply-add counted as two.
    var operations: Int
    var peakBytes: Int
    /// Blocks of tensor memory that the timed steps took from the system: none, if memory is reused.
    var systemAllocations: Int

    /// Times a workload's training steps for `seconds`.
    static func measure(_ workload: Workload, seconds: Double) -> StepTiming {
        let run = WorkloadRun(workload)
        return measure(workload.name, batchSize: workload.batchSize, seconds: seconds, run.step)
    }

    /// Times a network's predictions for a batch for `seconds`.
    static func measure(
        _ workload: InferenceWorkload, _ network: Layer, batchSize: Int, seconds: Double
    ) -> StepTiming {
        let images = workload.batch(of: batchSize)
        return measure(workload.name, batchSize: batchSize, seconds: seconds) {
            withoutGradients { _ = network(images) }
        }
    }

    /// Times `step` for `seconds`, after a warm-up of a fifth of that.
    private static func measure(
        _ name: String, batchSize: Int, seconds: Double, _ step: () -> Void
    ) -> StepTiming {
        MemoryStatistics.resetPeak()
        for _ in 0..<3 { step() }
        _ = times(of: step, seconds: seconds / 5)
        let before = MemoryStatistics.current.systemAllocations
        let seconds = times(of: step, seconds: seconds).sorted()
        let memory = MemoryStatistics.current
        let recorder = Recorder.ofModules()
        recorder.listen { step() }
        return StepTiming(
            name: name, batchSize: batchSize, medianSeconds: seconds[seconds.count / 2], minimumSeconds: seconds[0],
            stepCount: seconds.count, kernelCount: recorder.events.count,
            operations: recorder.events.reduce(0) { $0 + $1.operations }, peakBytes: memory.peakBytesInUse,
            systemAllocations: memory.systemAllocations - before)
    }

    /// The seconds of each of at least five steps.
    private static func times(of step: () -> Void, seconds: Double) -> [Double] {
        let clock = ContinuousClock()
        var times: [Duration] = []
        times.reserveCapacity(1 << 20)
        // The end of a step is the start of the next: the clock is read once a step.
        var start = clock.now
        let end = start + .seconds(seconds)
        while start < end || times.count < 5 {
            step()
            let now = clock.now
            times.append(now - start)
            start = now
        }
        return times.map { $0 / .seconds(1) }
    }

    /// Whether the step is so small that the machine's limit does not matter: less than a microsecond's work at peak
    /// for each primitive, on average.
    func isBoundByOverhead(_ limits: MachineLimits) -> Bool {
        Double(operations) / limits.operationsPerSecond < 0.2e-6 * Double(kernelCount)
    }
}

extension StepTiming {
    /// - Parameter time: the title of the milliseconds.
    static func table(time: String) -> TextTable {
        let width = InferenceWorkload.all.map(\.name.count).max() ?? 0
        return TextTable([
            .init(localized("workload"), isNumber: false, width: width), .init(localized("batch"), width: 5),
            .init(time, width: 8), .init(localized("samples/s"), width: 10), .init("GFLOP/s", width: 7),
            .init(localized("of the limit"), width: 12), .init(localized("memory"), width: 8),
        ])
    }

    static var legend: String {
        localized("The limit is the FMA peak; ns/op: bound by overhead, nanoseconds an operation.")
    }

    func cells(_ limits: MachineLimits) -> [String] {
        let rate = Double(operations) / medianSeconds
        let perOperation = medianSeconds / Double(kernelCount) * 1e9
        let limit =
            isBoundByOverhead(limits)
            ? String(format: "%.0f ns/op", perOperation)
            : String(format: "%.0f %%", rate / limits.operationsPerSecond * 100)
        return [
            name, "\(batchSize)", String(format: "%.4f", medianSeconds * 1e3),
            NumberText.grouped(Int(Double(batchSize) / medianSeconds)), String(format: "%.1f", rate / 1e9), limit,
            NumberText.bytes(peakBytes),
        ]
    }
}
