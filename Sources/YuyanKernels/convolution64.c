// Convolutions of float64 as products of matrices: the numbers under the window at each place become a column.
#include "kernels_internal.h"

// Columns of as many samples as fill this many numbers, at least of one, are made at a time: they stay in a cache.
#define MOST_NUMBERS ((ptrdiff_t)1 << 18)

/// Some samples of one group.
typedef struct {
    const yuyan_convolution64 *sizes;
    ptrdiff_t first, samples, group;
    /// [C/groups, kH, kW, samples, H', W']
    double *columns;
    const double *input;
    double *input_gradient;
} part;

static ptrdiff_t channels_of(const yuyan_convolution64 *c) { return c->input_channels / c->groups; }
static ptrdiff_t outputs_of(const yuyan_convolution64 *c) { return c->output_channels / c->groups; }
static ptrdiff_t places_of(const yuyan_convolution64 *c) { return c->output_height * c->output_width; }
static ptrdiff_t terms_of(const yuyan_convolution64 *c) {
    return channels_of(c) * c->kernel_height * c->kernel_width;
}

static ptrdiff_t samples_at_a_time(const yuyan_convolution64 *c) {
    return maximum(1, minimum(c->batch, MOST_NUMBERS / (terms_of(c) * places_of(c))));
}

/// The places 0 ..< count at which `place * stride + offset` lies in 0 ..< size.
INLINE void find_range(
    ptrdiff_t *begin, ptrdiff_t *end, ptrdiff_t count, ptrdiff_t stride, ptrdiff_t offset, ptrdiff_t size) {
    *begin = offset < 0 ? minimum(count, (-offset + stride - 1) / stride) : 0;
    *end = offset < size ? maximum(*begin, minimum(count, (size - offset - 1) / stride + 1)) : *begin;
}

/// One term of the window at all places of one sample.
INLINE void fill_columns(const part *p, ptrdiff_t term, ptrdiff_t sample, double *to) {
    const yuyan_convolution64 *c = p->sizes;
    ptrdiff_t v = term % c->kernel_width, u = term / c->kernel_width % c->kernel_height;
    ptrdiff_t channel = p->group * channels_of(c) + term / (c->kernel_width * c->kernel_height);
    ptrdiff_t top = u * c->dilation_height - c->padding_height, left = v * c->dilation_width - c->padding_width;
    ptrdiff_t begin, end, width = c->output_width;
    find_range(&begin, &end, width, c->stride_width, left, c->input_width);
    const double *plane =
        p->input + ((p->first + sample) * c->input_channels + channel) * c->input_height * c->input_width;
    for (ptrdiff_t i = 0; i < c->output_height; i++, to += width) {
        ptrdiff_t y = i * c->stride_height + top;
        if (y < 0 || y >= c->input_height || begin == end) {
            memset(to, 0, (size_t)width * sizeof *to);
            continue;
        }
        const double *row = plane + y * c->input_width + left;
        for (ptrdiff_t j = 0; j < begin; j++) to[j] = 0;
        if (c->stride_width == 1) memcpy(to + begin, row + begin, (size_t)(end - begin) * sizeof *to);
        else for (ptrdiff_t j = begin; j < end; j++) to[j] = row[j * c->stride_width];
        for (ptrdiff_t j = end; j < width; j++) to[j] = 0;
    }
}

/// Units of work are the terms of all samples.
static void run_fill(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const part *p = data;
    for (ptrdiff_t unit = begin; unit < end; unit++)
        fill_columns(p, unit / p->samples, unit % p->samples, p->columns + unit * places_of(p->sizes));
}

static void make_columns(const part *p) {
    ptrdiff_t units = terms_of(p->sizes) * p->samples;
    yuyan_parallel(units, 1, units * places_of(p->sizes), run_fill, p);
}

/// Adds what the columns have for one channel of one sample to its plane.
INLINE void add_columns(const part *p, ptrdiff_t sample, ptrdiff_t channel) {
    const yuyan_convolution64 *c = p->sizes;
    ptrdiff_t size = c->input_height * c->input_width;
    double *plane = p->input_gradient
                    + ((p->first + sample) * c->input_channels + p->group * channels_of(c) + channel) * size;
    memset(plane, 0, (size_t)size * sizeof *plane);
    for (ptrdiff_t u = 0; u < c->kernel_height; u++)
        for (ptrdiff_t v = 0; v < c->kernel_width; v++) {
            ptrdiff_t term = (channel * c->kernel_height + u) * c->kernel_width + v;
            const double *from = p->columns + (term * p->samples + sample) * places_of(c);
            ptrdiff_t left = v * c->dilation_width - c->padding_width, begin, end;
            find_range(&begin, &end, c->output_width, c->stride_width, left, c->input_width);
            for (ptrdiff_t i = 0; i < c->output_height; i++, from += c->output_width) {
                ptrdiff_t y = i * c->stride_height + u * c->dilation_height - c->padding_height;
                if (y < 0 || y >= c->input_height) continue;
                double *row = plane + y * c->input_width;
                for (ptrdiff_t j = begin; j < end; j++) row[left + j * c->stride_width] += from[j];
            }
        }
}

