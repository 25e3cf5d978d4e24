// Convolutions of images of float32 or bfloat16 with few channels, such as the first of a network: forward, and the gradient of the
// weights. Vectors run along the output channels, which lie together; the input is read a number at a time. oneDNN's
// kernels for such images reach 350 GFLOP/s with AVX-512 and, in the gradient, a tenth of the peak with AVX2; these
// stay near the peak.
#include "image_vectors.h"

// Images with fewer output channels than a vector has numbers lie channels-last; they have so many at most.
#define NARROW 8
// The gradient is summed up for so many pieces of the batch at most, whatever the number of threads.
#define PIECES 16
// Numbers that one thread activates at a time.
#define ACTIVATED 8192

typedef struct {
    ptrdiff_t batch, channels, outputs, output_height, output_width, size, stride;
    /// The input [batch, channels, padded_height, padded_width], with its zeros.
    const float *padded;
    ptrdiff_t padded_height, padded_width;
    /// [outputs / two vectors, taps, two vectors]
    float *arranged, *arranged_bias;
    /// Images: float, or bfloat16.
    void *to;
    const void *gradient, *input;
    const float *last_gradient;
    /// A piece has for each pair of vectors of outputs its taps, and the bias.
    float *pieces;
    ptrdiff_t piece_count;
    /// Forward the pixels that are in registers at a time; in the gradient rows of weights, and vectors of outputs.
    ptrdiff_t rows, vectors;
    ptrdiff_t height, width, padding_height, padding_width;
    bool is_half;
    /// relu is computed as numbers are written, another activation once a row is.
    int activation;
    float slope, beta;
} few_job;

/// The activation of a row while it is in the nearest cache.
static void activate(const few_job *j, ptrdiff_t begin, ptrdiff_t count) {
    float *row = (float *)j->to + begin;
    for (ptrdiff_t i = 0; i < count; i += ACTIVATED)
        yuyan_unary(j->activation, j->slope, j->beta, row + i, row + i, minimum(count - i, ACTIVATED));
}

#define JOINED(name, set) name##_##set
#define JOIN(name, set) JOINED(name, set)
#define NAME(name) JOIN(name, SET)

#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SET avx2
#define LANES 8
#define ROWS 6
#define GRADIENT_ROWS 4
#include "channel_products.h"
#include "few_channels_loops.h"
#undef SET
#undef LANES
#undef ROWS
#undef GRADIENT_ROWS
#undef vector
#undef unaligned
#undef load
#undef store
#undef load_image
#undef store_image
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#define SET avx512
#define LANES 16
#define ROWS 14
#define GRADIENT_ROWS 8
#include "channel_products.h"
#include "few_channels_loops.h"
#pragma clang attribute pop
#endif

/// The second entries are for bfloat16.
typedef struct {
    ptrdiff_t lanes, most_rows;
    range_body convolve[2][3], gather[2];
} few_kernels;

