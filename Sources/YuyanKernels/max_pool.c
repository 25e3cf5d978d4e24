// The largest elements of windows of float32 and bfloat16 images with the channels last: [N, H, W, C].
#include "image_vectors.h"
#include "pool_windows.h"

// Channels are looked at together, as many as a vector register holds, so that the best so far stays in registers.

/// The largest elements of a window for `lanes` channels, and where they lie: the first of equals; NaN wins over all and
/// stays. Without elements −∞ and -1.
#define MAX_OF_WINDOW(lanes)                                                                                           \
    INLINE void max_of_window_##lanes(                                                                                 \
        const void *x, ptrdiff_t from, ptrdiff_t width, ptrdiff_t c, span rows, ptrdiff_t row_step, span columns,      \
        ptrdiff_t column_step, void *y, int32_t *positions, ptrdiff_t to, const bool is_half) {                        \
        numbers_##lanes best = (numbers_##lanes){0} - INFINITY;                                                        \
        places_##lanes chosen = (places_##lanes){0} - 1;                                                               \
        if (rows.begin < rows.end && columns.begin < columns.end) {                                                    \
            image_load_##lanes(&best, x, from + (rows.begin * width + columns.begin) * c, is_half);                    \
            chosen += (int32_t)(rows.begin * width + columns.begin) + 1;                                               \
        }                                                                                                              \
        for (ptrdiff_t s = rows.begin; s < rows.end; s += row_step)                                                    \
            for (ptrdiff_t t = columns.begin; t < columns.end; t += column_step) {                                     \
                numbers_##lanes v;                                                                                     \
                image_load_##lanes(&v, x, from + (s * width + t) * c, is_half);                                        \
                places_##lanes wins = (places_##lanes)(v > best) | (places_##lanes)(v != v);                           \
                best = (numbers_##lanes)(((places_##lanes)v & wins) | ((places_##lanes)best & ~wins));                 \
                chosen = (((places_##lanes){0} + (int32_t)(s * width + t)) & wins) | (chosen & ~wins);                 \
            }                                                                                                          \
        image_store_##lanes(y, to, &best, is_half);                                                                    \
        memcpy(positions + to, &chosen, sizeof chosen);                                                                \
    }
MAX_OF_WINDOW(16)
MAX_OF_WINDOW(8)

/// The same for one channel.
INLINE void max_of_window_1(
    const void *x, ptrdiff_t from, ptrdiff_t width, ptrdiff_t c, span rows, ptrdiff_t row_step, span columns,
    ptrdiff_t column_step, void *y, int32_t *positions, ptrdiff_t to, const bool is_half) {
    float best = -INFINITY;
    int32_t chosen = -1;
    for (ptrdiff_t s = rows.begin; s < rows.end; s += row_step)
        for (ptrdiff_t t = columns.begin; t < columns.end; t += column_step) {
            float v = image_load_1(x, from + (s * width + t) * c, is_half);
            if (!(v > best || v != v || chosen < 0)) continue;
            best = v;
            chosen = (int32_t)(s * width + t);
        }
    image_store_1(y, to, best, is_half);
    positions[to] = chosen;
}

#define MAX_CHANNELS(lanes)                                                                                            \
    for (; i + lanes <= c; i += lanes)                                                                                 \
        max_of_window_##lanes(                                                                                         \
            job->x, x + i, width, c, rows, down, columns, right, job->y, job->written_positions, y + i, is_half);

INLINE void max_rows_of(const pool_job *job, ptrdiff_t begin, ptrdiff_t end, const bool is_half) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels, width = p->width, down = vertical.dilation, right = horizontal.dilation;
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->output_height, h = row % p->output_height;
        ptrdiff_t x = image * p->height * width * c;
        span rows = window_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->output_width; w++) {
            span columns = window_span(&horizontal, w);
            ptrdiff_t y = (row * p->output_width + w) * c, i = 0;
            MAX_CHANNELS(16)
            MAX_CHANNELS(8)
            MAX_CHANNELS(1)
        }
    }
}
INLINE void max_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) { max_rows_of(job, begin, end, false); }
INLINE void half_max_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) { max_rows_of(job, begin, end, true); }
COPIES(max_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))
COPIES(half_max_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

/// y = Σ of the pixels of some rows and columns whose windows chose `position`, in double.
INLINE void add_chosen(
    const void *g, const int32_t *at, ptrdiff_t from, int32_t position, ptrdiff_t width, span rows, span columns,
    ptrdiff_t c, void *y, ptrdiff_t to, const bool is_half) {
    for (ptrdiff_t first = 0; first < c; first += CHANNELS) {
        ptrdiff_t channels = minimum(CHANNELS, c - first);
        double sums[CHANNELS] = {0};
        for (ptrdiff_t s = rows.begin; s < rows.end; s++)
            for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
                ptrdiff_t pixel = from + (s * width + t) * c + first;
                for (ptrdiff_t i = 0; i < channels; i++)
                    sums[i] += at[pixel + i] == position ? (double)image_load_1(g, pixel + i, is_half) : 0;
            }
        for (ptrdiff_t i = 0; i < channels; i++) image_store_1(y, to + first + i, (float)sums[i], is_half);
    }
}

