#include "yuyan_onednn.h"

#ifdef YUYAN_ONEDNN

#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Memory descriptors are structures in oneDNN 2 and owned pointers in oneDNN 3.
typedef dnnl_memory_desc_t layout;
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t layout_reference;
#define REFERENCE(layout) (layout)
#define ACCUMULATION_KIND dnnl_convolution_direct
#else
typedef const dnnl_memory_desc_t *layout_reference;
#define REFERENCE(layout) (&(layout))
#endif

static _Thread_local char message[256] = "";
static _Thread_local char implementation[64] = "";

const char *yuyan_onednn_message(void) { return message; }
const char *yuyan_onednn_implementation(void) { return implementation; }
int yuyan_onednn_version(void) {
    const dnnl_version_t *version = dnnl_version();
    return version->major * 10000 + version->minor * 100 + version->patch;
}

static const char *status_name(dnnl_status_t status) {
    switch (status) {
        case dnnl_out_of_memory: return "out of memory";
        case dnnl_invalid_arguments: return "invalid arguments";
        case dnnl_unimplemented: return "not implemented";
        case dnnl_runtime_error: return "runtime error";
        default: return "error";
    }
}

static dnnl_status_t check(dnnl_status_t status, const char *call) {
    if (status != dnnl_success)
        snprintf(message, sizeof message, "oneDNN: %s: %s (status %d)", call, status_name(status), (int)status);
    return status;
}

