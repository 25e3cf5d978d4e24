// Elementwise operations on float32.
#include "functions.h"

// A loop over one block of elements, for each operation.
typedef void (*unary_loop)(const float *x, float *y, ptrdiff_t count, float slope, float beta);
typedef void (*gradient_loop)(const float *g, const float *v, float *y, ptrdiff_t count, float slope, float beta);
typedef void (*binary_loop)(const float *a, const float *b, float *y, ptrdiff_t count);
typedef void (*scalar_loop)(const float *x, float scalar, float *y, ptrdiff_t count);
typedef void (*compare_loop)(const float *a, const float *b, uint8_t *y, ptrdiff_t count);
typedef void (*compare_scalar_loop)(const float *x, float scalar, uint8_t *y, ptrdiff_t count);

// `expression` is a function of v and of the operation's numbers.
#define UNARY_LOOP(hint, name, expression)                                                  \
    INLINE void unary_##name(const float *x, float *y, ptrdiff_t count, float slope, float beta) {      \
        hint for (ptrdiff_t i = 0; i < count; i++) {                                        \
            float v = x[i];                                                                 \
            y[i] = expression;                                                              \
        }                                                                                   \
    }                                                                                       \
    COPIES(unary_##name, (const float *x, float *y, ptrdiff_t count, float slope, float beta), (x, y, count, slope, beta))
#define UNARY(name, expression) UNARY_LOOP(INDEPENDENT, name, expression)
#define ANGLES(name, quarters, exact)                                                                         \
    INLINE void unary_##name(const float *x, float *y, ptrdiff_t count, float slope, float beta) {            \
        turned_sines(x, y, count, quarters, exact);                                                           \
    }                                                                                                         \
    COPIES(                                                                                                   \
        unary_##name, (const float *x, float *y, ptrdiff_t count, float slope, float beta), (x, y, count, slope, beta))

// The gradient of a unary operation: `expression` is a function of g and of v, its operand or its result, whichever
// UnaryOperation.gradientReads names.
#define GRADIENT(name, expression)                                                                                   \
    INLINE void gradient_##name(const float *gradient, const float *saved, float *y, ptrdiff_t count, float slope, float beta) { \
        INDEPENDENT for (ptrdiff_t i = 0; i < count; i++) {                                                          \
            float g = gradient[i], v = saved[i];                                                                     \
            y[i] = expression;                                                                                       \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(                                                                                                          \
        gradient_##name, (const float *g, const float *v, float *y, ptrdiff_t count, float slope, float beta),                   \
        (g, v, y, count, slope, beta))

/// Below 1, erf x = x + x · p(x²); above, 1 - e^q(|x|). p and q are minimax fits of erf(√z) / √z - 1 for z ≤ 1 and of
/// ln erfc t for 1 ≤ t ≤ 4, to 1.2e-9; from 4 on erf is 1 in float.
INLINE float fast_erf(float x) {
    float z = x * x;
    float p = 7.889123e-5f;
    p = p * z - 8.020842e-4f;
    p = p * z + 5.1895357e-3f;
    p = p * z - 0.026854444f;
    p = p * z + 0.112836f;
    p = p * z - 0.37612626f;
    p = p * z + 0.12837917f;
    float t = fabsf(x) > 4 ? 4 : fabsf(x);
    float q = 1.8557407e-4f;
    q = q * t - 2.939608e-3f;
    q = q * t + 0.02180532f;
    q = q * t - 0.10303737f;
    q = q * t - 0.6382257f;
    q = q * t - 1.12704f;
    q = q * t - 3.5371876e-4f;
    float far = copysignf(1 - fast_exp_negative(q), x);
    return fabsf(x) < 1 ? x + x * p : far;
}

/// Beyond these bounds the activations below are x or 0; at infinity, too. NaN stays.
INLINE float bounded(float x, float limit) { return x < -limit ? -limit : x > limit ? limit : x; }

INLINE float gelu(float x) { return (x < -16 ? -16 : x) * normal_share(x); }

INLINE float gelu_slope(float x) {
    float t = bounded(x, 16);
    return normal_share(t) + t * 0.39894228f * fast_exp_negative(-0.5f * t * t);
}

/// Right to the last bits at both ends, where 1 / (1 + exp(-x)) overflows below.
INLINE float logistic(float x) {
    float e = fast_exp(-fabsf(x));
    float share = 1 / (1 + e);
    return x < 0 ? e * share : share;
}

/// 2 √(2/π) (x + 0.044715 x³): (1 + tanh u) / 2 = logistic(2u).
INLINE float doubled_argument(float x) { return x * (1.59576912f + 0.071354816f * x * x); }

INLINE float gelu_tanh(float x) {
    float t = bounded(x, 16);
    return (x < 0 ? t : x) * logistic(doubled_argument(t));
}

INLINE float gelu_tanh_slope(float x) {
    float t = bounded(x, 16);
    float share = logistic(doubled_argument(t));
    return share + t * share * (1 - share) * (1.59576912f + 0.21406445f * t * t);
}

INLINE float silu(float x) { return (x < -110 ? -110 : x) * logistic(x); }

INLINE float silu_slope(float x) {
    float t = bounded(x, 110);
    float share = logistic(t);
    return share * (1 + t * (1 - share));
}

UNARY(negate, -v)
UNARY(absolute, fabsf(v))
UNARY(sign, v > 0 ? 1.0f : v < 0 ? -1.0f : 0.0f)
UNARY(square, v * v)
UNARY(reciprocal, 1 / v)
UNARY(exp, fast_exp(v))
UNARY(log, fast_log(v))
UNARY(square_root, __builtin_elementwise_sqrt(v))
ANGLES(sine, 0, sinf)
ANGLES(cosine, 1, cosf)
UNARY(floor, floorf(v))
UNARY(erf, fast_erf(v))
UNARY(relu, v <= 0 ? 0 : v)
UNARY(leaky_relu, v > 0 ? v : v * slope)
UNARY(sigmoid, fast_sigmoid(v))
UNARY(tanh, fast_tanh(v))
UNARY(gelu, gelu(v))
UNARY(gelu_tanh, gelu_tanh(v))
UNARY(silu, silu(v))
GRADIENT(relu, v > 0 ? g : 0)
GRADIENT(leaky_relu, v > 0 ? g : g * slope)
GRADIENT(sigmoid, g * v * (1 - v))
GRADIENT(tanh, g * (1 - v * v))
GRADIENT(gelu, g * gelu_slope(v))
GRADIENT(gelu_tanh, g * gelu_tanh_slope(v))
GRADIENT(silu, g * silu_slope(v))

#define LOOP_OF(type, name, swift) [type##_##name] = unary_##name##_copies,
// Reference computes with bool.
#define unary_logical_not_copies 0
static const unary_loop *const unary_loops[] = {YUYAN_UNARY_KINDS(LOOP_OF, yuyan_unary_kind)};
#undef LOOP_OF
#define LOOP_OF(name) [yuyan_unary_kind_##name] = gradient_##name##_copies
static const gradient_loop *const gradient_loops[] = {
    LOOP_OF(relu), LOOP_OF(leaky_relu), LOOP_OF(sigmoid), LOOP_OF(tanh), LOOP_OF(gelu), LOOP_OF(gelu_tanh), LOOP_OF(silu)};
#undef LOOP_OF

INLINE float larger(float a, float b) { return a > b || a != a ? a : b; }
INLINE float smaller(float a, float b) { return a < b || a != a ? a : b; }

#define BINARY_LOOPS(hint, name, expression)                                                                   \
    INLINE void binary_##name(const float *left, const float *right, float *y, ptrdiff_t count) {              \
        hint for (ptrdiff_t i = 0; i < count; i++) {                                                           \
            float a = left[i], b = right[i];                                                                   \
            y[i] = expression;                                                                                 \
        }                                                                                                      \
    }                                                                                                          \
    INLINE void right_##name(const float *left, float b, float *y, ptrdiff_t count) {                          \
        hint for (ptrdiff_t i = 0; i < count; i++) {                                                           \
            float a = left[i];                                                                                 \
            y[i] = expression;                                                                                 \
        }                                                                                                      \
    }                                                                                                          \
    INLINE void left_##name(const float *right, float a, float *y, ptrdiff_t count) {                          \
        hint for (ptrdiff_t i = 0; i < count; i++) {                                                           \
            float b = right[i];                                                                                \
            y[i] = expression;                                                                                 \
        }                                                                                                      \
    }                                                                                                          \
    COPIES(binary_##name, (const float *a, const float *b, float *y, ptrdiff_t count), (a, b, y, count))       \
    COPIES(right_##name, (const float *x, float scalar, float *y, ptrdiff_t count), (x, scalar, y, count))     \
    COPIES(left_##name, (const float *x, float scalar, float *y, ptrdiff_t count), (x, scalar, y, count))
#define BINARY(name, expression) BINARY_LOOPS(INDEPENDENT, name, expression)

BINARY(add, a + b)
BINARY(subtract, a - b)
BINARY(multiply, a * b)
BINARY(divide, a / b)
BINARY(power, fast_power(a, b))
BINARY(maximum, larger(a, b))
BINARY(minimum, smaller(a, b))

// Reference computes with bool.
#define binary_logical_and_copies 0
#define binary_logical_or_copies 0
#define right_logical_and_copies 0
#define right_logical_or_copies 0
#define left_logical_and_copies 0
#define left_logical_or_copies 0
#define BINARY_LOOP(type, name, swift) [type##_##name] = binary_##name##_copies,
#define RIGHT_LOOP(type, name, swift) [type##_##name] = right_##name##_copies,
#define LEFT_LOOP(type, name, swift) [type##_##name] = left_##name##_copies,
static const binary_loop *const binary_loops[] = {YUYAN_BINARY_KINDS(BINARY_LOOP, yuyan_binary_kind)};
static const scalar_loop *const right_loops[] = {YUYAN_BINARY_KINDS(RIGHT_LOOP, yuyan_binary_kind)};
static const scalar_loop *const left_loops[] = {YUYAN_BINARY_KINDS(LEFT_LOOP, yuyan_binary_kind)};

#define COMPARE(name, operator)                                                                                       \
    INLINE void compare_##name(const float *a, const float *b, uint8_t *restrict y, ptrdiff_t count) {                \
        for (ptrdiff_t i = 0; i < count; i++) y[i] = a[i] operator b[i];                                              \
    }                                                                                                                 \
    INLINE void compare_scalar_##name(const float *x, float scalar, uint8_t *restrict y, ptrdiff_t count) {           \
        for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] operator scalar;                                            \
    }                                                                                                                 \
    COPIES(compare_##name, (const float *a, const float *b, uint8_t *y, ptrdiff_t count), (a, b, y, count))           \
    COPIES(                                                                                                           \
        compare_scalar_##name, (const float *x, float scalar, uint8_t *y, ptrdiff_t count), (x, scalar, y, count))

COMPARE(equal, ==)
COMPARE(not_equal, !=)
COMPARE(less, <)
COMPARE(less_or_equal, <=)
COMPARE(greater, >)
COMPARE(greater_or_equal, >=)

#define LOOP_OF(type, name, swift) [type##_##name] = compare_##name##_copies,
static const compare_loop *const compare_loops[] = {YUYAN_COMPARISON_KINDS(LOOP_OF, yuyan_comparison_kind)};
#undef LOOP_OF
#define LOOP_OF(type, name, swift) [type##_##name] = compare_scalar_##name##_copies,
static const compare_scalar_loop *const compare_scalar_loops[] = {YUYAN_COMPARISON_KINDS(LOOP_OF, yuyan_comparison_kind)};
#undef LOOP_OF

INLINE void select_loop(
    const uint8_t *restrict condition, const float *a, const float *b, float *y, ptrdiff_t count) {
    INDEPENDENT for (ptrdiff_t i = 0; i < count; i++) {
        float left = a[i], right = b[i];
        y[i] = condition[i] ? left : right;
    }
}
COPIES(select_loop,
    (const uint8_t *restrict condition, const float *a, const float *b, float *y, ptrdiff_t count), (condition, a, b, y,
    count))

// Arrays without gaps.

typedef struct {
    int operation;
    const float *a, *b;
    float scalar, slope, beta;
    bool scalar_is_left;
    const uint8_t *condition;
    float *y;
    uint8_t *truth;
} flat_job;

typedef struct {
    float *x;
    const float *bias;
    int operation;
    float slope, beta;
    ptrdiff_t columns;
} finish_job;

INLINE void add_rows(float *restrict x, const float *restrict bias, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++)
        for (ptrdiff_t c = 0; c < columns; c++) x[row * columns + c] += bias[c];
}
COPIES(add_rows,
    (float *restrict x, const float *restrict bias, ptrdiff_t rows, ptrdiff_t columns), (x, bias, rows, columns))

static void run_finish(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const finish_job *job = data;
    // As many rows as stay in the nearest cache between the two passes.
    ptrdiff_t step = maximum(4096 / job->columns, 1);
    for (ptrdiff_t row = begin; row < end; row += step) {
        ptrdiff_t rows = minimum(step, end - row);
        float *x = job->x + row * job->columns;
        if (job->bias) CHOSEN(add_rows_copies)(x, job->bias, rows, job->columns);
        if (job->operation >= 0) CHOSEN(unary_loops[job->operation])(x, x, rows * job->columns, job->slope, job->beta);
    }
}

void yuyan_finish_rows(
    float *x, const float *bias, int operation, float slope, float beta, ptrdiff_t rows, ptrdiff_t columns) {
    finish_job job = {x, bias, operation, slope, beta, columns};
    yuyan_parallel(rows, 1, rows * columns, run_finish, &job);
}

static void run_unary(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(unary_loops[job->operation])(job->a + begin, job->y + begin, end - begin, job->slope, job->beta);
}

void yuyan_unary(int operation, float slope, float beta, const float *x, float *y, ptrdiff_t count) {
    if (count < PARALLEL_MINIMUM) {
        CHOSEN(unary_loops[operation])(x, y, count, slope, beta);
        return;
    }
    flat_job job = {.operation = operation, .a = x, .slope = slope, .beta = beta, .y = y};
    yuyan_parallel(count, 1024, count, run_unary, &job);
}

static void run_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(gradient_loops[job->operation])(job->a + begin, job->b + begin, job->y + begin, end - begin, job->slope, job->beta);
}

