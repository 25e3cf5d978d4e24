// Pooling of float32 images with the channels last: [N, H, W, C].
#include "kernels_internal.h"

typedef struct {
    yuyan_pool pool;
    const float *x;
    float *y;
    int32_t *written_positions;
    const int32_t *positions;
} pool_job;

/// The part of a window that lies inside the image: [begin, end), in steps of the dilation.
typedef struct {
    ptrdiff_t begin, end;
} span;

/// The windows along one axis.
typedef struct {
    ptrdiff_t size, outputs, window, stride, padding, dilation, is_adaptive;
} windows;

INLINE windows windows_of_rows(const yuyan_pool *p) {
    windows rows = {p->height, p->output_height, p->window_height, p->stride_height, p->padding_height,
                    p->dilation_height, p->is_adaptive};
    return rows;
}

INLINE windows windows_of_columns(const yuyan_pool *p) {
    windows columns = {p->width, p->output_width, p->window_width, p->stride_width, p->padding_width,
                       p->dilation_width, p->is_adaptive};
    return columns;
}

/// Part `index` of `whole` places that are shared out evenly among `parts`, with what is cut at its ends.
INLINE span shared_part(ptrdiff_t index, ptrdiff_t parts, ptrdiff_t whole) {
    span part = {index * whole / parts, ((index + 1) * whole + parts - 1) / parts};
    return part;
}

INLINE span window_span(const windows *w, ptrdiff_t output) {
    if (w->is_adaptive) return shared_part(output, w->outputs, w->size);
    ptrdiff_t begin = output * w->stride - w->padding, end = begin + w->dilation * (w->window - 1) + 1;
    if (begin < 0) begin = w->dilation == 1 ? 0 : (w->dilation - -begin % w->dilation) % w->dilation;
    span inside = {begin, minimum(end, w->size)};
    return inside;
}

/// The outputs whose window covers an input position, or lies around it: [begin, end).
INLINE span covering_span(const windows *w, ptrdiff_t input) {
    // The same rule the other way round.
    if (w->is_adaptive) return shared_part(input, w->size, w->outputs);
    ptrdiff_t first = input + w->padding - w->dilation * (w->window - 1);
    span covering = {
        first > 0 ? (first + w->stride - 1) / w->stride : 0,
        minimum((input + w->padding) / w->stride + 1, w->outputs)};
    return covering;
}

// Units of all loops are rows of one image: of the output forward, of the input backward.

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
        const float *above = job->x + (image * p->height + 2 * h) * p->width * c, *below = above + p->width * c;
        float *y = job->y + row * p->output_width * c;
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
        const float *g = job->x + row * p->output_width * c;
        float *above = job->y + (image * p->height + 2 * h) * p->width * c, *below = above + p->width * c;
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

// Sums are in float for at most this many pixels, else in double, for a block of channels at a time.
#define PIXELS_IN_FLOAT 64
#define CHANNELS 64

