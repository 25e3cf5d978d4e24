// oneDNN's convolutions and matrix products behind plain structures, for versions 2.6 and 3.x.
//
// A primitive is made once for each combination of sizes and layouts and kept with its arguments. All functions return
// 0, or a status that `yuyan_onednn_message` explains. They may be called from any thread; calls wait for each other.
#ifndef YUYAN_ONEDNN_H
#define YUYAN_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The types of elements that oneDNN multiplies; it adds in float32.
typedef enum { YUYAN_FLOAT32, YUYAN_BFLOAT16 } yuyan_element_type;

/// A convolution of elements of `type`. The image that a pass writes is of `result_type`; the gradients of weight and
/// bias are of float32. `threads` is the number of threads that will compute it. Channels count over all groups.
///
/// Images lie as [N, C/block, H, W, block], with `input_block` or `output_block`: 1 is [N, C, H, W], all channels are
/// [N, H, W, C]. 0 leaves the choice to oneDNN, for the image that a pass writes; ask for it with
/// `yuyan_onednn_convolution_block`. Weights lie as [O, C/groups, kH, kW].
typedef struct {
    ptrdiff_t threads, batch, groups, input_channels, output_channels;
    ptrdiff_t input_height, input_width, output_height, output_width, kernel_height, kernel_width;
    ptrdiff_t stride_height, stride_width, padding_height, padding_width, dilation_height, dilation_width;
    ptrdiff_t input_block, output_block, has_bias;
    /// Whether oneDNN's favorite layouts are tried before channels-last ones.
    ptrdiff_t prefers_blocks;
    ptrdiff_t type, result_type;
} yuyan_convolution;

/// A product of matrices [batch…, m, k] · [batch…, k, n] of one rank; batch sizes of `a` and `b` are equal or 1. Operands
/// and bias are of `type`. The result is contiguous, and of `result_type`. `bias` has n elements.
typedef struct {
    ptrdiff_t threads, rank;
    ptrdiff_t a_size[8], a_strides[8], b_size[8], b_strides[8], c_size[8];
    ptrdiff_t has_bias;
    ptrdiff_t type, result_type;
} yuyan_product;

typedef enum { YUYAN_FORWARD = 1, YUYAN_INPUT_GRADIENT, YUYAN_WEIGHT_GRADIENT } yuyan_convolution_pass;

/// The block of the image that a pass writes, where the convolution leaves it to oneDNN.
int yuyan_onednn_convolution_block(
    yuyan_convolution_pass pass, const yuyan_convolution *convolution, ptrdiff_t *block);

int yuyan_onednn_convolution(
    const yuyan_convolution *convolution, const void *input, const void *weight, const void *bias, void *output);
int yuyan_onednn_convolution_input_gradient(
    const yuyan_convolution *convolution, const void *gradient, const void *weight, void *input_gradient);
int yuyan_onednn_convolution_weight_gradient(
    const yuyan_convolution *convolution, const void *gradient, const void *input, float *weight_gradient,
    float *bias_gradient);

int yuyan_onednn_product(
    const yuyan_product *product, const void *a, const void *b, const void *bias, void *c);
/// The same for float32 matrices: c = op(a) · op(b), row-major, with leading dimensions.
int yuyan_onednn_gemm(
    bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda,
    const float *b,
    ptrdiff_t ldb, float *c, ptrdiff_t ldc);

/// How many primitives are kept, and the bytes that they hold, about.
typedef struct {
    ptrdiff_t count, bytes;
} yuyan_cache_size;
yuyan_cache_size yuyan_onednn_cache_size(void);

/// Whether a status says that oneDNN has nothing for these sizes.
bool yuyan_onednn_is_refusal(int status);
/// What went wrong in the calling thread's last call that failed.
const char *yuyan_onednn_message(void);
/// oneDNN's name of the implementation that the calling thread used last, such as "jit:avx512_core".
const char *yuyan_onednn_implementation(void);
/// Makes that the name of another kernel.
void yuyan_onednn_name_implementation(const char *name);
/// Makes that name empty until oneDNN is used again.
void yuyan_onednn_forget_implementation(void);
/// The version that is linked, as major · 10000 + minor · 100 + patch; 0 without oneDNN.
int yuyan_onednn_version(void);

#endif
