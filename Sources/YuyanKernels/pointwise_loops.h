// The loops of pointwise.c for one instruction set. Without a guard: included once for each, after channel_products.h.

/// Weights [outer, inner] (or, turned, [inner, outer]) to [outer / two vectors, inner, two vectors].
static void NAME(arrange)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const pointwise_job *j = data;
    ptrdiff_t blocks = j->outer / LANES;
    for (ptrdiff_t block = begin; block < end; block++) {
        ptrdiff_t pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        float *to = j->arranged + (pair * j->inner + (block & 1)) * LANES;
        const float *w = j->weights + block * LANES * (j->is_turned ? 1 : j->inner);
        for (ptrdiff_t c = 0; c < j->inner; c++, to += width * LANES)
            if (j->is_turned) store(to, load(w + c * j->outer));
            else for (int lane = 0; lane < LANES; lane++) to[lane] = w[lane * j->inner + c];
    }
}

/// The transpose of that.
static void NAME(gather_weights)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const pointwise_job *j = data;
    ptrdiff_t blocks = j->outer / LANES;
    for (ptrdiff_t block = begin; block < end; block++) {
        ptrdiff_t pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        const float *from = j->arranged + (pair * j->inner + (block & 1)) * LANES;
        float *w = j->weight_gradient + block * LANES * j->inner;
        for (ptrdiff_t c = 0; c < j->inner; c++, from += width * LANES)
            for (int lane = 0; lane < LANES; lane++) w[lane * j->inner + c] = from[lane];
    }
}

/// The pixels from `first` to `last` of a sample, `rows` at a time, the last ones again where fewer are left.
INLINE void NAME(multiply_sample)(
    const pointwise_job *j, const float *from, const float *weights, const float *bias, float *to, ptrdiff_t first,
    ptrdiff_t last, const int rows, const int vectors) {
    ptrdiff_t step = j->pixels * LANES;
    for (ptrdiff_t i = first; i < last; i += rows) {
        ptrdiff_t t = minimum(i, j->pixels - rows) * LANES;
        NAME(multiply_rows)(from + t, step, j->inner, weights, bias, to + t, step, j->has_relu, rows, vectors);
    }
}

#define ROWS_CASE(count)                                                                                  \
    case count:                                                                                           \
        if (vectors == 2) NAME(multiply_sample)(j, from, weights, bias, to, first, last, count, 2);       \
        else NAME(multiply_sample)(j, from, weights, bias, to, first, last, count, 1);                    \
        break;

/// Units are pairs of vectors of outer channels of pieces: some samples, or some pixels of one, which stay in the second
/// cache until all pairs have read them.
static void NAME(multiply_pixels)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const pointwise_job *j = data;
    ptrdiff_t blocks = j->outer / LANES, pairs = (blocks + 1) / 2, parts = (j->pixels + j->part - 1) / j->part;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t block = unit % pairs * 2, piece = unit / pairs;
        const float *weights = j->arranged + block * LANES * j->inner;
        const float *bias = j->bias ? j->bias + block * LANES : NULL;
        ptrdiff_t first = piece % parts * j->part, last = minimum(first + j->part, j->pixels);
        int vectors = block + 1 < blocks ? 2 : 1;
        ptrdiff_t sample = piece / parts * j->samples, end_sample = minimum(sample + j->samples, j->batch);
        for (; sample < end_sample; sample++) {
            const float *from = j->from + sample * j->inner * j->pixels;
            float *to = j->to + (sample * j->outer + block * LANES) * j->pixels;
            switch (j->rows) {
                ROWS_CASE(1) ROWS_CASE(2) ROWS_CASE(3) ROWS_CASE(4) ROWS_CASE(5) ROWS_CASE(6)
#if ROWS > 6
                ROWS_CASE(7) ROWS_CASE(8) ROWS_CASE(9) ROWS_CASE(10) ROWS_CASE(11) ROWS_CASE(12) ROWS_CASE(13)
                ROWS_CASE(14)
#endif
            }
        }
    }
}
#undef ROWS_CASE

