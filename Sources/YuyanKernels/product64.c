// Products of float64 matrices. oneDNN has none. Debian's OpenBLAS 0.3.21 takes 3.4 to 4.6 times as long as oneDNN for
// float32, and its BLIS 0.9 8 to 12 times (one thread with AVX-512, 64³ to 1024³ and shapes of layers); these loops take
// 1.8 to 2.5 times as long.
//
// Panels of some rows of a and of some columns of b are copied so that they can be read from front to back, and a tile
// of c is computed from one of each in registers. A panel of a stays in the first cache while those of a block of b
// come from the second. Every element is the sum of the same terms in the same order, however the tiles are shared out.
#include "kernels_internal.h"

// How many terms of a sum are added up in registers; then they are added to c.
#define DEPTH 256
// Rows of a that are packed at a time: a multiple of all tiles' rows.
#define ROWS 1008
// How many rows before their use those of b are fetched: the processor does not foresee the steps from page to page.
#define AHEAD 16
// Products of fewer multiplications are not worth another thread.
#define PARALLEL_MULTIPLICATIONS (1 << 18)

/// The shape of the tiles, and how many columns of b are packed at a time: they fill half of a second cache. Products
/// of at most `few_rows` rows read b where it lies, if its rows have no gaps.
typedef struct {
    ptrdiff_t rows, columns, block_columns, few_rows;
} tiling;

static const tiling tilings[] = {{4, 4, 96, 4}, {6, 8, 96, 6}, {8, 24, 240, 64}};

// MARK: Tiles

typedef struct {
    ptrdiff_t depth;
    const double *a, *b;
    /// From a row of b to the next.
    ptrdiff_t b_step;
    double *c;
    ptrdiff_t c_row, c_column;
    const double *bias;
    ptrdiff_t bias_row, bias_column;
    ptrdiff_t rows, columns;
    /// Whether the sums are added to c.
    bool adds;
} tile;

/// Puts the sums `[rows, width]` where they belong.
static void finish_tile(const tile *t, const double *sums, ptrdiff_t width) {
    for (ptrdiff_t i = 0; i < t->rows; i++)
        for (ptrdiff_t j = 0; j < t->columns; j++) {
            double *c = t->c + i * t->c_row + j * t->c_column;
            double sum = sums[i * width + j];
            if (t->adds) sum += *c;
            if (t->bias) sum += t->bias[i * t->bias_row + j * t->bias_column];
            *c = sum;
        }
}


// The first `rows` rows and `vectors` vectors of a tile, in an instruction set whose vectors have `lanes` numbers and
// whose registers hold a tile of most_rows rows and most_vectors vectors.
#define TILES(set, instructions, lanes, most_rows, most_vectors)                                                   \
    INLINE void sum_##set(const tile *t, const int rows, const int vectors) {                                      \
        typedef double vector __attribute__((vector_size(8 * (lanes))));                                           \
        typedef double unaligned __attribute__((vector_size(8 * (lanes)), aligned(8)));                            \
        const double *a = t->a, *b = t->b;                                                                         \
        vector sums[most_rows][most_vectors];                                                                      \
        UNROLLED for (int i = 0; i < rows; i++)                                                                    \
            UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = (vector){0};                                   \
        for (ptrdiff_t p = t->depth; p > 0; p--) {                                                                 \
            vector right[most_vectors];                                                                            \
            UNROLLED for (int j = 0; j < vectors; j++) right[j] = *(const unaligned *)(b + j * (lanes));           \
            UNROLLED for (int i = 0; i < rows; i++)                                                                \
                UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] += a[i] * right[j];                          \
            UNROLLED for (int j = 0; j < vectors; j++) __builtin_prefetch(b + AHEAD * t->b_step + j * (lanes));    \
            a += most_rows;                                                                                        \
            b += t->b_step;                                                                                        \
        }                                                                                                          \
        bool is_plain = t->rows == rows && t->columns == vectors * (lanes) && t->c_column == 1                     \
                        && (!t->bias || t->bias_column == 0 || (t->bias_row == 0 && t->bias_column == 1));         \
        if (!is_plain) {                                                                                           \
            double all[(most_rows) * (most_vectors) * (lanes)];                                                    \
            UNROLLED for (int i = 0; i < rows; i++)                                                                \
                UNROLLED for (int j = 0; j < vectors; j++)                                                         \
                    *(unaligned *)(all + (i * vectors + j) * (lanes)) = sums[i][j];                                \
            finish_tile(t, all, vectors * (lanes));                                                                \
            return;                                                                                                \
        }                                                                                                          \
        UNROLLED for (int j = 0; j < vectors; j++) {                                                               \
            vector bias = {0};                                                                                     \
            if (t->bias && t->bias_column == 1) bias = *(const unaligned *)(t->bias + j * (lanes));                \
            UNROLLED for (int i = 0; i < rows; i++) {                                                              \
                unaligned *c = (unaligned *)(t->c + i * t->c_row + j * (lanes));                                   \
                vector sum = sums[i][j];                                                                           \
                if (t->adds) sum += *c;                                                                            \
                if (t->bias) sum += t->bias_column == 1 ? bias : (vector){0} + t->bias[i * t->bias_row];           \
                *c = sum;                                                                                          \
            }                                                                                                      \
        }                                                                                                          \
    }                                                                                                              \
    INLINE void sum_rows_##set(const tile *t, const int vectors) {                                                 \
        if (t->rows > (most_rows) / 2) sum_##set(t, most_rows, vectors);                                           \
        else if (t->rows > 1) sum_##set(t, (most_rows) / 2, vectors);                                              \
        else sum_##set(t, 1, vectors);                                                                             \
    }                                                                                                              \
    instructions static void tile_##set(const tile *t) {                                                           \
        if (t->columns <= (lanes)) sum_rows_##set(t, 1);                                                           \
        else if (t->columns <= 2 * (lanes)) sum_rows_##set(t, 2);                                                  \
        else sum_rows_##set(t, most_vectors);                                                                      \
    }

