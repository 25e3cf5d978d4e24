// Batch normalisation of float32: sums over all elements of a channel, and maps with numbers of each channel.
#include "kernels_internal.h"

#define LANES 16
// What is summed in float is for at most this many terms, then in double.
#define TERMS_IN_FLOAT 64
#define CHUNKS 32

// A mean is a pair of floats, so that x - mean is exact to the last bits even far from 0.
#define DEVIATION(x, c) (((x) - high[c]) - low[c])

// A loop over rows of `width` elements, one a channel, that lie behind each other: totals[c] += Σ first and
// more[c] += Σ second, terms with element e of channel c.
#define SUMS(name, type, first, second)                                                                              \
    INLINE void name(                                                                                                \
        const float *restrict x, const float *restrict g, const float *restrict high, const float *restrict low,     \
        ptrdiff_t rows, ptrdiff_t width, double *restrict totals, double *restrict more) {                           \
        if (width == 1) {                                                                                            \
            const ptrdiff_t c = 0;                                                                                   \
            (void)c;                                                                                                 \
            double all[LANES] = {0}, other[LANES] = {0};                                                             \
            ptrdiff_t i = 0;                                                                                         \
            while (i + LANES <= rows) {                                                                              \
                ptrdiff_t end = minimum(rows, i + LANES * TERMS_IN_FLOAT);                                           \
                type part[LANES] = {0}, rest[LANES] = {0};                                                           \
                for (; i + LANES <= end; i += LANES)                                                                 \
                    for (int l = 0; l < LANES; l++) {                                                                \
                        const ptrdiff_t e = i + l;                                                                   \
                        part[l] += first;                                                                            \
                        rest[l] += second;                                                                           \
                    }                                                                                                \
                for (int l = 0; l < LANES; l++) all[l] += part[l];                                                   \
                for (int l = 0; l < LANES; l++) other[l] += rest[l];                                                 \
            }                                                                                                        \
            for (; i < rows; i++) {                                                                                  \
                const ptrdiff_t e = i;                                                                               \
                all[0] += (type)(first);                                                                             \
                other[0] += (type)(second);                                                                          \
            }                                                                                                        \
            for (int half = LANES / 2; half > 0; half /= 2)                                                          \
                for (int l = 0; l < half; l++) {                                                                     \
                    all[l] += all[l + half];                                                                         \
                    other[l] += other[l + half];                                                                     \
                }                                                                                                    \
            totals[0] += all[0];                                                                                     \
            more[0] += other[0];                                                                                     \
            return;                                                                                                  \
        }                                                                                                            \
        for (ptrdiff_t row = 0; row < rows;) {                                                                       \
            ptrdiff_t end = minimum(rows, row + TERMS_IN_FLOAT);                                                     \
            ptrdiff_t column = 0;                                                                                    \
            for (; column + LANES <= width; column += LANES) {                                                       \
                type part[LANES] = {0}, rest[LANES] = {0};                                                           \
                for (ptrdiff_t r = row; r < end; r++)                                                                \
                    for (int l = 0; l < LANES; l++) {                                                                \
                        const ptrdiff_t c = column + l, e = r * width + c;                                           \
                        part[l] += first;                                                                            \
                        rest[l] += second;                                                                           \
                    }                                                                                                \
                for (int l = 0; l < LANES; l++) totals[column + l] += part[l];                                       \
                for (int l = 0; l < LANES; l++) more[column + l] += rest[l];                                         \
            }                                                                                                        \
            if (column < width)                                                                                      \
                for (ptrdiff_t r = row; r < end; r++)                                                                \
                    for (ptrdiff_t c = column; c < width; c++) {                                                     \
                        const ptrdiff_t e = r * width + c;                                                           \
                        totals[c] += (type)(first);                                                                  \
                        more[c] += (type)(second);                                                                   \
                    }                                                                                                \
            row = end;                                                                                               \
        }                                                                                                            \
    }                                                                                                                \
    COPIES(name,                                                                                                     \
        (const float *x, const float *g, const float *high, const float *low, ptrdiff_t rows, ptrdiff_t width,       \
         double *totals, double *more),                                                                              \
        (x, g, high, low, rows, width, totals, more))

// In double: the mean of equal numbers is that number, and their variance 0.
SUMS(sum_values, double, x[e], 0)
SUMS(sum_squares, double, (double)DEVIATION(x[e], c) * DEVIATION(x[e], c), 0)
SUMS(sum_gradients, float, g[e], g[e] * DEVIATION(x[e], c))

typedef void (*sum_run)(
    const float *x, const float *g, const float *high, const float *low, ptrdiff_t rows, ptrdiff_t width,
    double *totals, double *more);

