// Copies, conversions, and movement of slices.
#include "kernels_internal.h"

// Element types, in the order of DType.
enum { FLOAT32, FLOAT64, BFLOAT16, INT32, INT64, UINT8, BOOL, TYPES };
static const int type_bytes[TYPES] = {4, 8, 2, 4, 8, 1, 1};

typedef void (*convert_loop)(const void *x, void *y, ptrdiff_t count);

// Truncation toward zero that saturates; NaN becomes 0. The bounds are exact in double.
INLINE int32_t int32_from_double(double v) {
    v = v < -2147483648.0 ? -2147483648.0 : v;
    v = v > 2147483647.0 ? 2147483647.0 : v;
    return v == v ? (int32_t)v : 0;
}
INLINE uint8_t uint8_from_double(double v) {
    v = v < 0 ? 0 : v;
    v = v > 255 ? 255 : v;
    return v == v ? (uint8_t)v : 0;
}
INLINE int64_t int64_from_double(double v) {
    if (v >= 9223372036854775808.0) return INT64_MAX;
    if (v < -9223372036854775808.0) return INT64_MIN;
    return v == v ? (ptrdiff_t)v : 0;
}

#define CONVERT(from_name, from_type, to_name, to_type, expression)                                    \
    INLINE void from_name##_to_##to_name(const void *source, void *destination, ptrdiff_t count) {     \
        const from_type *restrict x = source;                                                          \
        to_type *restrict y = destination;                                                             \
        for (ptrdiff_t i = 0; i < count; i++) {                                                          \
            from_type v = x[i];                                                                        \
            y[i] = expression;                                                                         \
        }                                                                                              \
    }                                                                                                  \
    COPIES(from_name##_to_##to_name, (const void *x, void *y, ptrdiff_t count), (x, y, count))

#define FROM_FLOATING(name, type, value)                                        \
    CONVERT(name, type, int32, int32_t, int32_from_double((double)(value)))     \
    CONVERT(name, type, int64, int64_t, int64_from_double((double)(value)))     \
    CONVERT(name, type, uint8, uint8_t, uint8_from_double((double)(value)))     \
    CONVERT(name, type, bool, uint8_t, (value) != 0)

FROM_FLOATING(float32, float, v)
FROM_FLOATING(float64, double, v)
FROM_FLOATING(bfloat16, uint16_t, from_bfloat16(v))
CONVERT(float32, float, float64, double, v)
CONVERT(float32, float, bfloat16, uint16_t, to_bfloat16(v))
CONVERT(float64, double, float32, float, (float)v)
CONVERT(float64, double, bfloat16, uint16_t, to_bfloat16((float)v))
CONVERT(bfloat16, uint16_t, float32, float, from_bfloat16(v))
CONVERT(bfloat16, uint16_t, float64, double, from_bfloat16(v))

#define FROM_INTEGER(name, type)                                     \
    CONVERT(name, type, float32, float, (float)v)                    \
    CONVERT(name, type, float64, double, (double)v)                  \
    CONVERT(name, type, bfloat16, uint16_t, to_bfloat16((float)v))   \
    CONVERT(name, type, bool, uint8_t, v != 0)

FROM_INTEGER(int32, int32_t)
FROM_INTEGER(int64, int64_t)
FROM_INTEGER(uint8, uint8_t)
CONVERT(int32, int32_t, int64, int64_t, v)
CONVERT(int32, int32_t, uint8, uint8_t, (uint8_t)v)
CONVERT(int64, int64_t, int32, int32_t, (int32_t)v)
CONVERT(int64, int64_t, uint8, uint8_t, (uint8_t)v)
CONVERT(uint8, uint8_t, int32, int32_t, v)
CONVERT(uint8, uint8_t, int64, int64_t, v)

// A bool holds 0 or 1 and converts as uint8.
static const convert_loop *const converters[TYPES][TYPES] = {
    {0, float32_to_float64_copies, float32_to_bfloat16_copies, float32_to_int32_copies, float32_to_int64_copies,
     float32_to_uint8_copies, float32_to_bool_copies},
    {float64_to_float32_copies, 0, float64_to_bfloat16_copies, float64_to_int32_copies, float64_to_int64_copies,
     float64_to_uint8_copies, float64_to_bool_copies},
    {bfloat16_to_float32_copies, bfloat16_to_float64_copies, 0, bfloat16_to_int32_copies,
     bfloat16_to_int64_copies, bfloat16_to_uint8_copies, bfloat16_to_bool_copies},
    {int32_to_float32_copies, int32_to_float64_copies, int32_to_bfloat16_copies, 0, int32_to_int64_copies,
     int32_to_uint8_copies, int32_to_bool_copies},
    {int64_to_float32_copies, int64_to_float64_copies, int64_to_bfloat16_copies, int64_to_int32_copies, 0,
     int64_to_uint8_copies, int64_to_bool_copies},
    {uint8_to_float32_copies, uint8_to_float64_copies, uint8_to_bfloat16_copies, uint8_to_int32_copies,
     uint8_to_int64_copies, 0, uint8_to_bool_copies},
    {uint8_to_float32_copies, uint8_to_float64_copies, uint8_to_bfloat16_copies, uint8_to_int32_copies,
     uint8_to_int64_copies, 0, 0},
};

/// The loop that converts, or null if the bytes are the same.
static convert_loop converter(int source_type, int destination_type) {
    const convert_loop *loops = converters[source_type][destination_type];
    return loops ? CHOSEN(loops) : NULL;
}

typedef struct {
    loop_nest nest;
    const char *source;
    char *destination;
    int source_bytes, destination_bytes;
    convert_loop convert;
} copy_job;

static void run_copy_flat(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const copy_job *job = data;
    const char *x = job->source + begin * job->source_bytes;
    char *y = job->destination + begin * job->destination_bytes;
    if (job->convert) {
        job->convert(x, y, end - begin);
    } else {
        memcpy(y, x, (size_t)((end - begin) * job->source_bytes));
    }
}

void yuyan_copy_flat(void *destination, int destination_type, const void *source, int source_type, ptrdiff_t count) {
    copy_job job = {
        .source = source, .destination = destination, .source_bytes = type_bytes[source_type],
        .destination_bytes = type_bytes[destination_type], .convert = converter(source_type, destination_type)};
    yuyan_parallel(count, 4096, count, run_copy_flat, &job);
}

#define STRIDED_COPY(type)                                                                          \
    for (ptrdiff_t i = 0; i < count; i++)                                                             \
        ((type *)y)[i * y_stride] = ((const type *)x)[i * x_stride]

static void copy_row(char *y, ptrdiff_t y_stride, const char *x, ptrdiff_t x_stride, int bytes, ptrdiff_t count) {
    if (x_stride == 1 && y_stride == 1) {
        memcpy(y, x, (size_t)(count * bytes));
        return;
    }
    switch (bytes) {
        case 1: STRIDED_COPY(uint8_t); break;
        case 2: STRIDED_COPY(uint16_t); break;
        case 4: STRIDED_COPY(uint32_t); break;
        default: STRIDED_COPY(uint64_t); break;
    }
}

#define BLOCK 512

static void run_copy_nest(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const copy_job *job = data;
    const loop_nest *nest = &job->nest;
    int last = nest->rank - 1, x_bytes = job->source_bytes, y_bytes = job->destination_bytes;
    ptrdiff_t y_stride = nest->stride[0][last], x_stride = nest->stride[1][last];
    uint64_t x_block[BLOCK], y_block[BLOCK];
    nest_walk walk;
    start_walk(&walk, nest);
    seek_walk(&walk, nest, 2, begin);
    for (ptrdiff_t unit = begin; unit < end; unit++, advance_walk(&walk, nest, 2)) {
        ptrdiff_t count = walk_count(&walk);
        char *y = job->destination + walk_offset(&walk, nest, 0) * y_bytes;
        const char *x = job->source + walk_offset(&walk, nest, 1) * x_bytes;
        if (!job->convert) {
            copy_row(y, y_stride, x, x_stride, x_bytes, count);
        } else if (x_stride == 1 && y_stride == 1) {
            job->convert(x, y, count);
        } else {
            for (ptrdiff_t i = 0; i < count; i += BLOCK) {
                ptrdiff_t part = minimum(BLOCK, count - i);
                copy_row((char *)x_block, 1, x + i * x_stride * x_bytes, x_stride, x_bytes, part);
                job->convert(x_block, y_block, part);
                copy_row(y + i * y_stride * y_bytes, y_stride, (char *)y_block, 1, y_bytes, part);
            }
        }
    }
}

// Transpositions of 4-byte elements: y[.., a, .., b] with b innermost in y and a innermost in x.

typedef struct {
    loop_nest nest;
    int across;
    const uint32_t *source;
    uint32_t *destination;
    ptrdiff_t tiles;
} transpose_job;

// One cache line: a tile reads and writes whole lines once, whatever the strides.
#define TILE 16

typedef uint32_t quad __attribute__((vector_size(16)));

INLINE void transpose_quads(const quad in[4], quad out[4]) {
    quad low = __builtin_shufflevector(in[0], in[1], 0, 4, 1, 5);
    quad high = __builtin_shufflevector(in[0], in[1], 2, 6, 3, 7);
    quad low2 = __builtin_shufflevector(in[2], in[3], 0, 4, 1, 5);
    quad high2 = __builtin_shufflevector(in[2], in[3], 2, 6, 3, 7);
    out[0] = __builtin_shufflevector(low, low2, 0, 1, 4, 5);
    out[1] = __builtin_shufflevector(low, low2, 2, 3, 6, 7);
    out[2] = __builtin_shufflevector(high, high2, 0, 1, 4, 5);
    out[3] = __builtin_shufflevector(high, high2, 2, 3, 6, 7);
}

/// y[r, c] = x[c, r] for a tile of `rows` × `columns`.
INLINE void transpose_tile(
    const uint32_t *restrict x, ptrdiff_t x_stride, uint32_t *restrict y, ptrdiff_t y_stride, ptrdiff_t rows,
    ptrdiff_t columns) {
    if (rows < TILE || columns < TILE) {
        for (ptrdiff_t r = 0; r < rows; r++)
            for (ptrdiff_t c = 0; c < columns; c++) y[r * y_stride + c] = x[c * x_stride + r];
        return;
    }
    uint32_t tile[TILE][TILE];
    for (int c = 0; c < TILE; c += 4)
        for (int r = 0; r < TILE; r += 4) {
            quad in[4], out[4];
            for (int i = 0; i < 4; i++) memcpy(&in[i], x + (c + i) * x_stride + r, sizeof(quad));
            transpose_quads(in, out);
            for (int i = 0; i < 4; i++) memcpy(&tile[r + i][c], &out[i], sizeof(quad));
        }
    for (int r = 0; r < TILE; r++) memcpy(y + r * y_stride, tile[r], sizeof tile[r]);
}

INLINE void transpose_row_of_tiles(
    const uint32_t *x, ptrdiff_t x_stride, uint32_t *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t c = 0; c < columns; c += TILE)
        transpose_tile(x + c * x_stride, x_stride, y + c, y_stride, rows, minimum(TILE, columns - c));
}
COPIES(transpose_row_of_tiles,
    (const uint32_t *x, ptrdiff_t x_stride, uint32_t *y, ptrdiff_t y_stride, ptrdiff_t rows, ptrdiff_t columns), (x,
    x_stride, y, y_stride, rows, columns))

