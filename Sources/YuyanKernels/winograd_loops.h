// The loops of winograd.c for one instruction set. Without a guard: included once for each, after channel_products.h.
/// Bᵀ d: six values to those at the six points.
INLINE void NAME(spread)(const vector d[6], vector t[6]) {
    vector a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/// Aᵀ m: from the six points to `size` values.
INLINE void NAME(gather)(const vector m[6], vector y[4], const int size) {
    vector s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
    y[0] = m[0] + s1 + s2;
    if (size == 2) {
        y[1] = d1 + 2 * d2 + m[5];
        return;
    }
    y[1] = d1 + 2 * d2;
    y[2] = s1 + 4 * s2;
    y[3] = d1 + 8 * d2 + m[5];
}

/// A y: the transpose of `gather`.
INLINE void NAME(ungather)(const vector y[4], vector z[6], const int size) {
    z[0] = y[0];
    if (size == 2) {
        z[1] = y[0] + y[1];
        z[2] = y[0] - y[1];
        z[3] = y[0] + 2 * y[1];
        z[4] = y[0] - 2 * y[1];
        z[5] = y[1];
        return;
    }
    vector even = y[0] + y[2], odd = y[1] + y[3], even2 = y[0] + 4 * y[2], odd2 = 2 * y[1] + 8 * y[3];
    z[1] = even + odd;
    z[2] = even - odd;
    z[3] = even2 + odd2;
    z[4] = even2 - odd2;
    z[5] = y[3];
}

/// G g: `size` weights to the six points.
INLINE void NAME(lift)(const vector *g, const int step, vector u[6], const int size) {
    vector even = g[0] + g[2 * step], odd = g[step];
    vector even2 = g[0] + 4 * g[2 * step], odd2 = 2 * g[step];
    if (size == 5) {
        even += g[4 * step];
        odd += g[3 * step];
        even2 += 16 * g[4 * step];
        odd2 += 8 * g[3 * step];
    }
    u[0] = 0.25f * g[0];
    u[1] = (-1.0f / 6) * (even + odd);
    u[2] = (-1.0f / 6) * (even - odd);
    u[3] = (1.0f / 24) * (even2 + odd2);
    u[4] = (1.0f / 24) * (even2 - odd2);
    u[5] = g[(size - 1) * step];
}

/// Gᵀ u: the transpose of `lift`.
INLINE void NAME(unlift)(const vector u[6], vector g[5], const int size) {
    vector s1 = (-1.0f / 6) * (u[1] + u[2]), d1 = (-1.0f / 6) * (u[1] - u[2]);
    vector s2 = (1.0f / 24) * (u[3] + u[4]), d2 = (1.0f / 24) * (u[3] - u[4]);
    g[0] = 0.25f * u[0] + s1 + s2;
    g[1] = d1 + 2 * d2;
    g[2] = s1 + 4 * s2;
    if (size == 3) {
        g[2] += u[5];
        return;
    }
    g[3] = d1 + 8 * d2;
    g[4] = s1 + 16 * s2 + u[5];
}

/// The tiles of an image that are read: 6 × 6 values, or size × size of a gradient.
INLINE void NAME(read)(const winograd_job *j, ptrdiff_t begin, ptrdiff_t end, const int size, const int extent, const bool is_gradient, const bool is_half) {
    const image *x = &j->from;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t block = unit / j->tiles, t = unit % j->tiles;
        ptrdiff_t tile = j->first_tile + t, column = tile % j->tile_columns, rest = tile / j->tile_columns;
        ptrdiff_t row = rest % j->tile_rows, sample = rest / j->tile_rows;
        ptrdiff_t top = row * size - x->padding_height, left = column * size - x->padding_width;
        ptrdiff_t channel = block * LANES + (is_gradient ? j->first_outer : 0);
        ptrdiff_t plane = sample * x->sample + channel / x->block * x->plane + channel % x->block;
        vector values[6][6], d[6], z[6];
        bool is_inside = top >= 0 && left >= 0 && top + extent <= x->height && left + extent <= x->width;
        UNROLLED for (int q = 0; q < extent; q++) {
            ptrdiff_t at = plane + (top * x->width + left + q) * x->block;
            UNROLLED for (int p = 0; p < extent; p++, at += x->width * x->block) {
                bool is_there = is_inside || (top + p >= 0 && top + p < x->height && left + q >= 0 && left + q < x->width);
                if (is_there) load_image(&d[p], x->numbers, at, is_half);
                else d[p] = (vector){0};
            }
            if (is_gradient) NAME(ungather)(d, z, size);
            else NAME(spread)(d, z);
            UNROLLED for (int p = 0; p < 6; p++) values[p][q] = z[p];
        }
        float *to = is_gradient ? j->product + (block * j->product_rows + t) * LANES
                                : j->left + (block * j->left_rows + t) * LANES;
        ptrdiff_t step = is_gradient ? j->product_step : j->left_step;
        UNROLLED for (int p = 0; p < 6; p++) {
            if (is_gradient) NAME(ungather)(values[p], z, size);
            else NAME(spread)(values[p], z);
            UNROLLED for (int q = 0; q < 6; q++) store(to + (p * 6 + q) * step, z[q]);
        }
    }
}
static void NAME(read_4)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 4, 6, false, false); }
static void NAME(read_2)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 2, 6, false, false); }
static void NAME(read_gradient_4)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 4, 4, true, false); }
static void NAME(read_gradient_2)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 2, 2, true, false); }
static void NAME(read_4_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 4, 6, false, true); }
static void NAME(read_2_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 2, 6, false, true); }
static void NAME(read_gradient_4_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 4, 4, true, true); }
static void NAME(read_gradient_2_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(read)(data, begin, end, 2, 2, true, true); }

