#ifdef YUYAN_ONEDNN

#include <stdlib.h>

#include "primitives.h"

#define MAXIMUM_PARTS 64

/// Layouts of the operands. Weights have five axes with groups, else four.
typedef struct {
    layout input, weight, bias, output;
} convolution_layouts;

static void destroy_layouts(convolution_layouts *all) {
    yuyan_destroy_layout(&all->input);
    yuyan_destroy_layout(&all->weight);
    yuyan_destroy_layout(&all->bias);
    yuyan_destroy_layout(&all->output);
}

static const struct {
    ptrdiff_t block;
    dnnl_format_tag_t tag;
} blocked_images[] = {{16, dnnl_nChw16c}, {8, dnnl_nChw8c}};
enum { BLOCKED_IMAGES = sizeof blocked_images / sizeof *blocked_images };

/// An image with unblocked memory: [N, C, H, W] or [N, H, W, C].
static dnnl_status_t make_strided_image(
    layout *result, ptrdiff_t type, const ptrdiff_t *size, bool channels_last) {
    ptrdiff_t plane = size[2] * size[3];
    ptrdiff_t last[4] = {size[1] * plane, 1, size[3] * size[1], size[1]};
    ptrdiff_t first[4] = {size[1] * plane, plane, size[3], 1};
    return yuyan_make_strided(result, type, 4, size, channels_last ? last : first);
}

/// The layout of an image [N, C/block, H, W, block]. Where oneDNN has two names for it, the one of `inside`.
static dnnl_status_t make_image(
    layout *result, ptrdiff_t type, const ptrdiff_t *size, ptrdiff_t block, layout_reference inside) {
    for (int i = 0; i < BLOCKED_IMAGES; i++) {
        if (blocked_images[i].block != block || size[1] % block != 0) continue;
        TRY(yuyan_make_tagged(result, type, 4, size, blocked_images[i].tag));
        if (block != size[1] || dnnl_memory_desc_equal(REFERENCE(*result), inside)) return dnnl_success;
        yuyan_destroy_layout(result);
    }
    return make_strided_image(result, type, size, block == size[1]);
}

/// The block of an image that lies as `inside`; all channels if that is a layout of another kind.
static dnnl_status_t find_block(
    ptrdiff_t *block, ptrdiff_t type, const ptrdiff_t *size, layout_reference inside) {
    *block = size[1];
    for (int i = 0; i < BLOCKED_IMAGES; i++) {
        if (size[1] % blocked_images[i].block != 0) continue;
        layout candidate;
        TRY(yuyan_make_tagged(&candidate, type, 4, size, blocked_images[i].tag));
        if (dnnl_memory_desc_equal(REFERENCE(candidate), inside)) *block = blocked_images[i].block;
        yuyan_destroy_layout(&candidate);
    }
    return dnnl_success;
}

typedef struct {
    dnnl_dims_t input, weight, bias, output, weight_strides;
    int weight_rank;
    dnnl_dims_t stride, dilation, padding, end_padding;
    /// The types of elements.
    ptrdiff_t input_type, weight_type, bias_type, output_type;
} convolution_sizes;

/// The padding after the last element: as before the first, unless there are windows that reach further.
static ptrdiff_t end_padding(
    ptrdiff_t input, ptrdiff_t output, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t padding, ptrdiff_t dilation) {
    ptrdiff_t reach = (output - 1) * stride + dilation * (kernel - 1) + 1 - padding;
    return reach - input > padding ? reach - input : padding;
}

