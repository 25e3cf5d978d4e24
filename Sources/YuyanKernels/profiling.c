#include "yuyan_profiling.h"

#include <stdatomic.h>
#include <time.h>

_Thread_local void *yuyan_thread_recorder;
_Thread_local ptrdiff_t yuyan_thread_reorders;
_Thread_local ptrdiff_t yuyan_thread_reference_uses;

static _Atomic(void (*)(void *, const yuyan_reorder *)) reorder_listener;

void yuyan_set_reorder_listener(void (*listener)(void *recorder, const yuyan_reorder *reorder)) {
    atomic_store(&reorder_listener, listener);
}

void yuyan_note_reorder(const yuyan_reorder *reorder) {
    void (*listener)(void *, const yuyan_reorder *) = atomic_load(&reorder_listener);
    if (listener && yuyan_is_recording()) listener(yuyan_recorder(), reorder);
}

ptrdiff_t yuyan_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (ptrdiff_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
