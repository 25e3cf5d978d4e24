import ArgumentParser
import Yuyan

/// Where commands that use a trained model compute.
struct ComputeOptions: ParsableArguments {
    @Option(help: "Where to compute. (default: \(Device.best))")
    var device: Device?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads to compute on. (default: one for each core)", valueName: "n"))
    var threads: Int?

    func validate() throws {
        let allowed = ComputeThreads.allowed
        if let threads, !allowed.contains(threads) {
            throw ValidationError(
                "--threads must be \(allowed.lowerBound) to \(allowed.upperBound), not '\(threads)'.")
        }
    }

    /// Runs `body` on the device and threads that were asked for.
    func apply(_ body: () throws -> Void) throws {
        if let threads { ComputeThreads.count = threads }
        try withDevice(device ?? .current, body)
    }
}
