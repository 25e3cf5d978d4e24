// Random float32 numbers from Philox4x32-10 (Salmon et al. 2011), the same bits as Generator.swift defines.
#include "functions.h"

// A fused multiply-add would round differently from the reference.
#pragma STDC FP_CONTRACT OFF

#define BLOCKS 16

/// words[w][b] = word w of block first + b.
INLINE void philox(uint64_t first, uint64_t seed, uint64_t draw, uint32_t words[4][BLOCKS]) {
    for (int b = 0; b < BLOCKS; b++) {
        uint32_t x = (uint32_t)(first + (uint64_t)b), y = (uint32_t)((first + (uint64_t)b) >> 32);
        uint32_t z = (uint32_t)draw, w = (uint32_t)(draw >> 32);
        uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
        for (int round = 0; round < 10; round++) {
            uint64_t product0 = (uint64_t)x * 0xD2511F53u, product1 = (uint64_t)z * 0xCD9E8D57u;
            x = (uint32_t)(product1 >> 32) ^ y ^ key0;
            y = (uint32_t)product1;
            z = (uint32_t)(product0 >> 32) ^ w ^ key1;
            w = (uint32_t)product0;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }
        words[0][b] = x;
        words[1][b] = y;
        words[2][b] = z;
        words[3][b] = w;
    }
}

typedef struct {
    const float *x;
    float *y;
    ptrdiff_t count;
    uint64_t seed, draw;
    double low, span;
    uint32_t threshold;
    float scale;
} random_job;

// Units are groups of 16 blocks, which is 64 elements.
#define GROUP 64

