// Loops that run into the machine's limits, to measure them.
#include "yuyan_limits.h"

#include "kernels_internal.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

// Chains that do not wait for each other: two units with a latency of four or five need at least ten.
#define CHAINS 12

// The empty assembly hides the numbers from the compiler, which would leave out chains that come to equal values.
#ifdef __x86_64__
#define BURST(name, instructions, vector, set, step, lanes)                                \
    instructions static double name(ptrdiff_t rounds) {                                    \
        vector chain[CHAINS], factor = set(0.999999f), term = set(1e-6f);                  \
        for (int i = 0; i < CHAINS; i++) {                                                 \
            chain[i] = set(1.0f + 0.01f * (float)i);                                       \
            __asm__ volatile("" : "+x"(chain[i]));                                         \
        }                                                                                  \
        for (ptrdiff_t round = 0; round < rounds; round++) {                               \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) chain[i] = \
                step(chain[i], factor, term);                                              \
        }                                                                                  \
        vector sum = chain[0];                                                             \
        for (int i = 1; i < CHAINS; i++) sum = step(sum, factor, chain[i]);                \
        __asm__ volatile("" : : "x"(sum));                                                 \
        return 2.0 * CHAINS * lanes * (double)rounds;                                      \
    }

INLINE __m128 multiply_add(__m128 x, __m128 factor, __m128 term) {
    return _mm_add_ps(_mm_mul_ps(x, factor), term);
}

BURST(burst_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, _mm512_fmadd_ps, 16)
BURST(burst_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, _mm256_fmadd_ps, 8)
BURST(burst_baseline, , __m128, _mm_set1_ps, multiply_add, 4)

static double burst(ptrdiff_t rounds) {
    switch (yuyan_instructions) {
    case AVX512: return burst_avx512(rounds);
    case AVX2: return burst_avx2(rounds);
    default: return burst_baseline(rounds);
    }
}
#else
static double burst(ptrdiff_t rounds) {
    float chain[CHAINS][4];
    for (int i = 0; i < CHAINS; i++)
        for (int lane = 0; lane < 4; lane++) chain[i][lane] = 1.0f + 0.01f * (float)(i + lane);
    for (ptrdiff_t round = 0; round < rounds; round++)
        for (int i = 0; i < CHAINS; i++)
            for (int lane = 0; lane < 4; lane++) chain[i][lane] = chain[i][lane] * 0.999999f + 1e-6f;
    __asm__ volatile("" : : "r"(chain) : "memory");
    return 2.0 * CHAINS * 4 * (double)rounds;
}
#endif

typedef struct {
    ptrdiff_t rounds;
    double *operations;
} burst_job;

static void burst_threads(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const burst_job *job = data;
    for (ptrdiff_t thread = begin; thread < end; thread++) job->operations[thread] = burst(job->rounds);
}

#define MAXIMUM_THREADS 1024

double yuyan_multiply_add_burst(ptrdiff_t rounds) {
    double operations[MAXIMUM_THREADS], sum = 0;
    ptrdiff_t threads = minimum(yuyan_thread_count(), MAXIMUM_THREADS);
    burst_job job = {rounds, operations};
    yuyan_parallel(threads, 1, PARALLEL_MINIMUM, burst_threads, &job);
    for (ptrdiff_t thread = 0; thread < threads; thread++) sum += operations[thread];
    return sum;
}
