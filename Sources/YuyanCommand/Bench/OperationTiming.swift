import Yuyan

/// How long one operation takes once warm.
struct OperationTiming {
    var name: String
    /// About how many elements the operands hold together, or the result where there are none.
    var elements: Int
    var resultShape: Shape
    /// The median of all repetitions.
    var seconds: Double
    /// Those of the operands and the result.
    var bytes: Int
    /// Floating-point operations, where they are what counts.
    var operations: Int?

    /// What one repetition lasts at least: far longer than the clock takes, and far shorter than another program keeps
    /// the core where there is one, so that the median shows neither.
    private static let repetitionSeconds = 0.0003

    /// Times an operation for `seconds`, and at least three times, after a warm-up.
    static func measure(_ operation: TimedOperation, _ sizes: OperandSizes, seconds: Double) -> OperationTiming {
        let call = operation.makeCall(sizes)
        let result = call.run()
        let run = call.run
        // So many calls make a repetition.
        var count = 1
        var last = time(of: run, count)
        while last < min(repetitionSeconds, seconds) {
            count *= 2
            last = time(of: run, count)
        }
        var repetitions: [Double] = []
        var total = 0.0
        while total < seconds || repetitions.count < 3 {
            let repetition = time(of: run, count)
            total += repetition
            repetitions.append(repetition / Double(count))
        }
        return OperationTiming(
            name: operation.name, elements: sizes.elements, resultShape: result.shape,
            seconds: repetitions.sorted()[repetitions.count / 2],
            bytes: (call.operands + [result]).reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount },
            operations: call.operations)
    }

    private static func time(of run: () -> Tensor, _ count: Int) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<count { _ = run() }
        return (clock.now - start) / .seconds(1)
    }
}
