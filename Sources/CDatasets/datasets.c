#include "yuyan_datasets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char ames[] = {
#embed "ames.csv.gz"
};

const unsigned char *yuyan_ames_bytes(void) { return ames; }
size_t yuyan_ames_count(void) { return sizeof ames; }
