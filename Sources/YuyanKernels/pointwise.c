// Convolutions of float32 of 1 × 1 with stride 1 and without padding, of images in blocks of channels: a product of
// matrices for each sample, of operands that lie as its loops want them. oneDNN's kernels (jit_1x1) reach 250 to 500
// GFLOP/s where these reach 400 to 520 (AVX-512, two threads, the layers of GoogLeNet and NiN).
#include "image_vectors.h"

// About so many terms are added up at a time: those of some samples, or a part of the pixels of one. They stay in the
// second cache for all channels, as do so many numbers of an image that is multiplied.
#define TERMS 128
#define NUMBERS (1 << 16)

/// `inner` channels are summed over, `outer` ones are not; in the gradient of the weights pixels are summed over.
typedef struct {
    ptrdiff_t batch, pixels, inner, outer;
    const float *from, *gradient, *weights, *bias;
    float *to, *arranged, *weight_gradient, *bias_gradient;
    /// Pixels that are in registers at a time; samples, and pixels of each, that are read at a time.
    ptrdiff_t rows, samples, part;
    bool is_turned, has_relu;
} pointwise_job;

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
#include "pointwise_loops.h"
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
#include "pointwise_loops.h"
#pragma clang attribute pop
#endif

typedef struct {
    ptrdiff_t lanes, most_rows, gradient_rows;
    range_body arrange, multiply, accumulate, gather, add;
} pointwise_kernels;

#define KERNELS(set, lanes, rows, gradient_rows)                                                                    \
    {                                                                                                               \
        lanes, rows, gradient_rows, arrange_##set, multiply_pixels_##set, accumulate_pixels_##set,                  \
            gather_weights_##set, add_pixels_##set                                                                  \
    }

/// None without FMA, or for other processors.
static const pointwise_kernels kernels[3] = {
#ifdef __x86_64__
    [AVX2] = KERNELS(avx2, 8, 6, 4),
    [AVX512] = KERNELS(avx512, 16, 14, 8),
#endif
};

ptrdiff_t yuyan_pointwise_scratch(const yuyan_pointwise *p) { return p->input_channels * p->output_channels; }

static void run(ptrdiff_t units, range_body body, const pointwise_job *job) {
    yuyan_parallel(units, 1, PTRDIFF_MAX, body, job);
}

static void multiply(pointwise_job *job) {
    const pointwise_kernels *k = &kernels[yuyan_instructions];
    job->rows = pixels_at_a_time(job->pixels, k->most_rows);
    job->part = minimum(job->pixels, rounded_up(maximum(NUMBERS / job->inner, 1), job->rows));
    job->samples = maximum(NUMBERS / (job->inner * job->pixels), 1);
    ptrdiff_t pieces = rounded_up(job->pixels, job->part) / job->part * (rounded_up(job->batch, job->samples) / job->samples);
    run(job->outer / k->lanes, k->arrange, job);
    run(pieces * ((job->outer / k->lanes + 1) / 2), k->multiply, job);
}

void yuyan_pointwise_forward(
    const yuyan_pointwise *p, const float *input, const float *weights, const float *bias, float *output,
    float *scratch) {
    pointwise_job job = {
        .batch = p->batch, .pixels = p->pixels, .inner = p->input_channels, .outer = p->output_channels, .from = input,
        .weights = weights, .bias = bias, .to = output, .arranged = scratch, .has_relu = p->has_relu};
    multiply(&job);
}

void yuyan_pointwise_input_gradient(
    const yuyan_pointwise *p, const float *gradient, const float *weights, float *input_gradient, float *scratch) {
    pointwise_job job = {
        .batch = p->batch, .pixels = p->pixels, .inner = p->output_channels, .outer = p->input_channels,
        .from = gradient, .weights = weights, .to = input_gradient, .arranged = scratch, .is_turned = true};
    multiply(&job);
}

void yuyan_pointwise_weight_gradient(
    const yuyan_pointwise *p, const float *gradient, const float *input, float *weight_gradient, float *bias_gradient,
    float *scratch) {
    const pointwise_kernels *k = &kernels[yuyan_instructions];
    pointwise_job job = {
        .batch = p->batch, .pixels = p->pixels, .inner = p->input_channels, .outer = p->output_channels, .from = input,
        .gradient = gradient, .arranged = scratch, .weight_gradient = weight_gradient, .bias_gradient = bias_gradient,
        .samples = (TERMS + p->pixels - 1) / p->pixels, .part = p->pixels < 2 * TERMS ? p->pixels : TERMS};
    run((job.outer / k->lanes + 1) / 2 * (job.inner / k->gradient_rows), k->accumulate, &job);
    run(job.outer / k->lanes, k->gather, &job);
    if (bias_gradient) run(job.outer / k->lanes, k->add, &job);
}
