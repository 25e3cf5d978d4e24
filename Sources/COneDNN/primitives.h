// Cached oneDNN primitives, and what differs between oneDNN 2 and 3.
#ifndef YUYAN_PRIMITIVES_H
#define YUYAN_PRIMITIVES_H

#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>
#include <string.h>

#include "yuyan_onednn.h"
#include "yuyan_parallel.h"
#include "yuyan_profiling.h"

/// How many float32 terms oneDNN may add up one by one: a sum of ones stops at 2²⁴.
#define YUYAN_LONGEST_SUM ((ptrdiff_t)1 << 22)

// Memory descriptors are structures in oneDNN 2 and owned pointers in oneDNN 3.
typedef dnnl_memory_desc_t layout;
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t layout_reference;
#define REFERENCE(layout) (layout)
#else
typedef const dnnl_memory_desc_t *layout_reference;
#define REFERENCE(layout) (&(layout))
#endif

/// Keeps the text of a failure; returns the status.
dnnl_status_t yuyan_check(dnnl_status_t status, const char *call);
/// Sets what `yuyan_onednn_implementation` returns.
void yuyan_onednn_name_implementation(const char *name);

#define TRY(call)                                          \
    do {                                                   \
        dnnl_status_t status_ = yuyan_check((call), #call); \
        if (status_ != dnnl_success) return status_;       \
    } while (0)

/// The one engine, and the attributes that every primitive is described with: its scratchpad is given when it runs. In
/// oneDNN's default mode a scratchpad belongs to the thread that made the primitive, and is missing on every other.
/// Both are valid while a primitive is being built.
extern dnnl_engine_t yuyan_engine;
extern dnnl_primitive_attr_t yuyan_attributes;

/// oneDNN's name of a `yuyan_element_type`.
dnnl_data_type_t yuyan_data_type(ptrdiff_t type);
dnnl_status_t yuyan_make_strided(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, const ptrdiff_t *strides);
/// One of oneDNN's named layouts.
dnnl_status_t yuyan_make_tagged(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, dnnl_format_tag_t tag);
void yuyan_destroy_layout(layout *which);

#define MAXIMUM_ARGUMENTS 4
#define KEY_WORDS 48

/// A primitive and what it needs while it runs; without memory if it needs none.
typedef struct {
    dnnl_primitive_t primitive;
    dnnl_memory_t scratchpad;
} executable;

/// Memory that a primitive reads or writes: where the caller's layout is another one, a reorder goes between.
typedef struct {
    bool is_output;
    dnnl_memory_t inside, outside;
    executable reorder;
    size_t offset, outside_bytes;
    bool is_image;
    /// How long the last reorder took, while somebody records.
    ptrdiff_t reorder_nanoseconds;
} argument;

typedef struct cached {
    /// The next in the same bucket, and the neighbours in the order of use.
    struct cached *next, *newer, *older;
    ptrdiff_t key[KEY_WORDS];
    uint64_t last_turn;
    /// What it holds, about.
    size_t bytes;
    executable main;
    int count;
    argument arguments[MAXIMUM_ARGUMENTS];
    dnnl_exec_arg_t execution[MAXIMUM_ARGUMENTS + 1];
    /// For reordered arguments, and for the one scratchpad in use at a time, which lies behind them.
    size_t workspace_bytes, scratchpad_bytes;
    /// How the image that a convolution writes lies.
    ptrdiff_t result_block;
    /// Whether any argument is reordered, and whether that is timed.
    bool has_reorders, is_recorded;
    char implementation[64];
} cached;

/// Makes the primitive of a new cache entry.
dnnl_status_t yuyan_make_primitive(cached *entry, const_dnnl_primitive_desc_t description);
/// Adds the next argument, which the primitive wants as `inside` and the caller has as `outside`.
dnnl_status_t yuyan_add_argument(
    cached *entry, int name, bool is_output, layout_reference inside, layout_reference outside);

/// The number of axes.
int yuyan_rank(layout_reference which);
/// What the recorder is told of an argument's reorder.
dnnl_status_t yuyan_describe_reorder(yuyan_reorder *result, const argument *a);

/// The layout that an implementation wants for an argument.
#define INSIDE(description, what, index) dnnl_primitive_desc_query_md(description, dnnl_query_##what, index)

#if DNNL_VERSION_MAJOR >= 3
/// Moves on to an implementation that is not the slow reference one.
dnnl_status_t yuyan_skip_reference(dnnl_primitive_desc_t *description, bool refuses_reference);
#else
/// The first implementation of an operation, or the first that is not the slow reference one.
dnnl_status_t yuyan_describe(
    dnnl_primitive_desc_t *result, const_dnnl_op_desc_t operation, const_dnnl_primitive_desc_t forward,
    bool refuses_reference);
#endif

/// Builds the primitive that a key names: `problem` is the caller's structure.
typedef dnnl_status_t (*primitive_builder)(cached *entry, int operation, const void *problem);

/// A problem as the structure that `build` knows.
typedef struct {
    int operation;
    const void *structure;
    size_t bytes;
    primitive_builder build;
} problem_reference;

// The key of a problem is its operation and its structure.
#define FITS_KEY(type) _Static_assert(sizeof(type) <= (KEY_WORDS - 1) * sizeof(ptrdiff_t), "the key is too short")

/// The caller's memory in the order of the arguments.
typedef struct {
    const void *memory[MAXIMUM_ARGUMENTS];
} argument_pointers;

/// Runs the primitive of a problem, built when it is not cached.
int yuyan_run_cached(problem_reference problem, const argument_pointers *pointers);
/// Runs `count` problems, each on one thread, and adds up their float32 outputs, in their order, in the memory given
/// for those of the first.
int yuyan_run_and_add(ptrdiff_t count, const problem_reference *problems, const argument_pointers *pointers);
/// The `result_block` of that primitive.
int yuyan_find_result_block(problem_reference problem, ptrdiff_t *block);

#endif