TILES(baseline, , 2, 4, 2)
#ifdef __x86_64__
TILES(avx2, __attribute__((target("avx2,fma"))), 4, 6, 2)
TILES(avx512, __attribute__((target("avx512f"))), 8, 8, 3)
static void (*const tiles[])(const tile *t) = {tile_baseline, tile_avx2, tile_avx512};
#else
static void (*const tiles[])(const tile *t) = {tile_baseline};
#endif

// MARK: Packing

typedef double quad __attribute__((vector_size(32)));
typedef double unaligned_quad __attribute__((vector_size(32), aligned(8)));

/// to[l * width + i] = from[i * across + l] for i and l below 4.
INLINE void transpose_square(double *to, ptrdiff_t width, const double *from, ptrdiff_t across) {
    quad x[4], y[4];
    for (int i = 0; i < 4; i++) x[i] = *(const unaligned_quad *)(from + i * across);
    for (int i = 0; i < 4; i += 2) {
        y[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 4, 2, 6);
        y[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 5, 3, 7);
    }
    for (int i = 0; i < 2; i++) {
        *(unaligned_quad *)(to + i * width) = __builtin_shufflevector(y[i], y[i + 2], 0, 1, 4, 5);
        *(unaligned_quad *)(to + (i + 2) * width) = __builtin_shufflevector(y[i], y[i + 2], 2, 3, 6, 7);
    }
}

/// Lines of a matrix that become panels of some of them side by side, with zeros for those that the last one lacks.
typedef struct {
    const double *from;
    /// Distances between neighbours of different lines and of one line.
    ptrdiff_t across, along;
    ptrdiff_t count, depth;
    double *to;
} packing;

INLINE void pack_part(const packing *p, ptrdiff_t width, ptrdiff_t panel, ptrdiff_t begin, ptrdiff_t end) {
    ptrdiff_t count = minimum(width, p->count - panel * width);
    const double *from = p->from + panel * width * p->across;
    double *to = p->to + panel * width * p->depth;
    for (ptrdiff_t l = begin; l < end; l++) {
        for (ptrdiff_t i = 0; i < count; i++) to[l * width + i] = from[i * p->across + l * p->along];
        for (ptrdiff_t i = count; i < width; i++) to[l * width + i] = 0;
    }
}