static void run_transpose(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const transpose_job *job = data;
    const loop_nest *nest = &job->nest;
    int last = nest->rank - 1, across = job->across;
    ptrdiff_t rows = nest->size[across], columns = nest->size[last];
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t tile = unit % job->tiles, outer = unit / job->tiles, x_offset = 0, y_offset = 0;
        for (int axis = last - 1; axis >= 0; axis--) {
            if (axis == across) continue;
            ptrdiff_t index = outer % nest->size[axis];
            outer /= nest->size[axis];
            y_offset += index * nest->stride[0][axis];
            x_offset += index * nest->stride[1][axis];
        }
        ptrdiff_t r = tile * TILE;
        CHOSEN(transpose_row_of_tiles_copies)(
            job->source + x_offset + r, nest->stride[1][last],
            job->destination + y_offset + r * nest->stride[0][across], nest->stride[0][across],
            minimum(TILE, rows - r), columns);
    }
}

void yuyan_copy(
    const int32_t *size, void *destination, int destination_type, const ptrdiff_t *destination_strides,
    const void *source, int source_type, const ptrdiff_t *source_strides) {
    copy_job job = {
        .source = source, .destination = destination, .source_bytes = type_bytes[source_type],
        .destination_bytes = type_bytes[destination_type], .convert = converter(source_type, destination_type)};
    const ptrdiff_t *strides[] = {destination_strides, source_strides};
    yuyan_make_nest(&job.nest, 2, size, strides);
    const loop_nest *nest = &job.nest;
    int last = nest->rank - 1;
    if (!job.convert && job.source_bytes == 4 && nest->stride[0][last] == 1 && nest->stride[1][last] > 1)
        for (int axis = 0; axis < last; axis++)
            if (nest->stride[1][axis] == 1) {
                ptrdiff_t tiles = (nest->size[axis] + TILE - 1) / TILE;
                transpose_job transpose = {job.nest, axis, source, destination, tiles};
                if (nest->count == 0) return;
                ptrdiff_t units = nest->count / nest->size[axis] / nest->size[last] * tiles;
                yuyan_parallel(units, 1, nest->count, run_transpose, &transpose);
                return;
            }
    nest_walk walk;
    start_walk(&walk, nest);
    yuyan_parallel(walk.units, 1, nest->count, run_copy_nest, &job);
}