/// y = (x - mean) · factor + offset.
INLINE void normalize_rows(
    const float *restrict x, float *restrict y, const float *restrict high, const float *restrict low,
    const float *restrict factor, const float *restrict offset, ptrdiff_t rows, ptrdiff_t width) {
    if (width == 1) {
        for (ptrdiff_t i = 0; i < rows; i++) y[i] = DEVIATION(x[i], 0) * factor[0] + offset[0];
        return;
    }
    for (ptrdiff_t row = 0; row < rows; row++, x += width, y += width)
        for (ptrdiff_t c = 0; c < width; c++) y[c] = DEVIATION(x[c], c) * factor[c] + offset[c];
}
COPIES(normalize_rows,
    (const float *x, float *y, const float *high, const float *low, const float *factor, const float *offset,
     ptrdiff_t rows, ptrdiff_t width),
    (x, y, high, low, factor, offset, rows, width))

/// dx = (g - mean g) · factor - (x - mean) · slope.
INLINE void input_gradient_rows(
    const float *restrict g, const float *restrict x, float *restrict dx, const float *restrict high,
    const float *restrict low, const float *restrict factor, const float *restrict mean, const float *restrict slope,
    ptrdiff_t rows, ptrdiff_t width) {
    if (width == 1) {
        for (ptrdiff_t i = 0; i < rows; i++)
            dx[i] = (g[i] - mean[0]) * factor[0] - DEVIATION(x[i], 0) * slope[0];
        return;
    }
    for (ptrdiff_t row = 0; row < rows; row++, g += width, x += width, dx += width)
        for (ptrdiff_t c = 0; c < width; c++) dx[c] = (g[c] - mean[c]) * factor[c] - DEVIATION(x[c], c) * slope[c];
}
COPIES(input_gradient_rows,
    (const float *g, const float *x, float *dx, const float *high, const float *low, const float *factor,
     const float *mean, const float *slope, ptrdiff_t rows, ptrdiff_t width),
    (g, x, dx, high, low, factor, mean, slope, rows, width))

typedef struct {
    yuyan_channels shape;
    ptrdiff_t chunks, chunk;
    const float *x, *g;
    float *y;
    const float *high, *low, *factor, *third, *fourth;
    double *partial;
    const sum_run *sums;
} channels_job;

static ptrdiff_t channel_count(const yuyan_channels *s) { return s->groups * s->block; }

/// Samples a chunk: so that there is work for threads, and the same for any number of them.
static ptrdiff_t samples_of_chunk(const yuyan_channels *s) {
    ptrdiff_t wanted = (CHUNKS + s->groups - 1) / s->groups;
    return maximum((s->batch + wanted - 1) / wanted, 1);
}

static ptrdiff_t chunk_count(const yuyan_channels *s) {
    ptrdiff_t chunk = samples_of_chunk(s);
    return (s->batch + chunk - 1) / chunk;
}

ptrdiff_t yuyan_channel_scratch(const yuyan_channels *shape) {
    return 2 * channel_count(shape) * (chunk_count(shape) + 2);
}

/// Units are the groups of each chunk of samples.
static void run_sums(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const channels_job *job = data;
    const yuyan_channels *s = &job->shape;
    ptrdiff_t run = s->rows * s->block, channels = channel_count(s);
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t chunk = unit / s->groups, group = unit % s->groups, channel = group * s->block;
        double *totals = job->partial + 2 * chunk * channels + channel, *more = totals + channels;
        for (ptrdiff_t c = 0; c < s->block; c++) totals[c] = more[c] = 0;
        ptrdiff_t sample = chunk * job->chunk, last = minimum(sample + job->chunk, s->batch);
        // Where one group has all channels, the rows of all samples lie behind each other.
        ptrdiff_t together = s->groups == 1 ? last - sample : 1;
        for (; sample < last; sample += together) {
            ptrdiff_t place = (sample * s->groups + group) * run;
            CHOSEN(job->sums)(
                job->x + place, job->g ? job->g + place : 0, job->high ? job->high + channel : 0,
                job->low ? job->low + channel : 0, s->rows * together, s->block, totals, more);
        }
    }
}

/// Sums over the chunks, in their order; they are at the beginning of `partial` then.
static void sum_channels(channels_job *job) {
    const yuyan_channels *s = &job->shape;
    ptrdiff_t channels = channel_count(s);
    job->chunk = samples_of_chunk(s);
    job->chunks = chunk_count(s);
    yuyan_parallel(job->chunks * s->groups, 1, s->batch * channels * s->rows, run_sums, job);
    for (ptrdiff_t chunk = 1; chunk < job->chunks; chunk++)
        for (ptrdiff_t i = 0; i < 2 * channels; i++) job->partial[i] += job->partial[2 * chunk * channels + i];
}

