// The loops of few_channels.c for one instruction set. Without a guard: included once for each, after channel_products.h.

/// The output of `rows` pixels of one row, a stride apart in the input, for `vectors` vectors of channels.
INLINE void NAME(convolve_pixels)(
    const few_job *j, const float *x, const float *weights, const float *bias, ptrdiff_t to, ptrdiff_t plane,
    const bool is_half, const int stride, const int rows, const int vectors) {
    vector sums[ROWS][2];
    UNROLLED for (int v = 0; v < vectors; v++) {
        vector first = bias ? load(bias + v * LANES) : (vector){0};
        UNROLLED for (int i = 0; i < rows; i++) sums[i][v] = first;
    }
    for (ptrdiff_t c = 0; c < j->channels; c++)
        for (ptrdiff_t u = 0; u < j->size; u++) {
            const float *row = x + (c * j->padded_height + u) * j->padded_width;
            for (ptrdiff_t w = 0; w < j->size; w++, row++, weights += vectors * LANES) {
                vector right[2];
                UNROLLED for (int v = 0; v < vectors; v++) right[v] = load(weights + v * LANES);
                UNROLLED for (int i = 0; i < rows; i++)
                    UNROLLED for (int v = 0; v < vectors; v++) sums[i][v] += row[i * stride] * right[v];
            }
        }
    if (j->activation == yuyan_unary_kind_relu)
        UNROLLED for (int v = 0; v < vectors; v++)
            UNROLLED for (int i = 0; i < rows; i++) sums[i][v] = NAME(rectified)(sums[i][v]);
    if (is_half || j->outputs % LANES == 0) {
        UNROLLED for (int v = 0; v < vectors; v++)
            UNROLLED for (int i = 0; i < rows; i++)
                store_image(j->to, to + v * plane + i * LANES, &sums[i][v], is_half);
        return;
    }
    // Channels-last with fewer channels than a vector has numbers: the next pixels overwrite what is too much.
    UNROLLED for (int i = 0; i < rows; i++) {
        float *pixel = (float *)j->to + to + i * j->outputs, all[LANES];
        // By way of memory of its own, or the sums would not stay in registers.
        store(all, sums[i][0]);
        if ((rows - i) * j->outputs >= NARROW) memcpy(pixel, all, NARROW * sizeof *all);
        else memcpy(pixel, all, (size_t)j->outputs * sizeof *all);
    }
}

#define PIXELS(stride, rows, vectors)                                                                                 \
    for (ptrdiff_t i = 0; i < j->output_width; i += (rows)) {                                                         \
        ptrdiff_t at = minimum(i, j->output_width - (rows));                                                          \
        NAME(convolve_pixels)(                                                                                        \
            j, x + at * (stride), weights, bias, to + at * step, plane, is_half, stride, rows, vectors);              \
    }
#define ROWS_CASE(count)                                                      \
    case count:                                                               \
        if (vectors == 2) { PIXELS(stride, count, 2) }                        \
        else { PIXELS(stride, count, 1) }                                     \
        break;

/// Units are rows of outputs of all samples.
INLINE void NAME(convolve_rows)(
    const few_job *j, ptrdiff_t begin, ptrdiff_t end, const bool is_half, const int stride) {
    ptrdiff_t blocks = (j->outputs + LANES - 1) / LANES, taps = j->channels * j->size * j->size;
    ptrdiff_t step = minimum(j->outputs, LANES), plane = j->output_height * j->output_width * LANES;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t sample = unit / j->output_height, h = unit % j->output_height;
        const float *x = j->padded + (sample * j->channels * j->padded_height + h * stride) * j->padded_width;
        for (ptrdiff_t block = 0; block < blocks; block += 2) {
            const float *weights = j->arranged + block * LANES * taps;
            const float *bias = j->arranged_bias ? j->arranged_bias + block * LANES : NULL;
            ptrdiff_t to = sample * j->outputs * j->output_height * j->output_width + block * plane
                           + h * j->output_width * step;
            const int vectors = block + 1 < blocks ? 2 : 1;
            switch (j->rows) {
                ROWS_CASE(1) ROWS_CASE(2) ROWS_CASE(3) ROWS_CASE(4) ROWS_CASE(5) ROWS_CASE(6)
#if ROWS > 6
                ROWS_CASE(7) ROWS_CASE(8) ROWS_CASE(9) ROWS_CASE(10) ROWS_CASE(11) ROWS_CASE(12) ROWS_CASE(13)
                ROWS_CASE(14)
#endif
            }
            if (j->activation >= 0 && j->activation != yuyan_unary_kind_relu)
                for (int v = 0; v < vectors; v++) activate(j, to + v * plane, j->output_width * step);
        }
    }
}
#undef ROWS_CASE
#undef PIXELS
static void NAME(convolve_1)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, false, 1); }
static void NAME(convolve_2)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, false, 2); }
static void NAME(convolve_4)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, false, 4); }
static void NAME(convolve_1_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, true, 1); }
static void NAME(convolve_2_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, true, 2); }
static void NAME(convolve_4_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(convolve_rows)(data, begin, end, true, 4); }

