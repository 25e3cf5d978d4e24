// Optimizer steps on float32, in place.
#include "kernels_internal.h"

typedef struct {
    float *parameter, *velocity;
    const float *gradient;
    float learning_rate, momentum, weight_decay;
} sgd_job;

HOT static void sgd_plain(float *restrict p, const float *restrict g, ptrdiff_t count, float rate, float decay) {
    for (ptrdiff_t i = 0; i < count; i++) p[i] -= rate * (g[i] + decay * p[i]);
}

HOT static void sgd_momentum(
    float *restrict p, const float *restrict g, float *restrict v, ptrdiff_t count, float rate, float momentum,
    float decay) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float velocity = momentum * v[i] + (g[i] + decay * p[i]);
        v[i] = velocity;
        p[i] -= rate * velocity;
    }
}

static void run_sgd(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const sgd_job *job = data;
    ptrdiff_t count = end - begin;
    if (job->velocity) {
        sgd_momentum(
            job->parameter + begin, job->gradient + begin, job->velocity + begin, count, job->learning_rate,
            job->momentum, job->weight_decay);
    } else {
        sgd_plain(job->parameter + begin, job->gradient + begin, count, job->learning_rate, job->weight_decay);
    }
}

void yuyan_sgd(
    float *parameter, const float *gradient, float *velocity, ptrdiff_t count, float learning_rate, float momentum,
    float weight_decay) {
    sgd_job job = {parameter, velocity, gradient, learning_rate, momentum, weight_decay};
    yuyan_parallel(count, 1024, count, run_sgd, &job);
}
