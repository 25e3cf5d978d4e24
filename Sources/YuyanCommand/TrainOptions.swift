import ArgumentParser
import Foundation
import Yuyan

/// The options of `yuyan train`. Numbers are taken as they stand, so that `--learning-rate -1` gets a proper answer.
struct TrainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder with the data set's files, or with a folder of pictures for each class. "
                + "(default: \(FashionMNIST.systemFolder.path))",
            valueName: "folder"), completion: .directory)
    var data: String?

    @OptionGroup var form: NetworkOptions

    @OptionGroup var pictures: PictureOptions

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
        help: ArgumentHelp(
            "How gradients become steps. Others than sgd have a learning rate of their own by default. (default: sgd)",
            valueName: "name"))
    var optimizer: OptimizerChoice?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Length of the steps, above 0. (default: \(Recipe.defaults { "\($0.learningRate)" }))", valueName: "n"))
    var learningRate: TypedNumber?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Momentum of the steps, 0 or more and below 1; of sgd alone. (default: 0)", valueName: "n"))
    var momentum: TypedNumber?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Weight decay, on biases too; 0 or more. (default: 0, adamw \(NumberText.plain(OptimizerChoice.adamw.defaultWeightDecay)))",
            valueName: "n"))
    var weightDecay: TypedNumber?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Of the training set, the part that is kept back to validate with: the best epoch and --patience are chosen "
                + "by it, never by the test set. 0 trains on all and chooses nothing. "
                + "(default: \(NumberText.plain(TrainOptions.defaultValidationFraction)))",
            valueName: "n"))
    var validationFraction: TypedNumber?

    static let defaultValidationFraction = 0.1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Stop when the validation loss has not fallen for n epochs, with the weights of the best epoch.",
            valueName: "n"))
    var patience: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of all random numbers. The same seed gives the same weights. (default: 0)", valueName: "n"))
    var seed: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads to compute on. (default: one for each core)", valueName: "n"))
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads that load data meanwhile; 0 loads between the steps. (default: 0)", valueName: "n"))
    var workers: Int?

    @Option(help: "Where to compute. (default: \(Device.best))")
    var device: Device?

    @Option(
        help: ArgumentHelp(
            "The numbers that layers compute with: float32, or bfloat16, faster where the processor multiplies it. "
                + "(default: float32)", valueName: "type"))
    var precision: Precision?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use only the first n samples of the training set and of the test set.", valueName: "n"))
    var limit: Int?

    @Flag(
        help: """
            Time the kernels of convolutions, and take the fastest. Runs differ in the last bits then: without, the same \
            seed gives the same bits.
            """)
    var tune = false

    @Option(
        help: ArgumentHelp(
            "Name of the run, a folder in --root. (default: the model, date and time)", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Folder that holds the runs. (default: runs)", valueName: "folder"))
    var root: String?

    @Option(
        help: ArgumentHelp(
            "Folder of the run, instead of --root and --name. It must be empty or missing.", valueName: "folder"))
    var output: String?

    @Flag(help: "Write no files.")
    var noSave = false

    @Option(
        help: ArgumentHelp(
            "How often to write a checkpoint, such as 100steps or 2epochs. (default: 1epoch)", valueName: "interval"))
    var checkpointEvery: Checkpointer.Interval?

    @Option(
        help: ArgumentHelp(
            "Continue this run, by its folder or its name in runs, with its settings; only --epochs, --threads, "
                + "--data, --checkpoint-every, --json and --quiet may be given beside it.", valueName: "run"),
        completion: .runs)
    var resume: String?

    @Flag(help: "Print one JSON object at the end, and the progress to standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print no progress, only the table at the end.")
    var quiet = false

    func validate() throws {
        try check(epochs, "epochs", "a whole number above 0") { $0 > 0 }
        try check(batchSize, "batch-size", "a whole number above 0") { $0 > 0 }
        try check(learningRate, "learning-rate", "a number above 0") { $0.value > 0 && $0.value.isFinite }
        try check(momentum, "momentum", "0 or more and below 1") { (0..<1).contains($0.value) }
        try check(weightDecay, "weight-decay", "a number, 0 or more") { $0.value >= 0 && $0.value.isFinite }
        try check(validationFraction, "validation-fraction", "0 or more and below 1") { (0..<1).contains($0.value) }
        try check(patience, "patience", "a whole number above 0") { $0 > 0 }
        let threads = ComputeThreads.allowed
        try check(self.threads, "threads", "\(threads.lowerBound) to \(threads.upperBound)", threads.contains)
        try check(workers, "workers", "0 to 64", (0...64).contains)
        try check(limit, "limit", "a whole number above 0") { $0 > 0 }
        try check(data, "data", "a folder") { !$0.isEmpty }
        try check(output, "output", "a folder") { !$0.isEmpty }
        try check(root, "root", "a folder") { !$0.isEmpty }
        try check(resume, "resume", "a run's name or folder") { !$0.isEmpty }
        try check(name, "name", "a name without '/'") { ![".", "..", ""].contains($0) && !$0.contains("/") }
        try check(name, "name", "a name without control characters") {
            $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
        try check(name, "name", "a name of at most 255 bytes") { $0.utf8.count <= 255 }
        try validateTogether()
    }

    /// Options that contradict each other.
    private func validateTogether() throws {
        let places = [("--output", output != nil), ("--name", name != nil), ("--root", root != nil)]
        if noSave, let place = places.first(where: \.1) {
            throw ValidationError("\(place.0) and --no-save contradict each other.")
        }
        if noSave, checkpointEvery != nil {
            throw ValidationError("--checkpoint-every and --no-save contradict each other.")
        }
        if output != nil, let place = places[1...].first(where: \.1) {
            throw ValidationError("--output and \(place.0) contradict each other.")
        }
        if let optimizer, !optimizer.hasMomentum, momentum != nil {
            throw ValidationError("--momentum belongs to --optimizer sgd: \(optimizer.rawValue) has none.")
        }
        if patience != nil, validationFraction?.value == 0 {
            throw ValidationError(
                "--patience needs a validation set, by whose loss it stops: leave out --validation-fraction 0.")
        }
        guard resume != nil else { return }
        let fixed =
            [
                ("--output", output != nil), ("--name", name != nil), ("--no-save", noSave),
                ("--batch-size", batchSize != nil), ("--optimizer", optimizer != nil),
                ("--learning-rate", learningRate != nil), ("--momentum", momentum != nil),
                ("--weight-decay", weightDecay != nil), ("--validation-fraction", validationFraction != nil),
                ("--patience", patience != nil), ("--seed", seed != nil),
                ("--workers", workers != nil), ("--device", device != nil), ("--limit", limit != nil),
                ("--precision", precision != nil), ("--width-ratio", form.widthRatio != nil),
                ("--resize", form.resize != nil), ("--augment", !pictures.augment.isEmpty),
                ("--gray", pictures.gray),
                ("--tune", tune),
            ]
        if let option = fixed.first(where: \.1) {
            throw ValidationError("\(option.0) cannot be given with --resume: the run keeps its settings.")
        }
    }

    private func check<Value>(
        _ value: Value?, _ option: String, _ rule: String, _ holds: (Value) -> Bool
    ) throws {
        guard let value, !holds(value) else { return }
        throw ValidationError("--\(option) must be \(rule), not '\("\(value)".abbreviated)'.")
    }
}

extension Checkpointer.Interval: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
