import Foundation
import YuyanBackend

/// What operations take from their surroundings: one task-local value, read once per operation that needs it.
///
/// An object, because a structure is copied whole whenever one of its values is asked for.
package final class ExecutionContext: Sendable {
    package let recordsGradients: Bool
    package let device: Device
    package let precision: Precision
    package let generator: Generator

    @TaskLocal package static var current = ExecutionContext(
        recordsGradients: true, device: ExecutionContext.initialDevice, precision: .float32,
        generator: Generator(seed: 0))

    private init(recordsGradients: Bool, device: Device, precision: Precision, generator: Generator) {
        self.recordsGradients = recordsGradients
        self.device = device
        self.precision = precision
        self.generator = generator
    }

    /// The device named by `YUYAN_DEVICE`, else the fastest of this build. Ends the program with one line if there is no
    /// such device: a program that wants to answer itself asks `Device.ofEnvironment` first.
    private static var initialDevice: Device {
        do { return try Device.ofEnvironment ?? .best } catch {
            FileHandle.standardError.write(Data("error: YUYAN_DEVICE: \(error)\n".utf8))
            exit(EX_CONFIG)
        }
    }

    /// Runs `body` with some values replaced.
    static func with<Result>(
        recordsGradients: Bool? = nil, device: Device? = nil, precision: Precision? = nil,
        generator: Generator? = nil, _ body: () throws -> Result
    ) rethrows -> Result {
        let old = current
        let context = ExecutionContext(
            recordsGradients: recordsGradients ?? old.recordsGradients, device: device ?? old.device,
            precision: precision ?? old.precision, generator: generator ?? old.generator)
        return try $current.withValue(context, operation: body)
    }
}

/// Whether operations on recorded tensors are recorded at this point.
public var isRecordingGradients: Bool { ExecutionContext.current.recordsGradients }

/// Runs `body` without recording: its results have no history, and keep nothing for a backward pass.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
    try ExecutionContext.with(recordsGradients: false, body)
}

/// Runs `body` with recording, inside a `withoutGradients`, too.
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
    try ExecutionContext.with(recordsGradients: true, body)
}

/// Runs `body` with new tensors created on `device`.
public func withDevice<Result>(_ device: Device, _ body: () throws -> Result) rethrows -> Result {
    try ExecutionContext.with(device: device, body)
}

/// Runs `body` with random numbers taken from `generator`.
public func withGenerator<Result>(_ generator: Generator, _ body: () throws -> Result) rethrows -> Result {
    try ExecutionContext.with(generator: generator, body)
}

/// Lets the random numbers that are drawn from here on start from `seed`, as PyTorch's `torch.manual_seed` does.
///
///     manualSeed(1)
///     let net = makeLeNet()    // the same weights on every run
///
/// It sets the state of `Generator.current`. Outside of `withSeed(_:_:)` and `withGenerator(_:_:)` that is one generator
/// for the whole program, which starts from seed 0: all threads and tasks draw from it, so that the numbers of each
/// depend on who draws first. Inside, it is the generator given there, which child tasks share and others do not. To
/// draw the same numbers in parts that run at the same time, give each its own by `withSeed(_:_:)`.
public func manualSeed(_ seed: UInt64) { Generator.current.state = Generator.State(seed: seed) }

/// Runs `body` with random numbers that start from `seed`: the same on every run. What is drawn afterwards does not
/// depend on what `body` drew; `manualSeed(_:)` sets the seed for all that follows.
public func withSeed<Result>(_ seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
    try withGenerator(Generator(seed: seed), body)
}

extension Device {
    /// The device that the variable `YUYAN_DEVICE` names, on which tensors are created unless another is asked for; nil
    /// if it is not set. Throws if this build has no such device.
    public static var ofEnvironment: Device? {
        get throws(DeviceError) {
            guard let name = ProcessInfo.processInfo.environment["YUYAN_DEVICE"], !name.isEmpty else { return nil }
            return try Device(name)
        }
    }

    /// The device on which tensors are created here, unless one is named; see `withDevice(_:_:)`.
    public static var current: Device { ExecutionContext.current.device }
}

extension Generator {
    /// The generator that random tensors are drawn from here; see `withGenerator(_:_:)`.
    public static var current: Generator { ExecutionContext.current.generator }
}
