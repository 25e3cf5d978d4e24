// Squared errors of float32.
#include "kernels_internal.h"

#define LANES 16

INLINE void squared_difference(const float *a, const float *b, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float difference = a[i] - b[i];
        y[i] = difference * difference;
    }
}
COPIES(squared_difference, (const float *a, const float *b, float *y, ptrdiff_t count), (a, b, y, count))

/// One thread: the result is the same for any number of them, and the arrays are read once.
INLINE float squared_error(const float *a, const float *b, ptrdiff_t count, double scale) {
    float sums[LANES] = {0};
    double total = 0;
    ptrdiff_t i = 0;
    while (i + LANES <= count) {
        // Blocks, so that no float sum grows long.
        ptrdiff_t end = minimum(count, i + 4096);
        for (int lane = 0; lane < LANES; lane++) sums[lane] = 0;
        for (; i + LANES <= end; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float difference = a[i + lane] - b[i + lane];
                sums[lane] += difference * difference;
            }
        for (int lane = 0; lane < LANES; lane++) total += sums[lane];
    }
    for (; i < count; i++) {
        float difference = a[i] - b[i];
        total += difference * difference;
    }
    return (float)(total * scale);
}
COPIES_OF(squared_error, float,
    (const float *a, const float *b, ptrdiff_t count, double scale), (a, b, count, scale))

INLINE void squared_error_gradient(
    const float *gradient, ptrdiff_t gradient_stride, float scale, const float *a, const float *b, float *dx,
    ptrdiff_t count) {
    if (gradient_stride == 0) {
        float slope = gradient[0] * scale;
        for (ptrdiff_t i = 0; i < count; i++) dx[i] = (a[i] - b[i]) * slope;
    } else {
        for (ptrdiff_t i = 0; i < count; i++) dx[i] = (a[i] - b[i]) * (gradient[i] * scale);
    }
}
COPIES(squared_error_gradient,
    (const float *gradient, ptrdiff_t gradient_stride, float scale, const float *a, const float *b, float *dx, ptrdiff_t
    count), (gradient, gradient_stride, scale, a, b, dx, count))

void yuyan_squared_difference(const float *a, const float *b, float *y, ptrdiff_t count) {
    CHOSEN(squared_difference_copies)(a, b, y, count);
}

float yuyan_squared_error(const float *a, const float *b, ptrdiff_t count, double scale) {
    return CHOSEN(squared_error_copies)(a, b, count, scale);
}

void yuyan_squared_error_gradient(
    const float *gradient, ptrdiff_t gradient_stride, float scale, const float *a, const float *b, float *dx,
    ptrdiff_t count) {
    CHOSEN(squared_error_gradient_copies)(gradient, gradient_stride, scale, a, b, dx, count);
}
