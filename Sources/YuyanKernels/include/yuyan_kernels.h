// Vectorised loops on plain memory. Sizes count elements. Nothing here allocates, prints or keeps state, except for the
// threads. Codes of operations and element types are those of yuyan_operations.h.
#ifndef YUYAN_KERNELS_H
#define YUYAN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "yuyan_operations.h"

// parallel.c

/// The number of threads of the parallel loops; at first that of OpenMP (OMP_NUM_THREADS, or all cores). One in threads
/// that have entered the background: they open no parallel regions.
int yuyan_thread_count(void);
void yuyan_set_thread_count(int count);
/// To be called before another library opens OpenMP regions from the calling thread: they use that number, too. Returns
/// it.
int yuyan_prepare_threads(void);
/// How many processors programs of our priority or a higher one keep busy, out of those that this thread may use;
/// measured for 50 ms. 0 where the system does not tell.
double yuyan_processors_of_others(void);

// unary.c, elementwise.c: float32. `size` has 8 lanes and `*_strides` 8 strides in elements, right-aligned; unused sizes are 1.
// A result may be one of the operands.

/// `slope` and `beta` are the numbers of the operations that have them.
void yuyan_unary(int operation, float slope, float beta, const float *x, float *y, ptrdiff_t count);
/// y = g · f′, from `saved`: x or f(x), as YUYAN_UNARY_KINDS says.
void yuyan_unary_gradient(
    int operation, float slope, float beta, const float *gradient, const float *saved, float *y, ptrdiff_t count);
void yuyan_binary(int operation, const float *a, const float *b, float *y, ptrdiff_t count);
void yuyan_binary_scalar(int operation, const float *x, float scalar, bool scalar_is_left, float *y, ptrdiff_t count);
void yuyan_binary_strided(
    int operation, const int32_t *size, float *y, const ptrdiff_t *y_strides, const float *a,
    const ptrdiff_t *a_strides,
    const float *b, const ptrdiff_t *b_strides);
void yuyan_compare(int operation, const float *a, const float *b, uint8_t *y, ptrdiff_t count);
void yuyan_compare_scalar(int operation, const float *x, float scalar, uint8_t *y, ptrdiff_t count);
void yuyan_compare_strided(
    int operation, const int32_t *size, uint8_t *y, const ptrdiff_t *y_strides, const float *a,
    const ptrdiff_t *a_strides,
    const float *b, const ptrdiff_t *b_strides);
void yuyan_select(const uint8_t *condition, const float *a, const float *b, float *y, ptrdiff_t count);
void yuyan_select_strided(
    const int32_t *size, float *y, const ptrdiff_t *y_strides, const uint8_t *condition,
    const ptrdiff_t *condition_strides, const float *a, const ptrdiff_t *a_strides, const float *b,
    const ptrdiff_t *b_strides);

// bfloat16, without gaps: computed as float32, and rounded.
void yuyan_half_unary(int operation, float slope, float beta, const uint16_t *x, uint16_t *y, ptrdiff_t count);
void yuyan_half_unary_gradient(
    int operation, float slope, float beta, const uint16_t *gradient, const uint16_t *saved, uint16_t *y,
    ptrdiff_t count);
void yuyan_half_binary(int operation, const uint16_t *a, const uint16_t *b, uint16_t *y, ptrdiff_t count);
void yuyan_half_binary_scalar(
    int operation, const uint16_t *x, float scalar, bool scalar_is_left, uint16_t *y, ptrdiff_t count);

// typed.c: float64, int32 and int64, without gaps, and elementwise bfloat16. Each returns false, without having done anything, if there is no loop
// for the type and operation. Integers wrap around.

bool yuyan_typed_unary(
    yuyan_element_type type, int operation, double slope, double beta, const void *x, void *y, ptrdiff_t count);
bool yuyan_typed_unary_gradient(
    yuyan_element_type type, int operation, double slope, double beta, const void *gradient, const void *saved, void *y,
    ptrdiff_t count);
/// The steps are 1, or 0 for an operand of one element.
bool yuyan_typed_binary(
    yuyan_element_type type, int operation, const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step, void *y,
    ptrdiff_t count);
bool yuyan_typed_compare(
    yuyan_element_type type, int operation, const void *a, ptrdiff_t a_step, const void *b, ptrdiff_t b_step,
    uint8_t *y, ptrdiff_t count);
