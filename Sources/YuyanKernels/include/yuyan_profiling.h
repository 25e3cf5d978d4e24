#ifndef YUYAN_PROFILING_H
#define YUYAN_PROFILING_H

#include <stdbool.h>
#include <stddef.h>

/// The recorder that the calling thread's operations report to; null, as a rule. Owned by whoever set it.
extern _Thread_local void *yuyan_thread_recorder;

static inline void *yuyan_recorder(void) { return yuyan_thread_recorder; }
static inline void yuyan_set_recorder(void *recorder) { yuyan_thread_recorder = recorder; }
/// Asked for every operation: one load and a branch that is never taken.
static inline bool yuyan_is_recording(void) { return __builtin_expect(yuyan_thread_recorder != NULL, 0); }

/// Images [N, C, H, W] that the calling thread has had copied from one layout into another.
extern _Thread_local ptrdiff_t yuyan_thread_reorders;

static inline void yuyan_count_reorder(void) { yuyan_thread_reorders++; }
static inline void yuyan_set_reorders(ptrdiff_t count) { yuyan_thread_reorders = count; }
static inline ptrdiff_t yuyan_reorders(void) { return yuyan_thread_reorders; }

/// A copy of an operand into another layout, in oneDNN's names of layouts: `abcd`, `acdb`, `aBcd16b`.
typedef struct {
    /// An image [N, C, H, W], or else a weight or another parameter.
    bool is_image;
    int rank;
    ptrdiff_t size[6];
    char from[24], to[24];
    /// What is read, without the padding of either layout.
    ptrdiff_t bytes, nanoseconds;
} yuyan_reorder;

/// Tells the recorder of the calling thread of a copy. Does nothing while none listens.
void yuyan_note_reorder(const yuyan_reorder *reorder);
/// What `yuyan_note_reorder` calls, the same for all threads.
void yuyan_set_reorder_listener(void (*listener)(void *recorder, const yuyan_reorder *reorder));

/// Nanoseconds of a clock that never goes back.
ptrdiff_t yuyan_nanoseconds(void);

/// How often the calling thread asked the Reference loops for what the cpu backend has no kernels for.
extern _Thread_local ptrdiff_t yuyan_thread_reference_uses;

static inline ptrdiff_t yuyan_reference_uses(void) { return yuyan_thread_reference_uses; }
static inline void yuyan_count_reference_use(void) { yuyan_thread_reference_uses++; }

#endif