/// The tiles of an image that is written.
INLINE void NAME(write)(const winograd_job *j, ptrdiff_t begin, ptrdiff_t end, const int size, const bool is_half) {
    const image *y = &j->to;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t block = unit / j->tiles, t = unit % j->tiles;
        ptrdiff_t tile = j->first_tile + t, column = tile % j->tile_columns, rest = tile / j->tile_columns;
        ptrdiff_t row = rest % j->tile_rows, sample = rest / j->tile_rows;
        const float *from = j->product + (block * j->product_rows + t) * LANES;
        vector values[4][6], m[6], z[4];
        UNROLLED for (int q = 0; q < 6; q++) {
            UNROLLED for (int p = 0; p < 6; p++) m[p] = load(from + (p * 6 + q) * j->product_step);
            NAME(gather)(m, z, size);
            UNROLLED for (int p = 0; p < size; p++) values[p][q] = z[p];
        }
        ptrdiff_t channel = j->first_outer + block * LANES;
        vector bias = j->bias ? load(j->bias + channel) : (vector){0};
        ptrdiff_t plane = sample * y->sample + channel / y->block * y->plane + channel % y->block;
        ptrdiff_t top = row * size, left = column * size;
        bool is_inside = top + size <= y->height && left + size <= y->width;
        UNROLLED for (int p = 0; p < size; p++) {
            if (!is_inside && top + p >= y->height) break;
            NAME(gather)(values[p], z, size);
            ptrdiff_t at = plane + ((top + p) * y->width + left) * y->block;
            UNROLLED for (int q = 0; q < size; q++) {
                if (!is_inside && left + q >= y->width) break;
                vector v = j->has_relu ? NAME(rectified)(z[q] + bias) : z[q] + bias;
                store_image(y->numbers, at + q * y->block, &v, is_half);
            }
        }
    }
}
static void NAME(write_4)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(write)(data, begin, end, 4, false); }
static void NAME(write_2)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(write)(data, begin, end, 2, false); }
static void NAME(write_4_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(write)(data, begin, end, 4, true); }
static void NAME(write_2_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(write)(data, begin, end, 2, true); }

/// Weights [O, I, k, k] to [36, outputs / 2 vectors, inputs, 2 vectors]; a gradient reads them turned.
INLINE void NAME(lift_all)(const winograd_job *j, ptrdiff_t begin, ptrdiff_t end, const int k) {
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t block = unit / j->inner, c = unit % j->inner;
        float weights[25][LANES];
        for (int lane = 0; lane < LANES; lane++) {
            ptrdiff_t o = j->first_outer + block * LANES + lane;
            const float *w = j->weights + (j->is_turned ? c * j->outer + o : o * j->inner + c) * k * k;
            if (j->is_turned) for (int i = 0; i < k * k; i++) weights[i][lane] = w[k * k - 1 - i];
            else for (int i = 0; i < k * k; i++) weights[i][lane] = w[i];
        }
        vector g[25], part[5][6], row[6];
        UNROLLED for (int i = 0; i < k * k; i++) g[i] = load(weights[i]);
        UNROLLED for (int v = 0; v < k; v++) {
            NAME(lift)(g + v, k, row, k);
            UNROLLED for (int p = 0; p < 6; p++) part[v][p] = row[p];
        }
        // Pairs of vectors, the last alone if their number is odd.
        ptrdiff_t blocks = j->group / LANES, pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        float *to = j->lifted + pair * LANES * j->inner + (c * width + (block & 1)) * LANES;
        UNROLLED for (int p = 0; p < 6; p++) {
            vector line[5];
            UNROLLED for (int v = 0; v < k; v++) line[v] = part[v][p];
            NAME(lift)(line, 1, row, k);
            UNROLLED for (int q = 0; q < 6; q++) store(to + (p * 6 + q) * j->lifted_step, row[q]);
        }
    }
}
static void NAME(lift_3)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(lift_all)(data, begin, end, 3); }
static void NAME(lift_5)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(lift_all)(data, begin, end, 5); }