static convolution_sizes sizes_of(yuyan_convolution_pass pass, const yuyan_convolution *c) {
    ptrdiff_t weight_type = pass == YUYAN_WEIGHT_GRADIENT ? YUYAN_FLOAT32 : c->type;
    convolution_sizes s = {
        .input_type = pass == YUYAN_INPUT_GRADIENT ? c->result_type : c->type,
        .weight_type = weight_type,
        .bias_type = weight_type,
        .output_type = pass == YUYAN_FORWARD ? c->result_type : c->type,
        .input = {c->batch, c->input_channels, c->input_height, c->input_width},
        .output = {c->batch, c->output_channels, c->output_height, c->output_width},
        .bias = {c->output_channels},
        .stride = {c->stride_height, c->stride_width},
        .dilation = {c->dilation_height - 1, c->dilation_width - 1},
        .padding = {c->padding_height, c->padding_width},
        .end_padding =
            {end_padding(
                 c->input_height, c->output_height, c->kernel_height, c->stride_height, c->padding_height,
                 c->dilation_height),
             end_padding(
                 c->input_width, c->output_width, c->kernel_width, c->stride_width, c->padding_width,
                 c->dilation_width)}};
    ptrdiff_t weight[5] = {
        c->groups, c->output_channels / c->groups, c->input_channels / c->groups, c->kernel_height, c->kernel_width};
    int skipped = c->groups == 1 ? 1 : 0;
    s.weight_rank = 5 - skipped;
    ptrdiff_t step = 1;
    for (int axis = s.weight_rank - 1; axis >= 0; axis--) {
        s.weight[axis] = weight[axis + skipped];
        s.weight_strides[axis] = step;
        step *= s.weight[axis];
    }
    return s;
}

static dnnl_status_t describe_convolution(
    dnnl_primitive_desc_t *result, yuyan_convolution_pass pass, const convolution_sizes *s, const convolution_layouts *all,
    bool has_bias, const_dnnl_primitive_desc_t forward, bool refuses_reference) {
    *result = NULL;
    layout_reference bias = has_bias ? REFERENCE(all->bias) : NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status;
    switch (pass) {
        case YUYAN_FORWARD:
            status = dnnl_convolution_forward_primitive_desc_create(
                result, yuyan_engine, dnnl_forward_training, dnnl_convolution_direct, all->input, all->weight, bias,
                all->output, s->stride, s->dilation, s->padding, s->end_padding, yuyan_attributes);
            break;
        case YUYAN_INPUT_GRADIENT:
            status = dnnl_convolution_backward_data_primitive_desc_create(
                result, yuyan_engine, dnnl_convolution_direct, all->input, all->weight, all->output, s->stride,
                s->dilation,
                s->padding, s->end_padding, forward, yuyan_attributes);
            break;
        default:
            status = dnnl_convolution_backward_weights_primitive_desc_create(
                result, yuyan_engine, dnnl_convolution_direct, all->input, all->weight, bias, all->output, s->stride,
                s->dilation, s->padding, s->end_padding, forward, yuyan_attributes);
    }
    return status == dnnl_success ? yuyan_skip_reference(result, refuses_reference) : status;
#else
    dnnl_convolution_desc_t operation;
    switch (pass) {
        case YUYAN_FORWARD:
            TRY(dnnl_dilated_convolution_forward_desc_init(
                &operation, dnnl_forward_training, dnnl_convolution_direct, &all->input, &all->weight, bias,
                &all->output, s->stride, s->dilation, s->padding, s->end_padding));
            break;
        case YUYAN_INPUT_GRADIENT:
            TRY(dnnl_dilated_convolution_backward_data_desc_init(
                &operation, dnnl_convolution_direct, &all->input, &all->weight, &all->output, s->stride, s->dilation,
                s->padding, s->end_padding));
            break;
        default:
            TRY(dnnl_dilated_convolution_backward_weights_desc_init(
                &operation, dnnl_convolution_direct, &all->input, &all->weight, bias, &all->output, s->stride,
                s->dilation, s->padding, s->end_padding));
    }
    return yuyan_describe(result, &operation, forward, refuses_reference);
#endif
}

typedef enum { CHANNELS_LAST, ANY, PLAIN } image_layouts;

static dnnl_status_t make_layouts(convolution_layouts *all, const convolution_sizes *s, image_layouts images) {
    ptrdiff_t unit = 1;
    TRY(yuyan_make_tagged(&all->weight, s->weight_type, s->weight_rank, s->weight, dnnl_format_tag_any));
    TRY(yuyan_make_strided(&all->bias, s->bias_type, 1, s->bias, &unit));
    if (images == ANY) {
        TRY(yuyan_make_tagged(&all->input, s->input_type, 4, s->input, dnnl_format_tag_any));
        TRY(yuyan_make_tagged(&all->output, s->output_type, 4, s->output, dnnl_format_tag_any));
    } else {
        TRY(make_strided_image(&all->input, s->input_type, s->input, images == CHANNELS_LAST));
        TRY(make_strided_image(&all->output, s->output_type, s->output, images == CHANNELS_LAST));
    }
    return dnnl_success;
}

