#ifndef YUYAN_PRECISION_H
#define YUYAN_PRECISION_H

#include <stdbool.h>

/// Whether any part of the program has asked for less than float32 so far.
extern _Atomic bool yuyan_has_reduced_precision;

static inline void yuyan_note_reduced_precision(void) { yuyan_has_reduced_precision = true; }
/// Asked at every use of a parameter: one load and a branch that is taken in few programs.
static inline bool yuyan_may_reduce_precision(void) {
    return __builtin_expect(__atomic_load_n((const bool *)&yuyan_has_reduced_precision, __ATOMIC_RELAXED), 0);
}

#endif
