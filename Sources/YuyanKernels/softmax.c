// Softmax, log-softmax and cross-entropy over rows of float32.
#include "kernels_internal.h"

#define WIDTH 16

typedef struct {
    float largest, sum;
} row_facts;

/// y = exp(x - max x) and its sum, for rows of at most `width` elements, on a padded copy: `width` is a constant.
INLINE row_facts exponentials_padded(const float *x, float *y, ptrdiff_t count, const int width) {
    float values[64], best[64];
    for (int i = 0; i < width; i++) values[i] = i < count ? x[i] : -INFINITY;
    for (int i = 0; i < width; i++) best[i] = values[i];
    for (int half = width / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) best[i] = best[i] > best[i + half] ? best[i] : best[i + half];
    for (int i = 0; i < width; i++) values[i] = fast_exp_negative(values[i] - best[0]);
    if (y)
        for (int i = 0; i < count; i++) y[i] = values[i];
    for (int half = width / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) values[i] += values[i + half];
    row_facts facts = {best[0], values[0]};
    return facts;
}

/// The same for a row of any length; `y` may be null.
INLINE row_facts exponentials(const float *x, float *y, ptrdiff_t count) {
    if (count <= 16) return exponentials_padded(x, y, count, 16);
    if (count <= 64) return exponentials_padded(x, y, count, 64);
    float best[WIDTH], sums[WIDTH];
    for (int i = 0; i < WIDTH; i++) best[i] = x[i];
    ptrdiff_t c = WIDTH;
    for (; c + WIDTH <= count; c += WIDTH)
        for (int i = 0; i < WIDTH; i++) best[i] = x[c + i] > best[i] ? x[c + i] : best[i];
    float largest = best[0];
    for (int i = 1; i < WIDTH; i++) largest = best[i] > largest ? best[i] : largest;
    for (; c < count; c++) largest = x[c] > largest ? x[c] : largest;
    for (int i = 0; i < WIDTH; i++) sums[i] = 0;
    for (c = 0; c + WIDTH <= count; c += WIDTH)
        for (int i = 0; i < WIDTH; i++) {
            float e = fast_exp_negative(x[c + i] - largest);
            if (y) y[c + i] = e;
            sums[i] += e;
        }
    float sum = 0;
    for (; c < count; c++) {
        float e = fast_exp_negative(x[c] - largest);
        if (y) y[c] = e;
        sum += e;
    }
    for (int i = 0; i < WIDTH; i++) sum += sums[i];
    row_facts facts = {largest, sum};
    return facts;
}

INLINE void softmax_rows(const float *restrict x, float *restrict y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++, x += columns, y += columns) {
        float scale = 1 / exponentials(x, y, columns).sum;
        for (ptrdiff_t c = 0; c < columns; c++) y[c] *= scale;
    }
}
COPIES(softmax_rows,
    (const float *restrict x, float *restrict y, ptrdiff_t rows, ptrdiff_t columns), (x, y, rows, columns))

INLINE void log_softmax_rows(const float *restrict x, float *restrict y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++, x += columns, y += columns) {
        row_facts facts = exponentials(x, 0, columns);
        float logarithm = logf(facts.sum);
        for (ptrdiff_t c = 0; c < columns; c++) y[c] = (x[c] - facts.largest) - logarithm;
    }
}
COPIES(log_softmax_rows,
    (const float *restrict x, float *restrict y, ptrdiff_t rows, ptrdiff_t columns), (x, y, rows, columns))

static bool is_plain(const yuyan_targets *options) {
    return !options->weights && options->smoothing == 0 && !options->ignores;
}

/// The part of a loss that all classes share: Σ w (log sum - (x - largest)).
INLINE float shared_loss(const float *x, const float *weights, row_facts facts, float logarithm, ptrdiff_t columns) {
    float sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++)
        sum += (weights ? weights[c] : 1) * (logarithm - (x[c] - facts.largest));
    return sum;
}

INLINE void cross_entropy_rows(
    const float *restrict x, const int64_t *targets, const yuyan_targets *options, float *restrict p, float *losses,
    ptrdiff_t rows, ptrdiff_t columns) {
    float share = options->smoothing / (float)columns;
    bool plain = is_plain(options);
    for (ptrdiff_t row = 0; row < rows; row++, x += columns, p += columns) {
        row_facts facts = exponentials(x, p, columns);
        int64_t target = targets[row];
        if (plain) {
            losses[row] = logf(facts.sum) - (x[target] - facts.largest);
        } else if (!(options->ignores && target == options->ignored)) {
            float logarithm = logf(facts.sum);
            float loss = logarithm - (x[target] - facts.largest);
            if (options->weights) loss *= options->weights[target];
            if (share > 0)
                loss = (1 - options->smoothing) * loss
                    + share * shared_loss(x, options->weights, facts, logarithm, columns);
            losses[row] = loss;
        } else {
            losses[row] = 0;
        }
        float scale = 1 / facts.sum;
        for (ptrdiff_t c = 0; c < columns; c++) p[c] *= scale;
    }
}
COPIES(cross_entropy_rows,
    (const float *restrict x, const int64_t *targets, const yuyan_targets *options, float *restrict p, float *losses,
    ptrdiff_t rows, ptrdiff_t columns), (x, targets, options, p, losses, rows, columns))

