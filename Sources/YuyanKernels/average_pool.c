// Means of windows of float32 images with the channels last: [N, H, W, C].
#include "pool_windows.h"

// A few channels are moved eight at a time; what is too much is overwritten by the next pixel. These rows fit a block
// on the stack, with room behind them.
#define NARROW 8
#define ROW_BLOCK 4096

/// The mean of 2 × 2 windows that do not overlap.
INLINE void average_pairs(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    ptrdiff_t c = p->channels, used = p->output_width * 2 * c;
    float sums[ROW_BLOCK + NARROW];
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->output_height, h = row % p->output_height;
        const float *above = (const float *)job->x + (image * p->height + 2 * h) * p->width * c, *below = above + p->width * c;
        float *y = (float *)job->y + row * p->output_width * c;
        for (ptrdiff_t i = 0; i < used; i++) sums[i] = above[i] + below[i];
        ptrdiff_t w = 0;
        if (c < NARROW)
            for (; (w + 2) * c + NARROW <= p->output_width * c; w++) {
                float pixel[NARROW];
                for (int i = 0; i < NARROW; i++) pixel[i] = (sums[2 * w * c + i] + sums[(2 * w + 1) * c + i]) * 0.25f;
                memcpy(y + w * c, pixel, sizeof pixel);
            }
        for (; w < p->output_width; w++)
            for (ptrdiff_t i = 0; i < c; i++)
                y[w * c + i] = (sums[2 * w * c + i] + sums[(2 * w + 1) * c + i]) * 0.25f;
    }
}
COPIES(average_pairs, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

/// Units are output rows: each fills the two input rows below it.
INLINE void average_pairs_gradient(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    ptrdiff_t c = p->channels, used = p->output_width * 2 * c, left = (p->width * c - used);
    float shares[ROW_BLOCK + 2 * NARROW];
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->output_height, h = row % p->output_height;
        const float *g = (const float *)job->x + row * p->output_width * c;
        float *above = (float *)job->y + (image * p->height + 2 * h) * p->width * c, *below = above + p->width * c;
        ptrdiff_t w = 0;
        if (c < NARROW)
            for (; w * c + NARROW <= p->output_width * c; w++) {
                float pixel[NARROW];
                for (int i = 0; i < NARROW; i++) pixel[i] = g[w * c + i] * 0.25f;
                memcpy(shares + 2 * w * c, pixel, sizeof pixel);
                memcpy(shares + (2 * w + 1) * c, pixel, sizeof pixel);
            }
        for (; w < p->output_width; w++)
            for (ptrdiff_t i = 0; i < c; i++)
                shares[2 * w * c + i] = shares[(2 * w + 1) * c + i] = g[w * c + i] * 0.25f;
        memcpy(above, shares, (size_t)used * sizeof(float));
        memcpy(below, shares, (size_t)used * sizeof(float));
        // A last column or row that no window covers.
        memset(above + used, 0, (size_t)left * sizeof(float));
        memset(below + used, 0, (size_t)left * sizeof(float));
        if (h == p->output_height - 1 && p->height > 2 * p->output_height)
            memset(below + p->width * c, 0, (size_t)(p->width * c) * sizeof(float));
    }
}
COPIES(average_pairs_gradient, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static bool is_pairs(const yuyan_pool *p) {
    return p->window_height == 2 && p->window_width == 2 && p->stride_height == 2 && p->stride_width == 2
           && p->padding_height == 0 && p->padding_width == 0 && p->width * p->channels <= ROW_BLOCK
           && 2 * p->output_height <= p->height && 2 * p->output_width <= p->width && !p->is_adaptive;
}

/// y = scale · Σ of the pixels of some rows and columns of an image of this width.
INLINE void add_pixels(
    const float *x, ptrdiff_t width, span rows, span columns, ptrdiff_t c, float scale, float *restrict y) {
    if (is_long(rows, columns)) {
        for (ptrdiff_t first = 0; first < c; first += CHANNELS) {
            ptrdiff_t channels = minimum(CHANNELS, c - first);
            double sums[CHANNELS] = {0};
            for (ptrdiff_t s = rows.begin; s < rows.end; s++)
                for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
                    const float *pixel = x + (s * width + t) * c + first;
                    for (ptrdiff_t i = 0; i < channels; i++) sums[i] += (double)pixel[i];
                }
            for (ptrdiff_t i = 0; i < channels; i++) y[first + i] = (float)(sums[i] * (double)scale);
        }
        return;
    }
    for (ptrdiff_t i = 0; i < c; i++) y[i] = 0;
    for (ptrdiff_t s = rows.begin; s < rows.end; s++)
        for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
            const float *restrict pixel = x + (s * width + t) * c;
            for (ptrdiff_t i = 0; i < c; i++) y[i] += pixel[i];
        }
    for (ptrdiff_t i = 0; i < c; i++) y[i] *= scale;
}

INLINE void average_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels;
    float scale = 1.0f / (float)(p->window_height * p->window_width);
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->output_height, h = row % p->output_height;
        const float *x = (const float *)job->x + image * p->height * p->width * c;
        span rows = window_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->output_width; w++) {
            span columns = window_span(&horizontal, w);
            add_pixels(x, p->width, rows, columns, c, scale, (float *)job->y + (row * p->output_width + w) * c);
        }
    }
}
COPIES(average_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

INLINE void average_gradient_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels;
    float scale = 1.0f / (float)(p->window_height * p->window_width);
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->height, h = row % p->height;
        const float *g = (const float *)job->x + image * p->output_height * p->output_width * c;
        span rows = covering_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->width; w++) {
            span columns = covering_span(&horizontal, w);
            add_pixels(g, p->output_width, rows, columns, c, scale, (float *)job->y + (row * p->width + w) * c);
        }
    }
}
COPIES(average_gradient_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

RUN(average_pairs)
RUN(average_pairs_gradient)
RUN(average_rows)
RUN(average_gradient_rows)

void yuyan_average_pool(const yuyan_pool *pool, const float *x, float *y) {
    pool_job job = {.pool = *pool, .x = x, .y = y};
    ptrdiff_t rows = pool->batch * pool->output_height;
    ptrdiff_t work = rows * pool->output_width * pool->channels * pool->window_height * pool->window_width;
    yuyan_parallel(rows, 1, work, is_pairs(pool) ? run_average_pairs : run_average_rows, &job);
}

void yuyan_average_pool_gradient(const yuyan_pool *pool, const float *gradient, float *dx) {
    pool_job job = {.pool = *pool, .x = gradient, .y = dx};
    ptrdiff_t work = pool->batch * pool->height * pool->width * pool->channels;
    if (is_pairs(pool)) {
        yuyan_parallel(pool->batch * pool->output_height, 1, work, run_average_pairs_gradient, &job);
    } else {
        yuyan_parallel(pool->batch * pool->height, 1, work, run_average_gradient_rows, &job);
    }
}
