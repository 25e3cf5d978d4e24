// Reductions and small products of float32.
#include "kernels_internal.h"

#define LANES 64
#define CHUNKS 32

// Sums are in float for at most this many rows, then in double; products always in double.
#define ROWS_IN_FLOAT 64

#define COMBINE_SUM(a, b) ((a) + (b))
#define COMBINE_PRODUCT(a, b) ((a) * (b))
// NaN wins and stays.
#define COMBINE_MAXIMUM(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))
#define COMBINE_MINIMUM(a, b) ((b) < (a) || (b) != (b) ? (b) : (a))

/// total[c] = x[0, c] ∘ x[stride, c] ∘ …: `rows` rows of `columns` ≤ 64 elements.
typedef void (*reduce_block)(
    const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, double *restrict total);

// Several short rows that lie behind each other are taken as one of at most 64 lanes. Rows are read 64 wide where that
// stays inside the array: what lies behind a row is the next one, and goes to lanes that nobody reads.
#define REDUCER(name, type, start, combine)                                                                          \
    INLINE void reduce_##name(                                                                                       \
        const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, double *restrict total) {               \
        ptrdiff_t fold = stride == columns ? LANES / columns : 1, step = stride * fold, lanes = columns * fold;       \
        ptrdiff_t end = (rows - 1) * stride + columns;                                                               \
        ptrdiff_t wide = end < LANES ? 0 : minimum((end - LANES) / step + 1, rows / fold);                            \
        double all[LANES];                                                                                           \
        for (int l = 0; l < LANES; l++) all[l] = start;                                                              \
        for (ptrdiff_t row = 0; row < wide;) {                                                                       \
            ptrdiff_t stop = minimum(row + ROWS_IN_FLOAT, wide);                                                     \
            type sums[LANES];                                                                                        \
            for (int l = 0; l < LANES; l++) sums[l] = start;                                                         \
            for (; row < stop; row++) {                                                                              \
                const float *values = x + row * step;                                                                \
                for (int l = 0; l < LANES; l++) sums[l] = combine(sums[l], values[l]);                               \
            }                                                                                                        \
            for (int l = 0; l < LANES; l++) all[l] = combine(all[l], (double)sums[l]);                               \
        }                                                                                                            \
        if (fold == LANES) {                                                                                         \
            for (int half = LANES / 2; half > 0; half /= 2)                                                          \
                for (int l = 0; l < half; l++) all[l] = combine(all[l], all[l + half]);                              \
            total[0] = all[0];                                                                                       \
        } else {                                                                                                     \
            for (ptrdiff_t c = 0; c < columns; c++) total[c] = all[c];                                               \
            for (ptrdiff_t l = columns; l < lanes; l += columns)                                                     \
                for (ptrdiff_t c = 0; c < columns; c++) total[c] = combine(total[c], all[l + c]);                    \
        }                                                                                                            \
        for (ptrdiff_t row = wide * fold; row < rows; row++)                                                         \
            for (ptrdiff_t c = 0; c < columns; c++) total[c] = combine(total[c], (double)x[row * stride + c]);       \
    }                                                                                                                \
    COPIES(reduce_##name, (const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, double *total),      \
           (x, stride, rows, columns, total))

REDUCER(sum, float, 0, COMBINE_SUM)
REDUCER(product, double, 1, COMBINE_PRODUCT)
REDUCER(maximum, float, -INFINITY, COMBINE_MAXIMUM)
REDUCER(minimum, float, INFINITY, COMBINE_MINIMUM)

// A mean is a sum and then scaled.
#define reduce_mean_copies reduce_sum_copies
#define LOOP_OF(type, name, swift) [type##_##name] = reduce_##name##_copies,
static const reduce_block *const reducers[] = {YUYAN_REDUCTION_KINDS(LOOP_OF, yuyan_reduction_kind)};
#undef LOOP_OF
static const double starts[] = {
    [yuyan_reduction_kind_product] = 1, [yuyan_reduction_kind_maximum] = -INFINITY,
    [yuyan_reduction_kind_minimum] = INFINITY};

INLINE double combine(int operation, double a, double b) {
    switch (operation) {
        case yuyan_reduction_kind_product: return COMBINE_PRODUCT(a, b);
        case yuyan_reduction_kind_maximum: return COMBINE_MAXIMUM(a, b);
        case yuyan_reduction_kind_minimum: return COMBINE_MINIMUM(a, b);
        default: return a + b;
    }
}

