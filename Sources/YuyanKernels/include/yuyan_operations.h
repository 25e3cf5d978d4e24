// The codes of operations and of element types, for the kernels in C and for Swift, which imports each list as an
// enumeration: no two tables can disagree about them. A case is (its name in C, its name in Swift).
#ifndef YUYAN_OPERATIONS_H
#define YUYAN_OPERATIONS_H

#include <stdint.h>

#define YUYAN_ELEMENT_TYPES(X, P)                                                                                   \
    X(P, float32, float32) X(P, float64, float64) X(P, bfloat16, bfloat16) X(P, int32, int32) X(P, int64, int64)     \
    X(P, uint8, uint8) X(P, bool, bool)

// Any number; then floating point, of which `leaky_relu` has a slope and `softplus` a beta; then bool. `gelu_tanh` is GELU
// by its formula with tanh. A case says besides what its gradient in one pass is computed from, next to the gradient of the result: from its
// input or output; nothing if there is no such gradient.
#define YUYAN_UNARY_KINDS(X, P)                                                                                     \
    X(P, negate, negate, nothing) X(P, absolute, absolute, nothing) X(P, sign, sign, nothing)                       \
    X(P, square, square, nothing) X(P, reciprocal, reciprocal, nothing) X(P, exp, exp, nothing)                     \
    X(P, log, log, nothing) X(P, square_root, squareRoot, nothing) X(P, sine, sine, nothing)                        \
    X(P, cosine, cosine, nothing) X(P, floor, floor, nothing) X(P, erf, erf, nothing) X(P, relu, relu, output)      \
    X(P, leaky_relu, leakyReLU, output) X(P, sigmoid, sigmoid, output) X(P, tanh, tanh, output)                     \
    X(P, gelu, gelu, input) X(P, gelu_tanh, geluTanh, input) X(P, silu, silu, input)                                \
    X(P, softplus, softplus, input) X(P, logical_not, logicalNot, nothing)

// Any number: integer division truncates, and division of an integer by zero gives 0. Then bool.
#define YUYAN_BINARY_KINDS(X, P)                                                                                    \
    X(P, add, add) X(P, subtract, subtract) X(P, multiply, multiply) X(P, divide, divide) X(P, power, power)          \
    X(P, maximum, maximum) X(P, minimum, minimum) X(P, logical_and, logicalAnd) X(P, logical_or, logicalOr)

#define YUYAN_COMPARISON_KINDS(X, P)                                                                                \
    X(P, equal, equal) X(P, not_equal, notEqual) X(P, less, less) X(P, less_or_equal, lessOrEqual)                   \
    X(P, greater, greater) X(P, greater_or_equal, greaterOrEqual)

#define YUYAN_REDUCTION_KINDS(X, P)                                                                                 \
    X(P, sum, sum) X(P, mean, mean) X(P, product, product) X(P, maximum, maximum) X(P, minimum, minimum)

#define YUYAN_ARG_REDUCTION_KINDS(X, P) X(P, largest, largest) X(P, smallest, smallest)

#define YUYAN_SCAN_KINDS(X, P) X(P, sum, sum)

#define YUYAN_SOFTMAX_KINDS(X, P) X(P, softmax, softmax) X(P, log_softmax, logSoftmax)

#define YUYAN_POOL_KINDS(X, P) X(P, maximum, maximum) X(P, average, average)

#define YUYAN_NORMALIZATION_KINDS(X, P) X(P, batch, batch)

#define YUYAN_RECURRENCE_KINDS(X, P) X(P, lstm, lstm)

#define YUYAN_LOSS_KINDS(X, P) X(P, squared_error, squaredError) X(P, cross_entropy, crossEntropy)

#define YUYAN_RANDOM_KINDS(X, P) X(P, uniform, uniform) X(P, normal, normal) X(P, permutation, permutation)

#define YUYAN_LINEAR_ALGEBRA_KINDS(X, P) X(P, qr, qr) X(P, triangular_solve, triangularSolve)

#define YUYAN_UPDATE_KINDS(X, P)                                                                                    \
    X(P, gradient_descent, gradientDescent) X(P, adam, adam) X(P, adam_w, adamW) X(P, rms_prop, rmsProp)              \
    X(P, adagrad, adagrad) X(P, adadelta, adadelta) X(P, yogi, yogi)

#define YUYAN_CASE(type, name, swift, ...) type##_##name __attribute__((swift_name(#swift))),
#define YUYAN_TEXT(type, name, swift, ...) #swift,
#define YUYAN_ONE(type, name, swift, ...) +1
// An enumeration, how many cases it has, and their names.
#define YUYAN_ENUMERATION(type, cases)                                                                              \
    typedef enum __attribute__((enum_extensibility(closed))) type : int32_t {                                        \
        cases(YUYAN_CASE, type)                                                                                     \
    } type;                                                                                                         \
    static inline int32_t type##_count(void) { return 0 cases(YUYAN_ONE, type); }                                    \
    static inline const char *type##_text(type code) {                                                              \
        static const char *const texts[] = {cases(YUYAN_TEXT, type)};                                               \
        return texts[code];                                                                                         \
    }

YUYAN_ENUMERATION(yuyan_element_type, YUYAN_ELEMENT_TYPES)
YUYAN_ENUMERATION(yuyan_unary_kind, YUYAN_UNARY_KINDS)
YUYAN_ENUMERATION(yuyan_binary_kind, YUYAN_BINARY_KINDS)
YUYAN_ENUMERATION(yuyan_comparison_kind, YUYAN_COMPARISON_KINDS)
YUYAN_ENUMERATION(yuyan_reduction_kind, YUYAN_REDUCTION_KINDS)
YUYAN_ENUMERATION(yuyan_arg_reduction_kind, YUYAN_ARG_REDUCTION_KINDS)
YUYAN_ENUMERATION(yuyan_scan_kind, YUYAN_SCAN_KINDS)
YUYAN_ENUMERATION(yuyan_softmax_kind, YUYAN_SOFTMAX_KINDS)
YUYAN_ENUMERATION(yuyan_pool_kind, YUYAN_POOL_KINDS)
YUYAN_ENUMERATION(yuyan_normalization_kind, YUYAN_NORMALIZATION_KINDS)
YUYAN_ENUMERATION(yuyan_recurrence_kind, YUYAN_RECURRENCE_KINDS)
YUYAN_ENUMERATION(yuyan_loss_kind, YUYAN_LOSS_KINDS)
YUYAN_ENUMERATION(yuyan_random_kind, YUYAN_RANDOM_KINDS)
YUYAN_ENUMERATION(yuyan_linear_algebra_kind, YUYAN_LINEAR_ALGEBRA_KINDS)
YUYAN_ENUMERATION(yuyan_update_kind, YUYAN_UPDATE_KINDS)

#define YUYAN_OPERANDS(X, P) X(P, nothing, nothing) X(P, input, input) X(P, output, output)
YUYAN_ENUMERATION(yuyan_gradient_operand, YUYAN_OPERANDS)
#define YUYAN_READS(type, name, swift, reads) yuyan_gradient_operand_##reads,
static inline yuyan_gradient_operand yuyan_unary_gradient_reads(yuyan_unary_kind kind) {
    static const yuyan_gradient_operand operands[] = {YUYAN_UNARY_KINDS(YUYAN_READS, )};
    return operands[kind];
}

#endif
