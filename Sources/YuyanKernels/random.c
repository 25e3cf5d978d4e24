// Random float32 numbers from Philox4x32-10 (Salmon et al. 2011), the same bits as Generator.swift defines.
#include "kernels_internal.h"

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

/// Box and Muller: two words make two normal numbers.
static void run_normal(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const random_job *job = data;
    for (ptrdiff_t group = begin; group < end; group++) {
        uint32_t words[4][BLOCKS];
        philox((uint64_t)group * BLOCKS, job->seed, job->draw, words);
        ptrdiff_t first = group * GROUP, count = minimum(GROUP, job->count - first);
        for (ptrdiff_t i = 0; i < count; i += 2) {
            ptrdiff_t block = i / 4, word = i % 4;
            double u1 = ((double)words[word][block] + 1) * 0x1p-32;
            double u2 = (double)words[word + 1][block] * 0x1p-32;
            double radius = sqrt(-2 * log(u1)), angle = 2 * M_PI * u2;
            job->y[first + i] = (float)(job->low + job->span * (radius * cos(angle)));
            if (i + 1 < count) job->y[first + i + 1] = (float)(job->low + job->span * (radius * sin(angle)));
        }
    }
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
    run_groups(run_normal, &job, 20);
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