#define TRY(call)                                        \
    do {                                                 \
        dnnl_status_t status_ = check((call), #call);    \
        if (status_ != dnnl_success) return status_;     \
    } while (0)

// Engine, stream and cache are shared and guarded by one lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static dnnl_engine_t engine;
static dnnl_stream_t stream;

static dnnl_status_t start(void) {
    if (stream) return dnnl_success;
    TRY(dnnl_engine_create(&engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
    return dnnl_success;
}

// MARK: Cached primitives

#define MAXIMUM_ARGUMENTS 4
#define KEY_WORDS 48

/// Memory that a primitive reads or writes: where the caller's layout is another one, a reorder goes between.
typedef struct {
    int name;
    bool is_output;
    dnnl_memory_t inside, outside;
    dnnl_primitive_t reorder;
    size_t offset;
} argument;

typedef struct cached {
    struct cached *next;
    ptrdiff_t key[KEY_WORDS];
    dnnl_primitive_t primitive;
    int count;
    argument arguments[MAXIMUM_ARGUMENTS];
    dnnl_exec_arg_t execution[MAXIMUM_ARGUMENTS];
    size_t workspace_bytes;
    char implementation[sizeof implementation];
} cached;

#define BUCKETS 1024
#define MAXIMUM_CACHED 1024
static cached *buckets[BUCKETS];
static int cached_count;

// Reordered arguments live here while a primitive runs.
static char *workspace;
static size_t workspace_size;

static dnnl_status_t grow_workspace(size_t bytes) {
    if (bytes <= workspace_size) return dnnl_success;
    void *grown = NULL;
    if (posix_memalign(&grown, 4096, bytes) != 0) return check(dnnl_out_of_memory, "workspace");
    free(workspace);
    workspace = grown;
    workspace_size = bytes;
    return dnnl_success;
}

static void release(cached *entry) {
    for (int i = 0; i < entry->count; i++) {
        argument *a = &entry->arguments[i];
        if (a->inside != a->outside) dnnl_memory_destroy(a->inside);
        if (a->outside) dnnl_memory_destroy(a->outside);
        if (a->reorder) dnnl_primitive_destroy(a->reorder);
    }
    if (entry->primitive) dnnl_primitive_destroy(entry->primitive);
    free(entry);
}

static size_t bucket_of(const ptrdiff_t *key) {
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < KEY_WORDS; i++) hash = (hash ^ (uint64_t)key[i]) * 0xD6E8FEB86659FD93u ^ hash >> 29;
    return (size_t)(hash >> 40) % BUCKETS;
}

static cached *find(const ptrdiff_t *key) {
    for (cached *entry = buckets[bucket_of(key)]; entry; entry = entry->next)
        if (memcmp(entry->key, key, sizeof entry->key) == 0) return entry;
    return NULL;
}

static void keep(cached *entry, const ptrdiff_t *key) {
    if (cached_count >= MAXIMUM_CACHED) {
        for (int i = 0; i < BUCKETS; i++)
            while (buckets[i]) {
                cached *old = buckets[i];
                buckets[i] = old->next;
                release(old);
            }
        cached_count = 0;
    }
    memcpy(entry->key, key, sizeof entry->key);
    size_t bucket = bucket_of(key);
    entry->next = buckets[bucket];
    buckets[bucket] = entry;
    cached_count++;
}

/// Adds an argument that the primitive wants as `inside` and the caller has as `outside`.
static dnnl_status_t add_argument(
    cached *entry, int name, bool is_output, layout_reference inside, layout_reference outside) {
    argument *a = &entry->arguments[entry->count];
    a->name = name;
    a->is_output = is_output;
    TRY(dnnl_memory_create(&a->outside, outside, engine, DNNL_MEMORY_NONE));
    a->inside = a->outside;
    entry->count++;
    if (!dnnl_memory_desc_equal(inside, outside)) {
        a->inside = NULL;
        TRY(dnnl_memory_create(&a->inside, inside, engine, DNNL_MEMORY_NONE));
        a->offset = entry->workspace_bytes;
        entry->workspace_bytes += (dnnl_memory_desc_get_size(inside) + 4095) & ~(size_t)4095;
        dnnl_primitive_desc_t reorder;
        TRY(dnnl_reorder_primitive_desc_create(
            &reorder, is_output ? inside : outside, engine, is_output ? outside : inside, engine, NULL));
        dnnl_status_t status = dnnl_primitive_create(&a->reorder, reorder);
        dnnl_primitive_desc_destroy(reorder);
        TRY(status);
    }
    entry->execution[entry->count - 1].arg = name;
    entry->execution[entry->count - 1].memory = a->inside;
    return dnnl_success;
}

static dnnl_status_t reorder(const argument *a, bool outward) {
    dnnl_exec_arg_t pair[2] = {
        {DNNL_ARG_FROM, outward ? a->inside : a->outside}, {DNNL_ARG_TO, outward ? a->outside : a->inside}};
    TRY(dnnl_primitive_execute(a->reorder, stream, 2, pair));
    return dnnl_success;
}

/// Runs a primitive on the caller's memory, given in the order of its arguments.
static dnnl_status_t run(const cached *entry, const void *const *pointers) {
    TRY(grow_workspace(entry->workspace_bytes));
    for (int i = 0; i < entry->count; i++) {
        const argument *a = &entry->arguments[i];
        TRY(dnnl_memory_set_data_handle(a->outside, (void *)pointers[i]));
        if (!a->reorder) continue;
        TRY(dnnl_memory_set_data_handle(a->inside, workspace + a->offset));
        if (!a->is_output) TRY(reorder(a, false));
    }
    TRY(dnnl_primitive_execute(entry->primitive, stream, entry->count, entry->execution));
    for (int i = 0; i < entry->count; i++)
        if (entry->arguments[i].reorder && entry->arguments[i].is_output) TRY(reorder(&entry->arguments[i], true));
    TRY(dnnl_stream_wait(stream));
    memcpy(implementation, entry->implementation, sizeof implementation);
    return dnnl_success;
}

// MARK: Choice of implementation

static const char *implementation_of(const_dnnl_primitive_desc_t description) {
    const char *name = NULL;
    if (dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name) != dnnl_success || !name) return "";
    return name;
}

static bool is_reference(const_dnnl_primitive_desc_t description) {
    return strncmp(implementation_of(description), "ref", 3) == 0;
}

static dnnl_status_t make_primitive(cached *entry, dnnl_primitive_desc_t description) {
    snprintf(entry->implementation, sizeof entry->implementation, "%s", implementation_of(description));
    TRY(dnnl_primitive_create(&entry->primitive, description));
    return dnnl_success;
}

#if DNNL_VERSION_MAJOR >= 3

static void destroy_layout(layout *which) {
    if (*which) dnnl_memory_desc_destroy(*which);
    *which = NULL;
}

static dnnl_status_t make_strided(layout *result, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_create_with_strides(result, rank, size, dnnl_f32, strides));
    return dnnl_success;
}

static dnnl_status_t make_any(layout *result, int rank, const ptrdiff_t *size) {
    TRY(dnnl_memory_desc_create_with_tag(result, rank, size, dnnl_f32, dnnl_format_tag_any));
    return dnnl_success;
}