INLINE bool is_long(span rows, span columns) {
    return (rows.end - rows.begin) * (columns.end - columns.begin) > PIXELS_IN_FLOAT;
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
        const float *x = job->x + image * p->height * p->width * c;
        span rows = window_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->output_width; w++) {
            span columns = window_span(&horizontal, w);
            add_pixels(x, p->width, rows, columns, c, scale, job->y + (row * p->output_width + w) * c);
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
        const float *g = job->x + image * p->output_height * p->output_width * c;
        span rows = covering_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->width; w++) {
            span columns = covering_span(&horizontal, w);
            add_pixels(g, p->output_width, rows, columns, c, scale, job->y + (row * p->width + w) * c);
        }
    }
}
COPIES(average_gradient_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

// Channels are looked at together, as many as a vector register holds, so that the best so far stays in registers.

/// The largest elements of a window for `lanes` channels, and where they lie: the first of equals; NaN wins over all and
/// stays. Without elements −∞ and -1.
#define MAX_OF_WINDOW(lanes)                                                                                           \
    INLINE void max_of_window_##lanes(                                                                                 \
        const float *x, ptrdiff_t width, ptrdiff_t c, span rows, ptrdiff_t row_step, span columns,                     \
        ptrdiff_t column_step, float *y, int32_t *at) {                                                                \
        typedef float numbers __attribute__((vector_size(4 * lanes)));                                                 \
        typedef int32_t places __attribute__((vector_size(4 * lanes)));                                                \
        numbers best = (numbers){0} - INFINITY;                                                                        \
        places chosen = (places){0} - 1;                                                                               \
        if (rows.begin < rows.end && columns.begin < columns.end) {                                                    \
            memcpy(&best, x + (rows.begin * width + columns.begin) * c, sizeof best);                                  \
            chosen += (int32_t)(rows.begin * width + columns.begin) + 1;                                               \
        }                                                                                                              \
        for (ptrdiff_t s = rows.begin; s < rows.end; s += row_step)                                                    \
            for (ptrdiff_t t = columns.begin; t < columns.end; t += column_step) {                                     \
                numbers v;                                                                                             \
                memcpy(&v, x + (s * width + t) * c, sizeof v);                                                         \
                places wins = (places)(v > best) | (places)(v != v);                                                   \
                best = (numbers)(((places)v & wins) | ((places)best & ~wins));                                         \
                chosen = (((places){0} + (int32_t)(s * width + t)) & wins) | (chosen & ~wins);                         \
            }                                                                                                          \
        memcpy(y, &best, sizeof best);                                                                                 \
        memcpy(at, &chosen, sizeof chosen);                                                                            \
    }
MAX_OF_WINDOW(16)
MAX_OF_WINDOW(8)

/// The same for one channel.
INLINE void max_of_window_1(
    const float *x, ptrdiff_t width, ptrdiff_t c, span rows, ptrdiff_t row_step, span columns, ptrdiff_t column_step,
    float *y, int32_t *at) {
    float best = -INFINITY;
    int32_t chosen = -1;
    for (ptrdiff_t s = rows.begin; s < rows.end; s += row_step)
        for (ptrdiff_t t = columns.begin; t < columns.end; t += column_step) {
            float v = x[(s * width + t) * c];
            if (!(v > best || v != v || chosen < 0)) continue;
            best = v;
            chosen = (int32_t)(s * width + t);
        }
    *y = best;
    *at = chosen;
}

INLINE void max_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels, width = p->width, down = vertical.dilation, right = horizontal.dilation;
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->output_height, h = row % p->output_height;
        const float *x = job->x + image * p->height * width * c;
        span rows = window_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->output_width; w++) {
            span columns = window_span(&horizontal, w);
            float *y = job->y + (row * p->output_width + w) * c;
            int32_t *at = job->written_positions + (row * p->output_width + w) * c;
            ptrdiff_t i = 0;
            for (; i + 16 <= c; i += 16)
                max_of_window_16(x + i, width, c, rows, down, columns, right, y + i, at + i);
            for (; i + 8 <= c; i += 8)
                max_of_window_8(x + i, width, c, rows, down, columns, right, y + i, at + i);
            for (; i < c; i++) max_of_window_1(x + i, width, c, rows, down, columns, right, y + i, at + i);
        }
    }
}
COPIES(max_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

/// y = Σ of the pixels of some rows and columns whose windows chose `position`, in double.
INLINE void add_chosen(
    const float *g, const int32_t *at, int32_t position, ptrdiff_t width, span rows, span columns, ptrdiff_t c,
    float *restrict y) {
    for (ptrdiff_t first = 0; first < c; first += CHANNELS) {
        ptrdiff_t channels = minimum(CHANNELS, c - first);
        double sums[CHANNELS] = {0};
        for (ptrdiff_t s = rows.begin; s < rows.end; s++)
            for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
                const float *pixel = g + (s * width + t) * c + first;
                const int32_t *chosen = at + (s * width + t) * c + first;
                for (ptrdiff_t i = 0; i < channels; i++) sums[i] += chosen[i] == position ? (double)pixel[i] : 0;
            }
        for (ptrdiff_t i = 0; i < channels; i++) y[first + i] = (float)sums[i];
    }
}

