// Reductions and small products of float32.
#include "kernels_internal.h"

#define LANES 64
#define CHUNKS 32

// Sums are in float for at most this many rows, then in double; products always in double.
#define ROWS_IN_FLOAT 64

enum { SUM, MEAN, PRODUCT, MAXIMUM, MINIMUM };

#define COMBINE_SUM(a, b) ((a) + (b))
#define COMBINE_PRODUCT(a, b) ((a) * (b))
// NaN wins and stays.
#define COMBINE_MAXIMUM(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))
#define COMBINE_MINIMUM(a, b) ((b) < (a) || (b) != (b) ? (b) : (a))

/// total[l] = total[l] ∘ x[0, l] ∘ x[stride, l] ∘ …: rows of `lanes` ≤ 64 elements.
typedef void (*reduce_block)(const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t lanes, double *total);

// All rows but the last are read 64 wide: what lies behind a row is the next one, and goes to lanes nobody reads.
#define REDUCER(name, type, start, combine)                                                                       \
    HOT static void reduce_##name(const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t lanes, double *total) { \
        ptrdiff_t wide = rows - 1;                                                                             \
        while (wide > 0 && stride < LANES && (rows - wide) * stride < LANES) wide--;                         \
        ptrdiff_t row = 0;                                                                                     \
        while (row < wide) {                                                                                 \
            ptrdiff_t end = minimum(row + ROWS_IN_FLOAT, wide);                                                \
            type sums[LANES];                                                                                \
            for (int l = 0; l < LANES; l++) sums[l] = start;                                                 \
            for (; row < end; row++) {                                                                       \
                const float *values = x + row * stride;                                                      \
                for (int l = 0; l < LANES; l++) sums[l] = combine(sums[l], values[l]);                       \
            }                                                                                                \
            for (int l = 0; l < LANES; l++) total[l] = combine(total[l], (double)sums[l]);                   \
        }                                                                                                    \
        for (; row < rows; row++)                                                                            \
            for (ptrdiff_t l = 0; l < lanes; l++) total[l] = combine(total[l], (double)x[row * stride + l]);   \
    }

REDUCER(sum, float, 0, COMBINE_SUM)
REDUCER(product, double, 1, COMBINE_PRODUCT)
REDUCER(maximum, float, -INFINITY, COMBINE_MAXIMUM)
REDUCER(minimum, float, INFINITY, COMBINE_MINIMUM)

static const reduce_block reducers[] = {reduce_sum, reduce_sum, reduce_product, reduce_maximum, reduce_minimum};
static const double starts[] = {0, 0, 1, -INFINITY, INFINITY};

INLINE double combine(int operation, double a, double b) {
    switch (operation) {
        case PRODUCT: return COMBINE_PRODUCT(a, b);
        case MAXIMUM: return COMBINE_MAXIMUM(a, b);
        case MINIMUM: return COMBINE_MINIMUM(a, b);
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

/// Reduces rows of `columns` ≤ 64 elements, `stride` apart, to `total`.
static void reduce_columns(
    int operation, const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, double *total) {
    double sums[LANES];
    for (int l = 0; l < LANES; l++) sums[l] = starts[operation];
    // Several short rows lie behind each other: take them as one.
    ptrdiff_t fold = stride == columns ? maximum(LANES / columns, 1) : 1;
    ptrdiff_t folded = rows / fold;
    if (folded > 0) reducers[operation](x, stride * fold, folded, columns * fold, sums);
    for (ptrdiff_t c = 0; c < columns; c++) total[c] = sums[c];
    for (ptrdiff_t l = columns; l < columns * fold; l++)
        total[l % columns] = combine(operation, total[l % columns], sums[l]);
    for (ptrdiff_t row = folded * fold; row < rows; row++)
        for (ptrdiff_t c = 0; c < columns; c++) total[c] = combine(operation, total[c], x[row * stride + c]);
}

/// Units are 64 columns of one outer index.
static void run_units(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    double total[LANES];
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t outer = unit / job->blocks, column = unit % job->blocks * LANES;
        ptrdiff_t columns = minimum(LANES, job->inner - column);
        reduce_columns(
            job->operation, job->x + outer * job->reduced * job->inner + column, job->inner, job->reduced, columns,
            total);
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
        reduce_columns(
            job->operation, job->x + row * job->inner, job->inner, minimum(job->chunk, job->reduced - row),
            job->inner, job->partial[chunk]);
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
            bool is_number = x[i] == x[i], held = x[best] == x[best];
            bool wins = job->smallest ? x[i] < x[best] || (is_number && !held) : x[i] > x[best] || (!is_number && held);
            if (wins) best = i;
        }
        job->y[row] = best;
    }
}

void yuyan_arg_reduce(bool smallest, const float *x, int64_t *y, ptrdiff_t rows, ptrdiff_t columns) {
    arg_job job = {smallest, x, y, columns};
    yuyan_parallel(rows, 8, rows * columns, run_arg, &job);
}

typedef struct {
    float *x;
    const float *bias;
    ptrdiff_t columns;
} add_row_job;

HOT static void add_rows(float *restrict x, const float *restrict bias, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++)
        for (ptrdiff_t c = 0; c < columns; c++) x[row * columns + c] += bias[c];
}

static void run_add_row(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const add_row_job *job = data;
    add_rows(job->x + begin * job->columns, job->bias, end - begin, job->columns);
}

void yuyan_add_row(float *x, const float *bias, ptrdiff_t rows, ptrdiff_t columns) {
    add_row_job job = {x, bias, columns};
    yuyan_parallel(rows, 1, rows * columns, run_add_row, &job);
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
