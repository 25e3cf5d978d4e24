// Parallel loops on the thread pool of libgomp, the one that oneDNN computes on.
#include <stdatomic.h>
#include <time.h>

#include "kernels_internal.h"

// libgomp's entry points. They are what a compiler emits for `#pragma omp parallel`, declared here because the
// Swift toolchain has no omp.h.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int count);

static _Atomic int chosen_threads = 0;

int yuyan_thread_count(void) {
    int count = atomic_load_explicit(&chosen_threads, memory_order_relaxed);
    return count > 0 ? count : omp_get_max_threads();
}

void yuyan_set_thread_count(int count) {
    atomic_store(&chosen_threads, count < 1 ? 1 : count);
    yuyan_apply_thread_count();
}

int yuyan_apply_thread_count(void) {
    // OpenMP keeps the number for each thread that opens regions.
    static _Thread_local int applied = 0;
    int count = atomic_load_explicit(&chosen_threads, memory_order_relaxed);
    if (count == 0) return omp_get_max_threads();
    if (count != applied) {
        omp_set_num_threads(count);
        applied = count;
    }
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
    int threads = work < PARALLEL_MINIMUM || count <= grain ? 1 : yuyan_thread_count();
    if (threads <= 1 || omp_in_parallel()) {
        body(job, 0, count);
        return;
    }
    region all = {count, grain, body, job};
    GOMP_parallel(run_part, &all, (unsigned)threads, 0);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void do_nothing(void *data) { (void)data; }

double yuyan_region_seconds(void) {
    enum { MOST = 100 };
    int threads = yuyan_apply_thread_count();
    if (threads <= 1) return 0;
    // The first one wakes the other threads.
    GOMP_parallel(do_nothing, NULL, (unsigned)threads, 0);
    double start = seconds_now(), passed = 0;
    int count = 0;
    while (count < MOST && passed < 0.05) {
        GOMP_parallel(do_nothing, NULL, (unsigned)threads, 0);
        count++;
        passed = seconds_now() - start;
    }
    return passed / count;
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