/// The forward pass that a backward one of operands of `type` needs as a hint.
static dnnl_status_t describe_forward(
    dnnl_primitive_desc_t *result, ptrdiff_t type, const convolution_sizes *s, bool has_bias, image_layouts images) {
    convolution_sizes forward = *s;
    forward.input_type = forward.weight_type = forward.bias_type = forward.output_type = type;
    convolution_layouts all = {0};
    dnnl_status_t status = make_layouts(&all, &forward, images);
    if (status == dnnl_success)
        status = describe_convolution(result, YUYAN_FORWARD, &forward, &all, has_bias, NULL, false);
    destroy_layouts(&all);
    return status;
}

static dnnl_status_t try_convolution(
    dnnl_primitive_desc_t *result, yuyan_convolution_pass pass, const convolution_sizes *s,
    const yuyan_convolution *c, image_layouts images, bool refuses_reference) {
    bool has_bias = c->has_bias != 0;
    convolution_layouts all = {0};
    dnnl_primitive_desc_t forward = NULL;
    dnnl_status_t status = make_layouts(&all, s, images);
    if (status == dnnl_success && pass != YUYAN_FORWARD)
        status = describe_forward(&forward, c->type, s, has_bias, images);
    if (status == dnnl_success)
        status = describe_convolution(result, pass, s, &all, has_bias, forward, refuses_reference);
    if (forward) dnnl_primitive_desc_destroy(forward);
    destroy_layouts(&all);
    return status;
}

/// The preferred layouts, the other ones, or plain ones, for which there is a product of matrices. oneDNN's reference
/// implementation, a thousand times slower, is refused unless it is the only one.
static dnnl_status_t choose_convolution(
    dnnl_primitive_desc_t *result, yuyan_convolution_pass pass, const convolution_sizes *s, const yuyan_convolution *c) {
    image_layouts preferred = c->prefers_blocks ? ANY : CHANNELS_LAST;
    image_layouts other = c->prefers_blocks ? CHANNELS_LAST : ANY;
    dnnl_status_t status = try_convolution(result, pass, s, c, preferred, true);
    if (status != dnnl_success) status = try_convolution(result, pass, s, c, other, true);
    if (status != dnnl_success) status = try_convolution(result, pass, s, c, PLAIN, true);
    if (status != dnnl_success) status = try_convolution(result, pass, s, c, CHANNELS_LAST, false);
    return yuyan_check(status, "no convolution for these sizes");
}

typedef struct {
    int name;
    bool is_output;
    layout_reference inside, outside;
} operand;

/// The operands of a pass in the order in which the caller's memory is given; the bias is the last one.
static dnnl_status_t add_operands(
    cached *entry, yuyan_convolution_pass pass, bool has_bias, const_dnnl_primitive_desc_t d,
    const convolution_layouts *outside) {
    layout_reference input = REFERENCE(outside->input), weight = REFERENCE(outside->weight);
    layout_reference bias = REFERENCE(outside->bias), output = REFERENCE(outside->output);
    const operand forward[] = {
        {DNNL_ARG_SRC, false, INSIDE(d, src_md, 0), input},
        {DNNL_ARG_WEIGHTS, false, INSIDE(d, weights_md, 0), weight},
        {DNNL_ARG_DST, true, INSIDE(d, dst_md, 0), output},
        {DNNL_ARG_BIAS, false, INSIDE(d, weights_md, 1), bias}};
    const operand input_gradient[] = {
        {DNNL_ARG_DIFF_DST, false, INSIDE(d, diff_dst_md, 0), output},
        {DNNL_ARG_WEIGHTS, false, INSIDE(d, weights_md, 0), weight},
        {DNNL_ARG_DIFF_SRC, true, INSIDE(d, diff_src_md, 0), input}};
    const operand weight_gradient[] = {
        {DNNL_ARG_DIFF_DST, false, INSIDE(d, diff_dst_md, 0), output},
        {DNNL_ARG_SRC, false, INSIDE(d, src_md, 0), input},
        {DNNL_ARG_DIFF_WEIGHTS, true, INSIDE(d, diff_weights_md, 0), weight},
        {DNNL_ARG_DIFF_BIAS, true, INSIDE(d, diff_weights_md, 1), bias}};
    const operand *operands =
        pass == YUYAN_FORWARD ? forward : pass == YUYAN_INPUT_GRADIENT ? input_gradient : weight_gradient;
    int count = pass != YUYAN_INPUT_GRADIENT && has_bias ? 4 : 3;
    for (int i = 0; i < count; i++)
        TRY(yuyan_add_argument(
            entry, operands[i].name, operands[i].is_output, operands[i].inside, operands[i].outside));
    return dnnl_success;
}