INLINE void pack_panels(const packing *p, const ptrdiff_t width) {
    ptrdiff_t full = p->count / width, panels = (p->count + width - 1) / width;
    ptrdiff_t squares = 0;
    if (p->across == 1) {
        // Along the memory, across some panels: as many as a set of the first cache has places for.
        for (ptrdiff_t begin = 0; begin < full; begin += 8)
            for (ptrdiff_t l = 0; l < p->depth; l++)
                for (ptrdiff_t panel = begin; panel < minimum(full, begin + 8); panel++) {
                    const double *from = p->from + panel * width + l * p->along;
                    double *to = p->to + (panel * p->depth + l) * width;
                    for (ptrdiff_t i = 0; i < width; i += 8) __builtin_prefetch(from + AHEAD * p->along + i);
                    for (ptrdiff_t i = 0; i < width; i++) to[i] = from[i];
                }
    } else if (p->along == 1) {
        // Eight numbers of a line at a time are a line of the cache, which may be gone later.
        squares = p->depth / 8 * 8;
        for (ptrdiff_t panel = 0; panel < full; panel++)
            for (ptrdiff_t l = 0; l < squares; l += 8)
                for (ptrdiff_t i = 0; i < width; i += 4) {
                    // The last square may overlap the one before.
                    ptrdiff_t line = minimum(i, width - 4);
                    const double *from = p->from + (panel * width + line) * p->across + l;
                    double *to = p->to + (panel * p->depth + l) * width + line;
                    for (ptrdiff_t k = 0; k < 4; k++) __builtin_prefetch(from + k * p->across + 2 * AHEAD);
                    transpose_square(to, width, from, p->across);
                    transpose_square(to + 4 * width, width, from + 4, p->across);
                }
    }
    for (ptrdiff_t panel = 0; panel < full && p->across != 1; panel++)
        pack_part(p, width, panel, squares, p->depth);
    if (full < panels) pack_part(p, width, full, 0, p->depth);
}

INLINE void pack(const packing *p, ptrdiff_t width) {
    switch (width) {
    case 4: pack_panels(p, 4); break;
    case 8: pack_panels(p, 8); break;
    case 6: pack_panels(p, 6); break;
    default: pack_panels(p, 24);
    }
}
COPIES(pack, (const packing *p, ptrdiff_t width), (p, width))

// MARK: Blocks

/// Packs the columns `begin` ..< `end` of b and multiplies them by the packed rows `t->a`.
static void multiply_columns(
    const tiling *shape, const yuyan_product64 *p, const tile *t, ptrdiff_t rows, ptrdiff_t begin, ptrdiff_t end,
    double *right) {
    bool is_direct = p->b_column == 1 && p->m <= shape->few_rows && end - begin == shape->columns;
    if (!is_direct) {
        packing lines = {t->b + begin * p->b_column, p->b_column, p->b_row, end - begin, t->depth, right};
        CHOSEN(pack_copies)(&lines, shape->columns);
    }
    for (ptrdiff_t i = 0; i < rows; i += shape->rows)
        for (ptrdiff_t j = begin; j < end; j += shape->columns) {
            tile at = *t;
            at.a = t->a + i * t->depth;
            at.b = is_direct ? t->b + j : right + (j - begin) * t->depth;
            at.b_step = is_direct ? p->b_row : shape->columns;
            at.c = t->c + i * p->c_row + j * p->c_column;
            if (t->bias) at.bias = t->bias + i * p->bias_row + j * p->bias_column;
            at.rows = minimum(shape->rows, rows - i);
            at.columns = minimum(shape->columns, end - j);
            CHOSEN(tiles)(&at);
        }
}

/// One thread's product; `p` has the sizes of its part.
static void multiply(
    const tiling *shape, const yuyan_product64 *p, const double *a, const double *b, const double *bias, double *c,
    double *scratch) {
    ptrdiff_t depth = minimum(p->k, DEPTH), l = 0;
    double *left = scratch, *right = scratch + rounded_up(minimum(p->m, ROWS), shape->rows) * depth;
    ptrdiff_t step = p->m <= shape->few_rows && p->b_column == 1 ? shape->columns : shape->block_columns;
    do {
        ptrdiff_t terms = minimum(DEPTH, p->k - l);
        for (ptrdiff_t i = 0; i < p->m; i += ROWS) {
            ptrdiff_t rows = minimum(ROWS, p->m - i);
            packing lines = {a + i * p->a_row + l * p->a_column, p->a_row, p->a_column, rows, terms, left};
            CHOSEN(pack_copies)(&lines, shape->rows);
            tile t = {
                .depth = terms, .a = left, .b = b + l * p->b_row, .c = c + i * p->c_row, .c_row = p->c_row,
                .c_column = p->c_column, .bias_row = p->bias_row, .bias_column = p->bias_column,
                .adds = l > 0 || p->adds};
            if (bias && l == 0) t.bias = bias + i * p->bias_row;
            for (ptrdiff_t j = 0; j < p->n; j += step)
                multiply_columns(shape, p, &t, rows, j, minimum(p->n, j + step), right);
        }
        l += terms;
    } while (l < p->k);
}

