// Written by Scripts/lab-sources.sh from the files of the labs.
#include "lab_sources.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char AlexNet[] = {
#embed "../../Sources/YuyanLabs/Convolution/AlexNet.swift"
    , 0};
static const char BatchNormalization[] = {
#embed "../../Sources/YuyanLabs/Convolution/BatchNormalization.swift"
    , 0};
static const char CompareNetworks[] = {
#embed "../../Sources/YuyanLabs/Convolution/CompareNetworks.swift"
    , 0};
static const char Conv2DLayer[] = {
#embed "../../Sources/YuyanLabs/Convolution/Conv2DLayer.swift"
    , 0};
static const char ConvChannels[] = {
#embed "../../Sources/YuyanLabs/Convolution/ConvChannels.swift"
    , 0};
static const char ConvOutputSize[] = {
#embed "../../Sources/YuyanLabs/Convolution/ConvOutputSize.swift"
    , 0};
static const char Corr2D[] = {
#embed "../../Sources/YuyanLabs/Convolution/Corr2D.swift"
    , 0};
static const char DenseNet[] = {
#embed "../../Sources/YuyanLabs/Convolution/DenseNet.swift"
    , 0};
static const char DeviceSelect[] = {
#embed "../../Sources/YuyanLabs/Convolution/DeviceSelect.swift"
    , 0};
static const char EdgeDetection[] = {
#embed "../../Sources/YuyanLabs/Convolution/EdgeDetection.swift"
    , 0};
static const char GlobalAveragePool[] = {
#embed "../../Sources/YuyanLabs/Convolution/GlobalAveragePool.swift"
    , 0};
static const char GoogLeNet[] = {
#embed "../../Sources/YuyanLabs/Convolution/GoogLeNet.swift"
    , 0};
static const char LeNet[] = {
#embed "../../Sources/YuyanLabs/Convolution/LeNet.swift"
    , 0};
static const char LearnKernel[] = {
#embed "../../Sources/YuyanLabs/Convolution/LearnKernel.swift"
    , 0};
static const char NiN[] = {
#embed "../../Sources/YuyanLabs/Convolution/NiN.swift"
    , 0};
static const char Pooling[] = {
#embed "../../Sources/YuyanLabs/Convolution/Pooling.swift"
    , 0};
static const char ResNet[] = {
#embed "../../Sources/YuyanLabs/Convolution/ResNet.swift"
    , 0};
static const char VGG[] = {
#embed "../../Sources/YuyanLabs/Convolution/VGG.swift"
    , 0};
static const char VGGBlock[] = {
#embed "../../Sources/YuyanLabs/Convolution/VGGBlock.swift"
    , 0};
static const char WhyConv[] = {
#embed "../../Sources/YuyanLabs/Convolution/WhyConv.swift"
    , 0};
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
static const char BatchLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/BatchLearning.swift"
    , 0};
static const char ConceptShift[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ConceptShift.swift"
    , 0};
static const char ConceptShiftCorrection[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ConceptShiftCorrection.swift"
    , 0};
static const char ConsiderEnvironment[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ConsiderEnvironment.swift"
    , 0};
static const char Control[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/Control.swift"
    , 0};
static const char CovariateShift[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/CovariateShift.swift"
    , 0};
static const char CovariateShiftCorrection[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/CovariateShiftCorrection.swift"
    , 0};
static const char DeepNetActivationChoice[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DeepNetActivationChoice.swift"
    , 0};
static const char DefaultInit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DefaultInit.swift"
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
static const char EmpiricalVsTrueRisk[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/EmpiricalVsTrueRisk.swift"
    , 0};
static const char ExplodingGradientMatrices[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ExplodingGradientMatrices.swift"
    , 0};
static const char FairnessAccountability[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/FairnessAccountability.swift"
    , 0};
static const char ForwardBackwardMLP[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ForwardBackwardMLP.swift"
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
static const char LabelShiftCorrection[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/LabelShiftCorrection.swift"
    , 0};
static const char MLP[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/MLP.swift"
    , 0};
static const char ModelSelectionSplit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ModelSelectionSplit.swift"
    , 0};
