// Written by Scripts/lab-sources.sh from the files of the labs.
#include "lab_sources.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char AutogradBackward[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/AutogradBackward.swift"
    , 0};
static const char DataIterScratch[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/DataIterScratch.swift"
    , 0};
static const char GradientDescent[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/GradientDescent.swift"
    , 0};
static const char LearningRateChoice[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LearningRateChoice.swift"
    , 0};
static const char LinregClosedForm[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregClosedForm.swift"
    , 0};
static const char LinregConcise[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregConcise.swift"
    , 0};
static const char LinregModel[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregModel.swift"
    , 0};
static const char LinregScratch[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregScratch.swift"
    , 0};
static const char MinibatchSgd[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/MinibatchSgd.swift"
    , 0};
static const char SquaredLossMean[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/SquaredLossMean.swift"
    , 0};
static const char SyntheticData[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/SyntheticData.swift"
    , 0};
static const char TensorDatasetDataloader[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/TensorDatasetDataloader.swift"
    , 0};
static const char Bandit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/Bandit.swift"
    , 0};
static const char ConceptShift[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ConceptShift.swift"
    , 0};
static const char CovariateShift[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/CovariateShift.swift"
    , 0};
static const char DropoutLayerScratch[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DropoutLayerScratch.swift"
    , 0};
static const char DropoutMLPConcise[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DropoutMLPConcise.swift"
    , 0};
static const char DropoutMLPScratch[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DropoutMLPScratch.swift"
    , 0};
static const char FairnessAccountability[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/FairnessAccountability.swift"
    , 0};
static const char HousePrice5Fold[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/HousePrice5Fold.swift"
    , 0};
static const char KFoldCV[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/KFoldCV.swift"
    , 0};
static const char LabelShift[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/LabelShift.swift"
    , 0};
static const char MLP[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/MLP.swift"
    , 0};
static const char ModelSelectionSplit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ModelSelectionSplit.swift"
    , 0};
static const char SoftmaxRegression[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/SoftmaxRegression.swift"
    , 0};
static const char TrainVsGeneralizationError[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/TrainVsGeneralizationError.swift"
    , 0};
static const char UnderfitOverfitPoly[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/UnderfitOverfitPoly.swift"
    , 0};
static const char VanishingGradientSigmoid[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/VanishingGradientSigmoid.swift"
    , 0};

static const struct {
    const char *id, *text;
} sources[] = {
    {"autograd-backward", AutogradBackward},
    {"data-iter-scratch", DataIterScratch},
    {"gradient-descent", GradientDescent},
    {"learning-rate-choice", LearningRateChoice},
    {"linreg-closed-form", LinregClosedForm},
    {"linreg-concise", LinregConcise},
    {"linreg-model", LinregModel},
    {"linreg-scratch", LinregScratch},
    {"minibatch-sgd", MinibatchSgd},
    {"squared-loss-mean", SquaredLossMean},
    {"synthetic-data", SyntheticData},
    {"tensordataset-dataloader", TensorDatasetDataloader},
    {"bandit", Bandit},
    {"concept-shift", ConceptShift},
    {"covariate-shift", CovariateShift},
    {"dropout-layer-scratch", DropoutLayerScratch},
    {"dropout-mlp-concise", DropoutMLPConcise},
    {"dropout-mlp-scratch", DropoutMLPScratch},
    {"fairness-accountability", FairnessAccountability},
    {"house-price-5fold", HousePrice5Fold},
    {"k-fold-cv", KFoldCV},
    {"label-shift", LabelShift},
    {"mlp", MLP},
    {"model-selection-split", ModelSelectionSplit},
    {"softmax-regression", SoftmaxRegression},
    {"train-vs-generalization-error", TrainVsGeneralizationError},
    {"underfit-overfit-poly", UnderfitOverfitPoly},
    {"vanishing-gradient-sigmoid", VanishingGradientSigmoid},
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