typedef struct {
    char *x;
    int bytes;
    uint64_t pattern;
} fill_job;

static void run_fill(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const fill_job *job = data;
    char *x = job->x + begin * job->bytes;
    ptrdiff_t count = end - begin;
    if (job->pattern == 0) {
        memset(x, 0, (size_t)(count * job->bytes));
        return;
    }
    switch (job->bytes) {
        case 1: memset(x, (int)(job->pattern & 0xFF), (size_t)count); break;
        case 2: for (ptrdiff_t i = 0; i < count; i++) ((uint16_t *)x)[i] = (uint16_t)job->pattern; break;
        case 4: for (ptrdiff_t i = 0; i < count; i++) ((uint32_t *)x)[i] = (uint32_t)job->pattern; break;
        default: for (ptrdiff_t i = 0; i < count; i++) ((uint64_t *)x)[i] = job->pattern; break;
    }
}

void yuyan_fill(void *x, int element_bytes, uint64_t pattern, ptrdiff_t count) {
    fill_job job = {x, element_bytes, pattern};
    yuyan_parallel(count, 4096, count, run_fill, &job);
}

typedef struct {
    const char *x;
    char *y;
    const int64_t *indices;
    ptrdiff_t size, count, row_bytes;
} slice_job;

INLINE void copy_slice(char *y, const char *x, ptrdiff_t bytes) {
    if (bytes == 4) {
        memcpy(y, x, 4);
    } else {
        memcpy(y, x, (size_t)bytes);
    }
}

