import Foundation
import Yuyan

/// What `yuyan bench --json` writes: keys in snake case.
protocol BenchFile: Encodable {}

extension BenchFile {
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

/// The numbers of training steps. Times in milliseconds.
struct BenchReport: BenchFile {
    var yuyan = YuyanCommand.configuration.version
    var oneDNN: String?
    var device = Device.current.description
    var threads = ComputeThreads.count
    var machine = Machine.current
    var instructions: String
    var peakGflops: Double
    var copyGigabytesPerSecond: Double
    var addGigabytesPerSecond: Double
    /// The median step of each workload.
    var ms: [String: Double]
    var minimumMs: [String: Double]
    var steps: [String: Int]
    var kernels: [String: Int]
    var operations: [String: Int]
    var peakBytes: [String: Int]
    var systemAllocations: [String: Int]

    init(_ timings: [StepTiming], _ limits: MachineLimits) {
        func table<Value>(_ value: (StepTiming) -> Value) -> [String: Value] {
            Dictionary(uniqueKeysWithValues: timings.map { ($0.workload.name, value($0)) })
        }
        oneDNN = Device.oneDNNVersion
        instructions = limits.instructions
        peakGflops = limits.operationsPerSecond / 1e9
        copyGigabytesPerSecond = limits.copyBytesPerSecond / 1e9
        addGigabytesPerSecond = limits.addBytesPerSecond / 1e9
        ms = table { $0.medianSeconds * 1e3 }
        minimumMs = table { $0.minimumSeconds * 1e3 }
        steps = table(\.stepCount)
        kernels = table(\.kernelCount)
        operations = table(\.operations)
        peakBytes = table(\.peakBytes)
        systemAllocations = table(\.systemAllocations)
    }
}