void yuyan_unary_gradient(
    int operation, float slope, float beta, const float *gradient, const float *saved, float *y, ptrdiff_t count) {
    if (count < PARALLEL_MINIMUM) {
        CHOSEN(gradient_loops[operation])(gradient, saved, y, count, slope, beta);
        return;
    }
    flat_job job = {.operation = operation, .a = gradient, .b = saved, .slope = slope, .beta = beta, .y = y};
    yuyan_parallel(count, 1024, count, run_gradient, &job);
}

static void run_binary(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(binary_loops[job->operation])(job->a + begin, job->b + begin, job->y + begin, end - begin);
}

void yuyan_binary(int operation, const float *a, const float *b, float *y, ptrdiff_t count) {
    if (count < PARALLEL_MINIMUM) {
        CHOSEN(binary_loops[operation])(a, b, y, count);
        return;
    }
    flat_job job = {.operation = operation, .a = a, .b = b, .y = y};
    yuyan_parallel(count, 1024, count, run_binary, &job);
}

void yuyan_add_into(float *sum, const float *x, ptrdiff_t count) { yuyan_binary(yuyan_binary_kind_add, sum, x, sum, count); }

static void run_scalar(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    const scalar_loop *loops = job->scalar_is_left ? left_loops[job->operation] : right_loops[job->operation];
    CHOSEN(loops)(job->a + begin, job->scalar, job->y + begin, end - begin);
}

