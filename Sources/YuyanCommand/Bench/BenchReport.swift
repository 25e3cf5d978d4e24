import Foundation
import Yuyan

/// What `yuyan bench --json` writes: numbers, and beside them what they were measured on. Keys in snake case.
struct BenchFile<Numbers: Encodable>: Encodable {
    var circumstances: BenchCircumstances
    var numbers: Numbers

    init(_ numbers: Numbers, _ limits: MachineLimits) {
        circumstances = BenchCircumstances(limits)
        self.numbers = numbers
    }

    /// All in one object.
    func encode(to encoder: any Encoder) throws {
        try circumstances.encode(to: encoder)
        try numbers.encode(to: encoder)
    }

    func write(to url: URL) throws {
        let encoder = JSONEncoder()
        // The names of workloads and operations are keys too, and stay as they are: they hold no capital letters.
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(self)
        try Files.write(url) { try $0.write(contentsOf: data + Data("\n".utf8)) }
        Terminal.standardOutput.write("\(localized("numbers"))  \(url.relativePath)\n")
    }
}

/// With what and on what machine was measured.
struct BenchCircumstances: Encodable {
    var yuyan = YuyanCommand.configuration.version
    var oneDNN = Device.oneDNNVersion
    var device = Device.current.description
    var threads = ComputeThreads.count
    var machine = Machine.current
    var instructions: String
    var peakGflops: Double
    var copyGigabytesPerSecond: Double
    var addGigabytesPerSecond: Double

    init(_ limits: MachineLimits) {
        instructions = limits.instructions
        peakGflops = limits.operationsPerSecond / 1e9
        copyGigabytesPerSecond = limits.copyBytesPerSecond / 1e9
        addGigabytesPerSecond = limits.addBytesPerSecond / 1e9
    }
}

/// The numbers of training steps by workload. Times in milliseconds.
struct StepNumbers: Encodable {
    /// The median step.
    var ms: [String: Double] = [:]
    var minimumMs: [String: Double] = [:]
    var steps: [String: Int] = [:]
    var kernels: [String: Int] = [:]
    var operations: [String: Int] = [:]
    var peakBytes: [String: Int] = [:]
    var systemAllocations: [String: Int] = [:]

    init(_ timings: [StepTiming]) {
        for timing in timings {
            let name = timing.name
            ms[name] = timing.medianSeconds * 1e3
            minimumMs[name] = timing.minimumSeconds * 1e3
            steps[name] = timing.stepCount
            kernels[name] = timing.kernelCount
            operations[name] = timing.operations
            peakBytes[name] = timing.peakBytes
            systemAllocations[name] = timing.systemAllocations
        }
    }
}

/// The numbers of predictions: each a table of `StepNumbers` by batch size.
struct InferenceNumbers: Encodable {
    var batchSizes: [String: StepNumbers]

    init(_ timings: [StepTiming]) {
        batchSizes = Dictionary(grouping: timings) { "\($0.batchSize)" }.mapValues(StepNumbers.init)
    }
}
