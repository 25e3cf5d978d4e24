#ifndef YUYAN_FUNCTIONS_H
#define YUYAN_FUNCTIONS_H

// Functions of float that need more than a few steps. Most are computed in double: next to correctly rounded, whatever
// the processor fuses.
#include "kernels_internal.h"

INLINE double double_from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

INLINE uint64_t bits_from_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

// Adding 1.5 · 2⁵² rounds to an integer, which then lies in the low bits.
#define DOUBLE_ROUNDING 6755399441055744.0

/// Beyond this, or for what is not finite, sinf and cosf have to do: the reduction below would lose bits.
#define LARGEST_ANGLE 524288.0f

/// sin (x + quarters · π/2) for |x| ≤ 2¹⁹, off by at most 0.51 of the last place.
INLINE float sine_of_turned(float x, int quarters) {
    double rounded = (double)x * (2 / M_PI) + DOUBLE_ROUNDING;
    uint32_t quarter = (uint32_t)bits_from_double(rounded) + (uint32_t)quarters;
    double n = rounded - DOUBLE_ROUNDING;
    // π/2 in two parts, the first so short that its multiples are exact.
    double r = ((double)x - n * 0x1.921FB544p0) - n * 0x1.0B4611A626331p-34, z = r * r;
    // Taylor series for |r| ≤ π/4.
    double s = -1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    double sine = s * z * r + r;
    double c = -1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    double cosine = c * z * z + (1 - 0.5 * z);
    float y = (float)(quarter & 1 ? cosine : sine);
    return quarter & 2 ? -y : y;
}

/// y = sin (x + quarters · π/2), also in place; by `exact`, sinf or cosf, where x is too large for the reduction.
INLINE void turned_sines(const float *x, float *y, ptrdiff_t count, int quarters, float (*exact)(float)) {
    for (ptrdiff_t begin = 0; begin < count; begin += 256) {
        ptrdiff_t end = minimum(begin + 256, count);
        int is_far = 0;
        for (ptrdiff_t i = begin; i < end; i++) is_far |= !(fabsf(x[i]) <= LARGEST_ANGLE);
        if (is_far) {
            for (ptrdiff_t i = begin; i < end; i++) y[i] = exact(x[i]);
        } else {
            INDEPENDENT for (ptrdiff_t i = begin; i < end; i++) {
                float v = x[i];
                y[i] = sine_of_turned(v, quarters);
            }
        }
    }
}

/// The nearest whole number; x itself if it is so large that it is whole.
INLINE double nearest_whole(double x) { return (x + DOUBLE_ROUNDING) - DOUBLE_ROUNDING; }

/// aᵇ, off by at most 0.51 of the last place; as C's pow defines it for zeros, infinities, NaN and negative a.
INLINE float fast_power(float a, float b) {
    double x = fabs((double)a), y = b;
    // log₂ x = e + log₂ m with m from √½ to √2: the offset makes the exponent change at √½, the bias keeps e above 0.
    uint64_t root = 0x3FE6A09E667F3BCDu, biased = bits_from_double(x) + (0x3FF0000000000000u - root);
    double e = double_from_bits(biased >> 52 | 0x4330000000000000u) - (0x1p52 + 1023);
    double f = double_from_bits((biased & 0x000FFFFFFFFFFFFFu) + root) - 1;
    // ln (1 + f) = 2 artanh s, by its Taylor series.
    double s = f / (2 + f), z = s * s;
    double p = 1.0 / 11;
    p = p * z + 1.0 / 9;
    p = p * z + 1.0 / 7;
    p = p * z + 1.0 / 5;
    p = p * z + 1.0 / 3;
    double logarithm = e + (p * z * s + s) * (2 / M_LN2);
    logarithm = x == 0 ? -INFINITY : logarithm;
    logarithm = x == INFINITY ? INFINITY : logarithm;
    double t = y * logarithm;
    t = t < -200 ? -200 : t;
    t = t > 200 ? 200 : t;
    double rounded = t + DOUBLE_ROUNDING;
    double g = (t - (rounded - DOUBLE_ROUNDING)) * M_LN2;
    double q = 1.0 / 40320;
    q = q * g + 1.0 / 5040;
    q = q * g + 1.0 / 720;
    q = q * g + 1.0 / 120;
    q = q * g + 1.0 / 24;
    q = q * g + 1.0 / 6;
    q = q * g + 0.5;
    q = (q * g * g + g) + 1;
    // To float only now: it rounds once, to 0, infinity and subnormal numbers, too.
    float result = (float)(q * double_from_bits((bits_from_double(rounded) << 52) + 0x3FF0000000000000u));
    // Of negative numbers only whole powers are real, and odd ones are negative.
    double half = 0.5 * y;
    bool is_negative = bits_from_float(a) >> 31, is_whole = nearest_whole(y) == y;
    bool flips = is_negative & is_whole & (nearest_whole(half) != half);
    bool is_unreal = is_negative & !is_whole & (x != 0) & (x != INFINITY);
    result = flips ? -result : result;
    result = is_unreal ? NAN : result;
    result = a != a ? a : result;
    // 1 whatever the other is, NaN included.
    bool is_one = (a == 1) | (b == 0) | ((a == -1) & (fabsf(b) == INFINITY));
    return is_one ? 1 : result;
}

