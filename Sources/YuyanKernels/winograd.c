// Convolutions of images of float32 or bfloat16 with stride and dilation 1 by Winograd's algorithm: F(4×4, 3×3), and F(2×2, 5×5). oneDNN 3 has
// none, and oneDNN 2.6 has one for 3×3 with AVX-512 alone, which takes 1.1 to 1.5 times as long.
//
// Every tile of 6 × 6 pixels of the input becomes Bᵀ d B, every window of weights G g Gᵀ; for each of the 36 places one
// product of matrices sums over the channels; and Aᵀ m A are the 4 × 4 or 2 × 2 pixels of the output. Instead of
// 9 (25) multiplications a pixel and pair of channels there are 36/16 (36/4). The input gradient is the same with the
// weights turned, the gradient of the weights the transpose: Gᵀ (Bᵀ d B ⊙ A y Aᵀ) G.
//
// Source: Lavin and Gray, Fast algorithms for convolutional neural networks (2016), with the points 0, ±1, ±2 and ∞.
#include "image_vectors.h"

#define PLACES 36

/// An image [samples, channels / block, height, width, block].
typedef struct {
    /// float, or bfloat16 in all images of a job.
    void *numbers;
    ptrdiff_t height, width, block, plane, sample;
    /// Zeros before the first row and column.
    ptrdiff_t padding_height, padding_width;
} image;

/// Some tiles and some outer channels. `inner` channels are summed over, `outer` ones are not; in the gradient of the
/// weights tiles are summed over. The three matrices of each place lie a step after those of the one before.
typedef struct {
    image from, to;
    ptrdiff_t inner, outer;
    /// The outer channels that are computed now.
    ptrdiff_t first_outer, group;
    ptrdiff_t tile_rows, tile_columns;
    /// The tiles that are computed now; those that `left` holds begin `skipped` before the first.
    ptrdiff_t first_tile, tiles, skipped;
    /// left: [inner / vector, left_rows, vector]; product: [group / vector, product_rows, vector];
    /// lifted weights: [group / two vectors, inner, two vectors]
    float *left, *product, *lifted;
    ptrdiff_t left_rows, product_rows, left_step, product_step, lifted_step;
    const float *weights, *bias;
    float *weight_gradient;
    /// Whether the weights are those of the input gradient; whether sums are added to `lifted`; whether numbers below 0
    /// are written as 0.
    bool is_turned, adds, has_relu;
} winograd_job;

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
#include "winograd_loops.h"
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
#include "winograd_loops.h"
#pragma clang attribute pop
#endif

/// Of those with two entries, the first is for 3 × 3 weights; of two pairs, the second for bfloat16.
typedef struct {
    ptrdiff_t lanes, rows;
    range_body lift[2], unlift[2], read[2][2], read_gradient[2][2], write[2][2], multiply, accumulate;
} winograd_kernels;

