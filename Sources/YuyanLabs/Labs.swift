import Yuyan

/// All labs, in the order of the notes and of the book.
public enum Labs {
    public static let all: [Lab] = linearNetworks + multilayerPerceptrons + convolutionsAndTranslation

    private static let linearNetworks: [Lab] = [
        linregModel, squaredLossMean, linregClosedForm, gradientDescent, learningRateChoice, minibatchSgd,
        syntheticData,
        dataIterScratch, linregScratch, autogradBackward, linregConcise, tensorDatasetDataloader,
    ]

    private static let multilayerPerceptrons: [Lab] = [
        softmaxRegression, mlp, trainVsGeneralizationError, modelSelectionSplit, kFoldCV, underfitOverfitPoly,
        dropoutLayerScratch, dropoutMLPScratch, dropoutMLPConcise,
        vanishingGradientSigmoid, covariateShift, labelShift, conceptShift, bandit, fairnessAccountability,
    ]

    private static let convolutionsAndTranslation: [Lab] = [housePrice5Fold]

    /// The lab of an id; nil if there is none.
    public static func lab(_ id: String) -> Lab? { all.first { $0.id == id } }
}