// MARK: Rows

typedef double octet __attribute__((vector_size(64)));
typedef double unaligned_octet __attribute__((vector_size(64), aligned(8)));

/// The sums of the products of `a` with `count` ≤ 4 columns of b, which all have no gaps.
INLINE void multiply_row(
    const double *a, const double *b, ptrdiff_t b_column, const int count, ptrdiff_t k, double *sums) {
    octet parts[4] = {{0}, {0}, {0}, {0}};
    ptrdiff_t l = 0;
    for (; l + 8 <= k; l += 8) {
        octet x = *(const unaligned_octet *)(a + l);
        UNROLLED for (int j = 0; j < count; j++) parts[j] += x * *(const unaligned_octet *)(b + j * b_column + l);
    }
    UNROLLED for (int j = 0; j < count; j++) {
        double rest = 0;
        for (ptrdiff_t m = l; m < k; m++) rest += a[m] * b[j * b_column + m];
        octet x = parts[j];
        sums[j] = (((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))) + rest;
    }
}

/// A product of one row by columns without gaps, of which every number is needed once: packing would take longer.
INLINE void multiply_rows(
    const yuyan_product64 *p, const double *a, const double *b, const double *bias, double *c) {
    for (ptrdiff_t j = 0; j < p->n; j += 4) {
        double sums[4];
        ptrdiff_t count = minimum(4, p->n - j);
        if (count == 4) multiply_row(a, b + j * p->b_column, p->b_column, 4, p->k, sums);
        for (ptrdiff_t i = 0; i < count; i++) {
            if (count < 4) multiply_row(a, b + (j + i) * p->b_column, p->b_column, 1, p->k, sums + i);
            double *to = c + (j + i) * p->c_column, sum = sums[i];
            if (p->adds) sum += *to;
            *to = bias ? sum + bias[(j + i) * p->bias_column] : sum;
        }
    }
}
COPIES(multiply_rows,
    (const yuyan_product64 *p, const double *a, const double *b, const double *bias, double *c), (p, a, b, bias, c))

// MARK: Threads

typedef struct {
    yuyan_product64 product;
    const double *a, *b, *bias;
    double *c, *scratch;
    /// Each matrix is cut into `row_parts` · `column_parts` parts; `workers` threads share the parts of all.
    ptrdiff_t workers, row_parts, column_parts, units, scratch_of_worker;
    const tiling *shape;
    bool is_row;
} product_job;

static ptrdiff_t parts_of(ptrdiff_t count, ptrdiff_t unit, ptrdiff_t parts) {
    ptrdiff_t units = (count + unit - 1) / unit;
    return rounded_up(units, parts) / parts * unit;
}

/// Cuts a matrix into `parts` parts at most, so that the largest takes the least time: that of its tiles, of which each
/// takes `rows · columns / 16` a term, and that of packing, half a unit a number.
static void cut(product_job *job, ptrdiff_t parts) {
    double least = INFINITY;
    for (ptrdiff_t rows = 1; rows <= parts; rows++) {
        ptrdiff_t columns = parts / rows;
        double height = (double)parts_of(job->product.m, job->shape->rows, rows);
        double width = (double)parts_of(job->product.n, job->shape->columns, columns);
        double time = height * width / 16 + (height + width) / 2;
        if (time >= least) continue;
        least = time;
        job->row_parts = rows;
        job->column_parts = columns;
    }
}