/// The gradient of `rows` rows of the weights of one input channel, for `vectors` vectors of output channels: summed over
/// one sample, and added to `to`, where a weight lies `tap_step` after the one before.
INLINE void NAME(gather_sample)(
    const few_job *j, const float *x, const void *numbers, ptrdiff_t g, ptrdiff_t plane, float *to, ptrdiff_t tap_step,
    const bool is_half, const int size, const int rows, const int vectors) {
    vector sums[5][11][2];
    UNROLLED for (int u = 0; u < rows; u++)
        UNROLLED for (int w = 0; w < size; w++)
            UNROLLED for (int v = 0; v < vectors; v++) sums[u][w][v] = (vector){0};
    ptrdiff_t step = minimum(j->outputs, LANES), width = j->padded_width;
    for (ptrdiff_t h = 0; h < j->output_height; h++, x += j->stride * width) {
        const float *at = x;
        for (ptrdiff_t i = 0; i < j->output_width; i++, at += j->stride, g += step) {
            vector right[2];
            UNROLLED for (int v = 0; v < vectors; v++) load_image(&right[v], numbers, g + v * plane, is_half);
            UNROLLED for (int u = 0; u < rows; u++)
                UNROLLED for (int w = 0; w < size; w++)
                    UNROLLED for (int v = 0; v < vectors; v++) sums[u][w][v] += at[u * width + w] * right[v];
        }
    }
    UNROLLED for (int u = 0; u < rows; u++)
        UNROLLED for (int w = 0; w < size; w++)
            UNROLLED for (int v = 0; v < vectors; v++) {
                float *place = to + (u * size + w) * tap_step + v * LANES;
                store(place, load(place) + sums[u][w][v]);
            }
}

/// The sum of a sample's gradient over its pixels, for one vector of channels, added to `to`.
INLINE void NAME(gather_bias)(const few_job *j, const void *numbers, ptrdiff_t g, float *to, const bool is_half) {
    ptrdiff_t step = minimum(j->outputs, LANES), pixels = j->output_height * j->output_width;
    vector sums[4] = {{0}, {0}, {0}, {0}}, next;
    ptrdiff_t i = 0;
    for (; i + 4 <= pixels; i += 4)
        UNROLLED for (int k = 0; k < 4; k++) {
            load_image(&next, numbers, g + (i + k) * step, is_half);
            sums[k] += next;
        }
    for (; i < pixels; i++) {
        load_image(&next, numbers, g + i * step, is_half);
        sums[0] += next;
    }
    store(to, load(to) + ((sums[0] + sums[1]) + (sums[2] + sums[3])));
}

#define SHAPE_CASE(size, rows)                                                                                        \
    case (size) * 8 + (rows):                                                                                         \
        if (vectors == 2) NAME(gather_sample)(j, x, numbers, g, plane, to, tap_step, is_half, size, rows, 2);         \
        else NAME(gather_sample)(j, x, numbers, g, plane, to, tap_step, is_half, size, rows, 1);                      \
        break;

/// Units are pieces of the batch, of each the groups of output channels.
INLINE void NAME(gather_pieces)(const few_job *j, ptrdiff_t begin, ptrdiff_t end, const bool is_half) {
    ptrdiff_t blocks = (j->outputs + LANES - 1) / LANES, taps = j->channels * j->size * j->size;
    ptrdiff_t pixels = j->output_height * j->output_width, plane = pixels * LANES, groups = (blocks + 1) / 2;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t piece = unit / groups, block = unit % groups * 2;
        ptrdiff_t width = block + 1 < blocks ? 2 : 1, tap_step = width * LANES;
        float *all = j->pieces + (piece * blocks + block) * LANES * (taps + 1);
        memset(all, 0, (size_t)(tap_step * (taps + 1)) * sizeof *all);
        ptrdiff_t last = (piece + 1) * j->batch / j->piece_count;
        for (ptrdiff_t sample = piece * j->batch / j->piece_count; sample < last; sample++) {
            const void *numbers = j->gradient;
            ptrdiff_t gradient = (sample * j->outputs + block * LANES) * pixels;
            // The vectors of the last pixels of narrow images would reach beyond the end.
            if (j->outputs % LANES != 0 && sample == j->batch - 1) {
                numbers = j->last_gradient;
                gradient = 0;
            }
            for (ptrdiff_t first = 0; first < width; first += j->vectors) {
                int vectors = (int)minimum(j->vectors, width - first);
                ptrdiff_t g = gradient + first * plane;
                for (ptrdiff_t c = 0; c < j->channels; c++)
                    for (ptrdiff_t u = 0; u < j->size; u += j->rows) {
                        const float *x =
                            j->padded + ((sample * j->channels + c) * j->padded_height + u) * j->padded_width;
                        float *to = all + (c * j->size + u) * j->size * tap_step + first * LANES;
                        switch (j->size * 8 + minimum(j->rows, j->size - u)) {
                            SHAPE_CASE(3, 1) SHAPE_CASE(5, 1) SHAPE_CASE(7, 1) SHAPE_CASE(11, 1)
                            SHAPE_CASE(3, 2) SHAPE_CASE(5, 2) SHAPE_CASE(7, 2) SHAPE_CASE(11, 2)
                            SHAPE_CASE(3, 3) SHAPE_CASE(5, 5) SHAPE_CASE(7, 3) SHAPE_CASE(7, 4)
                        }
                    }
                for (int v = 0; v < vectors; v++)
                    NAME(gather_bias)(j, numbers, g + v * plane, all + taps * tap_step + (first + v) * LANES, is_half);
            }
        }
    }
}
#undef SHAPE_CASE
static void NAME(gather)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(gather_pieces)(data, begin, end, false); }
static void NAME(gather_half)(const void *data, ptrdiff_t begin, ptrdiff_t end) { NAME(gather_pieces)(data, begin, end, true); }