void yuyan_binary_scalar(int operation, const float *x, float scalar, bool scalar_is_left, float *y, ptrdiff_t count) {
    flat_job job = {.operation = operation, .a = x, .scalar = scalar, .scalar_is_left = scalar_is_left, .y = y};
    if (count < PARALLEL_MINIMUM) {
        run_scalar(&job, 0, count);
        return;
    }
    yuyan_parallel(count, 1024, count, run_scalar, &job);
}

static void run_compare(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(compare_loops[job->operation])(job->a + begin, job->b + begin, job->truth + begin, end - begin);
}

void yuyan_compare(int operation, const float *a, const float *b, uint8_t *y, ptrdiff_t count) {
    flat_job job = {.operation = operation, .a = a, .b = b, .truth = y};
    yuyan_parallel(count, 1024, count, run_compare, &job);
}

static void run_compare_scalar(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(compare_scalar_loops[job->operation])(job->a + begin, job->scalar, job->truth + begin, end - begin);
}

void yuyan_compare_scalar(int operation, const float *x, float scalar, uint8_t *y, ptrdiff_t count) {
    flat_job job = {.operation = operation, .a = x, .scalar = scalar, .truth = y};
    yuyan_parallel(count, 1024, count, run_compare_scalar, &job);
}

static void run_select(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const flat_job *job = data;
    CHOSEN(select_loop_copies)(job->condition + begin, job->a + begin, job->b + begin, job->y + begin, end - begin);
}