/// The share of a standard normal distribution below x, to 5e-8, and to 1.3e-5 of itself far below 0; 0 below -5.6.
INLINE float normal_share(float x) {
    // log₂ of the share below -t: a fit with the smallest largest error of the share for 0 ≤ t ≤ 5.6.
    float t = fabsf(x) > 5.6f ? 5.6f : fabsf(x);
    float q = 1.7474423e-7f;
    q = q * t - 4.252927e-6f;
    q = q * t + 4.1124273e-5f;
    q = q * t - 1.7144777e-4f;
    q = q * t - 1.9660346e-4f;
    q = q * t + 7.1546426e-3f;
    q = q * t - 0.052561592f;
    q = q * t - 0.45918706f;
    q = q * t - 1.1511077f;
    q = q * t - 0.99999994f;
    // 2^q, by the series of e^(g ln 2) for |g| ≤ ½.
    float rounded = q + ROUNDING, g = q - (rounded - ROUNDING);
    float p = 1.5403530e-4f;
    p = p * g + 1.3333558e-3f;
    p = p * g + 9.6181291e-3f;
    p = p * g + 0.055504109f;
    p = p * g + 0.24022651f;
    p = p * g + 0.69314718f;
    float below = (p * g + 1) * float_from_bits((bits_from_float(rounded) - 0x4B400000u + 127) << 23);
    below = fabsf(x) > 5.6f ? 0 : below;
    return x < 0 ? below : 1 - below;
}

/// Below 1, erf x = x + x · p(x²); above, 1 - e^q(|x|). p and q are minimax fits of erf(√z) / √z - 1 for z ≤ 1 and of
/// ln erfc t for 1 ≤ t ≤ 4, to 1.2e-9; from 4 on erf is 1 in float.
INLINE float fast_erf(float x) {
    float z = x * x;
    float p = 7.889123e-5f;
    p = p * z - 8.020842e-4f;
    p = p * z + 5.1895357e-3f;
    p = p * z - 0.026854444f;
    p = p * z + 0.112836f;
    p = p * z - 0.37612626f;
    p = p * z + 0.12837917f;
    float t = fabsf(x) > 4 ? 4 : fabsf(x);
    float q = 1.8557407e-4f;
    q = q * t - 2.939608e-3f;
    q = q * t + 0.02180532f;
    q = q * t - 0.10303737f;
    q = q * t - 0.6382257f;
    q = q * t - 1.12704f;
    q = q * t - 3.5371876e-4f;
    float far = copysignf(1 - fast_exp_negative(q), x);
    return fabsf(x) < 1 ? x + x * p : far;
}

#endif
