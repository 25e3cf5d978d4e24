// Optimizer steps on float32, in place: one loop a rule, over parameter, gradient and states at once. The formulas are
// those of UpdateKind in YuyanBackend/Kinds/Update.swift.
#include "kernels_internal.h"

#define PARAMETERS                                                                                         \
    (const yuyan_update *update, ptrdiff_t begin, ptrdiff_t count, const yuyan_update_options *options)
#define LOOP(name) COPIES(name, PARAMETERS, (update, begin, count, options))
#define EACH INDEPENDENT for (ptrdiff_t i = 0; i < count; i++)

typedef void (*update_loop) PARAMETERS;

INLINE void gradient_descent PARAMETERS {
    float *p = update->parameter + begin;
    const float *g = update->gradient + begin;
    float rate = (float)options->learning_rate, lambda = (float)options->weight_decay;
    if (!update->first) {
        EACH p[i] -= rate * (g[i] + lambda * p[i]);
        return;
    }
    float *v = update->first + begin, momentum = (float)options->decay;
    EACH {
        float velocity = momentum * v[i] + (g[i] + lambda * p[i]);
        v[i] = velocity;
        p[i] -= rate * velocity;
    }
}
LOOP(gradient_descent)

/// `lambda` goes into the gradient; `kept` is the part of the parameter itself that stays. Yogi's squares go towards the new
/// one by a part of that, not of the difference.
INLINE void adam_steps(
    const yuyan_update *update, ptrdiff_t begin, ptrdiff_t count, const yuyan_update_options *options, float lambda,
    float kept, bool is_yogi) {
    float *p = update->parameter + begin, *m = update->first + begin, *s = update->second + begin;
    const float *g = update->gradient + begin;
    double step = (double)update->step;
    float rate = (float)(options->learning_rate / (1 - pow(options->decay, step)));
    float scale = (float)(1 / sqrt(1 - pow(options->second_decay, step)));
    float decay = (float)options->decay, rest = (float)(1 - options->decay);
    float second_decay = (float)options->second_decay, second_rest = (float)(1 - options->second_decay);
    float epsilon = (float)options->epsilon;
    EACH {
        float gradient = g[i] + lambda * p[i];
        float mean = decay * m[i] + rest * gradient;
        float square = second_decay * s[i] + second_rest * gradient * gradient;
        if (is_yogi) {
            float new = gradient * gradient, change = second_rest * new;
            square = s[i] + (new > s[i] ? change : new < s[i] ? -change : 0);
        }
        m[i] = mean;
        s[i] = square;
        p[i] = kept * p[i] - rate * mean / (__builtin_elementwise_sqrt(square) * scale + epsilon);
    }
}

INLINE void adam PARAMETERS { adam_steps(update, begin, count, options, (float)options->weight_decay, 1, false); }
LOOP(adam)

INLINE void yogi PARAMETERS { adam_steps(update, begin, count, options, (float)options->weight_decay, 1, true); }
LOOP(yogi)

INLINE void adam_w PARAMETERS {
    adam_steps(update, begin, count, options, 0, (float)(1 - options->learning_rate * options->weight_decay), false);
}
LOOP(adam_w)

/// `decay` is the part of the old squares that stays, `rest` the part of the new one that is added.
INLINE void scaled_steps(
    const yuyan_update *update, ptrdiff_t begin, ptrdiff_t count, const yuyan_update_options *options, float decay,
    float rest) {
    float *p = update->parameter + begin, *s = update->first + begin;
    const float *g = update->gradient + begin;
    float rate = (float)options->learning_rate, lambda = (float)options->weight_decay;
    float epsilon = (float)options->epsilon;
    EACH {
        float gradient = g[i] + lambda * p[i];
        float square = decay * s[i] + rest * gradient * gradient;
        s[i] = square;
        p[i] -= rate * gradient / (__builtin_elementwise_sqrt(square) + epsilon);
    }
}

INLINE void rms_prop PARAMETERS {
    scaled_steps(update, begin, count, options, (float)options->decay, (float)(1 - options->decay));
}
LOOP(rms_prop)

INLINE void adagrad PARAMETERS { scaled_steps(update, begin, count, options, 1, 1); }
LOOP(adagrad)

INLINE void adadelta PARAMETERS {
    float *p = update->parameter + begin, *s = update->first + begin, *d = update->second + begin;
    const float *g = update->gradient + begin;
    float rate = (float)options->learning_rate, lambda = (float)options->weight_decay;
    float decay = (float)options->decay, rest = (float)(1 - options->decay), epsilon = (float)options->epsilon;
    EACH {
        float gradient = g[i] + lambda * p[i];
        float square = decay * s[i] + rest * gradient * gradient;
        float change = __builtin_elementwise_sqrt(d[i] + epsilon) / __builtin_elementwise_sqrt(square + epsilon);
        change *= gradient;
        s[i] = square;
        d[i] = decay * d[i] + rest * change * change;
        p[i] -= rate * change;
    }
}
LOOP(adadelta)

#define LOOP_OF(type, name, swift) [type##_##name] = name##_copies,
static const update_loop *const loops[] = {YUYAN_UPDATE_KINDS(LOOP_OF, yuyan_update_kind)};

typedef struct {
    update_loop loop;
    const yuyan_update *updates;
    const yuyan_update_options *options;
} update_job;

COPIES(widen, (const uint16_t *x, float *y, ptrdiff_t count), (x, y, count))

COPIES(narrow, (const float *x, uint16_t *y, ptrdiff_t count), (x, y, count))

/// Part of a step with bfloat16 in it: block by block, so that all stays in the nearest cache.
static void update_halves(const update_job *job, const yuyan_update *update, ptrdiff_t first, ptrdiff_t count) {
    enum { BLOCK = 1024 };
    float gradient[BLOCK];
    for (ptrdiff_t end = first + count; first < end; first += BLOCK) {
        ptrdiff_t part = minimum(BLOCK, end - first);
        yuyan_update block = {
            .parameter = update->parameter + first, .first = update->first ? update->first + first : NULL,
            .second = update->second ? update->second + first : NULL, .gradient = gradient, .step = update->step};
        if (update->half_gradient) {
            CHOSEN(widen_copies)(update->half_gradient + first, gradient, part);
        } else {
            block.gradient = update->gradient + first;
        }
        job->loop(&block, 0, part, job->options);
        if (update->shadow) CHOSEN(narrow_copies)(block.parameter, update->shadow + first, part);
    }
}

/// `begin` and `end` count the elements of all parameters, one after the other.
static void run_updates(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const update_job *job = data;
    for (const yuyan_update *update = job->updates; end > 0; update++) {
        ptrdiff_t first = maximum(begin, 0), count = minimum(end, update->count) - first;
        begin -= update->count;
        end -= update->count;
        if (count <= 0) continue;
        if (update->half_gradient || update->shadow) {
            update_halves(job, update, first, count);
        } else {
            job->loop(update, first, count, job->options);
        }
    }
}

void yuyan_update_parameters(
    int kind, const yuyan_update *updates, ptrdiff_t count, const yuyan_update_options *options) {
    update_job job = {CHOSEN(loops[kind]), updates, options};
    ptrdiff_t elements = 0;
    for (ptrdiff_t i = 0; i < count; i++) elements += updates[i].count;
    yuyan_parallel(elements, 1024, elements, run_updates, &job);
}
