// What average and max pooling share: windows, and the rows of images with the channels last, [N, H, W, C].
#ifndef YUYAN_POOL_WINDOWS_H
#define YUYAN_POOL_WINDOWS_H

#include "kernels_internal.h"

typedef struct {
    yuyan_pool pool;
    const void *x;
    void *y;
    int32_t *written_positions;
    const int32_t *positions;
} pool_job;

/// The part of a window that lies inside the image: [begin, end), in steps of the dilation.
typedef struct {
    ptrdiff_t begin, end;
} span;

/// The windows along one axis.
typedef struct {
    ptrdiff_t size, outputs, window, stride, padding, dilation, is_adaptive;
} windows;

INLINE windows windows_of_rows(const yuyan_pool *p) {
    windows rows = {p->height, p->output_height, p->window_height, p->stride_height, p->padding_height,
                    p->dilation_height, p->is_adaptive};
    return rows;
}

INLINE windows windows_of_columns(const yuyan_pool *p) {
    windows columns = {p->width, p->output_width, p->window_width, p->stride_width, p->padding_width,
                       p->dilation_width, p->is_adaptive};
    return columns;
}

/// Part `index` of `whole` places that are shared out evenly among `parts`, with what is cut at its ends.
INLINE span shared_part(ptrdiff_t index, ptrdiff_t parts, ptrdiff_t whole) {
    span part = {index * whole / parts, ((index + 1) * whole + parts - 1) / parts};
    return part;
}

INLINE span window_span(const windows *w, ptrdiff_t output) {
    if (w->is_adaptive) return shared_part(output, w->outputs, w->size);
    ptrdiff_t begin = output * w->stride - w->padding, end = begin + w->dilation * (w->window - 1) + 1;
    if (begin < 0) begin = w->dilation == 1 ? 0 : (w->dilation - -begin % w->dilation) % w->dilation;
    span inside = {begin, minimum(end, w->size)};
    return inside;
}

/// The outputs whose window covers an input position, or lies around it: [begin, end).
INLINE span covering_span(const windows *w, ptrdiff_t input) {
    // The same rule the other way round.
    if (w->is_adaptive) return shared_part(input, w->size, w->outputs);
    ptrdiff_t first = input + w->padding - w->dilation * (w->window - 1);
    span covering = {
        first > 0 ? (first + w->stride - 1) / w->stride : 0,
        minimum((input + w->padding) / w->stride + 1, w->outputs)};
    return covering;
}

// Units of all loops are rows of one image: of the output forward, of the input backward.

// Sums are in float for at most this many pixels, else in double, for a block of channels at a time.
#define PIXELS_IN_FLOAT 64
#define CHANNELS 64

INLINE bool is_long(span rows, span columns) {
    return (rows.end - rows.begin) * (columns.end - columns.begin) > PIXELS_IN_FLOAT;
}

#define RUN(name)                                                                                       \
    static void run_##name(const void *job, ptrdiff_t begin, ptrdiff_t end) { CHOSEN(name##_copies)(job, begin, end); }

#endif
