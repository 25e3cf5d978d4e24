// Data sets that are inside the library.
#ifndef YUYAN_DATASETS_H
#define YUYAN_DATASETS_H

#include <stddef.h>

/// The file ames.csv.gz; `yuyan_ames_count` bytes.
const unsigned char *yuyan_ames_bytes(void);
size_t yuyan_ames_count(void);

#endif
