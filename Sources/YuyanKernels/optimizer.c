// Optimizer steps on float32, in place.
#include "kernels_internal.h"

typedef struct {
    const yuyan_sgd_update *updates;
    float learning_rate, momentum, weight_decay;
} sgd_job;

INLINE void sgd_plain(float *restrict p, const float *restrict g, ptrdiff_t count, float rate, float decay) {
    for (ptrdiff_t i = 0; i < count; i++) p[i] -= rate * (g[i] + decay * p[i]);
}
COPIES(sgd_plain,
    (float *restrict p, const float *restrict g, ptrdiff_t count, float rate, float decay), (p, g, count, rate, decay))

INLINE void sgd_momentum(
    float *restrict p, const float *restrict g, float *restrict v, ptrdiff_t count, float rate, float momentum,
    float decay) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float velocity = momentum * v[i] + (g[i] + decay * p[i]);
        v[i] = velocity;
        p[i] -= rate * velocity;
    }
}
COPIES(sgd_momentum,
    (float *restrict p, const float *restrict g, float *restrict v, ptrdiff_t count, float rate, float momentum, float
    decay), (p, g, v, count, rate, momentum, decay))

/// `begin` and `end` count the elements of all parameters, one after the other.
static void run_sgd(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const sgd_job *job = data;
    for (const yuyan_sgd_update *u = job->updates; end > 0; u++) {
        ptrdiff_t first = maximum(begin, 0), count = minimum(end, u->count) - first;
        begin -= u->count;
        end -= u->count;
        if (count <= 0) continue;
        if (u->velocity)
            CHOSEN(sgd_momentum_copies)(
                u->parameter + first, u->gradient + first, u->velocity + first, count, job->learning_rate,
                job->momentum, job->weight_decay);
        else
            CHOSEN(sgd_plain_copies)(
                u->parameter + first, u->gradient + first, count, job->learning_rate, job->weight_decay);
    }
}

void yuyan_sgd(
    const yuyan_sgd_update *updates, ptrdiff_t count, float learning_rate, float momentum, float weight_decay) {
    sgd_job job = {updates, learning_rate, momentum, weight_decay};
    ptrdiff_t elements = 0;
    for (ptrdiff_t i = 0; i < count; i++) elements += updates[i].count;
    yuyan_parallel(elements, 1024, elements, run_sgd, &job);
}
