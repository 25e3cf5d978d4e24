import Yuyan

/// All labs, in the order of the notes and of the book.
public enum Labs {
    public static let all: [Lab] = [linearNetworks, multilayerPerceptrons, convolutionsAndTranslation].flatMap { $0 }

    private static let linearNetworks: [Lab] = [linregScratch]

    private static let multilayerPerceptrons: [Lab] = [
        weightDecayScratch, weightDecayConcise, dropoutLayerScratch, forwardBackwardMLP, vanishingGradientSigmoid,
        explodingGradientMatrices, symmetryBreaking, defaultInit, xavierInit, empiricalVsTrueRisk,
        conceptShiftCorrection, batchLearning, onlineLearning, bandit, control, reinforcementLearning,
        considerEnvironment,
    ]

    private static let convolutionsAndTranslation: [Lab] = [deepNetActivationChoice]

    /// The lab of an id; nil if there is none.
    public static func lab(_ id: String) -> Lab? { all.first { $0.id == id } }
}
