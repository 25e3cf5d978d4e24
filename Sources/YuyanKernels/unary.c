// Functions of one number, and their gradients, on float32 and bfloat16.
#include "functions.h"

// A loop over one block of elements, for each operation.
typedef void (*unary_loop)(const float *x, float *y, ptrdiff_t count, float slope, float beta);
typedef void (*gradient_loop)(const float *g, const float *v, float *y, ptrdiff_t count, float slope, float beta);

#define UNARY_COPIES(name)                                                                                          \
    COPIES(unary_##name, (const float *x, float *y, ptrdiff_t count, float slope, float beta), (x, y, count, slope, beta))
#define UNARY(name, expression)                                                                                     \
    INLINE void unary_##name(const float *x, float *y, ptrdiff_t count, float slope, float beta) {                  \
        INDEPENDENT for (ptrdiff_t i = 0; i < count; i++) {                                                         \
            float v = x[i];                                                                                         \
            y[i] = expression;                                                                                      \
        }                                                                                                           \
    }                                                                                                               \
    UNARY_COPIES(name)
#define ANGLES(name, quarters, function)                                                                            \
    INLINE void unary_##name(const float *x, float *y, ptrdiff_t count, float slope, float beta) {                  \
        turned_sines(x, y, count, quarters, function##f);                                                           \
    }                                                                                                               \
    UNARY_COPIES(name)
#define GRADIENT(name, expression)                                                                                  \
    INLINE void gradient_##name(                                                                                    \
        const float *gradient, const float *saved, float *y, ptrdiff_t count, float slope, float beta) {            \
        INDEPENDENT for (ptrdiff_t i = 0; i < count; i++) {                                                         \
            float g = gradient[i], v = saved[i];                                                                    \
            y[i] = expression;                                                                                      \
        }                                                                                                           \
    }                                                                                                               \
    COPIES(                                                                                                         \
        gradient_##name, (const float *g, const float *v, float *y, ptrdiff_t count, float slope, float beta),      \
        (g, v, y, count, slope, beta))

typedef float real;
#define real_abs fabsf
#define real_exp fast_exp
#define real_exp_negative fast_exp_negative
#define real_log fast_log
#define real_tanh fast_tanh
#define real_sigmoid fast_sigmoid
#define real_erf fast_erf
#define real_normal_share normal_share
#define REAL_EXP_BOUND 110
#include "unary.h"

static const unary_loop *const unary_loops[] = {YUYAN_UNARY_KINDS(UNARY_LOOP, yuyan_unary_kind)};
static const gradient_loop *const gradient_loops[] = {YUYAN_UNARY_KINDS(GRADIENT_LOOP, yuyan_unary_kind)};

// Arrays without gaps.

typedef struct {
    int operation;
    const float *a, *b;
    float slope, beta;
    float *y;
} flat_job;

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

// The end of a matrix product: a bias and an activation, in place.

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

// bfloat16 without gaps: blocks that stay in the nearest cache are widened, computed as float32, and rounded.

#define BLOCK 512
COPIES(widen, (const uint16_t *x, float *y, ptrdiff_t count), (x, y, count))
COPIES(narrow, (const float *x, uint16_t *y, ptrdiff_t count), (x, y, count))

typedef struct {
    int operation;
    const uint16_t *a, *b;
    float slope, beta;
    uint16_t *y;
} half_job;

static void run_halves(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const half_job *job = data;
    float a[BLOCK], b[BLOCK];
    for (ptrdiff_t i = begin; i < end; i += BLOCK) {
        ptrdiff_t part = minimum(BLOCK, end - i);
        CHOSEN(widen_copies)(job->a + i, a, part);
        if (job->b) {
            CHOSEN(widen_copies)(job->b + i, b, part);
            CHOSEN(gradient_loops[job->operation])(a, b, a, part, job->slope, job->beta);
        } else {
            CHOSEN(unary_loops[job->operation])(a, a, part, job->slope, job->beta);
        }
        CHOSEN(narrow_copies)(a, job->y + i, part);
    }
}

void yuyan_half_unary(int operation, float slope, float beta, const uint16_t *x, uint16_t *y, ptrdiff_t count) {
    half_job job = {.operation = operation, .a = x, .slope = slope, .beta = beta, .y = y};
    yuyan_parallel(count, 1024, count, run_halves, &job);
}

void yuyan_half_unary_gradient(
    int operation, float slope, float beta, const uint16_t *gradient, const uint16_t *saved, uint16_t *y,
    ptrdiff_t count) {
    half_job job = {.operation = operation, .a = gradient, .b = saved, .slope = slope, .beta = beta, .y = y};
    yuyan_parallel(count, 1024, count, run_halves, &job);
}
