// Written by Scripts/lab-sources.sh from the files of the labs.
#include "lab_sources.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char LinregScratch[] = {
#embed "../../Sources/YuyanLabs/LinearNetworks/LinregScratch.swift"
    , 0};

static const struct {
    const char *id, *text;
} sources[] = {
    {"linreg-scratch", LinregScratch},
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
