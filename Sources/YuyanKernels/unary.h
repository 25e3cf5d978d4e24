#ifndef YUYAN_UNARY_H
#define YUYAN_UNARY_H

// The functions of one number and their gradients: each stands here once, for float32 (unary.c, which computes bfloat16
// too) and float64 (typed.c). Who includes it defines `real`, the elementary functions `real_…`, REAL_EXP_BOUND, beyond
// which e^-x is 0, and what becomes of these lines:
// UNARY(name, expression)     a function of v and of the operation's numbers, slope and beta
// ANGLES(name, quarters, f)   f(v) = sin(v + quarters · π/2), with f that of the C library for double
// GRADIENT(name, expression)  the gradient, from g and from v, which is x or f(x) as the list in yuyan_operations.h says

/// NaN stays.
INLINE real bounded(real x, real limit) { return x < -limit ? -limit : x > limit ? limit : x; }

/// Right to the last bits at both ends, where 1 / (1 + exp(-x)) overflows below.
INLINE real logistic(real x) {
    real e = real_exp(-real_abs(x)), share = 1 / (1 + e);
    return x < 0 ? e * share : share;
}

// Beyond their bounds the activations are x or 0; at infinity, too.

#define GELU_BOUND 40

INLINE real gelu(real x) { return (x < -GELU_BOUND ? -GELU_BOUND : x) * real_normal_share(x); }

INLINE real gelu_slope(real x) {
    real t = bounded(x, GELU_BOUND), half = (real)0.5;
    return real_normal_share(t) + t * (real)0.39894228040143267794 * real_exp_negative(-half * t * t);
}

/// 2 √(2/π) (x + 0.044715 x³): (1 + tanh u) / 2 = logistic(2u).
INLINE real doubled_argument(real x) {
    return x * ((real)1.5957691216057307117 + (real)(1.5957691216057307117 * 0.044715) * x * x);
}

INLINE real gelu_tanh(real x) {
    real t = bounded(x, GELU_BOUND);
    return (x < 0 ? t : x) * logistic(doubled_argument(t));
}

INLINE real gelu_tanh_slope(real x) {
    real t = bounded(x, GELU_BOUND), share = logistic(doubled_argument(t));
    real slope = (real)1.5957691216057307117 + (real)(3 * 1.5957691216057307117 * 0.044715) * t * t;
    return share + t * share * (1 - share) * slope;
}

INLINE real silu(real x) { return (x < -REAL_EXP_BOUND ? -REAL_EXP_BOUND : x) * logistic(x); }

INLINE real silu_slope(real x) {
    real t = bounded(x, REAL_EXP_BOUND), share = logistic(t);
    return share * (1 + t * (1 - share));
}

// From here on softplus is the line that it approaches, as PyTorch's.
#define SOFTPLUS_LINE 20

/// log(1 + e^βx) / β; what 1 + e loses when it is rounded comes back by the quotient.
INLINE real softplus(real x, real beta) {
    real z = beta * x, e = real_exp(-real_abs(z)), sum = 1 + e;
    real logarithm = real_log(sum) + (e - (sum - 1)) / sum;
    return z > SOFTPLUS_LINE ? x : ((z > 0 ? z : 0) + logarithm) / beta;
}

INLINE real softplus_slope(real x, real beta) {
    real z = beta * x;
    return z > SOFTPLUS_LINE ? 1 : logistic(z);
}

UNARY(negate, -v)
UNARY(absolute, real_abs(v))
UNARY(sign, v > 0 ? (real)1 : v < 0 ? (real)-1 : (real)0)
UNARY(square, v * v)
UNARY(reciprocal, 1 / v)
UNARY(exp, real_exp(v))
UNARY(log, real_log(v))
UNARY(square_root, __builtin_elementwise_sqrt(v))
ANGLES(sine, 0, sin)
ANGLES(cosine, 1, cos)
UNARY(floor, __builtin_elementwise_floor(v))
UNARY(erf, real_erf(v))
UNARY(relu, v <= 0 ? 0 : v)
UNARY(leaky_relu, v > 0 ? v : v * slope)
UNARY(sigmoid, real_sigmoid(v))
UNARY(tanh, real_tanh(v))
UNARY(gelu, gelu(v))
UNARY(gelu_tanh, gelu_tanh(v))
UNARY(silu, silu(v))
UNARY(softplus, softplus(v, beta))

GRADIENT(relu, v > 0 ? g : 0)
GRADIENT(leaky_relu, v > 0 ? g : g * slope)
GRADIENT(sigmoid, g * v * (1 - v))
GRADIENT(tanh, g * (1 - v * v))
GRADIENT(gelu, g * gelu_slope(v))
GRADIENT(gelu_tanh, g * gelu_tanh_slope(v))
GRADIENT(silu, g * silu_slope(v))
GRADIENT(softplus, g * softplus_slope(v, beta))

// The tables of loops, by operation. Of logical_not there is none: Reference computes with bool.
#define unary_logical_not_copies 0
#define UNARY_LOOP(type, name, swift, reads) [type##_##name] = unary_##name##_copies,
#define GRADIENT_READING_nothing(name) 0
#define GRADIENT_READING_input(name) gradient_##name##_copies
#define GRADIENT_READING_output(name) gradient_##name##_copies
#define GRADIENT_LOOP(type, name, swift, reads) [type##_##name] = GRADIENT_READING_##reads(name),

#endif
