// Parallel loops for the other C targets.
#ifndef YUYAN_PARALLEL_H
#define YUYAN_PARALLEL_H

#include <signal.h>
#include <stddef.h>

typedef void (*range_body)(const void *job, ptrdiff_t begin, ptrdiff_t end);

/// Calls `body` for parts of 0 ..< count, of multiples of `grain`, on all threads if `work` (elements) is worth it.
void yuyan_parallel(ptrdiff_t count, ptrdiff_t grain, ptrdiff_t work, range_body body, const void *job);

/// sum[i] += x[i] for `count` elements.
void yuyan_add_into(float *sum, const float *x, ptrdiff_t count);

/// Calls `body` while libraries believe that there is one thread.
void yuyan_with_one_thread(void (*body)(void *), void *data);

/// Keeps signals from interrupting the calling thread until they are released, but for faults of the code itself.
void yuyan_hold_signals(sigset_t *before);
void yuyan_release_signals(const sigset_t *before);

#endif