INLINE void uniform_groups(const random_job *job, ptrdiff_t begin, ptrdiff_t end) {
    float low = (float)job->low, span = (float)job->span;
    for (ptrdiff_t group = begin; group < end; group++) {
        uint32_t words[4][BLOCKS];
        philox((uint64_t)group * BLOCKS, job->seed, job->draw, words);
        float values[GROUP];
        for (int b = 0; b < BLOCKS; b++)
            for (int w = 0; w < 4; w++) values[4 * b + w] = low + span * ((float)(words[w][b] >> 8) * 0x1p-24f);
        ptrdiff_t count = minimum(GROUP, job->count - group * GROUP);
        memcpy(job->y + group * GROUP, values, (size_t)count * sizeof(float));
    }
}
COPIES(uniform_groups, (const random_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

INLINE void dropout_groups(const random_job *job, ptrdiff_t begin, ptrdiff_t end) {
    for (ptrdiff_t group = begin; group < end; group++) {
        uint32_t words[4][BLOCKS];
        philox((uint64_t)group * BLOCKS, job->seed, job->draw, words);
        float factors[GROUP];
        for (int b = 0; b < BLOCKS; b++)
            for (int w = 0; w < 4; w++) factors[4 * b + w] = words[w][b] >> 8 >= job->threshold ? job->scale : 0;
        const float *x = job->x + group * GROUP;
        float *y = job->y + group * GROUP;
        ptrdiff_t count = minimum(GROUP, job->count - group * GROUP);
        INDEPENDENT for (ptrdiff_t i = 0; i < count; i++) {
            float product = x[i] * factors[i];
            y[i] = factors[i] == 0 ? 0 : product;
        }
    }
}
COPIES(dropout_groups, (const random_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static void run_uniform(const void *job, ptrdiff_t begin, ptrdiff_t end) {
    CHOSEN(uniform_groups_copies)(job, begin, end);
}

static void run_dropout(const void *job, ptrdiff_t begin, ptrdiff_t end) {
    CHOSEN(dropout_groups_copies)(job, begin, end);
}

// Box and Muller: two words make two normal numbers.

/// As the reference computes them, whose bits count.
static void exact_normals(const random_job *job, uint32_t word0, uint32_t word1, float *first, float *second) {
    double u1 = ((double)word0 + 1) * 0x1p-32, u2 = (double)word1 * 0x1p-32;
    double radius = sqrt(-2 * log(u1)), angle = 2 * M_PI * u2;
    *first = (float)(job->low + job->span * (radius * cos(angle)));
    *second = (float)(job->low + job->span * (radius * sin(angle)));
}

/// ln u for u in (0, 1], to 2⁻⁵⁰ of itself.
INLINE double unit_log(double u) {
#pragma STDC FP_CONTRACT ON
    // u = 2ᵉ m with m from √½ to √2: the offset makes the exponent change at √½, and the bias keeps e above 0.
    uint64_t root = 0x3FE6A09E667F3BCDu, biased = bits_from_double(u) + (0x3FF0000000000000u - root);
    double e = double_from_bits(biased >> 52 | 0x4330000000000000u) - (0x1p52 + 1023);
    double f = double_from_bits((biased & 0x000FFFFFFFFFFFFFu) + root) - 1;
    // ln (1 + f) = 2 artanh s, by its Taylor series, arranged so that f itself is exact.
    double s = f / (2 + f), z = s * s;
    double p = 2.0 / 21;
    p = p * z + 2.0 / 19;
    p = p * z + 2.0 / 17;
    p = p * z + 2.0 / 15;
    p = p * z + 2.0 / 13;
    p = p * z + 2.0 / 11;
    p = p * z + 2.0 / 9;
    p = p * z + 2.0 / 7;
    p = p * z + 2.0 / 5;
    p = p * z + 2.0 / 3;
    double square = 0.5 * f * f;
    return e * M_LN2 - ((square - s * (square + p * z)) - f);
}

typedef struct {
    double sine, cosine;
} circle_point;

/// Sine and cosine of 2π · word / 2³², to 2⁻⁵².
INLINE circle_point point_of_turn(uint32_t word) {
#pragma STDC FP_CONTRACT ON
    // The nearest quarter, and what is left of it: at most π/4. Taylor series do for that.
    uint32_t quarter = (word + 0x20000000u) >> 30;
    double t = (double)(int32_t)(word - (quarter << 30)) * (M_PI / 2 * 0x1p-30), z = t * t;
    double p = -1.0 / 1307674368000;
    p = p * z + 1.0 / 6227020800;
    p = p * z - 1.0 / 39916800;
    p = p * z + 1.0 / 362880;
    p = p * z - 1.0 / 5040;
    p = p * z + 1.0 / 120;
    p = p * z - 1.0 / 6;
    double sine = p * z * t + t;
    double q = 1.0 / 20922789888000;
    q = q * z - 1.0 / 87178291200;
    q = q * z + 1.0 / 479001600;
    q = q * z - 1.0 / 3628800;
    q = q * z + 1.0 / 40320;
    q = q * z - 1.0 / 720;
    q = q * z + 1.0 / 24;
    double cosine = q * z * z + (1 - 0.5 * z);
    bool is_odd = quarter & 1;
    double x = is_odd ? -sine : cosine, y = is_odd ? cosine : sine;
    circle_point point = {quarter & 2 ? -y : y, quarter & 2 ? -x : x};
    return point;
}

/// 32 pairs, many at a time. These differ from the reference by some 2⁻⁵⁰ of the radius before they are rounded to
/// float: false if a bound on that could change a float.
INLINE bool are_normal_pairs(const random_job *job, const uint32_t words[4][BLOCKS], float values[GROUP]) {
    double low = job->low, span = job->span;
    int unsure = 0;
    for (int half = 0; half < 4; half += 2)
        for (int b = 0; b < BLOCKS; b++) {
            double radius = __builtin_elementwise_sqrt(-2 * unit_log(((double)words[half][b] + 1) * 0x1p-32));
            circle_point point = point_of_turn(words[half + 1][b]);
            double first = low + span * (radius * point.cosine), second = low + span * (radius * point.sine);
            double bound = span * radius * 0x1p-48, small = fabs(low) * 0x1p-51;
            double first_bound = bound + small, second_bound = bound + small;
            float first_value = (float)(first - first_bound), second_value = (float)(second - second_bound);
            unsure |= first_value != (float)(first + first_bound);
            unsure |= second_value != (float)(second + second_bound);
            values[4 * b + half] = first_value;
            values[4 * b + half + 1] = second_value;
        }
    return !unsure;
}

INLINE void normal_groups(const random_job *job, ptrdiff_t begin, ptrdiff_t end) {
    for (ptrdiff_t group = begin; group < end; group++) {
        uint32_t words[4][BLOCKS];
        philox((uint64_t)group * BLOCKS, job->seed, job->draw, words);
        float values[GROUP];
        if (!are_normal_pairs(job, words, values))
            for (int i = 0; i < GROUP; i += 2)
                exact_normals(job, words[i % 4][i / 4], words[i % 4 + 1][i / 4], &values[i], &values[i + 1]);
        ptrdiff_t count = minimum(GROUP, job->count - group * GROUP);
        memcpy(job->y + group * GROUP, values, (size_t)count * sizeof(float));
    }
}
COPIES(normal_groups, (const random_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static void run_normal(const void *job, ptrdiff_t begin, ptrdiff_t end) {
    CHOSEN(normal_groups_copies)(job, begin, end);
}

static void run_groups(range_body body, const random_job *job, ptrdiff_t cost) {
    yuyan_parallel((job->count + GROUP - 1) / GROUP, 1, job->count * cost, body, job);
}

void yuyan_random_uniform(float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, float low, float high) {
    random_job job = {.y = y, .count = count, .seed = seed, .draw = draw, .low = low, .span = high - low};
    run_groups(run_uniform, &job, 2);
}

void yuyan_random_normal(float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, double mean, double deviation) {
    random_job job = {.y = y, .count = count, .seed = seed, .draw = draw, .low = mean, .span = deviation};
    run_groups(run_normal, &job, 8);
}

void yuyan_dropout(const float *x, float *y, ptrdiff_t count, uint64_t seed, uint64_t draw, float probability) {
    // u ≥ p, for u = word · 2⁻²⁴.
    random_job job = {
        .x = x, .y = y, .count = count, .seed = seed, .draw = draw,
        .threshold = (uint32_t)ceilf(probability * 0x1p24f), .scale = 1 / (1 - probability)};
    run_groups(run_dropout, &job, 2);
}

typedef struct {
    random_job all;
    ptrdiff_t pixels, block, tiles;
} image_job;

#define LANES 16
// As many pixels of a channel as one group covers, wherever in a block of the draw the first one lies.
#define PIXELS (GROUP - 3)

/// Units are 16 channels, or what is left of a block, of up to 61 pixels.
INLINE void dropout_tiles(const image_job *job, ptrdiff_t begin, ptrdiff_t end) {
    ptrdiff_t block = job->block, pixels = job->pixels, slabs = (block + LANES - 1) / LANES;
    for (ptrdiff_t unit = begin; unit < end; unit++) {
        ptrdiff_t tile = unit % job->tiles, slab = unit / job->tiles % slabs, image = unit / job->tiles / slabs;
        ptrdiff_t first = tile * PIXELS, count = minimum(PIXELS, pixels - first);
        ptrdiff_t lane = slab * LANES, lanes = minimum(LANES, block - lane);
        float factors[PIXELS][LANES];
        for (ptrdiff_t l = 0; l < lanes; l++) {
            uint64_t index = (uint64_t)((image * block + lane + l) * pixels + first);
            uint32_t words[4][BLOCKS];
            philox(index / 4, job->all.seed, job->all.draw, words);
            float drawn[GROUP];
            for (int b = 0; b < BLOCKS; b++)
                for (int w = 0; w < 4; w++)
                    drawn[4 * b + w] = words[w][b] >> 8 >= job->all.threshold ? job->all.scale : 0;
            for (ptrdiff_t p = 0; p < count; p++) factors[p][l] = drawn[(ptrdiff_t)(index % 4) + p];
        }
        const float *x = job->all.x + (image * pixels + first) * block + lane;
        float *y = job->all.y + (image * pixels + first) * block + lane;
        for (ptrdiff_t p = 0; p < count; p++)
            INDEPENDENT for (ptrdiff_t l = 0; l < lanes; l++) {
                float product = x[p * block + l] * factors[p][l];
                y[p * block + l] = factors[p][l] == 0 ? 0 : product;
            }
    }
}
COPIES(dropout_tiles, (const image_job *job, ptrdiff_t begin, ptrdiff_t end), (job, begin, end))

static void run_dropout_image(const void *job, ptrdiff_t begin, ptrdiff_t end) {
    CHOSEN(dropout_tiles_copies)(job, begin, end);
}

void yuyan_dropout_image(
    const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t pixels, ptrdiff_t block, uint64_t seed,
    uint64_t draw, float probability) {
    ptrdiff_t count = batch * channels * pixels;
    if (count == 0) return;
    image_job job = {
        {.x = x, .y = y, .count = count, .seed = seed, .draw = draw,
         .threshold = (uint32_t)ceilf(probability * 0x1p24f), .scale = 1 / (1 - probability)},
        pixels, block, (pixels + PIXELS - 1) / PIXELS};
    ptrdiff_t units = count / pixels / block * ((block + LANES - 1) / LANES) * job.tiles;
    yuyan_parallel(units, 1, 4 * count, run_dropout_image, &job);
}
