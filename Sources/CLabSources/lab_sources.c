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
static const char DropoutLayerScratch[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/DropoutLayerScratch.swift"
    , 0};
static const char VanishingGradientSigmoid[] = {
#embed "../../Sources/YuyanLabs/MultilayerPerceptrons/VanishingGradientSigmoid.swift"
    , 0};

static const struct {
    const char *id, *text;
} sources[] = {
    {"linreg-scratch", LinregScratch},
    {"bandit", Bandit},
    {"dropout-layer-scratch", DropoutLayerScratch},
    {"vanishing-gradient-sigmoid", VanishingGradientSigmoid},
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
