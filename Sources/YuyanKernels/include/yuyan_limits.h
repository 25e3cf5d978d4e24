#ifndef YUYAN_LIMITS_H
#define YUYAN_LIMITS_H

#include <stddef.h>

/// Keeps the multiply-add units of all threads busy, in the widest instructions of the machine and from registers only.
/// Returns the number of floating-point operations that were done: time it to know the machine's peak.
double yuyan_multiply_add_burst(ptrdiff_t rounds);
/// The instructions that the burst and the loops of this library use: "AVX-512", "AVX2" or "baseline".
const char *yuyan_instruction_set(void);

#endif