#define PAIRS(name, set) {{name##_4_##set, name##_2_##set}, {name##_4_half_##set, name##_2_half_##set}}
#define KERNELS(set, lanes, rows)                                                                                     \
    {                                                                                                                 \
        lanes, rows, {lift_3_##set, lift_5_##set}, {unlift_3_##set, unlift_5_##set}, PAIRS(read, set),                \
            PAIRS(read_gradient, set), PAIRS(write, set), multiply_##set, accumulate_##set                            \
    }

/// None without FMA, or for other processors.
static const winograd_kernels kernels[3] = {
#ifdef __x86_64__
    [AVX2] = KERNELS(avx2, 8, 6),
    [AVX512] = KERNELS(avx512, 16, 14),
#endif
};

ptrdiff_t yuyan_winograd_lanes(void) { return kernels[yuyan_instructions].lanes; }

/// How many tiles are multiplied at a time: a multiple of all ROWS, and the same for all processors, so that they add up
/// the gradient of weights in the same order. Their matrices stay in the caches.
static ptrdiff_t tiles_at_a_time(const yuyan_winograd *w) {
    return w->input_channels + w->output_channels <= 128 ? 252 : 126;
}

/// Outer channels at a time, where not all.
#define GROUP 64

/// Not a whole number of pages, or the matrices of all places would compete for the same lines of the first cache.
static ptrdiff_t step_of(ptrdiff_t count) { return rounded_up(count, 1024) + 112; }

static image image_of(
    const void *numbers, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width, ptrdiff_t block) {
    return (image){
        .numbers = (void *)numbers, .height = height, .width = width, .block = block, .plane = height * width * block,
        .sample = height * width * channels};
}

static image input_of(const yuyan_winograd *w, const void *numbers) {
    return image_of(numbers, w->input_channels, w->input_height, w->input_width, w->input_block);
}

static image output_of(const yuyan_winograd *w, const void *numbers) {
    return image_of(numbers, w->output_channels, w->output_height, w->output_width, w->output_block);
}

/// A job that holds `left_rows` tiles of an image of this height and width, and the weights of `group` outer channels.
static winograd_job sized_job(
    const yuyan_winograd *w, ptrdiff_t inner, ptrdiff_t outer, ptrdiff_t height, ptrdiff_t width, ptrdiff_t tiles,
    ptrdiff_t group) {
    ptrdiff_t size = 7 - w->kernel_size, rows = kernels[yuyan_instructions].rows;
    winograd_job job = {
        .inner = inner, .outer = outer, .group = minimum(group, outer), .tile_rows = (height + size - 1) / size,
        .tile_columns = (width + size - 1) / size};
    ptrdiff_t all = w->batch * job.tile_rows * job.tile_columns;
    job.left_rows = maximum(minimum(tiles, all), rows);
    job.product_rows = maximum(minimum(tiles_at_a_time(w), all), rows);
    job.left_step = step_of(inner * job.left_rows);
    job.product_step = step_of(job.group * job.product_rows);
    job.lifted_step = step_of(inner * job.group);
    return job;
}

static ptrdiff_t scratch_of(const winograd_job *job) {
    return PLACES * (job->left_step + job->product_step + job->lifted_step);
}

/// The job that needs the least scratch: with the weights of all outer channels and some tiles, or the other way round.
static winograd_job job_of(
    const yuyan_winograd *w, ptrdiff_t inner, ptrdiff_t outer, ptrdiff_t height, ptrdiff_t width, float *scratch) {
    winograd_job job = sized_job(w, inner, outer, height, width, tiles_at_a_time(w), outer);
    winograd_job grouped = sized_job(w, inner, outer, height, width, PTRDIFF_MAX, GROUP);
    if (scratch_of(&grouped) < scratch_of(&job)) job = grouped;
    if (!scratch) return job;
    job.left = scratch;
    job.product = job.left + PLACES * job.left_step;
    job.lifted = job.product + PLACES * job.product_step;
    return job;
}

ptrdiff_t yuyan_winograd_scratch(const yuyan_winograd *w) {
    // A pass has the tiles of the input or of the output.
    winograd_job forward =
        job_of(w, w->input_channels, w->output_channels, w->output_height, w->output_width, NULL);
    winograd_job backward = job_of(w, w->output_channels, w->input_channels, w->input_height, w->input_width, NULL);
    return maximum(scratch_of(&forward), scratch_of(&backward));
}

static void run(ptrdiff_t units, range_body body, const winograd_job *job) {
    yuyan_parallel(units, 1, PTRDIFF_MAX, body, job);
}

/// Places times pairs of vectors of outer channels.
static ptrdiff_t product_units(const winograd_job *job, ptrdiff_t lanes) {
    return PLACES * ((job->group / lanes + 1) / 2);
}

/// Moves to the group of outer channels after this one; false after the last.
static bool next_group(winograd_job *job, ptrdiff_t *next) {
    if (*next >= job->outer) return false;
    job->first_outer = *next;
    job->group = minimum(job->group, job->outer - *next);
    *next += job->group;
    return true;
}

/// The tiles of a job that are multiplied together, after `skipped` others of those that `left` holds; false after the last.
static bool next_part(const yuyan_winograd *w, const winograd_job *all, winograd_job *part, ptrdiff_t *skipped) {
    if (*skipped >= all->tiles) return false;
    part->skipped = *skipped;
    part->first_tile = all->first_tile + *skipped;
    part->tiles = minimum(tiles_at_a_time(w), all->tiles - *skipped);
    *skipped += part->tiles;
    return true;
}

/// Forward, or the input gradient.
static void convolve(const yuyan_winograd *w, winograd_job *job) {
    const winograd_kernels *k = &kernels[yuyan_instructions];
    int wide = w->kernel_size == 5;
    ptrdiff_t count = w->batch * job->tile_rows * job->tile_columns;
    for (; job->first_tile < count; job->first_tile += job->tiles) {
        job->tiles = minimum(job->left_rows, count - job->first_tile);
        if (job->tiles < k->rows)
            memset(job->left, 0, (size_t)(PLACES * job->left_step) * sizeof *job->left);
        run(job->inner / k->lanes * job->tiles, k->read[w->is_half][wide], job);
        winograd_job part = *job;
        ptrdiff_t group = 0;
        while (next_group(&part, &group)) {
            // All groups at once are lifted once.
            if (job->group < job->outer || job->first_tile == 0)
                run(job->inner * (part.group / k->lanes), k->lift[wide], &part);
            ptrdiff_t skipped = 0;
            while (next_part(w, job, &part, &skipped)) {
                run(product_units(&part, k->lanes), k->multiply, &part);
                run(part.group / k->lanes * part.tiles, k->write[w->is_half][wide], &part);
            }
        }
    }
}

void yuyan_winograd_forward(
    const yuyan_winograd *w, const void *input, const float *weights, const float *bias, void *output,
    float *scratch) {
    winograd_job job = job_of(w, w->input_channels, w->output_channels, w->output_height, w->output_width, scratch);
    job.from = input_of(w, input);
    job.from.padding_height = w->padding_height;
    job.from.padding_width = w->padding_width;
    job.to = output_of(w, output);
    job.weights = weights;
    job.bias = bias;
    job.has_relu = w->has_relu;
    convolve(w, &job);
}

void yuyan_winograd_input_gradient(
    const yuyan_winograd *w, const void *gradient, const float *weights, void *input_gradient, float *scratch) {
    winograd_job job = job_of(w, w->output_channels, w->input_channels, w->input_height, w->input_width, scratch);
    job.from = output_of(w, gradient);
    job.from.padding_height = w->kernel_size - 1 - w->padding_height;
    job.from.padding_width = w->kernel_size - 1 - w->padding_width;
    job.to = input_of(w, input_gradient);
    job.weights = weights;
    job.is_turned = true;
    convolve(w, &job);
}

/// The gradient's sum over each tile lies at the place of the point 1.
static void add_to_bias_gradient(const winograd_job *job, ptrdiff_t lanes, float *bias_gradient) {
    const float *sums = job->product + (1 * 6 + 1) * job->product_step;
    bias_gradient += job->first_outer;
    for (ptrdiff_t o = 0; o < job->group; o++) {
        float sum = 0;
        for (ptrdiff_t t = 0; t < job->tiles; t++)
            sum += sums[(o / lanes * job->product_rows + t) * lanes + o % lanes];
        bias_gradient[o] = job->adds ? bias_gradient[o] + sum : sum;
    }
}

void yuyan_winograd_weight_gradient(
    const yuyan_winograd *w, const void *gradient, const void *input, float *weight_gradient, float *bias_gradient,
    float *scratch) {
    const winograd_kernels *k = &kernels[yuyan_instructions];
    int wide = w->kernel_size == 5;
    winograd_job job = job_of(w, w->input_channels, w->output_channels, w->output_height, w->output_width, scratch);
    job.from = input_of(w, input);
    job.from.padding_height = w->padding_height;
    job.from.padding_width = w->padding_width;
    job.weight_gradient = weight_gradient;
    ptrdiff_t count = w->batch * job.tile_rows * job.tile_columns;
    for (; job.first_tile < count; job.first_tile += job.tiles) {
        job.tiles = minimum(job.left_rows, count - job.first_tile);
        run(job.inner / k->lanes * job.tiles, k->read[w->is_half][wide], &job);
        winograd_job part = job;
        ptrdiff_t group = 0;
        while (next_group(&part, &group)) {
            ptrdiff_t skipped = 0;
            while (next_part(w, &job, &part, &skipped)) {
                part.adds = part.first_tile > 0;
                part.from = output_of(w, gradient);
                run(part.group / k->lanes * part.tiles, k->read_gradient[w->is_half][wide], &part);
                run(product_units(&part, k->lanes), k->accumulate, &part);
                if (bias_gradient) add_to_bias_gradient(&part, k->lanes, bias_gradient);
            }
            if (job.first_tile + job.tiles == count)
                run(job.inner * (part.group / k->lanes), k->unlift[wide], &part);
        }
    }
}