static const char OnlineLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/OnlineLearning.swift"
    , 0};
static const char ReinforcementLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ReinforcementLearning.swift"
    , 0};
static const char SoftmaxRegression[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/SoftmaxRegression.swift"
    , 0};
static const char SymmetryBreaking[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/SymmetryBreaking.swift"
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
static const char WeightDecayConcise[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/WeightDecayConcise.swift"
    , 0};
static const char WeightDecayScratch[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/WeightDecayScratch.swift"
    , 0};
static const char XavierInit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/XavierInit.swift"
    , 0};
static const char Adadelta[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Adadelta.swift"
    , 0};
static const char Adagrad[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Adagrad.swift"
    , 0};
static const char Adam[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Adam.swift"
    , 0};
static const char Momentum[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Momentum.swift"
    , 0};
static const char Rmsprop[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Rmsprop.swift"
    , 0};
static const char Yogi[] = {
#embed "../../Sources/YuyanLabs/Optimizers/Yogi.swift"
    , 0};

static const struct {
    const char *id, *text;
} sources[] = {
    {"alexnet-seed", AlexNet},
    {"batch-norm", BatchNormalization},
    {"compare-networks", CompareNetworks},
    {"conv2d-layer", Conv2DLayer},
    {"conv-channels", ConvChannels},
    {"conv-output-size", ConvOutputSize},
    {"corr2d", Corr2D},
    {"densenet", DenseNet},
    {"device-select", DeviceSelect},
    {"edge-detection", EdgeDetection},
    {"global-average-pool", GlobalAveragePool},
    {"googlenet-inception", GoogLeNet},
    {"lenet", LeNet},
    {"learn-kernel", LearnKernel},
    {"nin", NiN},
    {"pooling", Pooling},
    {"resnet", ResNet},
    {"vgg", VGG},
    {"vgg-block", VGGBlock},
    {"why-conv", WhyConv},
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
    {"batch-learning", BatchLearning},
    {"concept-shift", ConceptShift},
    {"concept-shift-correction", ConceptShiftCorrection},
    {"consider-environment", ConsiderEnvironment},
    {"control", Control},
    {"covariate-shift", CovariateShift},
    {"covariate-shift-correction", CovariateShiftCorrection},
    {"deep-net-activation-choice", DeepNetActivationChoice},
    {"default-init", DefaultInit},
    {"dropout-layer-scratch", DropoutLayerScratch},
    {"dropout-mlp-concise", DropoutMLPConcise},
    {"dropout-mlp-scratch", DropoutMLPScratch},
    {"empirical-vs-true-risk", EmpiricalVsTrueRisk},
    {"exploding-gradient-matrices", ExplodingGradientMatrices},
    {"fairness-accountability", FairnessAccountability},
    {"forward-backward-mlp", ForwardBackwardMLP},
    {"house-price-5fold", HousePrice5Fold},
    {"k-fold-cv", KFoldCV},
    {"label-shift", LabelShift},
    {"label-shift-correction", LabelShiftCorrection},
    {"mlp", MLP},
    {"model-selection-split", ModelSelectionSplit},
    {"online-learning", OnlineLearning},
    {"reinforcement-learning", ReinforcementLearning},
    {"softmax-regression", SoftmaxRegression},
    {"symmetry-breaking", SymmetryBreaking},
    {"train-vs-generalization-error", TrainVsGeneralizationError},
    {"underfit-overfit-poly", UnderfitOverfitPoly},
    {"vanishing-gradient-sigmoid", VanishingGradientSigmoid},
    {"weight-decay-concise", WeightDecayConcise},
    {"weight-decay-scratch", WeightDecayScratch},
    {"xavier-init", XavierInit},
    {"adadelta", Adadelta},
    {"adagrad", Adagrad},
    {"adam", Adam},
    {"momentum", Momentum},
    {"rmsprop", Rmsprop},
    {"yogi", Yogi},
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