/// The layouts in which the caller has the operands; sets the block of the image that the pass writes.
static dnnl_status_t make_outside(
    convolution_layouts *outside, ptrdiff_t *result_block, yuyan_convolution_pass pass, const convolution_sizes *s,
    const yuyan_convolution *c, const_dnnl_primitive_desc_t d) {
    layout_reference input = pass == YUYAN_INPUT_GRADIENT ? INSIDE(d, diff_src_md, 0) : INSIDE(d, src_md, 0);
    layout_reference output = pass == YUYAN_FORWARD ? INSIDE(d, dst_md, 0) : INSIDE(d, diff_dst_md, 0);
    ptrdiff_t input_block = c->input_block, output_block = c->output_block, unit = 1;
    if (input_block == 0) TRY(find_block(&input_block, s->input_type, s->input, input));
    if (output_block == 0) TRY(find_block(&output_block, s->output_type, s->output, output));
    *result_block = pass == YUYAN_INPUT_GRADIENT ? input_block : output_block;
    TRY(make_image(&outside->input, s->input_type, s->input, input_block, input));
    TRY(make_image(&outside->output, s->output_type, s->output, output_block, output));
    TRY(yuyan_make_strided(&outside->weight, s->weight_type, s->weight_rank, s->weight, s->weight_strides));
    TRY(yuyan_make_strided(&outside->bias, s->bias_type, 1, s->bias, &unit));
    return dnnl_success;
}

static dnnl_status_t build_convolution(cached *entry, int operation, const void *problem) {
    const yuyan_convolution *c = problem;
    yuyan_convolution_pass pass = (yuyan_convolution_pass)operation;
    convolution_sizes s = sizes_of(pass, c);
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = choose_convolution(&description, pass, &s, c);
    if (status != dnnl_success) return status;
    convolution_layouts outside = {0};
    status = make_outside(&outside, &entry->result_block, pass, &s, c, description);
    if (status == dnnl_success) status = yuyan_make_primitive(entry, description);
    if (status == dnnl_success) status = add_operands(entry, pass, c->has_bias != 0, description, &outside);
    destroy_layouts(&outside);
    dnnl_primitive_desc_destroy(description);
    return status;
}

FITS_KEY(yuyan_convolution);

static problem_reference problem_of(yuyan_convolution_pass pass, const yuyan_convolution *c) {
    problem_reference problem = {pass, c, sizeof *c, build_convolution};
    return problem;
}

int yuyan_onednn_convolution_block(
    yuyan_convolution_pass pass, const yuyan_convolution *convolution, ptrdiff_t *block) {
    return yuyan_find_result_block(problem_of(pass, convolution), block);
}

int yuyan_onednn_convolution(
    const yuyan_convolution *convolution, const void *input, const void *weight, const void *bias, void *output) {
    argument_pointers pointers = {{input, weight, output, bias}};
    return yuyan_run_cached(problem_of(YUYAN_FORWARD, convolution), &pointers);
}

int yuyan_onednn_convolution_input_gradient(
    const yuyan_convolution *convolution, const void *gradient, const void *weight, void *input_gradient) {
    argument_pointers pointers = {{gradient, weight, input_gradient}};
    return yuyan_run_cached(problem_of(YUYAN_INPUT_GRADIENT, convolution), &pointers);
}

// MARK: The weight gradient in parts

