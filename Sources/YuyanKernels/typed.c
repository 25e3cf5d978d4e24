// Elementwise operations and reductions on float64, int32 and int64. Operands have no gaps.
#include "kernels_internal.h"

typedef void (*unary_loop)(const void *x, void *y, ptrdiff_t count, double slope, double beta);
typedef void (*gradient_loop)(const void *g, const void *v, void *y, ptrdiff_t count, double slope, double beta);
typedef void (*binary_loop)(
    const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step, void *y, ptrdiff_t count);
/// total[c] = x[0, c] ∘ x[stride, c] ∘ …: `rows` rows of `columns` ≤ 64 elements.
typedef void (*reduce_block)(const void *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, void *total);

#define TYPES (yuyan_element_type_bool + 1)
#define LANES 64
#define CHUNKS 32

// Unary

#define UNARY_OF(type, name, expression)                                                                     \
    INLINE void unary_##name(const void *x, void *y, ptrdiff_t count, double slope, double beta) {                  \
        const type *input = x;                                                                                       \
        type *output = y;                                                                                            \
        for (ptrdiff_t i = 0; i < count; i++) {                                                                      \
            type v = input[i];                                                                                       \
            output[i] = expression;                                                                                  \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(unary_##name, (const void *x, void *y, ptrdiff_t count, double slope, double beta), (x, y, count, slope, beta))

#define UNARY(name, expression) UNARY_OF(double, name, expression)
#define ANGLES(name, quarters, function) UNARY(name, function(v))

#define GRADIENT(name, expression)                                                                                   \
    INLINE void gradient_##name(const void *gradient, const void *saved, void *y, ptrdiff_t count, double slope, double beta) {   \
        const double *slopes = gradient, *values = saved;                                                            \
        double *output = y;                                                                                          \
        for (ptrdiff_t i = 0; i < count; i++) {                                                                      \
            double g = slopes[i], v = values[i];                                                                     \
            output[i] = expression;                                                                                  \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(gradient_##name, (const void *g, const void *v, void *y, ptrdiff_t count, double slope, double beta),                  \
           (g, v, y, count, slope, beta))

typedef double real;
#define real_abs fabs
#define real_exp exp
#define real_exp_negative exp
#define real_log log
#define real_tanh tanh
#define real_sigmoid logistic
#define real_erf erf
INLINE double real_normal_share(double x) { return erfc(-x * 0.70710678118654752440) / 2; }
#define REAL_EXP_BOUND 800
#include "unary.h"

// Integers wrap around: computed without a sign.
#define INTEGER_UNARY(name, type, unsigned_type)                                                                     \
    UNARY_OF(type, negate_##name, (type)(0 - (unsigned_type)v))                                                      \
    UNARY_OF(type, absolute_##name, v < 0 ? (type)(0 - (unsigned_type)v) : v)                                        \
    UNARY_OF(type, sign_##name, (type)((v > 0) - (v < 0)))                                                           \
    UNARY_OF(type, square_##name, (type)((unsigned_type)v * (unsigned_type)v))
INTEGER_UNARY(int32, int32_t, uint32_t)
INTEGER_UNARY(int64, int64_t, uint64_t)

#define INTEGER_LOOPS(type)                                                                                          \
    {[yuyan_unary_kind_negate] = unary_negate_##type##_copies,                                                       \
     [yuyan_unary_kind_absolute] = unary_absolute_##type##_copies,                                                   \
     [yuyan_unary_kind_sign] = unary_sign_##type##_copies,                                                           \
     [yuyan_unary_kind_square] = unary_square_##type##_copies}
enum { UNARY_KINDS = 0 YUYAN_UNARY_KINDS(YUYAN_ONE, ) };
static const unary_loop *const unary_loops[TYPES][UNARY_KINDS] = {
    [yuyan_element_type_float64] = {YUYAN_UNARY_KINDS(UNARY_LOOP, yuyan_unary_kind)},
    [yuyan_element_type_int32] = INTEGER_LOOPS(int32), [yuyan_element_type_int64] = INTEGER_LOOPS(int64)};
static const gradient_loop *const gradient_loops[UNARY_KINDS] = {YUYAN_UNARY_KINDS(GRADIENT_LOOP, yuyan_unary_kind)};

// Binary and comparisons

#define BINARY(type, result, name, expression)                                                                       \
    INLINE void name(                                                                                                \
        const void *left, ptrdiff_t a_step, const void *right, ptrdiff_t b_step, void *y, ptrdiff_t count) {         \
        const type *lefts = left, *rights = right;                                                                   \
        result *output = y;                                                                                          \
        if (a_step && b_step) {                                                                                      \
            for (ptrdiff_t i = 0; i < count; i++) {                                                                  \
                type a = lefts[i], b = rights[i];                                                                    \
                output[i] = expression;                                                                              \
            }                                                                                                        \
        } else if (a_step) {                                                                                         \
            for (ptrdiff_t i = 0; i < count; i++) {                                                                  \
                type a = lefts[i], b = rights[0];                                                                    \
                output[i] = expression;                                                                              \
            }                                                                                                        \
        } else {                                                                                                     \
            for (ptrdiff_t i = 0; i < count; i++) {                                                                  \
                type a = lefts[0], b = rights[i * b_step];                                                           \
                output[i] = expression;                                                                              \
            }                                                                                                        \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(                                                                                                          \
        name, (const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step, void *y, ptrdiff_t count),          \
        (a, a_step, b, b_step, y, count))

BINARY(double, double, add_float64, a + b)
BINARY(double, double, subtract_float64, a - b)
BINARY(double, double, multiply_float64, a * b)
BINARY(double, double, divide_float64, a / b)
BINARY(double, double, power_float64, pow(a, b))
// NaN stays.
BINARY(double, double, maximum_float64, a > b || a != a ? a : b)
BINARY(double, double, minimum_float64, a < b || a != a ? a : b)

#define INTEGER_BINARY(name, type, unsigned_type)                                                                    \
    BINARY(type, type, add_##name, (type)((unsigned_type)a + (unsigned_type)b))                                      \
    BINARY(type, type, subtract_##name, (type)((unsigned_type)a - (unsigned_type)b))                                 \
    BINARY(type, type, multiply_##name, (type)((unsigned_type)a * (unsigned_type)b))                                 \
    BINARY(type, type, maximum_##name, a > b ? a : b)                                                                \
    BINARY(type, type, minimum_##name, a < b ? a : b)
INTEGER_BINARY(int32, int32_t, uint32_t)
INTEGER_BINARY(int64, int64_t, uint64_t)

#define LOOP_OF(name, type) [yuyan_binary_kind_##name] = name##_##type##_copies
#define SHARED_LOOPS(type)                                                                                           \
    LOOP_OF(add, type), LOOP_OF(subtract, type), LOOP_OF(multiply, type), LOOP_OF(maximum, type),                    \
        LOOP_OF(minimum, type)
enum { BINARY_KINDS = 0 YUYAN_BINARY_KINDS(YUYAN_ONE, ) };
static const binary_loop *const binary_loops[TYPES][BINARY_KINDS] = {
    [yuyan_element_type_float64] = {SHARED_LOOPS(float64), LOOP_OF(divide, float64), LOOP_OF(power, float64)},
    [yuyan_element_type_int32] = {SHARED_LOOPS(int32)}, [yuyan_element_type_int64] = {SHARED_LOOPS(int64)}};
#undef LOOP_OF

#define COMPARISONS(name, type)                                                                                      \
    BINARY(type, uint8_t, equal_##name, a == b)                                                                      \
    BINARY(type, uint8_t, not_equal_##name, a != b)                                                                  \
    BINARY(type, uint8_t, less_##name, a < b)                                                                        \
    BINARY(type, uint8_t, less_or_equal_##name, a <= b)                                                              \
    BINARY(type, uint8_t, greater_##name, a > b)                                                                     \
    BINARY(type, uint8_t, greater_or_equal_##name, a >= b)
COMPARISONS(float64, double)
COMPARISONS(int32, int32_t)
COMPARISONS(int64, int64_t)

#define LOOP_OF(type, name, swift) [type##_##name] = name##_float64_copies,
#define LOOP_OF_INT32(type, name, swift) [type##_##name] = name##_int32_copies,
#define LOOP_OF_INT64(type, name, swift) [type##_##name] = name##_int64_copies,
enum { COMPARISON_KINDS = 0 YUYAN_COMPARISON_KINDS(YUYAN_ONE, ) };
static const binary_loop *const compare_loops[TYPES][COMPARISON_KINDS] = {
    [yuyan_element_type_float64] = {YUYAN_COMPARISON_KINDS(LOOP_OF, yuyan_comparison_kind)},
    [yuyan_element_type_int32] = {YUYAN_COMPARISON_KINDS(LOOP_OF_INT32, yuyan_comparison_kind)},
    [yuyan_element_type_int64] = {YUYAN_COMPARISON_KINDS(LOOP_OF_INT64, yuyan_comparison_kind)}};
#undef LOOP_OF

// Selection: only the size of an element matters.

#define SELECT(type)                                                                                                 \
    INLINE void select_##type(                                                                                       \
        const uint8_t *restrict condition, const void *a, const void *b, void *restrict y, ptrdiff_t count) {        \
        const type *left = a, *right = b;                                                                            \
        type *output = y;                                                                                            \
        for (ptrdiff_t i = 0; i < count; i++) {                                                                      \
            type chosen = left[i], other = right[i];                                                                 \
            output[i] = condition[i] ? chosen : other;                                                               \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(                                                                                                          \
        select_##type, (const uint8_t *condition, const void *a, const void *b, void *y, ptrdiff_t count),           \
        (condition, a, b, y, count))
SELECT(uint8_t)
SELECT(uint16_t)
SELECT(uint32_t)
SELECT(uint64_t)

typedef struct {
    unary_loop unary;
    gradient_loop gradient;
    binary_loop binary;
    void (*select)(const uint8_t *condition, const void *a, const void *b, void *y, ptrdiff_t count);
    const uint8_t *condition;
    const char *a, *b;
    char *y;
    ptrdiff_t a_step, b_step, bytes, result_bytes;
    double slope, beta;
} flat_job;

static void run_flat(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    ptrdiff_t count = end - begin, offset = begin * job->bytes;
    const char *a = job->a + offset * job->a_step, *b = job->b + offset * job->b_step;
    char *y = job->y + begin * job->result_bytes;
    if (job->unary) job->unary(a, y, count, job->slope, job->beta);
    if (job->gradient) job->gradient(a, b, y, count, job->slope, job->beta);
    if (job->binary) job->binary(a, job->a_step, b, job->b_step, y, count);
    if (job->select) job->select(job->condition + begin, a, b, y, count);
}

static ptrdiff_t bytes_of(yuyan_element_type type) { return type == yuyan_element_type_int32 ? 4 : 8; }

bool yuyan_typed_unary(
    yuyan_element_type type, int operation, double slope, double beta, const void *x, void *y, ptrdiff_t count) {
    if (type == yuyan_element_type_bfloat16) {
        yuyan_half_unary(operation, (float)slope, (float)beta, x, y, count);
        return true;
    }
    const unary_loop *loops = unary_loops[type][operation];
    if (!loops) return false;
    flat_job job = {
        .unary = CHOSEN(loops), .a = x, .b = x, .y = y, .a_step = 1, .bytes = bytes_of(type),
        .result_bytes = bytes_of(type), .slope = slope, .beta = beta};
    yuyan_parallel(count, 1024, count, run_flat, &job);
    return true;
}

bool yuyan_typed_unary_gradient(
    yuyan_element_type type, int operation, double slope, double beta, const void *gradient, const void *saved, void *y,
    ptrdiff_t count) {
    if (type == yuyan_element_type_bfloat16) {
        yuyan_half_unary_gradient(operation, (float)slope, (float)beta, gradient, saved, y, count);
        return true;
    }
    const gradient_loop *loops = type == yuyan_element_type_float64 ? gradient_loops[operation] : NULL;
    if (!loops) return false;
    flat_job job = {
        .gradient = CHOSEN(loops), .a = gradient, .b = saved, .y = y, .a_step = 1, .b_step = 1, .bytes = 8,
        .result_bytes = 8, .slope = slope, .beta = beta};
    yuyan_parallel(count, 1024, count, run_flat, &job);
    return true;
}

static bool run_binary(
    const binary_loop *loops, yuyan_element_type type, const void *a, ptrdiff_t a_step, const void *b,
    ptrdiff_t b_step, void *y, ptrdiff_t result_bytes, ptrdiff_t count) {
    if (!loops) return false;
    flat_job job = {
        .binary = CHOSEN(loops), .a = a, .b = b, .y = y, .a_step = a_step, .b_step = b_step, .bytes = bytes_of(type),
        .result_bytes = result_bytes};
    yuyan_parallel(count, 1024, count, run_flat, &job);
    return true;
}

bool yuyan_typed_binary(
    yuyan_element_type type, int operation, const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step, void *y,
    ptrdiff_t count) {
    if (type == yuyan_element_type_bfloat16) {
        if (a_step && b_step) {
            yuyan_half_binary(operation, a, b, y, count);
        } else {
            const uint16_t *number = a_step ? b : a;
            yuyan_half_binary_scalar(operation, a_step ? a : b, from_bfloat16(*number), !a_step, y, count);
        }
        return true;
    }
    return run_binary(binary_loops[type][operation], type, a, a_step, b, b_step, y, bytes_of(type), count);
}

bool yuyan_typed_compare(
    yuyan_element_type type, int operation, const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step,
    uint8_t *y, ptrdiff_t count) {
    return run_binary(compare_loops[type][operation], type, a, a_step, b, b_step, y, 1, count);
}

void yuyan_typed_select(
    int element_bytes, const uint8_t *condition, const void *a, const void *b, void *y, ptrdiff_t count) {
    flat_job job = {
        .select = element_bytes == 1   ? CHOSEN(select_uint8_t_copies)
                  : element_bytes == 2 ? CHOSEN(select_uint16_t_copies)
                  : element_bytes == 4 ? CHOSEN(select_uint32_t_copies)
                                       : CHOSEN(select_uint64_t_copies),
        .condition = condition, .a = a, .b = b, .y = y, .a_step = 1, .b_step = 1, .bytes = element_bytes,
        .result_bytes = element_bytes};
    yuyan_parallel(count, 1024, count, run_flat, &job);
}

// Reductions

#define ADD(a, b) ((a) + (b))
#define MULTIPLY(a, b) ((a) * (b))
#define WRAPPING_ADD(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define WRAPPING_MULTIPLY(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
// NaN wins and stays.
#define LARGER(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))
#define SMALLER(a, b) ((b) < (a) || (b) != (b) ? (b) : (a))

// A row of its own is added up in 8 lanes, which vectors hold.
#define REDUCER(name, type, wide, start, combine)                                                                    \
    INLINE void name(const void *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, void *total) {              \
        const type *input = x;                                                                                       \
        wide *sums = total;                                                                                          \
        if (columns == 1 && stride == 1) {                                                                           \
            wide lanes[8] = {start, start, start, start, start, start, start, start};                                \
            ptrdiff_t row = 0;                                                                                       \
            for (; row + 8 <= rows; row += 8)                                                                        \
                for (int l = 0; l < 8; l++) lanes[l] = combine(lanes[l], (wide)input[row + l]);                      \
            for (; row < rows; row++) lanes[row % 8] = combine(lanes[row % 8], (wide)input[row]);                    \
            for (int half = 4; half > 0; half /= 2)                                                                  \
                for (int l = 0; l < half; l++) lanes[l] = combine(lanes[l], lanes[l + half]);                        \
            sums[0] = lanes[0];                                                                                      \
            return;                                                                                                  \
        }                                                                                                            \
        wide all[LANES];                                                                                             \
        for (ptrdiff_t c = 0; c < columns; c++) all[c] = start;                                                      \
        for (ptrdiff_t row = 0; row < rows; row++)                                                                   \
            for (ptrdiff_t c = 0; c < columns; c++) all[c] = combine(all[c], (wide)input[row * stride + c]);         \
        for (ptrdiff_t c = 0; c < columns; c++) sums[c] = all[c];                                                    \
    }                                                                                                                \
    COPIES(name, (const void *x, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t columns, void *total),                  \
           (x, stride, rows, columns, total))

REDUCER(sum_float64, double, double, 0, ADD)
REDUCER(product_float64, double, double, 1, MULTIPLY)
REDUCER(maximum_float64_of, double, double, -INFINITY, LARGER)
REDUCER(minimum_float64_of, double, double, INFINITY, SMALLER)
#define INTEGER_REDUCERS(name, type, lowest, highest)                                                                \
    REDUCER(sum_##name, type, int64_t, 0, WRAPPING_ADD)                                                              \
    REDUCER(product_##name, type, int64_t, 1, WRAPPING_MULTIPLY)                                                     \
    REDUCER(maximum_##name##_of, type, int64_t, lowest, LARGER)                                                      \
    REDUCER(minimum_##name##_of, type, int64_t, highest, SMALLER)
INTEGER_REDUCERS(int32, int32_t, INT32_MIN, INT32_MAX)
INTEGER_REDUCERS(int64, int64_t, INT64_MIN, INT64_MAX)

#define REDUCERS(type)                                                                                               \
    [yuyan_reduction_kind_sum] = sum_##type##_copies, [yuyan_reduction_kind_product] = product_##type##_copies,      \
    [yuyan_reduction_kind_maximum] = maximum_##type##_of_copies,                                                     \
    [yuyan_reduction_kind_minimum] = minimum_##type##_of_copies
enum { REDUCTION_KINDS = 0 YUYAN_REDUCTION_KINDS(YUYAN_ONE, ) };
static const reduce_block *const reducers[TYPES][REDUCTION_KINDS] = {
    // A mean is a sum and then divided.
    [yuyan_element_type_float64] = {REDUCERS(float64), [yuyan_reduction_kind_mean] = sum_float64_copies},
    [yuyan_element_type_int32] = {REDUCERS(int32)}, [yuyan_element_type_int64] = {REDUCERS(int64)}};

typedef union {
    double real;
    int64_t integer;
} wide_number;

typedef struct {
    yuyan_element_type type;
    int operation;
    reduce_block loop;
    const char *x;
    char *y;
    ptrdiff_t reduced, inner, blocks, chunk, chunks;
    double divisor;
    wide_number (*partial)[LANES];
} reduce_job;

INLINE wide_number combined(yuyan_element_type type, int operation, wide_number a, wide_number b) {
    bool real = type == yuyan_element_type_float64;
    switch (operation) {
        case yuyan_reduction_kind_product:
            return real ? (wide_number){.real = MULTIPLY(a.real, b.real)}
                        : (wide_number){.integer = WRAPPING_MULTIPLY(a.integer, b.integer)};
        case yuyan_reduction_kind_maximum:
            return real ? (wide_number){.real = LARGER(a.real, b.real)}
                        : (wide_number){.integer = LARGER(a.integer, b.integer)};
        case yuyan_reduction_kind_minimum:
            return real ? (wide_number){.real = SMALLER(a.real, b.real)}
                        : (wide_number){.integer = SMALLER(a.integer, b.integer)};
        default:
            return real ? (wide_number){.real = a.real + b.real}
                        : (wide_number){.integer = WRAPPING_ADD(a.integer, b.integer)};
    }
}

static void store(const reduce_job *job, ptrdiff_t place, const wide_number *total, ptrdiff_t columns) {
    for (ptrdiff_t c = 0; c < columns; c++) {
        switch (job->type) {
            case yuyan_element_type_int32: ((int32_t *)job->y)[place + c] = (int32_t)total[c].integer; break;
            case yuyan_element_type_int64: ((int64_t *)job->y)[place + c] = total[c].integer; break;
            default: ((double *)job->y)[place + c] = total[c].real / job->divisor;
        }
    }
}

/// Units are chunks of the rows of 64 columns of one outer index; those of one such block follow each other.
static void run_units(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const reduce_job *job = data;
    wide_number total[LANES];
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t part = unit / job->chunks, row = unit % job->chunks * job->chunk;
        ptrdiff_t outer = part / job->blocks, column = part % job->blocks * LANES;
        ptrdiff_t columns = minimum(LANES, job->inner - column);
        ptrdiff_t place = (outer * job->reduced + row) * job->inner + column;
        ptrdiff_t rows = maximum(minimum(job->chunk, job->reduced - row), 0);
        job->loop(job->x + place * bytes_of(job->type), job->inner, rows, columns, job->partial ? job->partial[unit] : total);
        if (!job->partial) store(job, outer * job->inner + column, total, columns);
    }
}

bool yuyan_typed_reduce(
    yuyan_element_type type, int operation, const void *x, void *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner,
    double divisor) {
    const reduce_block *loops = reducers[type][operation];
    if (!loops) return false;
    ptrdiff_t work = outer * reduced * inner, blocks = (inner + LANES - 1) / LANES, parts = outer * blocks;
    reduce_job job = {
        .type = type, .operation = operation, .loop = CHOSEN(loops), .x = x, .y = y, .reduced = reduced, .inner = inner,
        .blocks = blocks, .chunk = reduced, .chunks = 1, .divisor = divisor};
    if (parts > CHUNKS / 2 || work < PARALLEL_MINIMUM) {
        yuyan_parallel(parts, 1, work, run_units, &job);
        return true;
    }
    // Few results of many elements: in chunks, of which there are as many for any number of threads.
    wide_number partial[CHUNKS][LANES];
    job.partial = partial;
    job.chunks = CHUNKS / parts;
    job.chunk = (reduced + job.chunks - 1) / job.chunks;
    yuyan_parallel(parts * job.chunks, 1, work, run_units, &job);
    for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t column = part % blocks * LANES, columns = minimum(LANES, inner - column);
        wide_number *total = partial[part * job.chunks];
        for (ptrdiff_t chunk = 1; chunk < job.chunks; chunk++)
            for (ptrdiff_t c = 0; c < columns; c++)
                total[c] = combined(type, operation, total[c], partial[part * job.chunks + chunk][c]);
        store(&job, part / blocks * inner + column, total, columns);
    }
    return true;
}
