// Vectors of an image's numbers, which are float, or bfloat16: rounded as to_bfloat16 does.
#ifndef YUYAN_IMAGE_VECTORS_H
#define YUYAN_IMAGE_VECTORS_H

#include "kernels_internal.h"

// By address: a vector wider than the baseline's registers is no argument.
#define VECTORS(lanes)                                                                                                 \
    typedef float numbers_##lanes __attribute__((vector_size(4 * lanes)));                                             \
    typedef int32_t places_##lanes __attribute__((vector_size(4 * lanes)));                                            \
    typedef uint16_t halves_##lanes __attribute__((vector_size(2 * lanes)));                                           \
    INLINE void image_load_##lanes(numbers_##lanes *v, const void *x, ptrdiff_t at, const bool is_half) {              \
        if (!is_half) {                                                                                                \
            memcpy(v, (const float *)x + at, sizeof *v);                                                               \
            return;                                                                                                    \
        }                                                                                                              \
        halves_##lanes halves;                                                                                         \
        memcpy(&halves, (const uint16_t *)x + at, sizeof halves);                                                      \
        *v = (numbers_##lanes)(__builtin_convertvector(halves, places_##lanes) << 16);                                 \
    }                                                                                                                  \
    INLINE void image_store_##lanes(void *y, ptrdiff_t at, const numbers_##lanes *v, const bool is_half) {             \
        if (!is_half) {                                                                                                \
            memcpy((float *)y + at, v, sizeof *v);                                                                     \
            return;                                                                                                    \
        }                                                                                                              \
        places_##lanes bits = (places_##lanes)*v, is_number = *v == *v, odd = (bits >> 16) & 1;                        \
        places_##lanes rounded = (bits + 0x7FFF + odd) >> 16;                                                          \
        rounded = (rounded & is_number) | ((bits >> 16 | 0x40) & ~is_number);                                          \
        halves_##lanes halves = __builtin_convertvector(rounded, halves_##lanes);                                      \
        memcpy((uint16_t *)y + at, &halves, sizeof halves);                                                            \
    }
VECTORS(16)
VECTORS(8)

INLINE float image_load_1(const void *x, ptrdiff_t at, const bool is_half) {
    return is_half ? from_bfloat16(((const uint16_t *)x)[at]) : ((const float *)x)[at];
}
INLINE void image_store_1(void *y, ptrdiff_t at, float v, const bool is_half) {
    if (is_half) ((uint16_t *)y)[at] = to_bfloat16(v);
    else ((float *)y)[at] = v;
}

#endif