typedef struct {
    int operation;
    const float *x;
    float *y;
    ptrdiff_t reduced, inner, blocks, chunk;
    double scale;
    double (*partial)[LANES];
} reduce_job;

/// Units are 64 columns of one outer index.
static void run_units(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    double total[LANES];
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t outer = unit / job->blocks, column = unit % job->blocks * LANES;
        ptrdiff_t columns = minimum(LANES, job->inner - column);
        const float *x = job->x + outer * job->reduced * job->inner + column;
        CHOSEN(reducers[job->operation])(x, job->inner, job->reduced, columns, total);
        float *y = job->y + outer * job->inner + column;
        for (ptrdiff_t c = 0; c < columns; c++) y[c] = (float)(total[c] * job->scale);
    }
}

/// Units are rows of at most 64 elements that are one result each.
static void run_short_rows(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    for (ptrdiff_t row = begin; row < end; row++) {
        const float *x = job->x + row * job->reduced;
        double total = starts[job->operation];
        for (ptrdiff_t i = 0; i < job->reduced; i++) total = combine(job->operation, total, x[i]);
        job->y[row] = (float)(total * job->scale);
    }
}

/// Units are chunks of rows of one narrow matrix; their results are combined afterwards.
static void run_chunks(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    for (ptrdiff_t chunk = begin; chunk < end; chunk++) {
        ptrdiff_t row = chunk * job->chunk;
        CHOSEN(reducers[job->operation])(
            job->x + row * job->inner, job->inner, minimum(job->chunk, job->reduced - row), job->inner,
            job->partial[chunk]);
    }
}

void yuyan_reduce(
    int operation, const float *x, float *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner, double scale) {
    ptrdiff_t work = outer * reduced * inner;
    reduce_job job = {
        .operation = operation, .x = x, .y = y, .reduced = reduced, .inner = inner, .scale = scale,
        .blocks = (inner + LANES - 1) / LANES};
    if (inner == 1 && reduced <= LANES) {
        yuyan_parallel(outer, 16, work, run_short_rows, &job);
    } else if (inner > LANES || outer >= 8 || work < PARALLEL_MINIMUM) {
        yuyan_parallel(outer * job.blocks, 1, work, run_units, &job);
    } else {
        double partial[CHUNKS][LANES];
        job.partial = partial;
        job.chunk = (reduced + CHUNKS - 1) / CHUNKS;
        ptrdiff_t chunks = (reduced + job.chunk - 1) / job.chunk;
        for (ptrdiff_t o = 0; o < outer; o++) {
            job.x = x + o * reduced * inner;
            yuyan_parallel(chunks, 1, work, run_chunks, &job);
            for (ptrdiff_t c = 0; c < inner; c++) {
                double total = partial[0][c];
                for (ptrdiff_t chunk = 1; chunk < chunks; chunk++)
                    total = combine(operation, total, partial[chunk][c]);
                y[o * inner + c] = (float)(total * scale);
            }
        }
    }
}

typedef struct {
    bool smallest;
    const float *x;
    int64_t *y;
    ptrdiff_t columns;
} arg_job;

static void run_arg(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const arg_job *job = data;
    for (ptrdiff_t row = begin; row < end; row++) {
        const float *x = job->x + row * job->columns;
        ptrdiff_t best = 0;
        for (ptrdiff_t i = 1; i < job->columns; i++) {
            // The first NaN wins, and stays.
            bool is_nan = x[i] != x[i], holds_nan = x[best] != x[best];
            if ((job->smallest ? x[i] < x[best] : x[i] > x[best]) || (is_nan && !holds_nan)) best = i;
        }
        job->y[row] = best;
    }
}

void yuyan_arg_reduce(bool smallest, const float *x, int64_t *y, ptrdiff_t rows, ptrdiff_t columns) {
    arg_job job = {smallest, x, y, columns};
    yuyan_parallel(rows, 8, rows * columns, run_arg, &job);
}

void yuyan_small_product(
    const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t b_row, ptrdiff_t b_column,
    const float *bias,
    float *c, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
    for (ptrdiff_t i = 0; i < m; i++)
        for (ptrdiff_t j = 0; j < n; j++) {
            float sum = bias ? bias[j] : 0;
            for (ptrdiff_t l = 0; l < k; l++) sum += a[i * a_row + l * a_column] * b[l * b_row + j * b_column];
            c[i * n + j] = sum;
        }
}