/// Whether all targets are classes, without a branch for each: one below 0 or above the last class sets the sign.
INLINE void are_inside(const int64_t *restrict targets, ptrdiff_t columns, ptrdiff_t rows, bool *result) {
    uint64_t signs = 0;
    for (ptrdiff_t row = 0; row < rows; row++)
        signs |= (uint64_t)targets[row] | ((uint64_t)columns - 1 - (uint64_t)targets[row]);
    *result = signs >> 63 == 0;
}
COPIES(are_inside, (const int64_t *restrict targets, ptrdiff_t columns, ptrdiff_t rows, bool *result),
    (targets, columns, rows, result))

INLINE float row_dot(const float *a, const float *b, ptrdiff_t count) {
    float sums[WIDTH] = {0};
    ptrdiff_t c = 0;
    for (; c + WIDTH <= count; c += WIDTH)
        for (int i = 0; i < WIDTH; i++) sums[i] += a[c + i] * b[c + i];
    float sum = 0;
    for (; c < count; c++) sum += a[c] * b[c];
    for (int i = 0; i < WIDTH; i++) sum += sums[i];
    return sum;
}

INLINE float row_sum(const float *a, ptrdiff_t count) {
    float sums[WIDTH] = {0};
    ptrdiff_t c = 0;
    for (; c + WIDTH <= count; c += WIDTH)
        for (int i = 0; i < WIDTH; i++) sums[i] += a[c + i];
    float sum = 0;
    for (; c < count; c++) sum += a[c];
    for (int i = 0; i < WIDTH; i++) sum += sums[i];
    return sum;
}

INLINE void softmax_gradient_rows(
    const float *restrict g, const float *restrict y, float *restrict dx, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++, g += columns, y += columns, dx += columns) {
        float dot = row_dot(g, y, columns);
        for (ptrdiff_t c = 0; c < columns; c++) dx[c] = y[c] * (g[c] - dot);
    }
}
COPIES(softmax_gradient_rows,
    (const float *restrict g, const float *restrict y, float *restrict dx, ptrdiff_t rows, ptrdiff_t columns), (g, y,
    dx, rows, columns))

INLINE void log_softmax_gradient_rows(
    const float *restrict g, const float *restrict y, float *restrict dx, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t row = 0; row < rows; row++, g += columns, y += columns, dx += columns) {
        float sum = row_sum(g, columns);
        for (ptrdiff_t c = 0; c < columns; c++) dx[c] = g[c] - fast_exp(y[c]) * sum;
    }
}
COPIES(log_softmax_gradient_rows,
    (const float *restrict g, const float *restrict y, float *restrict dx, ptrdiff_t rows, ptrdiff_t columns), (g, y,
    dx, rows, columns))

INLINE void scale_rows(const float *restrict p, float *restrict dx, float scale, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) dx[i] = p[i] * scale;
}
COPIES(scale_rows, (const float *restrict p, float *restrict dx, float scale, ptrdiff_t count), (p, dx, scale, count))

typedef struct {
    const float *x, *y;
    float *result, *losses;
    const int64_t *targets;
    const yuyan_targets *options;
    ptrdiff_t columns, gradient_stride;
    float scale;
} rows_job;

static void run_softmax(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    CHOSEN(softmax_rows_copies)(
        job->x + begin * job->columns, job->result + begin * job->columns, end - begin, job->columns);
}

static void run_log_softmax(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    CHOSEN(log_softmax_rows_copies)(
        job->x + begin * job->columns, job->result + begin * job->columns, end - begin, job->columns);
}

static void run_softmax_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    ptrdiff_t offset = begin * job->columns;
    CHOSEN(softmax_gradient_rows_copies)(
        job->x + offset, job->y + offset, job->result + offset, end - begin, job->columns);
}

static void run_log_softmax_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    ptrdiff_t offset = begin * job->columns;
    CHOSEN(log_softmax_gradient_rows_copies)(
        job->x + offset, job->y + offset, job->result + offset, end - begin, job->columns);
}

static void run_cross_entropy(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    ptrdiff_t offset = begin * job->columns;
    CHOSEN(cross_entropy_rows_copies)(
        job->x + offset, job->targets + begin, job->options, job->result + offset, job->losses + begin, end - begin,
        job->columns);
}