/// Moves on to an implementation that is not the slow reference one.
static dnnl_status_t skip_reference(dnnl_primitive_desc_t *description, bool refuses_reference) {
    if (!refuses_reference) return dnnl_success;
    while (is_reference(*description))
        if (dnnl_primitive_desc_next_impl(*description) != dnnl_success) {
            dnnl_primitive_desc_destroy(*description);
            *description = NULL;
            return dnnl_unimplemented;
        }
    return dnnl_success;
}

#else

static void destroy_layout(layout *which) { (void)which; }

static dnnl_status_t make_strided(layout *result, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_init_by_strides(result, rank, size, dnnl_f32, strides));
    return dnnl_success;
}

static dnnl_status_t make_any(layout *result, int rank, const ptrdiff_t *size) {
    TRY(dnnl_memory_desc_init_by_tag(result, rank, size, dnnl_f32, dnnl_format_tag_any));
    return dnnl_success;
}

/// The first implementation of an operation, or the first that is not the slow reference one.
static dnnl_status_t describe(
    dnnl_primitive_desc_t *result, const_dnnl_op_desc_t operation, const_dnnl_primitive_desc_t forward,
    bool refuses_reference) {
    dnnl_primitive_desc_iterator_t iterator;
    dnnl_status_t status = dnnl_primitive_desc_iterator_create(&iterator, operation, NULL, engine, forward);
    if (status != dnnl_success) return status;
    while (status == dnnl_success) {
        *result = dnnl_primitive_desc_iterator_fetch(iterator);
        if (!*result || !refuses_reference || !is_reference(*result)) break;
        dnnl_primitive_desc_destroy(*result);
        *result = NULL;
        status = dnnl_primitive_desc_iterator_next(iterator);
    }
    dnnl_primitive_desc_iterator_destroy(iterator);
    return *result ? dnnl_success : dnnl_unimplemented;
}

#endif

// MARK: Convolution

typedef enum { FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT } convolution_pass;

/// Layouts of the operands. Weights have five axes with groups, else four.
typedef struct {
    layout input, weight, bias, output;
} convolution_layouts;

static void destroy_layouts(convolution_layouts *all) {
    destroy_layout(&all->input);
    destroy_layout(&all->weight);
    destroy_layout(&all->bias);
    destroy_layout(&all->output);
}

static dnnl_status_t make_image(layout *result, const ptrdiff_t *size, bool channels_last) {
    ptrdiff_t plane = size[2] * size[3];
    ptrdiff_t last[4] = {size[1] * plane, 1, size[3] * size[1], size[1]};
    ptrdiff_t first[4] = {size[1] * plane, plane, size[3], 1};
    return make_strided(result, 4, size, channels_last ? last : first);
}

typedef struct {
    ptrdiff_t input[4], weight[5], bias[1], output[4], weight_strides[5];
    int weight_rank;
    ptrdiff_t stride[2], dilation[2], padding[2];
} convolution_sizes;