static void run_add(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const part *p = data;
    ptrdiff_t channels = channels_of(p->sizes);
    for (ptrdiff_t unit = begin; unit < end; unit++) add_columns(p, unit / channels, unit % channels);
}

// MARK: Products

/// The product of one part: y = w · columns and columns = wᵀ · g for each sample, or dw += gᵀ · columnsᵀ for all.
static yuyan_product64 product_of(const yuyan_convolution64 *c, yuyan_convolution64_pass pass, ptrdiff_t samples) {
    ptrdiff_t terms = terms_of(c), outputs = outputs_of(c), places = places_of(c);
    yuyan_product64 p = {
        .threads = c->threads, .batch_size = {1, 1, 1, 1, 1, samples}, .c_column = 1, .bias_row = 1};
    switch (pass) {
    case YUYAN_OUTPUT64:
        p.m = outputs, p.k = terms, p.n = places;
        p.a_row = terms, p.a_column = 1, p.b_row = samples * places, p.b_column = 1, p.c_row = places;
        p.b_batch[5] = places, p.c_batch = c->output_channels * places;
        break;
    case YUYAN_INPUT_GRADIENT64:
        p.m = terms, p.k = outputs, p.n = places;
        p.a_row = 1, p.a_column = terms, p.b_row = places, p.b_column = 1, p.c_row = samples * places;
        p.b_batch[5] = c->output_channels * places, p.c_batch = places;
        break;
    case YUYAN_WEIGHT_GRADIENT64:
        p.batch_size[5] = 1;
        p.m = outputs, p.k = samples * places, p.n = terms;
        p.a_row = 1, p.a_column = c->output_channels, p.b_row = 1, p.b_column = samples * places, p.c_row = terms;
    }
    return p;
}

ptrdiff_t yuyan_convolution64_scratch(const yuyan_convolution64 *c, yuyan_convolution64_pass pass) {
    ptrdiff_t samples = samples_at_a_time(c), last = c->batch % samples;
    yuyan_product64 product = product_of(c, pass, samples);
    ptrdiff_t scratch = yuyan_product64_scratch(&product);
    if (last > 0) {
        product = product_of(c, pass, last);
        scratch = maximum(scratch, yuyan_product64_scratch(&product));
    }
    return terms_of(c) * samples * places_of(c) + scratch;
}

void yuyan_convolve64(
    const yuyan_convolution64 *c, yuyan_convolution64_pass pass, const yuyan_convolution64_operands *operands,
    double *scratch) {
    ptrdiff_t samples = samples_at_a_time(c), outputs = outputs_of(c), terms = terms_of(c);
    double *product_scratch = scratch + terms * samples * places_of(c);
    for (ptrdiff_t first = 0; first < c->batch; first += samples)
        for (ptrdiff_t group = 0; group < c->groups; group++) {
            part p = {
                c, first, minimum(samples, c->batch - first), group, scratch, operands->input,
                operands->input_gradient};
            yuyan_product64 product = product_of(c, pass, p.samples);
            ptrdiff_t image = (first * c->output_channels + group * outputs) * places_of(c);
            ptrdiff_t image_of_columns = first * places_of(c) * c->output_channels + group * outputs;
            ptrdiff_t weights = group * outputs * terms;
            switch (pass) {
            case YUYAN_OUTPUT64:
                make_columns(&p);
                yuyan_multiply64(
                    &product, operands->weight + weights, p.columns,
                    operands->bias ? operands->bias + group * outputs : NULL, operands->output + image,
                    product_scratch);
                break;
            case YUYAN_INPUT_GRADIENT64: {
                yuyan_multiply64(
                    &product, operands->weight + weights, operands->gradient + image, NULL, p.columns,
                    product_scratch);
                ptrdiff_t planes = p.samples * channels_of(c);
                yuyan_parallel(planes, 1, terms * p.samples * places_of(c), run_add, &p);
                break;
            }
            case YUYAN_WEIGHT_GRADIENT64:
                make_columns(&p);
                product.adds = first > 0;
                yuyan_multiply64(
                    &product, operands->gradient + image_of_columns, p.columns, NULL,
                    operands->weight_gradient + weights, product_scratch);
            }
        }
}
