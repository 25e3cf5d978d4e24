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

// Rows without gaps that are one result each: in vectors of 16, four at a time. The last, partial vector reaches back
// into what has been read.

#define WIDTH 16
typedef float floats __attribute__((ext_vector_type(WIDTH)));
typedef int lane_numbers __attribute__((ext_vector_type(WIDTH)));
typedef double half_doubles __attribute__((ext_vector_type(WIDTH / 2)));

/// Σ x in float, for 16 ≤ count ≤ 64 · 64: `total` += its lanes in double.
INLINE void add_line(const float *x, ptrdiff_t count, half_doubles *total) {
    floats sums[4] = {0}, values;
    ptrdiff_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int v = 0; v < 4; v++) {
            memcpy(&values, x + i + v * WIDTH, sizeof values);
            sums[v] += values;
        }
    for (; i + WIDTH <= count; i += WIDTH) {
        memcpy(&values, x + i, sizeof values);
        sums[0] += values;
    }
    if (i < count) {
        memcpy(&values, x + count - WIDTH, sizeof values);
        lane_numbers lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        sums[1] += lane >= (int)(WIDTH - (count - i)) ? values : 0;
    }
    half_doubles parts[4];
    for (int v = 0; v < 4; v++)
        parts[v] = __builtin_convertvector(sums[v].lo, half_doubles) + __builtin_convertvector(sums[v].hi, half_doubles);
    *total += (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

INLINE double sum_line(const float *x, ptrdiff_t count) {
    half_doubles total = 0;
    // The last part takes what would be too short for a vector.
    const ptrdiff_t most = LANES * ROWS_IN_FLOAT;
    for (; count > most; x += most - WIDTH, count -= most - WIDTH) add_line(x, most - WIDTH, &total);
    add_line(x, count, &total);
    double sum = 0;
    for (int l = 0; l < WIDTH / 2; l++) sum += total[l];
    return sum;
}

#define EXTREME_LINE(name, operator)                                                                                 \
    INLINE double name##_line(const float *x, ptrdiff_t count) {                                                     \
        floats best[4], values[4];                                                                                   \
        memcpy(&values[0], x, sizeof *values);                                                                       \
        lane_numbers is_nan = values[0] != values[0];                                                                \
        for (int v = 0; v < 4; v++) best[v] = values[0];                                                             \
        ptrdiff_t i = WIDTH;                                                                                         \
        for (; i + LANES <= count; i += LANES) {                                                                     \
            for (int v = 0; v < 4; v++) {                                                                            \
                memcpy(&values[v], x + i + v * WIDTH, sizeof *values);                                               \
                best[v] = values[v] operator best[v] ? values[v] : best[v];                                          \
            }                                                                                                        \
            for (int v = 0; v < 4; v += 2) is_nan |= (values[v] != values[v]) | (values[v + 1] != values[v + 1]);    \
        }                                                                                                            \
        for (; i < count; i += WIDTH) {                                                                              \
            memcpy(&values[0], x + minimum(i, count - WIDTH), sizeof *values);                                       \
            best[0] = values[0] operator best[0] ? values[0] : best[0];                                              \
            is_nan |= values[0] != values[0];                                                                        \
        }                                                                                                            \
        if (__builtin_reduce_or(is_nan)) return NAN;                                                                 \
        for (int v = 1; v < 4; v++) best[0] = best[v] operator best[0] ? best[v] : best[0];                          \
        for (int half = WIDTH / 2; half > 0; half /= 2)                                                              \
            for (int l = 0; l < half; l++)                                                                           \
                best[0][l] = best[0][l + half] operator best[0][l] ? best[0][l + half] : best[0][l];                 \
        return best[0][0];                                                                                           \
    }
EXTREME_LINE(maximum, >)
EXTREME_LINE(minimum, <)

COPIES_OF(sum_line, double, (const float *x, ptrdiff_t count), (x, count))
COPIES_OF(maximum_line, double, (const float *x, ptrdiff_t count), (x, count))
COPIES_OF(minimum_line, double, (const float *x, ptrdiff_t count), (x, count))