static convolution_sizes sizes_of(const yuyan_convolution *c) {
    convolution_sizes s = {
        .input = {c->batch, c->input_channels, c->input_height, c->input_width},
        .output = {c->batch, c->output_channels, c->output_height, c->output_width},
        .bias = {c->output_channels},
        .stride = {c->stride_height, c->stride_width},
        .dilation = {c->dilation_height - 1, c->dilation_width - 1},
        .padding = {c->padding_height, c->padding_width}};
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
    dnnl_primitive_desc_t *result, convolution_pass pass, const convolution_sizes *s, const convolution_layouts *all,
    bool has_bias, const_dnnl_primitive_desc_t forward, bool refuses_reference) {
    *result = NULL;
    layout_reference bias = has_bias ? REFERENCE(all->bias) : NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status;
    switch (pass) {
        case FORWARD:
            status = dnnl_convolution_forward_primitive_desc_create(
                result, engine, dnnl_forward_training, dnnl_convolution_direct, all->input, all->weight, bias,
                all->output, s->stride, s->dilation, s->padding, s->padding, NULL);
            break;
        case INPUT_GRADIENT:
            status = dnnl_convolution_backward_data_primitive_desc_create(
                result, engine, dnnl_convolution_direct, all->input, all->weight, all->output, s->stride, s->dilation,
                s->padding, s->padding, forward, NULL);
            break;
        default:
            status = dnnl_convolution_backward_weights_primitive_desc_create(
                result, engine, dnnl_convolution_direct, all->input, all->weight, bias, all->output, s->stride,
                s->dilation, s->padding, s->padding, forward, NULL);
    }
    return status == dnnl_success ? skip_reference(result, refuses_reference) : status;
#else
    dnnl_convolution_desc_t operation;
    switch (pass) {
        case FORWARD:
            TRY(dnnl_dilated_convolution_forward_desc_init(
                &operation, dnnl_forward_training, dnnl_convolution_direct, &all->input, &all->weight, bias,
                &all->output, s->stride, s->dilation, s->padding, s->padding));
            break;
        case INPUT_GRADIENT:
            TRY(dnnl_dilated_convolution_backward_data_desc_init(
                &operation, dnnl_convolution_direct, &all->input, &all->weight, &all->output, s->stride, s->dilation,
                s->padding, s->padding));
            break;
        default:
            TRY(dnnl_dilated_convolution_backward_weights_desc_init(
                &operation, dnnl_convolution_direct, &all->input, &all->weight, bias, &all->output, s->stride,
                s->dilation, s->padding, s->padding));
    }
    return describe(result, &operation, forward, refuses_reference);
#endif
}

/// Describes one pass with the images in the layouts given in `all`; the backward passes need a forward one as a hint.
static dnnl_status_t describe_pass(
    dnnl_primitive_desc_t *result, convolution_pass pass, const convolution_sizes *s, const convolution_layouts *all,
    bool has_bias, bool refuses_reference) {
    if (pass == FORWARD) return describe_convolution(result, pass, s, all, has_bias, NULL, refuses_reference);
    dnnl_primitive_desc_t forward = NULL;
    dnnl_status_t status = describe_convolution(&forward, FORWARD, s, all, has_bias, NULL, false);
    if (status == dnnl_success)
        status = describe_convolution(result, pass, s, all, has_bias, forward, refuses_reference);
    if (forward) dnnl_primitive_desc_destroy(forward);
    return status;
}

/// Channels-last images if there is a fast implementation, else what oneDNN likes, else its reference one.
static dnnl_status_t choose_convolution(
    dnnl_primitive_desc_t *result, convolution_pass pass, const convolution_sizes *s, bool has_bias) {
    dnnl_status_t status = dnnl_unimplemented;
    for (int attempt = 0; attempt < 3 && status != dnnl_success; attempt++) {
        convolution_layouts all = {0};
        ptrdiff_t unit = 1;
        status = make_any(&all.weight, s->weight_rank, s->weight);
        if (status == dnnl_success) status = make_strided(&all.bias, 1, s->bias, &unit);
        if (attempt == 1) {
            if (status == dnnl_success) status = make_any(&all.input, 4, s->input);
            if (status == dnnl_success) status = make_any(&all.output, 4, s->output);
        } else {
            if (status == dnnl_success) status = make_image(&all.input, s->input, true);
            if (status == dnnl_success) status = make_image(&all.output, s->output, true);
        }
        if (status == dnnl_success) status = describe_pass(result, pass, s, &all, has_bias, attempt < 2);
        destroy_layouts(&all);
    }
    return check(status, "no convolution for these sizes");
}