/// The first place whose index is not in low ..< high, or -1.
static ptrdiff_t wrong_place(const int64_t *indices, ptrdiff_t count, int64_t low, int64_t high) {
    for (ptrdiff_t i = 0; i < count; i++)
        if (indices[i] < low || indices[i] >= high) return i;
    return -1;
}

/// Negative indices count from the end.
INLINE ptrdiff_t resolved(int64_t index, ptrdiff_t size) { return index < 0 ? index + size : index; }

static void run_gather(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const slice_job *job = data;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t outer = unit / job->count, i = unit % job->count;
        copy_slice(
            job->y + unit * job->row_bytes, job->x + (outer * job->size + resolved(job->indices[i], job->size)) * job->row_bytes,
            job->row_bytes);
    }
}

ptrdiff_t yuyan_gather(
    const void *x, void *y, const int64_t *indices, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t count,
    ptrdiff_t row_bytes) {
    ptrdiff_t wrong = wrong_place(indices, count, -size, size);
    if (wrong >= 0) return wrong;
    slice_job job = {x, y, indices, size, count, row_bytes};
    yuyan_parallel(outer * count, 1, outer * count * (row_bytes / 4 + 1), run_gather, &job);
    return -1;
}

ptrdiff_t yuyan_scatter(
    const void *x, void *y, const int64_t *indices, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t count,
    ptrdiff_t row_bytes) {
    ptrdiff_t wrong = wrong_place(indices, count, -size, size);
    if (wrong >= 0) return wrong;
    // On one thread, so that the last of repeated indices wins.
    for (ptrdiff_t o = 0; o < outer; o++)
        for (ptrdiff_t i = 0; i < count; i++)
            copy_slice(
                (char *)y + (o * size + resolved(indices[i], size)) * row_bytes,
                (const char *)x + (o * count + i) * row_bytes, row_bytes);
    return -1;
}