#define CONVOLVE(set, type) {convolve_1##type##_##set, convolve_2##type##_##set, convolve_4##type##_##set}
#define KERNELS(set, lanes, rows) \
    {lanes, rows, {CONVOLVE(set, ), CONVOLVE(set, _half)}, {gather_##set, gather_half_##set}}

/// None without FMA, or for other processors.
static const few_kernels kernels[3] = {
#ifdef __x86_64__
    [AVX2] = KERNELS(avx2, 8, 6),
    [AVX512] = KERNELS(avx512, 16, 14),
#endif
};

bool yuyan_few_channels_fits(const yuyan_few_channels *f) {
    ptrdiff_t lanes = kernels[yuyan_instructions].lanes, size = f->kernel_size, stride = f->stride;
    if (lanes == 0 || f->input_channels > 4) return false;
    if (f->output_channels % lanes != 0) {
        // A vector reaches from a sample into the next.
        if (f->is_half || f->output_channels > NARROW || f->output_height * f->output_width * f->output_channels < lanes) return false;
    }
    return (size == 3 || size == 5 || size == 7 || size == 11) && (stride == 1 || stride == 2 || stride == 4);
}

static ptrdiff_t padded_height_of(const yuyan_few_channels *f) {
    return maximum((f->output_height - 1) * f->stride + f->kernel_size, f->input_height);
}
static ptrdiff_t padded_width_of(const yuyan_few_channels *f) {
    return maximum((f->output_width - 1) * f->stride + f->kernel_size, f->input_width);
}
/// Whether the input is copied.
static bool is_padded(const yuyan_few_channels *f) {
    return f->is_half || f->padding_height > 0 || f->padding_width > 0 || padded_height_of(f) > f->input_height
           || padded_width_of(f) > f->input_width;
}

static ptrdiff_t padded_count(const yuyan_few_channels *f) {
    return is_padded(f) ? f->batch * f->input_channels * padded_height_of(f) * padded_width_of(f) : 0;
}

static ptrdiff_t taps_of(const yuyan_few_channels *f) { return f->input_channels * f->kernel_size * f->kernel_size; }

ptrdiff_t yuyan_few_channels_scratch(const yuyan_few_channels *f) {
    ptrdiff_t lanes = kernels[yuyan_instructions].lanes, outputs = rounded_up(f->output_channels, lanes);
    ptrdiff_t last = f->output_height * f->output_width * f->output_channels + lanes;
    return padded_count(f) + PIECES * outputs * (taps_of(f) + 1) + last;
}

/// Units are planes of the input.
static void pad(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const few_job *j = data;
    for (ptrdiff_t plane = begin; plane < end; plane++) {
        float *to = (float *)j->padded + plane * j->padded_height * j->padded_width;
        memset(to, 0, (size_t)(j->padded_height * j->padded_width) * sizeof *to);
        ptrdiff_t rows = minimum(j->height, j->padded_height - j->padding_height);
        ptrdiff_t columns = minimum(j->width, j->padded_width - j->padding_width);
        for (ptrdiff_t h = 0; h < rows && columns > 0; h++) {
            float *row = to + (h + j->padding_height) * j->padded_width + j->padding_width;
            ptrdiff_t from = (plane * j->height + h) * j->width;
            if (j->is_half) widen((const uint16_t *)j->input + from, row, columns);
            else memcpy(row, (const float *)j->input + from, (size_t)columns * sizeof *to);
        }
    }
}

static void run(ptrdiff_t units, range_body body, const few_job *job) {
    yuyan_parallel(units, 1, PTRDIFF_MAX, body, job);
}

/// A job with the input in place.
static few_job job_of(const yuyan_few_channels *f, const void *input, float *scratch) {
    few_job job = {
        .batch = f->batch, .channels = f->input_channels, .outputs = f->output_channels,
        .output_height = f->output_height, .output_width = f->output_width, .size = f->kernel_size,
        .stride = f->stride, .padded = input, .padded_height = padded_height_of(f),
        .padded_width = padded_width_of(f), .input = input, .height = f->input_height, .width = f->input_width,
        .padding_height = f->padding_height, .padding_width = f->padding_width, .is_half = f->is_half,
        .activation = f->activation, .slope = f->slope, .beta = f->beta};
    if (is_padded(f)) {
        job.padded = scratch;
        run(f->batch * f->input_channels, pad, &job);
    }
    return job;
}

void yuyan_few_channels_forward(
    const yuyan_few_channels *f, const void *input, const float *weights, const float *bias, void *output,
    float *scratch) {
    const few_kernels *k = &kernels[yuyan_instructions];
    few_job job = job_of(f, input, scratch);
    ptrdiff_t taps = taps_of(f), outputs = rounded_up(f->output_channels, k->lanes), blocks = outputs / k->lanes;
    job.to = output;
    job.rows = pixels_at_a_time(f->output_width, k->most_rows);
    job.arranged = scratch + padded_count(f);
    for (ptrdiff_t o = 0; o < outputs; o++) {
        ptrdiff_t block = o / k->lanes, pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        float *to = job.arranged + pair * k->lanes * taps + (block & 1) * k->lanes + o % k->lanes;
        for (ptrdiff_t t = 0; t < taps; t++)
            to[t * width * k->lanes] = o < f->output_channels ? weights[o * taps + t] : 0;
    }
    if (bias) {
        job.arranged_bias = job.arranged + outputs * taps;
        for (ptrdiff_t o = 0; o < outputs; o++) job.arranged_bias[o] = o < f->output_channels ? bias[o] : 0;
    }
    run(f->batch * f->output_height, k->convolve[f->is_half][f->stride == 4 ? 2 : f->stride - 1], &job);
}

/// How many rows of weights by how many vectors of outputs the registers hold sums for.
static void choose_rows(few_job *job, bool is_wide, bool is_pair) {
    static const struct {
        ptrdiff_t rows, vectors;
    } shapes[2][2][4] = {
        {{{3, 1}, {2, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 2}, {1, 1}, {1, 1}}},
        {{{3, 1}, {5, 1}, {4, 1}, {2, 1}}, {{3, 2}, {2, 2}, {2, 2}, {1, 2}}}};
    int size = job->size == 11 ? 3 : (int)(job->size - 3) / 2;
    job->rows = shapes[is_wide][is_pair][size].rows;
    job->vectors = shapes[is_wide][is_pair][size].vectors;
}

void yuyan_few_channels_weight_gradient(
    const yuyan_few_channels *f, const void *gradient, const void *input, float *weight_gradient,
    float *bias_gradient, float *scratch) {
    const few_kernels *k = &kernels[yuyan_instructions];
    few_job job = job_of(f, input, scratch);
    ptrdiff_t taps = taps_of(f), outputs = rounded_up(f->output_channels, k->lanes), blocks = outputs / k->lanes;
    job.gradient = gradient;
    job.pieces = scratch + padded_count(f);
    job.piece_count = minimum(f->batch, PIECES);
    choose_rows(&job, yuyan_instructions == AVX512, blocks > 1);
    if (f->output_channels % k->lanes != 0) {
        ptrdiff_t count = f->output_height * f->output_width * f->output_channels;
        float *last = job.pieces + PIECES * outputs * (taps + 1);
        memcpy(last, (const float *)gradient + (f->batch - 1) * count, (size_t)count * sizeof *last);
        memset(last + count, 0, (size_t)k->lanes * sizeof *last);
        job.last_gradient = last;
    }
    run(job.piece_count * ((blocks + 1) / 2), k->gather[f->is_half], &job);
    for (ptrdiff_t o = 0; o < f->output_channels; o++) {
        ptrdiff_t block = o / k->lanes, pair = block & ~(ptrdiff_t)1, width = pair + 1 < blocks ? 2 : 1;
        for (ptrdiff_t t = 0; t <= taps; t++) {
            float sum = 0;
            for (ptrdiff_t piece = 0; piece < job.piece_count; piece++)
                sum += job.pieces[(piece * blocks + pair) * k->lanes * (taps + 1)
                                  + (t * width + (block & 1)) * k->lanes + o % k->lanes];
            if (t < taps) weight_gradient[o * taps + t] = sum;
            else if (bias_gradient) bias_gradient[o] = sum;
        }
    }
}