static dnnl_status_t make_convolution(
    cached *entry, convolution_pass pass, const yuyan_convolution *c, dnnl_primitive_desc_t description,
    const convolution_sizes *s, const convolution_layouts *outside) {
    (void)s;
    TRY(make_primitive(entry, description));
#define INSIDE(what, index) dnnl_primitive_desc_query_md(description, dnnl_query_##what, index)
    switch (pass) {
        case FORWARD:
            TRY(add_argument(entry, DNNL_ARG_SRC, false, INSIDE(src_md, 0), REFERENCE(outside->input)));
            TRY(add_argument(entry, DNNL_ARG_WEIGHTS, false, INSIDE(weights_md, 0), REFERENCE(outside->weight)));
            TRY(add_argument(entry, DNNL_ARG_DST, true, INSIDE(dst_md, 0), REFERENCE(outside->output)));
            if (c->has_bias)
                TRY(add_argument(entry, DNNL_ARG_BIAS, false, INSIDE(weights_md, 1), REFERENCE(outside->bias)));
            break;
        case INPUT_GRADIENT:
            TRY(add_argument(entry, DNNL_ARG_DIFF_DST, false, INSIDE(diff_dst_md, 0), REFERENCE(outside->output)));
            TRY(add_argument(entry, DNNL_ARG_WEIGHTS, false, INSIDE(weights_md, 0), REFERENCE(outside->weight)));
            TRY(add_argument(entry, DNNL_ARG_DIFF_SRC, true, INSIDE(diff_src_md, 0), REFERENCE(outside->input)));
            break;
        case WEIGHT_GRADIENT:
            TRY(add_argument(entry, DNNL_ARG_DIFF_DST, false, INSIDE(diff_dst_md, 0), REFERENCE(outside->output)));
            TRY(add_argument(entry, DNNL_ARG_SRC, false, INSIDE(src_md, 0), REFERENCE(outside->input)));
            TRY(add_argument(
                entry, DNNL_ARG_DIFF_WEIGHTS, true, INSIDE(diff_weights_md, 0), REFERENCE(outside->weight)));
            if (c->has_bias)
                TRY(add_argument(
                    entry, DNNL_ARG_DIFF_BIAS, true, INSIDE(diff_weights_md, 1), REFERENCE(outside->bias)));
    }
    return dnnl_success;
}

static dnnl_status_t build_convolution(cached *entry, convolution_pass pass, const yuyan_convolution *c) {
    convolution_sizes s = sizes_of(c);
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = choose_convolution(&description, pass, &s, c->has_bias != 0);
    if (status != dnnl_success) return status;
    convolution_layouts outside = {0};
    ptrdiff_t unit = 1;
    status = make_image(&outside.input, s.input, c->input_channels_last != 0);
    if (status == dnnl_success) status = make_image(&outside.output, s.output, c->output_channels_last != 0);
    if (status == dnnl_success) status = make_strided(&outside.weight, s.weight_rank, s.weight, s.weight_strides);
    if (status == dnnl_success) status = make_strided(&outside.bias, 1, s.bias, &unit);
    if (status == dnnl_success) status = make_convolution(entry, pass, c, description, &s, &outside);
    destroy_layouts(&outside);
    dnnl_primitive_desc_destroy(description);
    return status;
}

static int convolve(convolution_pass pass, const yuyan_convolution *c, const void *const *pointers) {
    ptrdiff_t key[KEY_WORDS] = {pass + 1};
    memcpy(key + 1, c, sizeof *c);
    pthread_mutex_lock(&lock);
    dnnl_status_t status = dnnl_success;
    cached *entry = find(key);
    if (!entry) {
        entry = calloc(1, sizeof *entry);
        status = entry ? start() : check(dnnl_out_of_memory, "cache");
        if (status == dnnl_success) status = build_convolution(entry, pass, c);
        if (status == dnnl_success) {
            keep(entry, key);
        } else if (entry) {
            release(entry);
        }
    }
    if (status == dnnl_success) status = run(entry, pointers);
    pthread_mutex_unlock(&lock);
    return (int)status;
}

int yuyan_onednn_convolution(
    const yuyan_convolution *convolution, const float *input, const float *weight, const float *bias, float *output) {
    const void *pointers[] = {input, weight, output, bias};
    return convolve(FORWARD, convolution, pointers);
}

int yuyan_onednn_convolution_input_gradient(
    const yuyan_convolution *convolution, const float *gradient, const float *weight, float *input_gradient) {
    const void *pointers[] = {gradient, weight, input_gradient};
    return convolve(INPUT_GRADIENT, convolution, pointers);
}

int yuyan_onednn_convolution_weight_gradient(
    const yuyan_convolution *convolution, const float *gradient, const float *input, float *weight_gradient,
    float *bias_gradient) {
    const void *pointers[] = {gradient, input, weight_gradient, bias_gradient};
    return convolve(WEIGHT_GRADIENT, convolution, pointers);
}

// MARK: Matrix products

static dnnl_status_t describe_product(
    dnnl_primitive_desc_t *result, layout_reference a, layout_reference b, layout_reference bias, layout_reference c) {
    *result = NULL;
#if DNNL_VERSION_MAJOR >= 3
    TRY(dnnl_matmul_primitive_desc_create(result, engine, a, b, bias, c, NULL));
    return dnnl_success;
#else
    dnnl_matmul_desc_t operation;
    TRY(dnnl_matmul_desc_init(&operation, a, b, bias, c));
    TRY(describe(result, &operation, NULL, false));
    return dnnl_success;
#endif
}