ptrdiff_t yuyan_one_hot(const int64_t *indices, int64_t *y, ptrdiff_t count, ptrdiff_t classes) {
    ptrdiff_t wrong = wrong_place(indices, count, 0, classes);
    if (wrong >= 0) return wrong;
    memset(y, 0, (size_t)(count * classes) * sizeof(int64_t));
    for (ptrdiff_t i = 0; i < count; i++) y[i * classes + indices[i]] = 1;
    return -1;
}

// Sums are in float for at most this many rows, then in double.
#define ROWS_IN_FLOAT 64
#define COLUMNS 64

/// y = Σ x[rows[i]] for rows `stride` apart, of at most 64 columns, in their order.
INLINE void add_rows(
    const float *x, ptrdiff_t stride, const int64_t *rows, ptrdiff_t count, ptrdiff_t columns, float *restrict y) {
    double totals[COLUMNS];
    for (ptrdiff_t c = 0; c < columns; c++) totals[c] = 0;
    for (ptrdiff_t i = 0; i < count;) {
        ptrdiff_t stop = minimum(i + ROWS_IN_FLOAT, count);
        float sums[COLUMNS];
        for (ptrdiff_t c = 0; c < columns; c++) sums[c] = 0;
        for (; i < stop; i++) {
            const float *row = x + rows[i] * stride;
            for (ptrdiff_t c = 0; c < columns; c++) sums[c] += row[c];
        }
        for (ptrdiff_t c = 0; c < columns; c++) totals[c] += (double)sums[c];
    }
    for (ptrdiff_t c = 0; c < columns; c++) y[c] = (float)totals[c];
}
COPIES(add_rows,
       (const float *x, ptrdiff_t stride, const int64_t *rows, ptrdiff_t count, ptrdiff_t columns, float *y),
       (x, stride, rows, count, columns, y))

typedef struct {
    const float *x;
    float *y;
    const int64_t *ends, *order;
    ptrdiff_t size, count, row, blocks;
} scatter_job;

/// Units are 64 columns of one row of the result.
static void run_scatter_add(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const scatter_job *job = data;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t row = unit / job->blocks, column = unit % job->blocks * COLUMNS;
        ptrdiff_t outer = row / job->size, target = row % job->size;
        ptrdiff_t first = target > 0 ? job->ends[target - 1] : 0;
        CHOSEN(add_rows_copies)(
            job->x + outer * job->count * job->row + column, job->row, job->order + first, job->ends[target] - first,
            minimum(COLUMNS, job->row - column), job->y + row * job->row + column);
    }
}

ptrdiff_t yuyan_scatter_add(
    const float *x, float *y, const int64_t *indices, int64_t *ends, int64_t *order, ptrdiff_t outer, ptrdiff_t size,
    ptrdiff_t count, ptrdiff_t row) {
    ptrdiff_t wrong = wrong_place(indices, count, -size, size);
    if (wrong >= 0) return wrong;
    // The rows sorted by where they go, so that each result is one sum.
    for (ptrdiff_t i = 0; i < size; i++) ends[i] = 0;
    for (ptrdiff_t i = 0; i < count; i++) ends[resolved(indices[i], size)]++;
    for (ptrdiff_t i = 0, begin = 0; i < size; i++) {
        ptrdiff_t length = ends[i];
        ends[i] = begin;
        begin += length;
    }
    for (ptrdiff_t i = 0; i < count; i++) order[ends[resolved(indices[i], size)]++] = i;
    scatter_job job = {x, y, ends, order, size, count, row, (row + COLUMNS - 1) / COLUMNS};
    yuyan_parallel(outer * size * job.blocks, 16, outer * (count + size) * row, run_scatter_add, &job);
    return -1;
}