void yuyan_select(const uint8_t *condition, const float *a, const float *b, float *y, ptrdiff_t count) {
    flat_job job = {.condition = condition, .a = a, .b = b, .y = y};
    yuyan_parallel(count, 1024, count, run_select, &job);
}

// Strided arrays: rows of a loop nest; rows with other strides than 1 pass through a small block.

#define BLOCK 512

typedef struct {
    loop_nest nest;
    int operation;
    const float *a, *b;
    const uint8_t *condition;
    float *y;
    uint8_t *truth;
} nest_job;

/// `count` strided elements as a row: the array itself if the stride is 1.
INLINE const float *packed(const float *x, ptrdiff_t stride, ptrdiff_t count, float *block) {
    if (stride == 1) return x;
    for (ptrdiff_t i = 0; i < count; i++) block[i] = x[i * stride];
    return block;
}

static void binary_row(
    int operation, const float *a, ptrdiff_t a_stride, const float *b, ptrdiff_t b_stride, float *y, ptrdiff_t y_stride,
    ptrdiff_t count) {
    if (y_stride == 1) {
        if (a_stride == 1 && b_stride == 1) return CHOSEN(binary_loops[operation])(a, b, y, count);
        if (a_stride == 1 && b_stride == 0) return CHOSEN(right_loops[operation])(a, *b, y, count);
        if (a_stride == 0 && b_stride == 1) return CHOSEN(left_loops[operation])(b, *a, y, count);
    }
    float a_block[BLOCK], b_block[BLOCK], y_block[BLOCK];
    for (ptrdiff_t i = 0; i < count; i += BLOCK) {
        ptrdiff_t part = minimum(BLOCK, count - i);
        const float *a_row = packed(a + i * a_stride, a_stride, part, a_block);
        const float *b_row = packed(b + i * b_stride, b_stride, part, b_block);
        if (y_stride == 1) {
            CHOSEN(binary_loops[operation])(a_row, b_row, y + i, part);
        } else {
            CHOSEN(binary_loops[operation])(a_row, b_row, y_block, part);
            for (ptrdiff_t j = 0; j < part; j++) y[(i + j) * y_stride] = y_block[j];
        }
    }
}