/// The same for few rows and columns, in float, and for `lanes` channels.
#define SUM_OF_CHOSEN(lanes)                                                                                           \
    INLINE void sum_of_chosen_##lanes(                                                                                 \
        const void *g, const int32_t *at, ptrdiff_t from, int32_t position, ptrdiff_t width, ptrdiff_t c, span rows,   \
        span columns, void *y, ptrdiff_t to, const bool is_half) {                                                     \
        numbers_##lanes sums = {0};                                                                                    \
        for (ptrdiff_t s = rows.begin; s < rows.end; s++)                                                              \
            for (ptrdiff_t t = columns.begin; t < columns.end; t++) {                                                  \
                ptrdiff_t pixel = from + (s * width + t) * c;                                                          \
                numbers_##lanes share;                                                                                 \
                places_##lanes chosen;                                                                                 \
                image_load_##lanes(&share, g, pixel, is_half);                                                         \
                memcpy(&chosen, at + pixel, sizeof chosen);                                                            \
                sums += (numbers_##lanes)((places_##lanes)share & (places_##lanes)(chosen == position));               \
            }                                                                                                          \
        image_store_##lanes(y, to, &sums, is_half);                                                                    \
    }
SUM_OF_CHOSEN(16)
SUM_OF_CHOSEN(8)

INLINE void sum_of_chosen_1(
    const void *g, const int32_t *at, ptrdiff_t from, int32_t position, ptrdiff_t width, ptrdiff_t c, span rows,
    span columns, void *y, ptrdiff_t to, const bool is_half) {
    float sum = 0;
    for (ptrdiff_t s = rows.begin; s < rows.end; s++)
        for (ptrdiff_t t = columns.begin; t < columns.end; t++) {
            ptrdiff_t place = from + (s * width + t) * c;
            sum += at[place] == position ? image_load_1(g, place, is_half) : 0;
        }
    image_store_1(y, to, sum, is_half);
}

#define SUM_CHANNELS(lanes)                                                                                            \
    for (; i + lanes <= c; i += lanes)                                                                                 \
        sum_of_chosen_##lanes(                                                                                         \
            job->x, job->positions, g + i, position, p->output_width, c, rows, columns, job->y, dx + i, is_half);

INLINE void max_gradient_rows_of(const pool_job *job, ptrdiff_t begin, ptrdiff_t end, const bool is_half) {
    const yuyan_pool *p = &job->pool;
    const windows vertical = windows_of_rows(p), horizontal = windows_of_columns(p);
    ptrdiff_t c = p->channels, outputs = p->output_height * p->output_width;
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t image = row / p->height, h = row % p->height, g = image * outputs * c;
        span rows = covering_span(&vertical, h);
        for (ptrdiff_t w = 0; w < p->width; w++) {
            int32_t position = (int32_t)(h * p->width + w);
            span columns = covering_span(&horizontal, w);
            ptrdiff_t dx = (row * p->width + w) * c, i = 0;
            if (is_long(rows, columns)) {
                add_chosen(job->x, job->positions, g, position, p->output_width, rows, columns, c, job->y, dx, is_half);
                continue;
            }
            SUM_CHANNELS(16)
            SUM_CHANNELS(8)
            SUM_CHANNELS(1)
        }
    }
}
INLINE void max_gradient_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    max_gradient_rows_of(job, begin, end, false);
}
INLINE void half_max_gradient_rows(const pool_job *job, ptrdiff_t begin, ptrdiff_t end) {
    max_gradient_rows_of(job, begin, end, true);
}
COPIES(max_gradient_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))
COPIES(half_max_gradient_rows, (const pool_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

RUN(max_rows)
RUN(max_gradient_rows)
RUN(half_max_rows)
RUN(half_max_gradient_rows)

void yuyan_max_pool(const yuyan_pool *pool, const void *x, void *y, int32_t *positions) {
    pool_job job = {.pool = *pool, .x = x, .y = y, .written_positions = positions};
    ptrdiff_t rows = pool->batch * pool->output_height;
    ptrdiff_t work = rows * pool->output_width * pool->channels * pool->window_height * pool->window_width;
    yuyan_parallel(rows, 1, work, pool->is_half ? run_half_max_rows : run_max_rows, &job);
}

void yuyan_max_pool_gradient(const yuyan_pool *pool, const void *gradient, const int32_t *positions, void *dx) {
    pool_job job = {.pool = *pool, .x = gradient, .positions = positions, .y = dx};
    ptrdiff_t work = pool->batch * pool->height * pool->width * pool->channels;
    range_body rows = pool->is_half ? run_half_max_gradient_rows : run_max_gradient_rows;
    yuyan_parallel(pool->batch * pool->height, 1, work, rows, &job);
}
