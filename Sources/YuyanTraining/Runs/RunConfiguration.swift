import Foundation
import YuyanData

/// All that is needed to repeat a run: its `configuration.json`.
///
/// Keys are in snake case, as in all files that Yuyan writes.
public struct RunConfiguration: Sendable, Hashable, Codable {
    /// The version of this form of file; others are refused.
    public static let currentFormatVersion = 2

    /// The version of the file.
    public var formatVersion = RunConfiguration.currentFormatVersion
    /// The version of Yuyan that started the run.
    public var yuyanVersion: String
    /// What `yuyan train` calls the model.
    public var model: String
    /// What people call the data set, such as "Fashion-MNIST".
    public var dataSet: String
    /// The folder of its files; nil for the place where the system keeps them, and for data that are made.
    public var dataFolder: String?
    /// Checksums of the whole sets by their names, such as "train", by which the data are known elsewhere; nil in runs of
    /// older versions, and empty for data that are made.
    public var dataChecksums: [String: String]?
    /// The number of samples that were used of each set; nil for all.
    public var limit: Int?
    /// Of the samples to train on, those that were kept back to validate with, by the seed: 0 ..< 1.
    public var validationFraction: Double
    /// How often the training set is gone through.
    public var epochs: Int
    /// Samples in each step.
    public var batchSize: Int
    /// η, the length of the steps.
    public var learningRate: Double
    /// The momentum of the steps, 0 for none.
    public var momentum: Double
    /// λ, 0 for none.
    public var weightDecay: Double
    /// The number of epochs without a smaller validation loss after which training stopped; nil if it did not.
    public var patience: Int?
    /// The seed of all random numbers.
    public var seed: UInt64
    /// "cpu", "reference" or another `Device`.
    public var device: String
    /// Threads that computed, last if a resumed run changed them. The last bits of the results depend on it.
    public var threads: Int
    /// Threads that loaded data. Nothing depends on it.
    public var workers: Int
    /// Whether convolutions were computed by the same kernels always, rather than by those that were fastest.
    public var deterministic: Bool
    /// How often a checkpoint was written, such as "1epoch" or "100steps".
    public var checkpointEvery: String
    /// When the run began.
    public var startedAt: Date

    /// The settings of a run.
    public init(
        yuyanVersion: String, model: String, dataSet: String, dataFolder: String? = nil, limit: Int? = nil,
        validationFraction: Double = 0, epochs: Int, batchSize: Int, learningRate: Double, momentum: Double = 0,
        weightDecay: Double = 0,
        patience: Int? = nil, seed: UInt64 = 0, device: String, threads: Int, workers: Int = 0,
        deterministic: Bool = false,
        checkpointEvery: String = "1epoch", startedAt: Date = Date()
    ) {
        self.yuyanVersion = yuyanVersion
        self.model = model
        self.dataSet = dataSet
        self.dataFolder = dataFolder
        self.limit = limit
        self.validationFraction = validationFraction
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.patience = patience
        self.seed = seed
        self.device = device
        self.threads = threads
        self.workers = workers
        self.deterministic = deterministic
        self.checkpointEvery = checkpointEvery
        // Files keep whole seconds.
        self.startedAt = Date(timeIntervalSince1970: startedAt.timeIntervalSince1970.rounded(.down))
    }

    /// The settings as people read them, in order: names as the options of the command, and values.
    public var settings: [(name: String, value: String)] {
        [
            ("model", model), ("data set", dataSet), ("data", dataFolder ?? "default"),
            ("limit", limit.map { "\($0)" } ?? "none"),
            ("validation fraction", NumberText.plain(validationFraction)), ("epochs", "\(epochs)"),
            ("batch size", "\(batchSize)"), ("learning rate", NumberText.plain(learningRate)),
            ("momentum", NumberText.plain(momentum)), ("weight decay", NumberText.plain(weightDecay)),
            ("patience", patience.map { "\($0)" } ?? "none"), ("seed", "\(seed)"), ("device", device),
            ("threads", "\(threads)"), ("workers", "\(workers)"), ("deterministic", deterministic ? "yes" : "no"),
            ("checkpoint every", checkpointEvery),
            ("yuyan", yuyanVersion),
        ]
    }

    /// The first setting in which a run with this configuration would compute something else than `other`, with both
    /// values; nil if there is none. The number of epochs counts as none: it only says when to stop. Nor does that of
    /// threads, which is the machine's affair and changes the last bits alone.
    public func difference(from other: RunConfiguration) -> (name: String, value: String, other: String)? {
        let harmless: Set = ["epochs", "threads", "workers", "checkpoint every", "yuyan", "data"]
        for (own, foreign) in zip(settings, other.settings) where own != foreign && !harmless.contains(own.name) {
            return (own.name, own.value, foreign.value)
        }
        return nil
    }
}

/// JSON as all files have it: keys in snake case and sorted, dates by ISO 8601, doubles to the bit.
package enum JSONText {
    package static func encoded(_ value: some Encodable, isPretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }

    /// The same of a form of file that has versions: others than `version` are refused by theirs.
    package static func decoded<Value: Decodable>(
        _ type: Value.Type, _ text: some Sequence<UInt8>, version: Int, path: String, called name: String
    ) throws(DataError) -> Value {
        let found = try decoded(FormatVersion.self, text, path: path, called: name).formatVersion
        guard found == version else {
            throw DataError(path: path, reason: "has format version \(found); this Yuyan reads \(version)")
        }
        return try decoded(type, text, path: path, called: name)
    }

    private struct FormatVersion: Decodable {
        var formatVersion: Int
    }

    /// - Throws: `DataError` that names the file and the key at fault.
    package static func decoded<Value: Decodable>(
        _ type: Value.Type, _ text: some Sequence<UInt8>, path: String, called name: String
    ) throws(DataError) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: Data(text))
        } catch {
            throw DataError(path: path, reason: "is no \(name): \(reason(of: error))")
        }
    }

    private static func reason(of error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            let path = place(context)
            return "it lacks \(path.isEmpty ? "" : path + ".")\(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context)) has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context)) is wrong"
        default:
            return "it is not JSON"
        }
    }
}
