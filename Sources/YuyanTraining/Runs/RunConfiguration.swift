import Foundation
import YuyanCore

/// All that is needed to repeat a run: its `configuration.json`.
///
///     let configuration = RunConfiguration(
///         epochs: 20, patience: 3, seed: 1, hyperparameters: ["learning rate": 0.01, "batch size": 32])
///
/// Keys are in snake case, as in all files that Yuyan writes.
public struct RunConfiguration: Sendable, Hashable {
    /// The version of this form of file; others are refused.
    public static let currentFormatVersion = 2

    /// The version of the file.
    public var formatVersion = RunConfiguration.currentFormatVersion
    /// The version of Yuyan that started the run.
    public var yuyanVersion: String
    /// What people call the program that trains the run; nil for `yuyan train`.
    public var program: String?
    /// What `yuyan train` was told beside; nil in other programs, which have hyperparameters.
    public var recipe: RecipeSettings?
    /// How often the training set is gone through.
    public var epochs: Int
    /// The number of epochs without a smaller validation loss after which training stopped; nil if it did not.
    public var patience: Int?
    /// The seed of all random numbers.
    public var seed: UInt64
    /// "cpu", "reference" or another `Device`.
    public var device: String
    /// Threads that computed, last if a resumed run changed them. The last bits of the results depend on it.
    public var threads: Int
    /// The element type that layers computed with.
    public var precision: Precision
    /// Whether convolutions were timed, and computed by the faster kernels, rather than by those that a rule names.
    public var tunes: Bool
    /// How often a checkpoint was written, such as "1epoch" or "100steps".
    public var checkpointEvery: String
    /// When the run began.
    public var startedAt: Date
    /// What a program of your own has chosen, in its order.
    public var hyperparameters: [Hyperparameter] = []

    /// The configuration of a run that `yuyan train` trains.
    public init(
        recipe: RecipeSettings, epochs: Int, patience: Int? = nil, seed: UInt64 = 0, device: String, threads: Int,
        precision: Precision = .float32, tunes: Bool = false, checkpointEvery: String = "1epoch",
        startedAt: Date = Date(),
        yuyanVersion: String = currentYuyanVersion
    ) {
        self.yuyanVersion = yuyanVersion
        self.recipe = recipe
        self.epochs = epochs
        self.patience = patience
        self.seed = seed
        self.device = device
        self.threads = threads
        self.precision = precision
        self.tunes = tunes
        self.checkpointEvery = checkpointEvery
        // Files keep whole seconds.
        self.startedAt = Date(timeIntervalSince1970: startedAt.timeIntervalSince1970.rounded(.down))
    }

    /// The configuration of a run that a program of your own trains, as this process computes now: `Device.current`,
    /// `ComputeThreads.count`, `Precision.current` and `KernelTuning.isEnabled`.
    ///
    /// Traps if `epochs` is below 0 or `patience` below 1, or if a hyperparameter has the name of another or of a setting that
    /// every run has, such as `seed`.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - epochs: how often to go through the training batches.
    ///   - patience: the number of epochs without a smaller validation loss after which the training stops.
    ///   - seed: that of `withSeed(_:_:)`, with which the program makes its model and its batches.
    ///   - hyperparameters: what the program has chosen beside, in the order in which people are shown it.
    public init(
        program: String = ProcessInfo.processInfo.processName, epochs: Int, patience: Int? = nil, seed: UInt64 = 0,
        checkpointEvery: Checkpointer.Interval = .epochs(1),
        hyperparameters: KeyValuePairs<String, any HyperparameterValue> = [:]
    ) {
        guard epochs >= 0, patience ?? 1 >= 1 else {
            failure("RunConfiguration: epochs is \(epochs), patience \(patience.map { "\($0)" } ?? "nil")")
        }
        yuyanVersion = currentYuyanVersion
        self.program = program
        self.epochs = epochs
        self.patience = patience
        self.seed = seed
        device = Device.current.description
        threads = ComputeThreads.count
        precision = .current
        tunes = KernelTuning.isEnabled
        self.checkpointEvery = checkpointEvery.description
        startedAt = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        self.hyperparameters = hyperparameters.map { Hyperparameter($0.key, $0.value) }
        let names = settings.map(\.name)
        guard Set(names).count == names.count else {
            failure("RunConfiguration: a setting stands twice in \(names)")
        }
    }