typedef double (*reduce_line)(const float *x, ptrdiff_t count);
static const reduce_line *const lines[] = {
    [yuyan_reduction_kind_sum] = sum_line_copies, [yuyan_reduction_kind_mean] = sum_line_copies,
    [yuyan_reduction_kind_maximum] = maximum_line_copies, [yuyan_reduction_kind_minimum] = minimum_line_copies};

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

/// One narrow matrix, of at most 64 columns.
static void reduce_matrix(
    int operation, const float *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, double *total) {
    if (stride == 1 && rows > LANES && lines[operation]) {
        total[0] = CHOSEN(lines[operation])(x, rows);
    } else {
        CHOSEN(reducers[operation])(x, stride, rows, columns, total);
    }
}

/// Units are 64 columns of one outer index.
static void run_units(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    double total[LANES];
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t outer = unit / job->blocks, column = unit % job->blocks * LANES;
        ptrdiff_t columns = minimum(LANES, job->inner - column);
        const float *x = job->x + outer * job->reduced * job->inner + column;
        reduce_matrix(job->operation, x, job->inner, job->reduced, columns, total);
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
        reduce_matrix(
            job->operation, job->x + row * job->inner, job->inner, minimum(job->chunk, job->reduced - row), job->inner,
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

// Positions of extremes: the first largest or smallest element, or the first NaN.

/// In up to so many elements, `stride` apart. Without branches, which nobody could predict.
INLINE ptrdiff_t arg_strided(bool smallest, const float *x, ptrdiff_t stride, ptrdiff_t count) {
    float best = x[0];
    ptrdiff_t place = 0;
    for (ptrdiff_t i = 1; i < count; i++) {
        float value = x[i * stride];
        bool is_better = (smallest ? value < best : value > best) | ((value != value) & (best == best));
        best = is_better ? value : best;
        place = is_better ? i : place;
    }
    return place;
}

/// The first place of `best`, which is there, in at least 16 elements.
INLINE ptrdiff_t place_in_line(const float *x, float best, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        lane_numbers found = 0;
        for (int v = 0; v < 4; v++) {
            floats values;
            memcpy(&values, x + i + v * WIDTH, sizeof values);
            found |= best == best ? values == best : values != values;
        }
        if (__builtin_reduce_or(found)) break;
    }
    while (best == best ? x[i] != best : x[i] == x[i]) i++;
    return i;
}

INLINE ptrdiff_t arg_line(bool smallest, const float *x, ptrdiff_t count) {
    if (count < WIDTH) return arg_strided(smallest, x, 1, count);
    return place_in_line(x, (float)(smallest ? minimum_line(x, count) : maximum_line(x, count)), count);
}

/// Over the rows of a matrix of 16 · `vectors` columns: a constant, at most 4.
INLINE void arg_lanes(
    bool smallest, const float *x, int64_t *y, ptrdiff_t stride, ptrdiff_t rows, const int vectors) {
    floats best[4], values;
    lane_numbers place[4] = {0};
    for (int v = 0; v < vectors; v++) memcpy(&best[v], x + v * WIDTH, sizeof values);
    for (ptrdiff_t row = 1; row < rows; row++)
        for (int v = 0; v < vectors; v++) {
            memcpy(&values, x + row * stride + v * WIDTH, sizeof values);
            lane_numbers is_better = smallest ? values < best[v] : values > best[v];
            is_better |= (values != values) & (best[v] == best[v]);
            best[v] = is_better ? values : best[v];
            place[v] = is_better ? (lane_numbers)(int)row : place[v];
        }
    for (int v = 0; v < vectors; v++)
        for (int l = 0; l < WIDTH; l++) y[v * WIDTH + l] = place[v][l];
}

/// The same for at most 64 columns.
INLINE void arg_columns(
    bool smallest, const float *x, int64_t *y, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns) {
    if (columns == LANES) return arg_lanes(smallest, x, y, stride, rows, LANES / WIDTH);
    ptrdiff_t c = 0;
    for (; c + WIDTH <= columns; c += WIDTH) arg_lanes(smallest, x + c, y + c, stride, rows, 1);
    for (; c < columns; c++) y[c] = arg_strided(smallest, x + c, stride, rows);
}

typedef struct {
    bool smallest;
    const float *x;
    int64_t *y;
    ptrdiff_t reduced, inner, blocks;
} arg_job;

INLINE void arg_units(const arg_job *job, ptrdiff_t begin, ptrdiff_t end) {
    ptrdiff_t reduced = job->reduced, inner = job->inner;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t outer = unit / job->blocks, column = unit % job->blocks * LANES;
        const float *x = job->x + outer * reduced * inner + column;
        int64_t *y = job->y + outer * inner + column;
        if (inner == 1) {
            *y = arg_line(job->smallest, x, reduced);
        } else {
            arg_columns(job->smallest, x, y, inner, reduced, minimum(LANES, inner - column));
        }
    }
}
COPIES(arg_units, (const arg_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static void run_arg(const void *job, ptrdiff_t begin, ptrdiff_t end) { CHOSEN(arg_units_copies)(job, begin, end); }

void yuyan_arg_reduce(
    bool smallest, const float *x, int64_t *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner) {
    arg_job job = {smallest, x, y, reduced, inner, (inner + LANES - 1) / LANES};
    yuyan_parallel(outer * job.blocks, inner == 1 ? 8 : 1, outer * reduced * inner, run_arg, &job);
}

// Running sums, in double and in order, as the reference adds: the same bits.

typedef struct {
    const float *x;
    float *y;
    ptrdiff_t outer, size, inner, blocks;
    bool is_reversed;
} running_job;

/// Of a constant number of rows without gaps, `size` apart. Several at a time: each sum waits for its last addition.
INLINE void sum_lines(const running_job *job, ptrdiff_t row, const int rows) {
    ptrdiff_t size = job->size, step = job->is_reversed ? -1 : 1, first = row * size + (job->is_reversed ? size - 1 : 0);
    const float *x = job->x + first;
    float *y = job->y + first;
    double sums[8] = {0};
    for (ptrdiff_t i = 0; i < size; i++, x += step, y += step)
        for (int r = 0; r < rows; r++) {
            sums[r] += x[r * size];
            y[r * size] = (float)sums[r];
        }
}

INLINE void sum_columns(const running_job *job, ptrdiff_t outer, ptrdiff_t column) {
    ptrdiff_t size = job->size, inner = job->inner, columns = minimum(LANES, inner - column);
    double sums[LANES] = {0};
    for (ptrdiff_t i = 0; i < size; i++) {
        ptrdiff_t offset = (outer * size + (job->is_reversed ? size - 1 - i : i)) * inner + column;
        const float *restrict x = job->x + offset;
        float *restrict y = job->y + offset;
        for (ptrdiff_t c = 0; c < columns; c++) {
            sums[c] += x[c];
            y[c] = (float)sums[c];
        }
    }
}

/// Units are up to 8 rows, or 64 columns of one outer index.
INLINE void running_units(const running_job *job, ptrdiff_t begin, ptrdiff_t end) {
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        if (job->inner > 1) {
            sum_columns(job, unit / job->blocks, unit % job->blocks * LANES);
        } else if (unit * 8 + 8 <= job->outer) {
            sum_lines(job, unit * 8, 8);
        } else {
            for (ptrdiff_t row = unit * 8; row < job->outer; row++) sum_lines(job, row, 1);
        }
    }
}
COPIES(running_units, (const running_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static void run_running(const void *job, ptrdiff_t begin, ptrdiff_t end) {
    CHOSEN(running_units_copies)(job, begin, end);
}

void yuyan_cumulative_sum(
    const float *x, float *y, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t inner, bool is_reversed) {
    running_job job = {x, y, outer, size, inner, (inner + LANES - 1) / LANES, is_reversed};
    ptrdiff_t units = inner > 1 ? outer * job.blocks : (outer + 7) / 8;
    yuyan_parallel(units, 1, outer * size * inner, run_running, &job);
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