static void run_binary_nest(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const nest_job *job = data;
    const loop_nest *nest = &job->nest;
    int last = nest->rank - 1;
    nest_walk walk;
    start_walk(&walk, nest);
    seek_walk(&walk, nest, 3, begin);
    for (ptrdiff_t unit = begin; unit < end; unit++, advance_walk(&walk, nest, 3))
        binary_row(
            job->operation, job->a + walk_offset(&walk, nest, 1), nest->stride[1][last],
            job->b + walk_offset(&walk, nest, 2), nest->stride[2][last], job->y + walk_offset(&walk, nest, 0),
            nest->stride[0][last], walk_count(&walk));
}

static void run_nest(nest_job *job, range_body body) {
    nest_walk walk;
    start_walk(&walk, &job->nest);
    yuyan_parallel(walk.units, 1, job->nest.count, body, job);
}

void yuyan_binary_strided(
    int operation, const int32_t *size, float *y, const ptrdiff_t *y_strides, const float *a,
    const ptrdiff_t *a_strides,
    const float *b, const ptrdiff_t *b_strides) {
    nest_job job = {.operation = operation, .a = a, .b = b, .y = y};
    const ptrdiff_t *strides[] = {y_strides, a_strides, b_strides};
    yuyan_make_nest(&job.nest, 3, size, strides);
    run_nest(&job, run_binary_nest);
}

