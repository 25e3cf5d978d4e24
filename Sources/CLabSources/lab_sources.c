// Written by Scripts/lab-sources.sh from the files of the labs.
#include "lab_sources.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char LinregScratch[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregScratch.swift"
    , 0};
static const char Bandit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/Bandit.swift"
    , 0};
static const char BatchLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/BatchLearning.swift"
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
static const char DeepNetActivationChoice[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DeepNetActivationChoice.swift"
    , 0};
static const char DefaultInit[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DefaultInit.swift"
    , 0};
static const char DropoutLayerScratch[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DropoutLayerScratch.swift"
    , 0};
static const char EmpiricalVsTrueRisk[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/EmpiricalVsTrueRisk.swift"
    , 0};
static const char ExplodingGradientMatrices[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ExplodingGradientMatrices.swift"
    , 0};
static const char ForwardBackwardMLP[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ForwardBackwardMLP.swift"
    , 0};
static const char OnlineLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/OnlineLearning.swift"
    , 0};
static const char ReinforcementLearning[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/ReinforcementLearning.swift"
    , 0};
static const char SymmetryBreaking[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/SymmetryBreaking.swift"
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

static const struct {
    const char *id, *text;
} sources[] = {
    {"linreg-scratch", LinregScratch},
    {"bandit", Bandit},
    {"batch-learning", BatchLearning},
    {"concept-shift-correction", ConceptShiftCorrection},
    {"consider-environment", ConsiderEnvironment},
    {"control", Control},
    {"deep-net-activation-choice", DeepNetActivationChoice},
    {"default-init", DefaultInit},
    {"dropout-layer-scratch", DropoutLayerScratch},
    {"empirical-vs-true-risk", EmpiricalVsTrueRisk},
    {"exploding-gradient-matrices", ExplodingGradientMatrices},
    {"forward-backward-mlp", ForwardBackwardMLP},
    {"online-learning", OnlineLearning},
    {"reinforcement-learning", ReinforcementLearning},
    {"symmetry-breaking", SymmetryBreaking},
    {"vanishing-gradient-sigmoid", VanishingGradientSigmoid},
    {"weight-decay-concise", WeightDecayConcise},
    {"weight-decay-scratch", WeightDecayScratch},
    {"xavier-init", XavierInit},
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
