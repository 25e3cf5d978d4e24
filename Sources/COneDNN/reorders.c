#ifdef YUYAN_ONEDNN

#include "primitives.h"

// What a recorder is told of reorders, in oneDNN's own names of layouts: axes as letters from the slowest to the fastest,
// capital where they come in blocks, then the blocks.

typedef struct {
    int rank, blocks;
    const ptrdiff_t *size, *strides, *block_sizes, *block_axes;
} blocking;

#if DNNL_VERSION_MAJOR >= 3

int yuyan_rank(layout_reference which) {
    int rank = 0;
    dnnl_memory_desc_query(which, dnnl_query_ndims_s32, &rank);
    return rank;
}

static bool find_blocking(blocking *result, layout_reference which) {
    dnnl_format_kind_t kind = dnnl_format_kind_undef;
    dnnl_memory_desc_query(which, dnnl_query_format_kind, &kind);
    const dnnl_dims_t *size, *strides, *block_sizes, *block_axes;
    if (kind != dnnl_blocked || dnnl_memory_desc_query(which, dnnl_query_dims, &size) != dnnl_success
        || dnnl_memory_desc_query(which, dnnl_query_strides, &strides) != dnnl_success
        || dnnl_memory_desc_query(which, dnnl_query_inner_nblks_s32, &result->blocks) != dnnl_success
        || dnnl_memory_desc_query(which, dnnl_query_inner_blks, &block_sizes) != dnnl_success
        || dnnl_memory_desc_query(which, dnnl_query_inner_idxs, &block_axes) != dnnl_success)
        return false;
    result->rank = yuyan_rank(which);
    result->size = *size;
    result->strides = *strides;
    result->block_sizes = *block_sizes;
    result->block_axes = *block_axes;
    return true;
}

#else

int yuyan_rank(layout_reference which) { return which->ndims; }

static bool find_blocking(blocking *result, layout_reference which) {
    if (which->format_kind != dnnl_blocked) return false;
    const dnnl_blocking_desc_t *blocks = &which->format_desc.blocking;
    *result = (blocking){which->ndims,    blocks->inner_nblks, which->dims,
                         blocks->strides, blocks->inner_blks,  blocks->inner_idxs};
    return true;
}

#endif

#define LONGEST_NAME (sizeof((yuyan_reorder *)0)->from)

static void append_number(char *name, size_t *length, ptrdiff_t number) {
    if (number >= 10) append_number(name, length, number / 10);
    if (*length + 1 < LONGEST_NAME) name[(*length)++] = (char)('0' + number % 10);
}

/// `name` is empty before, and holds zeros.
static void name_layout(char *name, const blocking *b) {
    bool is_blocked[DNNL_MAX_NDIMS] = {false}, is_named[DNNL_MAX_NDIMS] = {false};
    for (int i = 0; i < b->blocks; i++) is_blocked[b->block_axes[i]] = true;
    size_t length = 0;
    for (int place = 0; place < b->rank && length + 1 < LONGEST_NAME; place++) {
        // An axis of one element stands where its letter does.
        int slowest = -1;
        for (int axis = 0; axis < b->rank; axis++)
            if (!is_named[axis] && (slowest < 0 || b->strides[axis] > b->strides[slowest])) slowest = axis;
        is_named[slowest] = true;
        name[length++] = (char)((is_blocked[slowest] ? 'A' : 'a') + slowest);
    }
    for (int i = 0; i < b->blocks; i++) {
        append_number(name, &length, b->block_sizes[i]);
        if (length + 1 < LONGEST_NAME) name[length++] = (char)('a' + b->block_axes[i]);
    }
}

dnnl_status_t yuyan_describe_reorder(yuyan_reorder *result, const argument *a) {
    *result = (yuyan_reorder){
        .is_image = a->is_image, .bytes = (ptrdiff_t)a->outside_bytes, .nanoseconds = a->reorder_nanoseconds};
    for (int i = 0; i < 2; i++) {
        layout_reference which;
        TRY(dnnl_memory_get_memory_desc((i == 0) == a->is_output ? a->inside : a->outside, &which));
        blocking b;
        if (!find_blocking(&b, which)) continue;
        name_layout(i == 0 ? result->from : result->to, &b);
        result->rank = b.rank < 6 ? b.rank : 6;
        for (int axis = 0; axis < result->rank; axis++) result->size[axis] = b.size[axis];
    }
    return dnnl_success;
}

#endif