/// Swaps the roles of a and b where c is narrower than a vector, which runs along its rows then.
static void turn(yuyan_product64 *p, const double **a, const double **b) {
    if (p->n >= 8 || p->m <= p->n) return;
    yuyan_product64 old = *p;
    p->m = old.n;
    p->n = old.m;
    p->a_row = old.b_column;
    p->a_column = old.b_row;
    p->b_row = old.a_column;
    p->b_column = old.a_row;
    p->c_row = old.c_column;
    p->c_column = old.c_row;
    p->bias_row = old.bias_column;
    p->bias_column = old.bias_row;
    memcpy(p->a_batch, old.b_batch, sizeof p->a_batch);
    memcpy(p->b_batch, old.a_batch, sizeof p->b_batch);
    const double *left = *a;
    *a = *b;
    *b = left;
}

static ptrdiff_t batch_of(const yuyan_product64 *p) {
    ptrdiff_t batch = 1;
    for (int axis = 0; axis < 6; axis++) batch *= p->batch_size[axis];
    return batch;
}

static product_job plan(const yuyan_product64 *p, const double *a, const double *b) {
    product_job job = {.product = *p, .a = a, .b = b, .row_parts = 1, .column_parts = 1, .workers = 1};
    job.shape = &tilings[yuyan_instructions];
    turn(&job.product, &job.a, &job.b);
    job.is_row = job.product.m == 1 && job.product.a_column == 1 && job.product.b_row == 1;
    ptrdiff_t batch = batch_of(p);
    double multiplications = (double)batch * (double)p->m * (double)p->n * (double)p->k;
    if (multiplications >= PARALLEL_MULTIPLICATIONS && p->threads > 1) {
        job.workers = p->threads;
        if (batch < p->threads || (batch % p->threads != 0 && batch < 4 * p->threads)) cut(&job, p->threads);
    }
    job.units = batch * job.row_parts * job.column_parts;
    job.workers = minimum(job.workers, job.units);
    ptrdiff_t rows = minimum(job.product.m, ROWS), columns = minimum(job.product.n, job.shape->block_columns);
    job.scratch_of_worker = (rounded_up(rows, job.shape->rows) + rounded_up(columns, job.shape->columns))
                            * minimum(p->k, DEPTH);
    return job;
}

static void run_unit(const product_job *job, ptrdiff_t unit, double *scratch) {
    yuyan_product64 p = job->product;
    ptrdiff_t column_part = unit % job->column_parts, rest = unit / job->column_parts;
    ptrdiff_t row_part = rest % job->row_parts, matrix = rest / job->row_parts, index = matrix;
    ptrdiff_t height = parts_of(p.m, job->shape->rows, job->row_parts);
    ptrdiff_t width = parts_of(p.n, job->shape->columns, job->column_parts);
    ptrdiff_t row = row_part * height, column = column_part * width;
    p.m = minimum(height, p.m - row);
    p.n = minimum(width, p.n - column);
    if (p.m <= 0 || p.n <= 0) return;
    const double *a = job->a + row * p.a_row, *b = job->b + column * p.b_column;
    for (int axis = 5; axis >= 0; axis--) {
        ptrdiff_t at = index % p.batch_size[axis];
        index /= p.batch_size[axis];
        a += at * p.a_batch[axis];
        b += at * p.b_batch[axis];
    }
    double *c = job->c + matrix * p.c_batch + row * p.c_row + column * p.c_column;
    const double *bias = job->bias ? job->bias + row * p.bias_row + column * p.bias_column : NULL;
    if (job->is_row) CHOSEN(multiply_rows_copies)(&p, a, b, bias, c);
    else multiply(job->shape, &p, a, b, bias, c, scratch);
}

static void run_workers(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const product_job *job = data;
    for (ptrdiff_t worker = begin; worker < end; worker++) {
        double *scratch = job->scratch + worker * job->scratch_of_worker;
        ptrdiff_t last = job->units * (worker + 1) / job->workers;
        for (ptrdiff_t unit = job->units * worker / job->workers; unit < last; unit++) run_unit(job, unit, scratch);
    }
}

ptrdiff_t yuyan_product64_scratch(const yuyan_product64 *product) {
    product_job job = plan(product, NULL, NULL);
    return job.workers * job.scratch_of_worker;
}

void yuyan_multiply64(
    const yuyan_product64 *product, const double *a, const double *b, const double *bias, double *c,
    double *scratch) {
    product_job job = plan(product, a, b);
    job.bias = bias;
    job.c = c;
    job.scratch = scratch;
    yuyan_parallel(job.workers, 1, PTRDIFF_MAX, run_workers, &job);
}
