// Elementwise operations of several operands on float32 and bfloat16.
#include "functions.h"

// A loop over one block of elements, for each operation.
typedef void (*binary_loop)(const float *a, const float *b, float *y, ptrdiff_t count);
typedef void (*scalar_loop)(const float *x, float scalar, float *y, ptrdiff_t count);
typedef void (*compare_loop)(const float *a, const float *b, uint8_t *y, ptrdiff_t count);
typedef void (*compare_scalar_loop)(const float *x, float scalar, uint8_t *y, ptrdiff_t count);

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
    float scalar;
    bool scalar_is_left;
    const uint8_t *condition;
    float *y;
    uint8_t *truth;
} flat_job;

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
    binary_loop binary;
    scalar_loop with_scalar;
    const uint16_t *a, *b;
    float scalar;
    uint16_t *y;
} half_job;

static void run_halves(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const half_job *job = data;
    float a[BLOCK], b[BLOCK];
    for (ptrdiff_t i = begin; i < end; i += BLOCK) {
        ptrdiff_t part = minimum(BLOCK, end - i);
        CHOSEN(widen_copies)(job->a + i, a, part);
        if (job->b) CHOSEN(widen_copies)(job->b + i, b, part);
        if (job->binary) job->binary(a, b, a, part);
        if (job->with_scalar) job->with_scalar(a, job->scalar, a, part);
        CHOSEN(narrow_copies)(a, job->y + i, part);
    }
}

static void run_half_job(const half_job *job, ptrdiff_t count) { yuyan_parallel(count, 1024, count, run_halves, job); }

void yuyan_half_binary(int operation, const uint16_t *a, const uint16_t *b, uint16_t *y, ptrdiff_t count) {
    run_half_job(&(half_job){.binary = CHOSEN(binary_loops[operation]), .a = a, .b = b, .y = y}, count);
}

void yuyan_half_binary_scalar(
    int operation, const uint16_t *x, float scalar, bool scalar_is_left, uint16_t *y, ptrdiff_t count) {
    scalar_loop loop = CHOSEN((scalar_is_left ? left_loops : right_loops)[operation]);
    run_half_job(&(half_job){.with_scalar = loop, .a = x, .scalar = scalar, .y = y}, count);
}