typedef struct {
    layout a, b, wanted_b, bias, c;
} product_layouts;

static dnnl_status_t make_product_layouts(product_layouts *all, const yuyan_product *p) {
    int rank = (int)p->rank;
    ptrdiff_t c_strides[8], bias_size[8], step = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
        c_strides[axis] = step;
        step *= p->c_size[axis];
        bias_size[axis] = axis == rank - 1 ? p->c_size[axis] : 1;
    }
    ptrdiff_t bias_strides[8];
    for (int axis = 0; axis < rank; axis++) bias_strides[axis] = axis == rank - 1 ? 1 : p->c_size[rank - 1];
    TRY(make_strided(&all->a, rank, p->a_size, p->a_strides));
    TRY(make_strided(&all->b, rank, p->b_size, p->b_strides));
    TRY(make_strided(&all->c, rank, p->c_size, c_strides));
    TRY(make_strided(&all->bias, rank, bias_size, bias_strides));
    if (p->reorders_b) {
        TRY(make_any(&all->wanted_b, rank, p->b_size));
    } else {
        TRY(make_strided(&all->wanted_b, rank, p->b_size, p->b_strides));
    }
    return dnnl_success;
}

static dnnl_status_t make_product(cached *entry, const yuyan_product *p, const product_layouts *all) {
    dnnl_primitive_desc_t description = NULL;
    TRY(describe_product(
        &description, REFERENCE(all->a), REFERENCE(all->wanted_b), p->has_bias ? REFERENCE(all->bias) : NULL,
        REFERENCE(all->c)));
    dnnl_status_t status = make_primitive(entry, description);
    if (status == dnnl_success)
        status = add_argument(entry, DNNL_ARG_SRC, false, INSIDE(src_md, 0), REFERENCE(all->a));
    if (status == dnnl_success)
        status = add_argument(entry, DNNL_ARG_WEIGHTS, false, INSIDE(weights_md, 0), REFERENCE(all->b));
    if (status == dnnl_success) status = add_argument(entry, DNNL_ARG_DST, true, INSIDE(dst_md, 0), REFERENCE(all->c));
    if (status == dnnl_success && p->has_bias)
        status = add_argument(entry, DNNL_ARG_BIAS, false, INSIDE(weights_md, 1), REFERENCE(all->bias));
    dnnl_primitive_desc_destroy(description);
    return status;
}

static dnnl_status_t build_product(cached *entry, const yuyan_product *p) {
    product_layouts all = {0};
    dnnl_status_t status = make_product_layouts(&all, p);
    if (status == dnnl_success) status = make_product(entry, p, &all);
    destroy_layout(&all.a);
    destroy_layout(&all.b);
    destroy_layout(&all.wanted_b);
    destroy_layout(&all.bias);
    destroy_layout(&all.c);
    return status;
}

int yuyan_onednn_product(const yuyan_product *product, const float *a, const float *b, const float *bias, float *c) {
    ptrdiff_t key[KEY_WORDS] = {4};
    memcpy(key + 1, product, sizeof *product);
    const void *pointers[] = {a, b, c, bias};
    pthread_mutex_lock(&lock);
    dnnl_status_t status = dnnl_success;
    cached *entry = find(key);
    if (!entry) {
        entry = calloc(1, sizeof *entry);
        status = entry ? start() : check(dnnl_out_of_memory, "cache");
        if (status == dnnl_success) status = build_product(entry, product);
        if (status == dnnl_success) {
            keep(entry, key);
        } else if (entry) {
            release(entry);
        }
    }
    if (status == dnnl_success) status = run(entry, pointers);
    pthread_mutex_unlock(&lock);
    return (int)status;
}

int yuyan_onednn_gemm(
    bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
    ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
    return (int)check(
        dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, 0, c, ldc),
        "dnnl_sgemm");
}

#else

const char *yuyan_onednn_message(void) { return "oneDNN: not in this build"; }
const char *yuyan_onednn_implementation(void) { return ""; }
int yuyan_onednn_version(void) { return 0; }

#endif