/// Fetches a part of the pixels of channel blocks from `first` to `last`, counted over both images, into the second cache.
INLINE void NAME(fetch)(
    const pointwise_job *j, ptrdiff_t sample, ptrdiff_t pixel, ptrdiff_t first, ptrdiff_t last) {
    ptrdiff_t blocks = j->inner / LANES;
    for (ptrdiff_t block = first; block < last; block++) {
        const float *image = block < blocks ? j->from + (sample * blocks + block) * j->pixels * LANES
                                            : j->gradient + (sample * (j->outer / LANES) + block - blocks) * j->pixels * LANES;
        const float *at = image + pixel * LANES, *end = image + minimum(pixel + j->part, j->pixels) * LANES;
        for (; at < end; at += 16) __builtin_prefetch(at, 0, 2);
    }
}

/// Units are GRADIENT_ROWS inner channels of pairs of vectors of outer ones. Some terms are added up at a time, so that
/// sums of few meet.
static void NAME(accumulate_pixels)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const pointwise_job *j = data;
    ptrdiff_t blocks = j->outer / LANES, groups = j->inner / GRADIENT_ROWS, step = j->pixels * LANES;
    ptrdiff_t parts = (j->pixels + j->part - 1) / j->part, all = (j->batch + j->samples - 1) / j->samples * parts;
    for (ptrdiff_t piece = 0; piece < all; piece++) {
        ptrdiff_t first = piece / parts * j->samples, last = minimum(first + j->samples, j->batch);
        ptrdiff_t pixel = piece % parts * j->part, pixels = minimum(j->part, j->pixels - pixel);
        for (ptrdiff_t unit = begin; unit < end; unit++) {
            ptrdiff_t block = unit / groups * 2, c = unit % groups * GRADIENT_ROWS;
            int vectors = block + 1 < blocks ? 2 : 1;
            float *to = j->arranged + (block * j->inner + c * vectors) * LANES;
            NAME(sums) sums;
            NAME(clear)(&sums, 2);
            for (ptrdiff_t sample = first; sample < last; sample++) {
                const float *x =
                    j->from + ((sample * j->inner + c / LANES * LANES) * j->pixels + pixel * LANES) + c % LANES;
                const float *g = j->gradient + (sample * j->outer + block * LANES) * j->pixels + pixel * LANES;
                if (vectors == 2) NAME(accumulate_rows)(&sums, x, g, step, pixels, 2);
                else NAME(accumulate_rows)(&sums, x, g, step, pixels, 1);
            }
            if (vectors == 2) NAME(keep)(&sums, to, piece > 0, 2);
            else NAME(keep)(&sums, to, piece > 0, 1);
            if (j->samples > 1 || piece + 1 == all) continue;
            // What comes next, a share with each unit: it lies in runs too short for the processor to foresee.
            ptrdiff_t count = (j->inner + j->outer) / LANES, units = end - begin, next = piece + 1;
            NAME(fetch)(
                j, next / parts, next % parts * j->part, count * (unit - begin) / units,
                count * (unit + 1 - begin) / units);
        }
    }
}

/// Units are vectors of outer channels.
static void NAME(add_pixels)(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const pointwise_job *j = data;
    for (ptrdiff_t block = begin; block < end; block++) {
        vector all = {0};
        for (ptrdiff_t first = 0; first < j->batch; first += j->samples) {
            vector sum = {0};
            for (ptrdiff_t sample = first; sample < minimum(first + j->samples, j->batch); sample++) {
                const float *g = j->gradient + (sample * j->outer + block * LANES) * j->pixels;
                for (ptrdiff_t t = 0; t < j->pixels; t++) sum += load(g + t * LANES);
            }
            all += sum;
        }
        store(j->bias_gradient + block * LANES, all);
    }
}
