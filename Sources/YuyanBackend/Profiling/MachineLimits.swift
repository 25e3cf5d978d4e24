import YuyanKernels

/// What the machine can do at most, as measured on it.
package struct MachineLimits: Sendable {
    /// Floating-point operations a second on all threads, from registers; a multiply-add counts as two.
    package var operationsPerSecond: Double
    /// Bytes a second that a copy between arrays too large for the caches reads and writes.
    package var copyBytesPerSecond: Double
    /// The same for the sum of two arrays into a third.
    package var addBytesPerSecond: Double
    /// The instructions that the loops use: `AVX-512`, `AVX2` or `baseline`.
    package var instructions: String

    package var bytesPerSecond: Double { max(copyBytesPerSecond, addBytesPerSecond) }

    /// Measures for about half a second, on the threads that operations use.
    package static func measure() -> MachineLimits {
        let count = 16 << 20
        let device = Device.best
        let backend = device.backend
        let (a, b, sum) = (
            DeviceBuffer([count], .float32, on: device), DeviceBuffer([count], .float32, on: device),
            DeviceBuffer([count], .float32, on: device)
        )
        for x in [a, b, sum] { backend.fill(x, with: 1) }
        let bytes = Double(count * DType.float32.byteCount)
        return MachineLimits(
            operationsPerSecond: best { yuyan_multiply_add_burst(2_000_000) },
            copyBytesPerSecond: best {
                backend.copy(a, into: b)
                return 2 * bytes
            },
            addBytesPerSecond: best {
                backend.accumulate(a, into: sum)
                return 3 * bytes
            },
            instructions: Processor.instructionsInUse)
    }

    /// The highest rate in a few tries: a limit is what is reached when nothing disturbs.
    private static func best(_ work: () -> Double) -> Double {
        let clock = ContinuousClock()
        var rate = 0.0
        let end = clock.now + .milliseconds(150)
        repeat {
            var done = 0.0
            let time = clock.measure { done = work() }
            rate = max(rate, done / (time / .seconds(1)))
        } while clock.now < end
        return rate
    }
}
