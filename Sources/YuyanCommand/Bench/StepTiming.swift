import Yuyan

/// How long a workload's step takes once warm, and what it does.
struct StepTiming {
    var workload: Workload
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

    /// Times steps for `seconds`, after a warm-up of a fifth of that.
    static func measure(_ workload: Workload, seconds: Double) -> StepTiming {
        MemoryStatistics.resetPeak()
        let run = WorkloadRun(workload)
        for _ in 0..<3 { run.step() }
        _ = times(of: run, seconds: seconds / 5)
        let before = MemoryStatistics.current.systemAllocations
        let seconds = times(of: run, seconds: seconds).sorted()
        let memory = MemoryStatistics.current
        let recorder = Recorder.ofModules()
        recorder.listen { run.step() }
        return StepTiming(
            workload: workload, medianSeconds: seconds[seconds.count / 2], minimumSeconds: seconds[0],
            stepCount: seconds.count, kernelCount: recorder.events.count,
            operations: recorder.events.reduce(0) { $0 + $1.operations }, peakBytes: memory.peakBytesInUse,
            systemAllocations: memory.systemAllocations - before)
    }

    /// The seconds of each of at least five steps.
    static func times(of run: WorkloadRun, seconds: Double) -> [Double] {
        let clock = ContinuousClock()
        var times: [Duration] = []
        times.reserveCapacity(1 << 20)
        // The end of a step is the start of the next: the clock is read once a step.
        var start = clock.now
        let end = start + .seconds(seconds)
        while start < end || times.count < 5 {
            run.step()
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