static void run_compare_nest(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const nest_job *job = data;
    const loop_nest *nest = &job->nest;
    int last = nest->rank - 1;
    ptrdiff_t y_stride = nest->stride[0][last], a_stride = nest->stride[1][last], b_stride = nest->stride[2][last];
    float a_block[BLOCK], b_block[BLOCK];
    uint8_t y_block[BLOCK];
    nest_walk walk;
    start_walk(&walk, nest);
    seek_walk(&walk, nest, 3, begin);
    for (ptrdiff_t unit = begin; unit < end; unit++, advance_walk(&walk, nest, 3)) {
        ptrdiff_t count = walk_count(&walk);
        const float *a = job->a + walk_offset(&walk, nest, 1), *b = job->b + walk_offset(&walk, nest, 2);
        uint8_t *y = job->truth + walk_offset(&walk, nest, 0);
        for (ptrdiff_t i = 0; i < count; i += BLOCK) {
            ptrdiff_t part = minimum(BLOCK, count - i);
            const float *a_row = packed(a + i * a_stride, a_stride, part, a_block);
            const float *b_row = packed(b + i * b_stride, b_stride, part, b_block);
            CHOSEN(compare_loops[job->operation])(a_row, b_row, y_block, part);
            for (ptrdiff_t j = 0; j < part; j++) y[(i + j) * y_stride] = y_block[j];
        }
    }
}

void yuyan_compare_strided(
    int operation, const int32_t *size, uint8_t *y, const ptrdiff_t *y_strides, const float *a,
    const ptrdiff_t *a_strides,
    const float *b, const ptrdiff_t *b_strides) {
    nest_job job = {.operation = operation, .a = a, .b = b, .truth = y};
    const ptrdiff_t *strides[] = {y_strides, a_strides, b_strides};
    yuyan_make_nest(&job.nest, 3, size, strides);
    run_nest(&job, run_compare_nest);
}

