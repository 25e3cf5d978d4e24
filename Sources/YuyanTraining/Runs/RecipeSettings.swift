/// What `yuyan train` was told beside that which every run has: the model, the data and the steps.
public struct RecipeSettings: Sendable, Hashable, Codable {
    /// What `yuyan train` calls the model.
    public var model: String
    /// What the model's channels and hidden units are divided by; nil if they are the book's.
    public var widthRatio: Int?
    /// Height and width to which images are resized; nil if they stay as they are.
    public var imageSize: Int?
    /// What pictures show and how they are changed; nil for Fashion-MNIST's as they are, and for other data.
    public var images: ImageSettings?
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
    /// Samples in each step.
    public var batchSize: Int
    /// What `yuyan train` calls the optimizer; nil in runs of older versions, which had "sgd" alone.
    public var optimizer: String?
    /// η, the length of the steps.
    public var learningRate: Double
    /// 0 where the optimizer has none.
    public var momentum: Double
    /// λ, 0 for none.
    public var weightDecay: Double
    /// Threads that loaded data. Nothing depends on it.
    public var workers: Int

    /// The settings of a run of `yuyan train`.
    public init(
        model: String, widthRatio: Int? = nil, imageSize: Int? = nil, images: ImageSettings? = nil, dataSet: String,
        dataFolder: String? = nil,
        limit: Int? = nil, validationFraction: Double = 0,
        batchSize: Int, optimizer: String = RecipeSettings.firstOptimizer, learningRate: Double, momentum: Double = 0,
        weightDecay: Double = 0, workers: Int = 0
    ) {
        self.model = model
        self.widthRatio = widthRatio
        self.imageSize = imageSize
        self.images = images
        self.dataSet = dataSet
        self.dataFolder = dataFolder
        self.limit = limit
        self.validationFraction = validationFraction
        self.batchSize = batchSize
        self.optimizer = optimizer
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.workers = workers
    }

    /// What was there before there was a choice.
    public static let firstOptimizer = "sgd"

    /// What `yuyan train` calls the optimizer, also in runs of older versions.
    public var optimizerName: String { optimizer ?? RecipeSettings.firstOptimizer }

    /// As people read them: those before the number of epochs.
    var dataSettings: [(name: String, value: String)] {
        [("model", model)]
            + (widthRatio.map { [("width ratio", "\($0)")] } ?? [])
            + (imageSize.map { [("image size", "\($0)")] } ?? [])
            + (images?.rows ?? [])
            + [
                ("data set", dataSet), ("data", dataFolder ?? "default"),
                ("limit", limit.map { "\($0)" } ?? "none"),
                ("validation fraction", NumberText.plain(validationFraction)),
            ]
    }

    /// And those behind it.
    var stepSettings: [(name: String, value: String)] {
        [
            ("batch size", "\(batchSize)"), ("optimizer", optimizerName),
            ("learning rate", NumberText.plain(learningRate)),
            ("momentum", NumberText.plain(momentum)), ("weight decay", NumberText.plain(weightDecay)),
        ]
    }
}