static void split_mean(double mean, float *high, float *low) {
    *high = (float)mean;
    *low = (float)(mean - *high);
}

void yuyan_channel_statistics(
    const yuyan_channels *shape, const float *x, double *mean, double *variance, double *scratch) {
    ptrdiff_t channels = channel_count(shape);
    double count = (double)shape->batch * (double)shape->rows;
    float *high = (float *)(scratch + 2 * channels * chunk_count(shape)), *low = high + channels;
    channels_job job = {.shape = *shape, .x = x, .partial = scratch, .sums = sum_values_copies};
    sum_channels(&job);
    for (ptrdiff_t c = 0; c < channels; c++) {
        mean[c] = scratch[c] / count;
        split_mean(mean[c], high + c, low + c);
    }
    job.high = high;
    job.low = low;
    job.sums = sum_squares_copies;
    sum_channels(&job);
    for (ptrdiff_t c = 0; c < channels; c++) variance[c] = scratch[c] / count;
}

/// Units are the groups of each sample. Without gradients the rows are normalized, else mapped to the input's gradient.
static void run_map(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const channels_job *job = data;
    const yuyan_channels *s = &job->shape;
    ptrdiff_t run = s->rows * s->block, together = s->groups == 1 ? end - begin : 1;
    for (ptrdiff_t unit = begin; unit < end; unit += together) {
        ptrdiff_t place = unit * run, channel = unit % s->groups * s->block, rows = s->rows * together;
        const float *x = job->x + place, *high = job->high + channel, *low = job->low + channel;
        const float *factor = job->factor + channel, *third = job->third + channel;
        if (job->g)
            CHOSEN(input_gradient_rows_copies)(
                job->g + place, x, job->y + place, high, low, factor, third, job->fourth + channel, rows, s->block);
        else
            CHOSEN(normalize_rows_copies)(x, job->y + place, high, low, factor, third, rows, s->block);
    }
}

static void map_channels(const channels_job *job) {
    const yuyan_channels *s = &job->shape;
    yuyan_parallel(s->batch * s->groups, 1, s->batch * channel_count(s) * s->rows, run_map, job);
}

void yuyan_normalize_channels(
    const yuyan_channels *shape, const float *x, const double *mean, const double *inverse, const float *scale,
    const float *offset, float *y, double *scratch) {
    ptrdiff_t channels = channel_count(shape);
    float *high = (float *)scratch, *low = high + channels, *factor = low + channels, *added = factor + channels;
    for (ptrdiff_t c = 0; c < channels; c++) {
        split_mean(mean ? mean[c] : 0, high + c, low + c);
        factor[c] = (float)(inverse[c] * (scale ? scale[c] : 1));
        added[c] = offset ? offset[c] : 0;
    }
    channels_job job = {.shape = *shape, .x = x, .y = y, .high = high, .low = low, .factor = factor, .third = added};
    map_channels(&job);
}

void yuyan_channel_gradient_sums(
    const yuyan_channels *shape, const float *gradient, const float *x, const double *mean, double *sums,
    double *products, double *scratch) {
    ptrdiff_t channels = channel_count(shape);
    float *high = (float *)(scratch + 2 * channels * chunk_count(shape)), *low = high + channels;
    for (ptrdiff_t c = 0; c < channels; c++) split_mean(mean[c], high + c, low + c);
    channels_job job = {
        .shape = *shape, .x = x, .g = gradient, .high = high, .low = low, .partial = scratch,
        .sums = sum_gradients_copies};
    sum_channels(&job);
    memcpy(sums, scratch, (size_t)channels * sizeof *sums);
    memcpy(products, scratch + channels, (size_t)channels * sizeof *products);
}

void yuyan_channel_input_gradient(
    const yuyan_channels *shape, const float *gradient, const float *x, const double *mean, const double *inverse,
    const float *scale, const double *sums, const double *products, float *dx, double *scratch) {
    ptrdiff_t channels = channel_count(shape);
    double count = (double)shape->batch * (double)shape->rows;
    float *high = (float *)scratch, *low = high + channels, *factor = low + channels, *mean_gradient = factor + channels,
          *slope = mean_gradient + channels;
    for (ptrdiff_t c = 0; c < channels; c++) {
        double f = inverse[c] * (scale ? scale[c] : 1);
        split_mean(mean[c], high + c, low + c);
        factor[c] = (float)f;
        mean_gradient[c] = (float)(sums[c] / count);
        slope[c] = (float)(f * inverse[c] * inverse[c] * products[c] / count);
    }
    channels_job job = {
        .shape = *shape, .x = x, .g = gradient, .y = dx, .high = high, .low = low, .factor = factor,
        .third = mean_gradient, .fourth = slope};
    map_channels(&job);
}