/// y = condition ? a : b, for elements of 1, 2, 4 or 8 bytes.
void yuyan_typed_select(
    int element_bytes, const uint8_t *condition, const void *a, const void *b, void *y, ptrdiff_t count);
/// As yuyan_reduce, with sums in double or int64; a mean divides by `divisor`.
bool yuyan_typed_reduce(
    yuyan_element_type type, int operation, const void *x, void *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner,
    double divisor);

// copy.c: any element type.

/// Copies `size` elements between strided arrays and converts them as Backend.copy says.
void yuyan_copy(
    const int32_t *size, void *destination, int destination_type, const ptrdiff_t *destination_strides,
    const void *source, int source_type, const ptrdiff_t *source_strides);
/// The same for two arrays without gaps.
void yuyan_copy_flat(void *destination, int destination_type, const void *source, int source_type, ptrdiff_t count);
/// Sets `count` elements of `element_bytes` (1, 2, 4 or 8) each to the bits in `pattern`.
void yuyan_fill(void *x, int element_bytes, uint64_t pattern, ptrdiff_t count);

// Negative indices count from the end. Each returns the first place whose index names nothing, before it has written
// anything, or -1.

/// y[o, i, :] = x[o, indices[i], :] for x `[outer, size, row_bytes]` and `count` indices.
ptrdiff_t yuyan_gather(
    const void *x, void *y, const int64_t *indices, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t count,
    ptrdiff_t row_bytes);
/// y[o, indices[i], :] = x[o, i, :], the reverse; the last of repeated indices wins.
ptrdiff_t yuyan_scatter(
    const void *x, void *y, const int64_t *indices, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t count,
    ptrdiff_t row_bytes);
/// y[o, j, :] = Σ x[o, i, :] over all i with indices[i] = j, for float32 rows of `row` elements. Memory for `size` ends
/// and for the `count` rows in order is the caller's. The same bits for any number of threads.
ptrdiff_t yuyan_scatter_add(
    const float *x, float *y, const int64_t *indices, int64_t *ends, int64_t *order, ptrdiff_t outer, ptrdiff_t size,
    ptrdiff_t count, ptrdiff_t row);
/// y[i, indices[i]] = 1 and else 0, for `classes` columns. Here no index may be negative.
ptrdiff_t yuyan_one_hot(const int64_t *indices, int64_t *y, ptrdiff_t count, ptrdiff_t classes);

// reduce.c: float32.

/// y[o, i] = Σ_r x[o, r, i] (or product, maximum, minimum) for x `[outer, reduced, inner]`, times `scale`.
/// The same bits for any number of threads.
void yuyan_reduce(
    int operation, const float *x, float *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner, double scale);
/// y[o, i] = the first r with the largest (or smallest) x[o, r, i]; the first NaN wins over all numbers. At most
/// 2³¹ - 1 are compared.
void yuyan_arg_reduce(bool smallest, const float *x, int64_t *y, ptrdiff_t outer, ptrdiff_t reduced, ptrdiff_t inner);
/// y[o, r, i] = Σ x[o, s, i] over s ≤ r, or s ≥ r if reversed, in double and in that order.
void yuyan_cumulative_sum(
    const float *x, float *y, ptrdiff_t outer, ptrdiff_t size, ptrdiff_t inner, bool is_reversed);
/// x[row, :] = f(x[row, :] + bias): `bias` may be null, and f is a unary operation or -1 for none.
void yuyan_finish_rows(
    float *x, const float *bias, int operation, float slope, float beta, ptrdiff_t rows, ptrdiff_t columns);
/// c = a · b for small row-major matrices with any strides.
void yuyan_small_product(
    const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, ptrdiff_t b_row, ptrdiff_t b_column,
    const float *bias,
    float *c, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k);

// softmax.c: float32 rows.