static ptrdiff_t minimum(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/// In how many parts of the batch, each on one thread, the weight gradient is computed; 0 if oneDNN shares it out.
///
/// oneDNN's threads add their shares up behind a barrier that they wait at in a tight loop. Two that share a core,
/// beside another program, wait there for milliseconds. Parts of ours cost no more (0.97 of the time, the mean of 26
/// cases with AVX-512) as long as there is less to add than to read.
static ptrdiff_t parts_of(const yuyan_convolution *c) {
    if (c->threads <= 1) return 0;
    ptrdiff_t weights = c->output_channels * (c->input_channels / c->groups) * c->kernel_height * c->kernel_width;
    ptrdiff_t images = c->batch * (c->input_channels * c->input_height * c->input_width
                                   + c->output_channels * c->output_height * c->output_width);
    ptrdiff_t products = c->batch * c->output_height * c->output_width * weights;
    if (products < 1 << 17) return 1;
    if (c->batch < 2 * c->threads || weights > images / c->threads) return 0;
    return minimum(c->threads, MAXIMUM_PARTS);
}

static ptrdiff_t element_bytes(const yuyan_convolution *c) { return c->type == YUYAN_BFLOAT16 ? 2 : 4; }

static int weight_gradient_of_batch(
    const yuyan_convolution *c, const char *gradient, const char *input, float *weight_gradient,
    float *bias_gradient) {
    ptrdiff_t count = parts_of(c);
    if (count == 0) {
        argument_pointers pointers = {{gradient, input, weight_gradient, bias_gradient}};
        return yuyan_run_cached(problem_of(YUYAN_WEIGHT_GRADIENT, c), &pointers);
    }
    ptrdiff_t bytes = element_bytes(c);
    yuyan_convolution parts[MAXIMUM_PARTS];
    problem_reference problems[MAXIMUM_PARTS];
    argument_pointers pointers[MAXIMUM_PARTS];
    for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t begin = c->batch * i / count, end = c->batch * (i + 1) / count;
        parts[i] = *c;
        parts[i].threads = 1;
        parts[i].batch = end - begin;
        problems[i] = problem_of(YUYAN_WEIGHT_GRADIENT, &parts[i]);
        const char *g = gradient + bytes * begin * c->output_channels * c->output_height * c->output_width;
        const char *x = input + bytes * begin * c->input_channels * c->input_height * c->input_width;
        pointers[i] = (argument_pointers){{g, x, weight_gradient, bias_gradient}};
    }
    return yuyan_run_and_add(count, problems, pointers);
}

int yuyan_onednn_convolution_weight_gradient(
    const yuyan_convolution *c, const void *gradient, const void *input, float *weight_gradient,
    float *bias_gradient) {
    // Each weight's sum has a term for each pixel of each image. Long ones are added up in parts of the batch.
    ptrdiff_t pixels = c->output_height * c->output_width;
    ptrdiff_t images = pixels < YUYAN_LONGEST_SUM ? YUYAN_LONGEST_SUM / pixels : 1;
    if (c->batch <= images)
        return weight_gradient_of_batch(c, gradient, input, weight_gradient, bias_gradient);
    ptrdiff_t weights = c->output_channels * (c->input_channels / c->groups) * c->kernel_height * c->kernel_width;
    float *part = malloc((size_t)(weights + c->output_channels) * sizeof *part);
    if (!part) return (int)yuyan_check(dnnl_out_of_memory, "a part of a batch");
    int status = 0;
    ptrdiff_t bytes = element_bytes(c);
    for (ptrdiff_t begin = 0; begin < c->batch && status == 0; begin += images) {
        yuyan_convolution images_of_part = *c;
        images_of_part.batch = minimum(images, c->batch - begin);
        const char *g = (const char *)gradient + bytes * begin * c->output_channels * pixels;
        const char *x = (const char *)input + bytes * begin * c->input_channels * c->input_height * c->input_width;
        float *bias = bias_gradient ? part + weights : NULL;
        if (begin == 0) {
            status = weight_gradient_of_batch(&images_of_part, g, x, weight_gradient, bias_gradient);
            continue;
        }
        status = weight_gradient_of_batch(&images_of_part, g, x, part, bias);
        if (status != 0) break;
        yuyan_add_into(weight_gradient, part, weights);
        if (bias) yuyan_add_into(bias_gradient, bias, c->output_channels);
    }
    free(part);
    return status;
}

#endif
