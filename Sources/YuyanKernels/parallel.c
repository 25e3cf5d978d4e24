// Parallel loops on the thread pool of libgomp, the one that oneDNN computes on.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "kernels_internal.h"
#include "load.h"
#include "yuyan_parallel.h"
#include "yuyan_threads.h"

static _Atomic int chosen_threads = 0;

int yuyan_thread_count(void) {
    if (yuyan_is_in_background()) return 1;
    int count = atomic_load_explicit(&chosen_threads, memory_order_relaxed);
    return count > 0 ? count : omp_get_max_threads();
}

void yuyan_set_thread_count(int count) { atomic_store(&chosen_threads, count < 1 ? 1 : count); }

// Signals that interrupt a thread from outside. oneDNN's kernels use the stack register for other things (products with
// k over 252, up to 3.11): a handler that ran on top of one would write into tensors.
static sigset_t interruptions;

__attribute__((constructor)) static void name_interruptions(void) {
    sigfillset(&interruptions);
    // Faults of the code itself: blocked, they would end the program without a word.
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&interruptions, faults[i]);
}

void yuyan_hold_signals(sigset_t *before) { pthread_sigmask(SIG_BLOCK, &interruptions, before); }

void yuyan_release_signals(const sigset_t *before) { pthread_sigmask(SIG_SETMASK, before, NULL); }

static void hold_signals_for_good(void *data) {
    (void)data;
    sigset_t before;
    if (omp_get_thread_num() > 0) yuyan_hold_signals(&before);
}

int yuyan_prepare_threads(void) {
    // OpenMP keeps the number, and a pool of helpers, for each thread that opens regions.
    static _Thread_local int prepared = 1;
    int count = yuyan_thread_count();
    if (count != prepared || count != omp_get_max_threads()) {
        omp_set_num_threads(count);
        if (count > 1) GOMP_parallel(hold_signals_for_good, NULL, (unsigned)count, 0);
        prepared = count;
    }
    if (count > 1) yuyan_follow_load(count);
    return count;
}

typedef struct {
    ptrdiff_t count, grain;
    range_body body;
    const void *job;
} region;

static void run_part(void *data) {
    const region *all = data;
    ptrdiff_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    ptrdiff_t grains = (all->count + all->grain - 1) / all->grain;
    ptrdiff_t begin = grains * thread / threads * all->grain;
    ptrdiff_t end = minimum(grains * (thread + 1) / threads * all->grain, all->count);
    if (begin < end) all->body(all->job, begin, end);
}

void yuyan_parallel(ptrdiff_t count, ptrdiff_t grain, ptrdiff_t work, range_body body, const void *job) {
    if (count <= 0) return;
    bool is_small = work < PARALLEL_MINIMUM || count <= grain;
    if (is_small || yuyan_is_in_background() || omp_in_parallel() || yuyan_prepare_threads() <= 1) {
        body(job, 0, count);
        return;
    }
    region all = {count, grain, body, job};
    GOMP_parallel(run_part, &all, (unsigned)yuyan_thread_count(), 0);
}

void yuyan_with_one_thread(void (*body)(void *), void *data) {
    int before = omp_get_max_threads();
    omp_set_num_threads(1);
    body(data);
    omp_set_num_threads(before);
}

void yuyan_make_nest(loop_nest *nest, int arrays, const int32_t *size, const ptrdiff_t *const strides[]) {
    int order[8], axes = 0;
    nest->count = 1;
    for (int axis = 0; axis < 8; axis++) {
        nest->count *= size[axis];
        if (size[axis] == 1) continue;
        int place = axes++;
        while (place > 0 && strides[0][order[place - 1]] < strides[0][axis]) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = axis;
    }
    nest->rank = 0;
    for (int i = 0; i < axes; i++) {
        int axis = order[i], last = nest->rank - 1;
        bool merges = last >= 0;
        for (int array = 0; merges && array < arrays; array++)
            merges = nest->stride[array][last] == strides[array][axis] * size[axis];
        if (!merges) {
            last = nest->rank++;
            nest->size[last] = 1;
        }
        nest->size[last] *= size[axis];
        for (int array = 0; array < arrays; array++) nest->stride[array][last] = strides[array][axis];
    }
    if (nest->rank == 0) {
        nest->rank = 1;
        nest->size[0] = 1;
        for (int array = 0; array < arrays; array++) nest->stride[array][0] = 1;
    }
}
