#ifndef YUYAN_LIMITS_H
#define YUYAN_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/// Keeps the multiply-add units of all threads busy, in the widest instructions of the machine and from registers only.
/// Returns the number of floating-point operations that were done: time it to know the machine's peak.
double yuyan_multiply_add_burst(ptrdiff_t rounds);
/// The instructions that the burst and the loops of this library use: "AVX-512", "AVX2" or "baseline". The best that
/// the processor has, unless the environment variable ONEDNN_MAX_CPU_ISA, or DNNL_MAX_CPU_ISA, limits oneDNN and these
/// loops to less, by one of oneDNN's names: SSE41, AVX2, AVX512_CORE and so on.
const char *yuyan_instruction_set(void);
/// Whether the processor has instructions that multiply bfloat16, AVX-512 with BF16, and the variable allows them.
bool yuyan_multiplies_bfloat16(void);
/// The value of that variable; null if there is none.
const char *yuyan_instruction_limit(void);
/// Whether it is a name that oneDNN knows, as far as these loops can tell. True without the variable.
bool yuyan_instruction_limit_is_known(void);

#endif