void yuyan_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
void yuyan_log_softmax(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
void yuyan_softmax_gradient(const float *gradient, const float *y, float *dx, ptrdiff_t rows, ptrdiff_t columns);
void yuyan_log_softmax_gradient(const float *gradient, const float *y, float *dx, ptrdiff_t rows, ptrdiff_t columns);

/// What a class counts (1 each if null), the share ε of the target that all classes get, and the target that counts
/// nothing, if there is one.
typedef struct {
    const float *weights;
    float smoothing;
    bool ignores;
    int64_t ignored;
} yuyan_targets;

/// probabilities = softmax(logits), losses[i] = -Σ q w log probabilities[i, :] as Backend.loss says. Returns the first
/// row whose target is no class, or -1.
ptrdiff_t yuyan_cross_entropy(
    const float *logits, const int64_t *targets, const yuyan_targets *options, float *probabilities, float *losses,
    ptrdiff_t rows, ptrdiff_t columns);
/// dx = (p · Σ q w - q w) · g · scale; `gradient` has `gradient_stride` 1 (one a row) or 0 (one for all).
void yuyan_cross_entropy_gradient(
    const float *gradient, ptrdiff_t gradient_stride, float scale, const float *probabilities, const int64_t *targets,
    const yuyan_targets *options, float *dx, ptrdiff_t rows, ptrdiff_t columns);
/// The sum of what the rows' targets count.
double yuyan_target_weight(const int64_t *targets, const yuyan_targets *options, ptrdiff_t rows);

// losses.c: float32.

/// y[i] = (a[i] - b[i])².
void yuyan_squared_difference(const float *a, const float *b, float *y, ptrdiff_t count);
/// The sum of (a[i] - b[i])², times `scale`.
float yuyan_squared_error(const float *a, const float *b, ptrdiff_t count, double scale);
/// dx[i] = (a[i] - b[i]) · g · scale; `gradient` has `gradient_stride` 1 (one an element) or 0 (one for all).
void yuyan_squared_error_gradient(
    const float *gradient, ptrdiff_t gradient_stride, float scale, const float *a, const float *b, float *dx,
    ptrdiff_t count);

// average_pool.c, max_pool.c: channels last: [N, H, W, C].

typedef struct {
    ptrdiff_t batch, channels, height, width, output_height, output_width;
    ptrdiff_t window_height, window_width, stride_height, stride_width, padding_height, padding_width;
    ptrdiff_t dilation_height, dilation_width;
    /// Whether window i of n covers floor(i · size / n) ..< ceil((i + 1) · size / n): then only the window's size is read
    /// besides, for the average.
    ptrdiff_t is_adaptive;
    /// Whether the largest elements are bfloat16; means are float32.
    bool is_half;
} yuyan_pool;

void yuyan_average_pool(const yuyan_pool *pool, const float *x, float *y);
void yuyan_average_pool_gradient(const yuyan_pool *pool, const float *gradient, float *dx);
/// `positions` receives h · W + w of each largest element.
void yuyan_max_pool(const yuyan_pool *pool, const void *x, void *y, int32_t *positions);
void yuyan_max_pool_gradient(const yuyan_pool *pool, const void *gradient, const int32_t *positions, void *dx);

// normalize.c: float32 [batch, groups, rows, block], where group * block + place in the block is the channel. Numbers of
// channels are doubles but for scale and offset, of which null means 1 and 0. `scratch` has the caller's memory.

typedef struct {
    ptrdiff_t batch, groups, rows, block;
} yuyan_channels;

/// How many doubles of scratch all of these need.
ptrdiff_t yuyan_channel_scratch(const yuyan_channels *shape);
/// Mean and variance (with denominator n) of each channel. The same bits for any number of threads, as all of these.
void yuyan_channel_statistics(
    const yuyan_channels *shape, const float *x, double *mean, double *variance, double *scratch);
/// y = (x - mean) · inverse · scale + offset; `mean` may be null for 0.
void yuyan_normalize_channels(
    const yuyan_channels *shape, const float *x, const double *mean, const double *inverse, const float *scale,
    const float *offset, float *y, double *scratch);
/// sums = Σ g, products = Σ g · (x - mean) over each channel.
void yuyan_channel_gradient_sums(
    const yuyan_channels *shape, const float *gradient, const float *x, const double *mean, double *sums,
    double *products, double *scratch);
/// dx = inverse · scale · (g - sums / n - (x - mean) · inverse² · products / n).
void yuyan_channel_input_gradient(
    const yuyan_channels *shape, const float *gradient, const float *x, const double *mean, const double *inverse,
    const float *scale, const double *sums, const double *products, float *dx, double *scratch);

// recurrence.c: float32 rows of N samples. Gates are [N, 4 size], i f g o; all else is [N, size].

/// (i, f, g, o) = (σ, σ, tanh, σ)(drive + recurrent), c = f · old + i · g, h = o · tanh c.
void yuyan_lstm_cell(
    const float *drive, const float *recurrent, const float *old_cell, float *gates, float *cell, float *hidden,
    ptrdiff_t rows, ptrdiff_t size);
/// From the gradient `outer` + `later` for h: the gradient for `drive`. `cell_gradient` is that for c, and becomes that
/// for the old c.
void yuyan_lstm_cell_gradient(
    const float *outer, const float *later, const float *gates, const float *cell, const float *old_cell,
    float *cell_gradient, float *sums, ptrdiff_t rows, ptrdiff_t size);

// linear_algebra.c: float32.

/// Solves A X = B for `count` triangular matrices A `[size, size]`; x is B `[size, columns]` and becomes X. What stands on
/// the other side of A's diagonal is not read.
void yuyan_triangular_solve(
    const float *a, float *x, ptrdiff_t count, ptrdiff_t size, ptrdiff_t columns, bool upper);

// product64.c: float64 matrices with any strides.

/// For each of the batch: c = a · b + bias, or c += a · b + bias if it `adds`. All distances count elements; those of
/// batches are 0 for an operand that is repeated. The sizes of the batch's axes are at least 1, and `threads` is what
/// `yuyan_prepare_threads` returned.
typedef struct {
    ptrdiff_t threads, m, n, k;
    ptrdiff_t a_row, a_column, b_row, b_column, c_row, c_column, bias_row, bias_column;
    ptrdiff_t batch_size[6], a_batch[6], b_batch[6], c_batch;
    bool adds;
} yuyan_product64;

/// How many doubles of scratch a product needs.
ptrdiff_t yuyan_product64_scratch(const yuyan_product64 *product);
/// `bias` may be null. The same bits for any number of threads.
void yuyan_multiply64(
    const yuyan_product64 *product, const double *a, const double *b, const double *bias, double *c,
    double *scratch);

// convolution64.c: float64.

/// As in `yuyan_convolution`. Images lie as [N, C, H, W], but for the gradient from which that of weights is computed, as
/// [N, H', W', O]. Weights lie as [O, C/groups, kH, kW]. None of the sizes is 0.
typedef struct {
    ptrdiff_t threads, batch, groups, input_channels, output_channels;
    ptrdiff_t input_height, input_width, output_height, output_width, kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width, padding_height, padding_width, dilation_height, dilation_width;
} yuyan_convolution64;

typedef enum { YUYAN_OUTPUT64, YUYAN_INPUT_GRADIENT64, YUYAN_WEIGHT_GRADIENT64 } yuyan_convolution64_pass;

/// What a pass reads and writes. `bias` may be null; the weight gradient has none.
typedef struct {
    const double *input, *weight, *bias, *gradient;
    double *output, *input_gradient, *weight_gradient;
} yuyan_convolution64_operands;

/// How many doubles of scratch a pass needs.
ptrdiff_t yuyan_convolution64_scratch(const yuyan_convolution64 *convolution, yuyan_convolution64_pass pass);
/// The same bits for any number of threads.
void yuyan_convolve64(
    const yuyan_convolution64 *convolution, yuyan_convolution64_pass pass,
    const yuyan_convolution64_operands *operands, double *scratch);

// winograd.c: images of float32 or bfloat16, with weights of float32, and sums in float32.

/// A convolution with stride and dilation 1 and one group. Images lie as [N, C/block, H, W, block]; channels and blocks
/// are multiples of `yuyan_winograd_lanes()`. Weights lie as [O, C, k, k]. None of the sizes is 0.
typedef struct {
    ptrdiff_t batch, input_channels, output_channels, input_height, input_width, output_height, output_width;
    /// 3 or 5.
    ptrdiff_t kernel_size;
    ptrdiff_t padding_height, padding_width, input_block, output_block;
    /// Whether images are bfloat16; whether relu follows, forward.
    bool is_half, has_relu;
} yuyan_winograd;

/// How many channels a vector holds; 0 if this processor has no kernels.
ptrdiff_t yuyan_winograd_lanes(void);
/// How many floats of scratch a pass needs.
ptrdiff_t yuyan_winograd_scratch(const yuyan_winograd *convolution);
// The same bits for any number of threads. A bias may be null, and so may its gradient.
void yuyan_winograd_forward(
    const yuyan_winograd *convolution, const void *input, const float *weights, const float *bias, void *output,
    float *scratch);
void yuyan_winograd_input_gradient(
    const yuyan_winograd *convolution, const void *gradient, const float *weights, void *input_gradient,
    float *scratch);
void yuyan_winograd_weight_gradient(
    const yuyan_winograd *convolution, const void *gradient, const void *input, float *weight_gradient,
    float *bias_gradient, float *scratch);

// pointwise.c: float32.

/// A convolution of 1 × 1 with stride 1, without padding and with one group. Images lie as [N, C/block, pixels, block] with
/// blocks of `yuyan_winograd_lanes()` channels. Weights lie as [O, C]. None of the sizes is 0.
typedef struct {
    ptrdiff_t batch, pixels, input_channels, output_channels;
    /// Whether relu follows, forward.
    bool has_relu;
} yuyan_pointwise;

/// How many floats of scratch a pass needs.
ptrdiff_t yuyan_pointwise_scratch(const yuyan_pointwise *convolution);
// The same bits for any number of threads. A bias may be null, and so may its gradient.
void yuyan_pointwise_forward(
    const yuyan_pointwise *convolution, const float *input, const float *weights, const float *bias, float *output,
    float *scratch);
void yuyan_pointwise_input_gradient(
    const yuyan_pointwise *convolution, const float *gradient, const float *weights, float *input_gradient,
    float *scratch);
void yuyan_pointwise_weight_gradient(
    const yuyan_pointwise *convolution, const float *gradient, const float *input, float *weight_gradient,
    float *bias_gradient, float *scratch);

// few_channels.c: images of float32 or bfloat16, with weights of float32, and sums in float32.

/// A convolution of few input channels with dilation 1, one group, square weights [O, C, k, k] and one stride. The input
/// lies as [N, C, H, W], the output in blocks of `yuyan_winograd_lanes()` channels, or channels-last if it has fewer.
typedef struct {
    ptrdiff_t batch, input_channels, output_channels, input_height, input_width, output_height, output_width;
    ptrdiff_t kernel_size, stride, padding_height, padding_width;
    /// Whether images are bfloat16.
    bool is_half;
    /// The unary operation that follows, forward; -1 for none. Of bfloat16 relu alone.
    int activation;
    float slope, beta;
} yuyan_few_channels;

/// Whether there are loops for it on this processor.
bool yuyan_few_channels_fits(const yuyan_few_channels *convolution);
/// How many floats of scratch a pass needs.
ptrdiff_t yuyan_few_channels_scratch(const yuyan_few_channels *convolution);
// The same bits for any number of threads. A bias may be null, and so may its gradient.
void yuyan_few_channels_forward(
    const yuyan_few_channels *convolution, const void *input, const float *weights, const float *bias, void *output,
    float *scratch);
void yuyan_few_channels_weight_gradient(
    const yuyan_few_channels *convolution, const void *gradient, const void *input, float *weight_gradient,
    float *bias_gradient, float *scratch);

// random.c: Philox4x32-10 with key `seed` and counter (block, draw); see Generator.swift.

void yuyan_random_uniform(float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, float low, float high);
void yuyan_random_normal(float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, double mean, double deviation);
void yuyan_dropout(const float *x, float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, float probability);
/// The same for an image whose memory is [N, C/block, pixels, block]; the draw counts it as [N, C, pixels].
void yuyan_dropout_image(
    const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, ptrdiff_t block, uint64_t seed,
    uint64_t draw, float probability);

// optimizer.c: float32.

/// A parameter of `count` elements, its gradient, and its states: null where the rule has none. `step` counts the
/// parameter's steps, from 1. bfloat16 are the gradient if `half_gradient` is not null, and the shadow, if there is one,
/// which gets the new parameter.
typedef struct {
    float *parameter, *first, *second;
    const float *gradient;
    const uint16_t *half_gradient;
    uint16_t *shadow;
    ptrdiff_t count, step;
} yuyan_update;

/// See UpdateOptions in YuyanBackend/Kinds/UpdateKind.swift.
typedef struct {
    double learning_rate, weight_decay, decay, second_decay, epsilon;
} yuyan_update_options;

/// One step of a rule for `count` parameters.
void yuyan_update_parameters(
    int kind, const yuyan_update *updates, ptrdiff_t count, const yuyan_update_options *options);

#endif
