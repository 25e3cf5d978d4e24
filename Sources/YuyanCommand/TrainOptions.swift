import ArgumentParser
import Foundation
import Yuyan

/// The options of `yuyan train`. Numbers are taken as they stand, so that `--learning-rate -1` gets a proper answer.
struct TrainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder with the data set's files. (default: \(FashionMNIST.systemFolder.path))",
            valueName: "folder"))
    var data: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How often to go through the training set. (default: \(Recipe.defaults { "\($0.epochs)" }))", valueName: "n"
        ))
    var epochs: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Samples in each step. (default: \(Recipe.defaults { "\($0.batchSize)" }))", valueName: "n"))
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Length of the steps, above 0. (default: \(Recipe.defaults { "\($0.learningRate)" }))", valueName: "n"))
    var learningRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Momentum of the steps, 0 or more and below 1.", valueName: "n"))
    var momentum = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Weight decay, on biases too; 0 or more.", valueName: "n"))
    var weightDecay = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of all random numbers. The same seed gives the same weights.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads to compute on. (default: one for each core)", valueName: "n"))
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads that load data meanwhile; 0 loads between the steps.", valueName: "n"))
    var workers = 0

    @Option(help: "Where to compute. (default: \(Device.best))")
    var device: Device?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use only the first n samples of each set.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Folder for weights.safetensors, metrics.csv and timing.csv. (default: nothing is written)",
            valueName: "folder"))
    var output: String?

    @Flag(help: "Print one JSON object at the end, and the progress to standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print no progress, only the table at the end.")
    var quiet = false

    func validate() throws {
        try check(epochs, "epochs", "a whole number above 0") { $0 > 0 }
        try check(batchSize, "batch-size", "a whole number above 0") { $0 > 0 }
        try check(learningRate, "learning-rate", "a number above 0") { $0 > 0 && $0.isFinite }
        try check(momentum, "momentum", "0 or more and below 1") { (0..<1).contains($0) }
        try check(weightDecay, "weight-decay", "a number, 0 or more") { $0 >= 0 && $0.isFinite }
        let threads = ComputeThreads.allowed
        try check(self.threads, "threads", "\(threads.lowerBound) to \(threads.upperBound)", threads.contains)
        try check(workers, "workers", "0 to 64", (0...64).contains)
        try check(limit, "limit", "a whole number above 0") { $0 > 0 }
        try check(data, "data", "a folder") { !$0.isEmpty }
        try check(output, "output", "a folder") { !$0.isEmpty }
        if device == nil { try Device.checkEnvironment() }
    }

    private func check<Value>(
        _ value: Value?, _ option: String, _ rule: String, _ holds: (Value) -> Bool
    ) throws {
        guard let value, !holds(value) else { return }
        throw ValidationError("--\(option) must be \(rule), not '\(value)'.")
    }
}

extension Device: ExpressibleByArgument {
    public init?(argument: String) {
        guard let device = Device(rawValue: argument), device.isAvailable else { return nil }
        self = device
    }

    public static var allValueStrings: [String] { allCases.filter(\.isAvailable).map(\.rawValue) }

    /// Refuses a `YUYAN_DEVICE` that names no device of this build.
    static func checkEnvironment() throws {
        guard let name = ProcessInfo.processInfo.environment["YUYAN_DEVICE"], !name.isEmpty,
            Device(argument: name) == nil
        else { return }
        let known = Device.allValueStrings.joined(separator: ", ")
        throw ValidationError("YUYAN_DEVICE is '\(name)', this build has the devices \(known).")
    }
}