INLINE void NAME(unlift_all)(const winograd_job *j, ptrdiff_t begin, ptrdiff_t end, const int k) {
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t block = unit / j->inner, c = unit % j->inner;
        ptrdiff_t blocks = j->group / LANES, pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        const float *from = j->lifted + pair * LANES * j->inner + (c * width + (block & 1)) * LANES;
        vector part[6][5], line[6], g[5];
        UNROLLED for (int p = 0; p < 6; p++) {
            UNROLLED for (int q = 0; q < 6; q++) line[q] = load(from + (p * 6 + q) * j->lifted_step);
            NAME(unlift)(line, g, k);
            UNROLLED for (int v = 0; v < k; v++) part[p][v] = g[v];
        }
        float weights[25][LANES];
        UNROLLED for (int v = 0; v < k; v++) {
            UNROLLED for (int p = 0; p < 6; p++) line[p] = part[p][v];
            NAME(unlift)(line, g, k);
            UNROLLED for (int u = 0; u < k; u++) store(weights[u * k + v], g[u]);
        }
        for (int lane = 0; lane < LANES; lane++) {
            float *w = j->weight_gradient + ((j->first_outer + block * LANES + lane) * j->inner + c) * k * k;
            for (int i = 0; i < k * k; i++) w[i] = weights[i][lane];
        }
    }
}
static void NAME(unlift_3)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(unlift_all)(data, begin, end, 3); }
static void NAME(unlift_5)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(unlift_all)(data, begin, end, 5); }

/// Units are pairs of vectors of output channels of all frequencies.
static void NAME(multiply)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const winograd_job *j = data;
    ptrdiff_t blocks = j->group / LANES, pairs = (blocks + 1) / 2;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t f = unit / pairs, block = unit % pairs * 2;
        const float *left = j->left + f * j->left_step + j->skipped * LANES;
        const float *right = j->lifted + f * j->lifted_step + block * LANES * j->inner;
        float *to = j->product + f * j->product_step + block * j->product_rows * LANES;
        for (ptrdiff_t i = 0; i < j->tiles; i += ROWS) {
            // The last ones again, where fewer are left.
            ptrdiff_t t = maximum(0, minimum(i, j->tiles - ROWS)), step = j->left_rows * LANES;
            ptrdiff_t product_step = j->product_rows * LANES;
            const float *tiles = left + t * LANES;
            if (block + 1 < blocks)
                NAME(multiply_rows)(tiles, step, j->inner, right, NULL, to + t * LANES, product_step, false, ROWS, 2);
            else NAME(multiply_rows)(tiles, step, j->inner, right, NULL, to + t * LANES, product_step, false, ROWS, 1);
        }
    }
}

static void NAME(accumulate)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const winograd_job *j = data;
    ptrdiff_t blocks = j->group / LANES, pairs = (blocks + 1) / 2;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t f = unit / pairs, block = unit % pairs * 2;
        const float *left = j->left + f * j->left_step + j->skipped * LANES;
        const float *right = j->product + f * j->product_step + block * j->product_rows * LANES;
        float *to = j->lifted + f * j->lifted_step + block * LANES * j->inner;
        for (ptrdiff_t c = 0; c < j->inner; c += GRADIENT_ROWS) {
            const float *channels = left + c / LANES * j->left_rows * LANES + c % LANES;
            ptrdiff_t step = j->product_rows * LANES;
            NAME(sums) sums;
            if (block + 1 < blocks) {
                NAME(clear)(&sums, 2);
                NAME(accumulate_rows)(&sums, channels, right, step, j->tiles, 2);
                NAME(keep)(&sums, to + c * 2 * LANES, j->adds, 2);
            } else {
                NAME(clear)(&sums, 1);
                NAME(accumulate_rows)(&sums, channels, right, step, j->tiles, 1);
                NAME(keep)(&sums, to + c * LANES, j->adds, 1);
            }
        }
    }
}
