// Products over channels of images that lie in blocks of channels, for one instruction set: SET, whose vectors have LANES
// numbers and whose registers hold the sums of ROWS pixels, or of GRADIENT_ROWS channels, by two vectors of channels.
// Without a guard: included once for each. Every sum has the same terms in the same order for all sets.

typedef float NAME(vector) __attribute__((vector_size(4 * LANES)));
typedef float NAME(unaligned) __attribute__((vector_size(4 * LANES), aligned(4)));
#define vector NAME(vector)
#define unaligned NAME(unaligned)

INLINE vector NAME(load)(const float *x) { return *(const unaligned *)x; }
INLINE void NAME(store)(float *x, vector v) { *(unaligned *)x = v; }
#define load NAME(load)
#define store NAME(store)

// Of an image, whose numbers are float, or bfloat16.
#define load_image JOIN(image_load, LANES)
#define store_image JOIN(image_store, LANES)

/// relu as an image is written: NaN stays.
typedef int32_t NAME(bits) __attribute__((vector_size(4 * LANES)));
INLINE vector NAME(rectified)(vector v) {
    return (vector)(~(v <= 0) & (NAME(bits))v);
}

/// to[v][i] = bias[v] + Σ_c left[c][i] · right[c][v], or its relu, for `rows` pixels i and `vectors` vectors v of channels: of `left`,
/// and of `to`, a vector of channels of all pixels lies a step after the one before; the weights lie close together.
INLINE void NAME(multiply_rows)(
    const float *left, ptrdiff_t left_step, ptrdiff_t channels, const float *right, const float *bias, float *to,
    ptrdiff_t to_step, bool has_relu, const int rows, const int vectors) {
    vector sums[ROWS][2];
    UNROLLED for (int i = 0; i < rows; i++)
        UNROLLED for (int v = 0; v < vectors; v++) sums[i][v] = (vector){0};
    for (ptrdiff_t c = 0; c < channels; c += LANES, left += left_step)
        for (int lane = 0; lane < LANES; lane++, right += vectors * LANES) {
            vector weights[2];
            UNROLLED for (int v = 0; v < vectors; v++) weights[v] = load(right + v * LANES);
            UNROLLED for (int i = 0; i < rows; i++)
                UNROLLED for (int v = 0; v < vectors; v++) sums[i][v] += left[i * LANES + lane] * weights[v];
        }
    UNROLLED for (int v = 0; v < vectors; v++) {
        vector b = bias ? load(bias + v * LANES) : (vector){0};
        UNROLLED for (int i = 0; i < rows; i++) {
            vector sum = bias ? sums[i][v] + b : sums[i][v];
            store(to + v * to_step + i * LANES, has_relu ? NAME(rectified)(sum) : sum);
        }
    }
}

/// Of GRADIENT_ROWS channels by two vectors of others.
typedef struct {
    vector of[GRADIENT_ROWS][2];
} NAME(sums);

INLINE void NAME(clear)(NAME(sums) *sums, const int vectors) {
    UNROLLED for (int i = 0; i < GRADIENT_ROWS; i++)
        UNROLLED for (int v = 0; v < vectors; v++) sums->of[i][v] = (vector){0};
}

/// sums[c][v] += Σ_t left[t][c] · right[v][t] over so many pixels t; `right` as `to` above.
INLINE void NAME(accumulate_rows)(
    NAME(sums) *sums, const float *left, const float *right, ptrdiff_t right_step, ptrdiff_t pixels,
    const int vectors) {
    for (ptrdiff_t t = 0; t < pixels; t++, left += LANES, right += LANES) {
        vector gradient[2];
        UNROLLED for (int v = 0; v < vectors; v++) gradient[v] = load(right + v * right_step);
        UNROLLED for (int i = 0; i < GRADIENT_ROWS; i++)
            UNROLLED for (int v = 0; v < vectors; v++) sums->of[i][v] += left[i] * gradient[v];
    }
}

INLINE void NAME(keep)(const NAME(sums) *sums, float *to, bool adds, const int vectors) {
    UNROLLED for (int i = 0; i < GRADIENT_ROWS; i++)
        UNROLLED for (int v = 0; v < vectors; v++) {
            float *at = to + (i * vectors + v) * LANES;
            store(at, adds ? load(at) + sums->of[i][v] : sums->of[i][v]);
        }
}
