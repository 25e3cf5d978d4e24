#ifndef YUYAN_KERNELS_INTERNAL_H
#define YUYAN_KERNELS_INTERNAL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "yuyan_kernels.h"
#include "yuyan_parallel.h"

// Loops and their helpers are inlined into a copy for each instruction set, or they would run with the baseline's.
#define INLINE static inline __attribute__((always_inline))

// COPIES(name, parameters, arguments) compiles the loop `INLINE void name(…)` once for each instruction set and makes
// the table `name_copies` of them; CHOSEN(name_copies) is the one to call. Not left to the compiler's function clones,
// which the loader chooses by the processor alone: these obey a variable (instructions.c).
enum { BASELINE, AVX2, AVX512 };

/// Which copies run. Set once, when the program is loaded.
extern int yuyan_instructions;

#ifdef __x86_64__
#define INSTRUCTION_SETS 3
#define COPY(name, set, result, parameters, arguments)                       \
    static result name##_##set parameters { return name arguments; }
#define COPIES_OF(name, result, parameters, arguments)                                                               \
    COPY(name, baseline, result, parameters, arguments)                                                              \
    __attribute__((target("avx2,fma"))) COPY(name, avx2, result, parameters, arguments)                              \
    __attribute__((target("avx512f"))) COPY(name, avx512, result, parameters, arguments)                             \
    static result (*const name##_copies[])parameters = {name##_baseline, name##_avx2, name##_avx512};
#else
#define INSTRUCTION_SETS 1
#define COPIES_OF(name, result, parameters, arguments) static result (*const name##_copies[])parameters = {name};
#endif
#define COPIES(name, parameters, arguments) COPIES_OF(name, void, parameters, arguments)
#define CHOSEN(copies) ((copies)[yuyan_instructions])

// Operands of one index at most are the same memory: iterations do not depend on each other.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(enable)")

#define UNROLLED _Pragma("clang loop unroll(full)")

// Below this many elements a loop runs on the calling thread.
#define PARALLEL_MINIMUM 32768

/// Loops over several strided arrays of one size: axes of size 1 dropped, sorted by the strides of array 0 (the
/// outermost first), merged where possible.
typedef struct {
    int rank;
    ptrdiff_t count;
    ptrdiff_t size[8];
    ptrdiff_t stride[4][8];
} loop_nest;

void yuyan_make_nest(loop_nest *nest, int arrays, const int32_t *size, const ptrdiff_t *const strides[]);

INLINE ptrdiff_t minimum(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t maximum(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
INLINE ptrdiff_t rounded_up(ptrdiff_t count, ptrdiff_t unit) { return (count + unit - 1) / unit * unit; }

/// As many pixels at a time as leave the fewest to be computed again, but not so few that sums wait for each other.
INLINE ptrdiff_t pixels_at_a_time(ptrdiff_t pixels, ptrdiff_t most) {
    ptrdiff_t best = minimum(pixels, most), least = PTRDIFF_MAX;
    for (ptrdiff_t rows = best; rows >= minimum(best, (most + 1) / 2); rows--) {
        ptrdiff_t computed = rounded_up(pixels, rows);
        if (computed >= least) continue;
        least = computed;
        best = rows;
    }
    return best;
}

/// A place in a nest. The innermost loop is cut into pieces; all pieces are numbered for the threads.
typedef struct {
    ptrdiff_t row, piece, pieces, units;
    ptrdiff_t at_piece, position[8], offset[4];
} nest_walk;

INLINE void start_walk(nest_walk *walk, const loop_nest *nest) {
    walk->row = nest->size[nest->rank - 1];
    walk->piece = minimum(walk->row, 8192);
    walk->pieces = walk->row > 0 ? (walk->row + walk->piece - 1) / walk->piece : 0;
    walk->units = walk->row > 0 ? nest->count / walk->row * walk->pieces : 0;
}

INLINE void seek_walk(nest_walk *walk, const loop_nest *nest, int arrays, ptrdiff_t unit) {
    ptrdiff_t outer = unit / walk->pieces;
    walk->at_piece = unit % walk->pieces;
    for (int array = 0; array < arrays; array++) walk->offset[array] = 0;
    for (int axis = nest->rank - 2; axis >= 0; axis--) {
        walk->position[axis] = outer % nest->size[axis];
        outer /= nest->size[axis];
        for (int array = 0; array < arrays; array++)
            walk->offset[array] += walk->position[axis] * nest->stride[array][axis];
    }
}

INLINE void advance_walk(nest_walk *walk, const loop_nest *nest, int arrays) {
    if (++walk->at_piece < walk->pieces) return;
    walk->at_piece = 0;
    for (int axis = nest->rank - 2; axis >= 0; axis--) {
        ptrdiff_t back = nest->size[axis];
        bool carries = ++walk->position[axis] == back;
        for (int array = 0; array < arrays; array++)
            walk->offset[array] += nest->stride[array][axis] * (carries ? 1 - back : 1);
        if (!carries) return;
        walk->position[axis] = 0;
    }
}

/// The offset of the current piece in an array, and its number of elements.
INLINE ptrdiff_t walk_offset(const nest_walk *walk, const loop_nest *nest, int array) {
    return walk->offset[array] + walk->at_piece * walk->piece * nest->stride[array][nest->rank - 1];
}
INLINE ptrdiff_t walk_count(const nest_walk *walk) {
    return minimum(walk->piece, walk->row - walk->at_piece * walk->piece);
}

INLINE float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

INLINE uint32_t bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

INLINE float from_bfloat16(uint16_t bits) { return float_from_bits((uint32_t)bits << 16); }
/// The nearest, ties to even; NaN stays.
INLINE uint16_t to_bfloat16(float value) {
    uint32_t bits = bits_from_float(value);
    uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    return (uint16_t)(value != value ? (bits >> 16 | 0x40) : rounded);
}

// Between bfloat16 and float32.
INLINE void widen(const uint16_t *restrict x, float *restrict y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = from_bfloat16(x[i]);
}
INLINE void narrow(const float *restrict x, uint16_t *restrict y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = to_bfloat16(x[i]);
}

// exp(x) = 2ⁿ eʳ with r = x - n ln 2. Adding 1.5 · 2²³ rounds to an integer, which then lies in the low bits.
#define ROUNDING 12582912.0f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f

/// eʳ - 1 for |r| ≤ ln 2 / 2, by its Taylor series.
INLINE float exp_series(float r) {
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    return p * r * r + r;
}

INLINE float fast_exp(float x) {
    float t = x < -110 ? -110 : x;
    t = t > 100 ? 100 : t;
    float rounded = t * 1.44269504f + ROUNDING;
    int32_t n = (int32_t)(bits_from_float(rounded) - 0x4B400000u);
    float whole = rounded - ROUNDING;
    float r = t - whole * LN2_HIGH;
    r -= whole * LN2_LOW;
    // 2ⁿ in two factors, so that results over- and underflow as they should.
    int32_t half = n >> 1;
    float first = float_from_bits((uint32_t)(half + 127) << 23);
    float second = float_from_bits((uint32_t)(n - half + 127) << 23);
    return (exp_series(r) + 1) * first * second;
}

/// exp for x ≤ 0, in fewer steps: results below 2⁻¹²⁵ become 0.
INLINE float fast_exp_negative(float x) {
    float t = x < -87 ? -87 : x;
    float rounded = t * 1.44269504f + ROUNDING;
    float scale = float_from_bits((bits_from_float(rounded) - 0x4B400000u + 127) << 23);
    float whole = rounded - ROUNDING;
    float r = t - whole * LN2_HIGH;
    r -= whole * LN2_LOW;
    float y = (exp_series(r) + 1) * scale;
    return x < -87 ? 0 : y;
}

INLINE float fast_log(float x) {
    // x = 2ᵉ m with m from √½ to √2; the offset makes the exponent change at √½.
    float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
    float shift = x < 1.17549435e-38f ? 23.0f : 0.0f;
    uint32_t offset = bits_from_float(scaled) - 0x3F3504F3u;
    float e = (float)((int32_t)offset >> 23) - shift;
    float f = float_from_bits((offset & 0x007FFFFFu) + 0x3F3504F3u) - 1;
    // log(1 + f) = 2 artanh(s), s = f / (2 + f), arranged so that f itself is exact.
    float s = f / (2 + f);
    float z = s * s;
    float series = 2.0f / 11;
    series = series * z + 2.0f / 9;
    series = series * z + 2.0f / 7;
    series = series * z + 2.0f / 5;
    series = series * z + 2.0f / 3;
    float square = 0.5f * f * f;
    float correction = s * (square + series * z) + e * LN2_LOW;
    float y = e * LN2_HIGH - ((square - correction) - f);
    y = x == 0 ? -INFINITY : y;
    y = x == INFINITY ? INFINITY : y;
    return x >= 0 ? y : NAN;
}

/// tanh |x| = E / (E + 2) with E = exp(2|x|) - 1, which is exact to the last bits near 0.
INLINE float fast_tanh(float x) {
    float t = 2 * fabsf(x);
    t = t > 40 ? 40 : t;
    float rounded = t * 1.44269504f + ROUNDING;
    float scale = float_from_bits((bits_from_float(rounded) - 0x4B400000u + 127) << 23);
    float whole = rounded - ROUNDING;
    float r = t - whole * LN2_HIGH;
    r -= whole * LN2_LOW;
    float e = exp_series(r) * scale + (scale - 1);
    return copysignf(e / (e + 2), x);
}

INLINE float fast_sigmoid(float x) { return 1 / (1 + fast_exp(-x)); }

#endif
