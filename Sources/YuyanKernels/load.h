// How the threads of parallel regions behave beside other programs.
#ifndef YUYAN_LOAD_H
#define YUYAN_LOAD_H

// libgomp's entry points. They are what a compiler emits for `#pragma omp parallel`, declared here because the
// Swift toolchain has no omp.h.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_get_num_procs(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int count);

/// To be called by a thread that is about to open a region of `threads` > 1 threads: makes its helpers behave as the
/// load of the machine asks for.
void yuyan_follow_load(int threads);

#endif