    /// What people call that which is trained: the model of `yuyan train`, or the program.
    public var title: String { recipe?.model ?? program ?? "" }

    /// The settings as people read them, in order: names as the options of the command, and values.
    public var settings: [(name: String, value: String)] {
        var settings = program.map { [("program", $0)] } ?? []
        settings += recipe?.dataSettings ?? []
        settings.append(("epochs", "\(epochs)"))
        settings += recipe?.stepSettings ?? []
        settings += hyperparameters.map { ($0.name, "\($0.value)") }
        settings += [
            ("patience", patience.map { "\($0)" } ?? "none"), ("seed", "\(seed)"), ("device", device),
            ("threads", "\(threads)"), ("precision", precision.rawValue),
        ]
        if let recipe { settings.append(("workers", "\(recipe.workers)")) }
        settings += [
            ("tune", tunes ? "yes" : "no"), ("checkpoint every", checkpointEvery),
            ("yuyan", yuyanVersion),
        ]
        return settings
    }

    /// The first setting in which a run with this configuration would compute something else than `other`, with both
    /// values; nil if there is none. The number of epochs counts as none: it only says when to stop. Nor does that of
    /// threads, which is the machine's affair and changes the last bits alone.
    public func difference(from other: RunConfiguration) -> (name: String, value: String, other: String)? {
        let harmless: Set = ["epochs", "threads", "workers", "checkpoint every", "yuyan", "data"]
        let rows = RunConfiguration.settings(of: [self, other])
        return rows.first { !harmless.contains($0.name) && $0.values[0] != $0.values[1] }
            .map { ($0.name, $0.values[0], $0.values[1]) }
    }

    /// The settings of several configurations side by side, "none" where one lacks what others have.
    package static func settings(of configurations: [RunConfiguration]) -> [(name: String, values: [String])] {
        let all = configurations.map(\.settings)
        var names: [String] = []
        for name in all.joined().map(\.name) where !names.contains(name) { names.append(name) }
        return names.map { name in
            (name, all.map { settings in settings.first { $0.name == name }?.value ?? "none" })
        }
    }
}

extension RunConfiguration: Codable {
    private enum CodingKeys: CodingKey {
        case formatVersion, yuyanVersion, program, epochs, patience, seed, device, threads, precision,
            tunes, checkpointEvery, startedAt, hyperparameters
    }

    /// The settings of `yuyan train` stand beside the others.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        formatVersion = try values.decode(Int.self, forKey: .formatVersion)
        yuyanVersion = try values.decode(String.self, forKey: .yuyanVersion)
        program = try values.decodeIfPresent(String.self, forKey: .program)
        recipe = program == nil ? try RecipeSettings(from: decoder) : nil
        epochs = try values.decode(Int.self, forKey: .epochs)
        patience = try values.decodeIfPresent(Int.self, forKey: .patience)
        seed = try values.decode(UInt64.self, forKey: .seed)
        device = try values.decode(String.self, forKey: .device)
        threads = try values.decode(Int.self, forKey: .threads)
        precision = try values.decode(Precision.self, forKey: .precision)
        tunes = try values.decode(Bool.self, forKey: .tunes)
        checkpointEvery = try values.decode(String.self, forKey: .checkpointEvery)
        startedAt = try values.decode(Date.self, forKey: .startedAt)
        hyperparameters = try values.decodeIfPresent([Hyperparameter].self, forKey: .hyperparameters) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(formatVersion, forKey: .formatVersion)
        try values.encode(yuyanVersion, forKey: .yuyanVersion)
        try values.encodeIfPresent(program, forKey: .program)
        try recipe?.encode(to: encoder)
        try values.encode(epochs, forKey: .epochs)
        try values.encodeIfPresent(patience, forKey: .patience)
        try values.encode(seed, forKey: .seed)
        try values.encode(device, forKey: .device)
        try values.encode(threads, forKey: .threads)
        try values.encode(precision, forKey: .precision)
        try values.encode(tunes, forKey: .tunes)
        try values.encode(checkpointEvery, forKey: .checkpointEvery)
        try values.encode(startedAt, forKey: .startedAt)
        if program != nil { try values.encode(hyperparameters, forKey: .hyperparameters) }
    }
}