static void run_select_nest(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const nest_job *job = data;
    const loop_nest *nest = &job->nest;
    int last = nest->rank - 1;
    ptrdiff_t y_stride = nest->stride[0][last], condition_stride = nest->stride[1][last];
    ptrdiff_t a_stride = nest->stride[2][last], b_stride = nest->stride[3][last];
    nest_walk walk;
    start_walk(&walk, nest);
    seek_walk(&walk, nest, 4, begin);
    for (ptrdiff_t unit = begin; unit < end; unit++, advance_walk(&walk, nest, 4)) {
        ptrdiff_t count = walk_count(&walk);
        float *y = job->y + walk_offset(&walk, nest, 0);
        const uint8_t *condition = job->condition + walk_offset(&walk, nest, 1);
        const float *a = job->a + walk_offset(&walk, nest, 2), *b = job->b + walk_offset(&walk, nest, 3);
        for (ptrdiff_t i = 0; i < count; i++)
            y[i * y_stride] = condition[i * condition_stride] ? a[i * a_stride] : b[i * b_stride];
    }
}

void yuyan_select_strided(
    const int32_t *size, float *y, const ptrdiff_t *y_strides, const uint8_t *condition,
    const ptrdiff_t *condition_strides, const float *a, const ptrdiff_t *a_strides, const float *b,
    const ptrdiff_t *b_strides) {
    nest_job job = {.condition = condition, .a = a, .b = b, .y = y};
    const ptrdiff_t *strides[] = {y_strides, condition_strides, a_strides, b_strides};
    yuyan_make_nest(&job.nest, 4, size, strides);
    run_nest(&job, run_select_nest);
}

// bfloat16 without gaps: blocks that stay in the nearest cache are widened, computed as float32, and rounded.

COPIES(widen, (const uint16_t *x, float *y, ptrdiff_t count), (x, y, count))
COPIES(narrow, (const float *x, uint16_t *y, ptrdiff_t count), (x, y, count))

typedef struct {
    unary_loop unary;
    gradient_loop gradient;
    binary_loop binary;
    scalar_loop with_scalar;
    const uint16_t *a, *b;
    float scalar, slope;
    uint16_t *y;
} half_job;

static void run_halves(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const half_job *job = data;
    float a[BLOCK], b[BLOCK];
    for (ptrdiff_t i = begin; i < end; i += BLOCK) {
        ptrdiff_t part = minimum(BLOCK, end - i);
        CHOSEN(widen_copies)(job->a + i, a, part);
        if (job->b) CHOSEN(widen_copies)(job->b + i, b, part);
        if (job->unary) job->unary(a, a, part, job->slope, 1);
        if (job->gradient) job->gradient(a, b, a, part, job->slope, 1);
        if (job->binary) job->binary(a, b, a, part);
        if (job->with_scalar) job->with_scalar(a, job->scalar, a, part);
        CHOSEN(narrow_copies)(a, job->y + i, part);
    }
}

static void run_half_job(const half_job *job, ptrdiff_t count) { yuyan_parallel(count, 1024, count, run_halves, job); }

void yuyan_half_unary(int operation, float slope, const uint16_t *x, uint16_t *y, ptrdiff_t count) {
    run_half_job(&(half_job){.unary = CHOSEN(unary_loops[operation]), .a = x, .slope = slope, .y = y}, count);
}

void yuyan_half_unary_gradient(
    int operation, float slope, const uint16_t *gradient, const uint16_t *saved, uint16_t *y, ptrdiff_t count) {
    half_job job = {
        .gradient = CHOSEN(gradient_loops[operation]), .a = gradient, .b = saved, .slope = slope, .y = y};
    run_half_job(&job, count);
}

void yuyan_half_binary(int operation, const uint16_t *a, const uint16_t *b, uint16_t *y, ptrdiff_t count) {
    run_half_job(&(half_job){.binary = CHOSEN(binary_loops[operation]), .a = a, .b = b, .y = y}, count);
}

void yuyan_half_binary_scalar(
    int operation, const uint16_t *x, float scalar, bool scalar_is_left, uint16_t *y, ptrdiff_t count) {
    scalar_loop loop = CHOSEN((scalar_is_left ? left_loops : right_loops)[operation]);
    run_half_job(&(half_job){.with_scalar = loop, .a = x, .scalar = scalar, .y = y}, count);
}