/// The same for few rows and columns, in float, and for `lanes` channels.
#define SUM_OF_CHOSEN(lanes)                                                                                           \
    INLINE void sum_of_chosen_##lanes(                                                                                 \
        const float *g, const int32_t *at, int32_t position, ptrdiff_t width, ptrdiff_t c, span rows, span columns,    \
        float *y) {                                                                                                    \
        typedef float numbers __attribute__((vector_size(4 * lanes)));                                                 \
        typedef int32_t places __attribute__((vector_size(4 * lanes)));                                                \
        numbers sums = {0};                                                                                            \
        for (ptrdiff_t s = rows.begin; s < rows.end; s++)                                                              \
            for (ptrdiff_t t = columns.begin; t < columns.end; t++) {                                                  \
                places share, chosen;                                                                                  \
                memcpy(&share, g + (s * width + t) * c, sizeof share);                                                 \
                memcpy(&chosen, at + (s * width + t) * c, sizeof chosen);                                              \
                sums += (numbers)(share & (places)(chosen == position));                                               \
            }                                                                                                          \
        memcpy(y, &sums, sizeof sums);                                                                                 \
    }
SUM_OF_CHOSEN(16)
SUM_OF_CHOSEN(8)

INLINE void sum_of_chosen_1(
    const float *g, const int32_t *at, int32_t position, ptrdiff_t width, ptrdiff_t c, span rows, span columns,
    float *y) {
    float sum = 0;
    for (ptrdiff_t s = rows.begin; s < rows.end; s++)
        for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
            ptrdiff_t place = (s * width + t) * c;
            sum += at[place] == position ? g[place] : 0;
        }
    *y = sum;
}

INLINE void max_gradient_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels, outputs = p->output_height * p->output_width;
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->height, h = row % p->height;
        const float *g = job->x + image * outputs * c;
        const int32_t *at = job->positions + image * outputs * c;
        span rows = covering_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->width; w++) {
            int32_t position = (int32_t)(h * p->width + w);
            span columns = covering_span(&horizontal, w);
            float *dx = job->y + (row * p->width + w) * c;
            if (is_long(rows, columns)) {
                add_chosen(g, at, position, p->output_width, rows, columns, c, dx);
                continue;
            }
            ptrdiff_t i = 0;
            for (; i + 16 <= c; i += 16)
                sum_of_chosen_16(g + i, at + i, position, p->output_width, c, rows, columns, dx + i);
            for (; i + 8 <= c; i += 8)
                sum_of_chosen_8(g + i, at + i, position, p->output_width, c, rows, columns, dx + i);
            for (; i < c; i++)
                sum_of_chosen_1(g + i, at + i, position, p->output_width, c, rows, columns, dx + i);
        }
    }
}
COPIES(max_gradient_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

#define RUN(name)                                                                                       \
    static void run_##name(const void *job, ptrdiff_t begin, ptrdiff_t end) { CHOSEN(name##_copies)(job, begin, end); }

RUN(average_pairs)
RUN(average_pairs_gradient)
RUN(average_rows)
RUN(average_gradient_rows)
RUN(max_rows)
RUN(max_gradient_rows)

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

void yuyan_max_pool(const yuyan_pool *pool, const float *x, float *y, int32_t *positions) {
    pool_job job = {.pool = *pool, .x = x, .y = y, .written_positions = positions};
    ptrdiff_t rows = pool->batch * pool->output_height;
    ptrdiff_t work = rows * pool->output_width * pool->channels * pool->window_height * pool->window_width;
    yuyan_parallel(rows, 1, work, run_max_rows, &job);
}

void yuyan_max_pool_gradient(const yuyan_pool *pool, const float *gradient, const int32_t *positions, float *dx) {
    pool_job job = {.pool = *pool, .x = gradient, .positions = positions, .y = dx};
    ptrdiff_t work = pool->batch * pool->height * pool->width * pool->channels;
    yuyan_parallel(pool->batch * pool->height, 1, work, run_max_gradient_rows, &job);
}