static void run_cross_entropy_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    ptrdiff_t columns = job->columns;
    if (job->gradient_stride == 0)
        CHOSEN(scale_rows_copies)(
            job->y + begin * columns, job->result + begin * columns, *job->x * job->scale, (end - begin) * columns);
    for (ptrdiff_t row = begin; row < end; row++) {
        float g = job->x[row * job->gradient_stride] * job->scale;
        const float *p = job->y + row * columns;
        float *dx = job->result + row * columns;
        if (job->gradient_stride != 0) CHOSEN(scale_rows_copies)(p, dx, g, columns);
        ptrdiff_t target = job->targets[row];
        dx[target] = (p[target] - 1) * g;
    }
}

/// The same for any options: q w is (1 - ε) w at the target, and ε w / C everywhere.
static void run_weighted_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const rows_job *job = data;
    const yuyan_targets *options = job->options;
    const float *weights = options->weights;
    ptrdiff_t columns = job->columns;
    float share = options->smoothing / (float)columns, all = (float)columns;
    if (weights) all = row_sum(weights, columns);
    for (ptrdiff_t row = begin; row < end; row++) {
        float g = job->x[row * job->gradient_stride] * job->scale;
        const float *p = job->y + row * columns;
        float *dx = job->result + row * columns;
        int64_t target = job->targets[row];
        if (options->ignores && target == options->ignored) {
            memset(dx, 0, (size_t)columns * sizeof(float));
            continue;
        }
        float own = (1 - options->smoothing) * (weights ? weights[target] : 1), total = own + share * all;
        for (ptrdiff_t c = 0; c < columns; c++) dx[c] = (p[c] * total - share * (weights ? weights[c] : 1)) * g;
        dx[target] -= own * g;
    }
}

// An exponential costs as much as several simple elements.
static void run_rows(range_body body, const rows_job *job, ptrdiff_t rows, ptrdiff_t cost) {
    if (rows > 0 && job->columns > 0) yuyan_parallel(rows, 4, rows * job->columns * cost, body, job);
}

void yuyan_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    rows_job job = {.x = x, .result = y, .columns = columns};
    run_rows(run_softmax, &job, rows, 4);
}

void yuyan_log_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    rows_job job = {.x = x, .result = y, .columns = columns};
    run_rows(run_log_softmax, &job, rows, 4);
}

void yuyan_softmax_gradient(const float *gradient, const float *y, float *dx, ptrdiff_t rows, ptrdiff_t columns) {
    rows_job job = {.x = gradient, .y = y, .result = dx, .columns = columns};
    run_rows(run_softmax_gradient, &job, rows, 1);
}

void yuyan_log_softmax_gradient(const float *gradient, const float *y, float *dx, ptrdiff_t rows, ptrdiff_t columns) {
    rows_job job = {.x = gradient, .y = y, .result = dx, .columns = columns};
    run_rows(run_log_softmax_gradient, &job, rows, 4);
}

ptrdiff_t yuyan_cross_entropy(
    const float *logits, const int64_t *targets, const yuyan_targets *options, float *probabilities, float *losses,
    ptrdiff_t rows, ptrdiff_t columns) {
    bool all_inside = true;
    CHOSEN(are_inside_copies)(targets, columns, rows, &all_inside);
    for (ptrdiff_t row = 0; !all_inside && row < rows; row++)
        if ((targets[row] < 0 || targets[row] >= columns) && !(options->ignores && targets[row] == options->ignored))
            return row;
    rows_job job = {
        .x = logits, .result = probabilities, .losses = losses, .targets = targets, .options = options,
        .columns = columns};
    run_rows(run_cross_entropy, &job, rows, 4);
    return -1;
}

void yuyan_cross_entropy_gradient(
    const float *gradient, ptrdiff_t gradient_stride, float scale, const float *probabilities, const int64_t *targets,
    const yuyan_targets *options, float *dx, ptrdiff_t rows, ptrdiff_t columns) {
    rows_job job = {
        .x = gradient, .gradient_stride = gradient_stride, .scale = scale, .y = probabilities, .targets = targets,
        .options = options, .result = dx, .columns = columns};
    run_rows(is_plain(options) ? run_cross_entropy_gradient : run_weighted_gradient, &job, rows, 1);
}

double yuyan_target_weight(const int64_t *targets, const yuyan_targets *options, ptrdiff_t rows) {
    if (is_plain(options)) return (double)rows;
    double sum = 0;
    for (ptrdiff_t row = 0; row < rows; row++)
        if (!(options->ignores && targets[row] == options->ignored))
            sum += options->weights ? (double)options->weights[targets[row]] : 1;
    return sum;
}
