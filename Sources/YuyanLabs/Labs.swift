import Yuyan

/// All labs, in the order of the notes and of the book.
public enum Labs {
    public static let all: [Lab] = [
        linearNetworks, multilayerPerceptrons, convolutionsAndTranslation, beyond,
    ].flatMap { $0 }

    private static let linearNetworks: [Lab] = [
        linregModel, squaredLossMean, linregClosedForm, gradientDescent, learningRateChoice, minibatchSgd,
        syntheticData, dataIterScratch, linregScratch, autogradBackward, linregConcise, tensorDatasetDataloader,
    ]

    private static let multilayerPerceptrons: [Lab] = [
        softmaxRegression, mlp,
        trainVsGeneralizationError, modelSelectionSplit, kFoldCV, underfitOverfitPoly,
        weightDecayScratch, weightDecayConcise,
        dropoutLayerScratch, dropoutMLPScratch, dropoutMLPConcise,
        forwardBackwardMLP, vanishingGradientSigmoid, explodingGradientMatrices, symmetryBreaking, defaultInit,
        xavierInit,
        covariateShift, labelShift, conceptShift, empiricalVsTrueRisk, covariateShiftCorrection, labelShiftCorrection,
        conceptShiftCorrection,
        batchLearning, onlineLearning, bandit, control, reinforcementLearning, considerEnvironment,
        fairnessAccountability,
    ]

    private static let convolutionsAndTranslation: [Lab] = [
        deepNetActivationChoice, housePrice5Fold,
        whyConv, corr2D, edgeDetection, learnKernel, conv2DLayer, convOutputSize, convChannels, pooling, leNet,
        alexNet, vggBlocks, vgg11, nin, globalAveragePool, googLeNet, deviceSelect,
    ]

    private static let beyond: [Lab] = [
        batchNormalization, resNet, denseNet, compareNetworks, momentum, adagrad, rmsprop, adadelta, adam, yogi,
    ]

    /// The lab of an id; nil if there is none.
    public static func lab(_ id: String) -> Lab? { all.first { $0.id == id } }
}
