// The pointwise part of a step of an LSTM, and of its gradient, on float32.
#include "kernels_internal.h"

/// A row of the gates is i, f, g, o of `size` units each.
INLINE void lstm_rows(
    const float *drive, const float *recurrent, const float *old_cell, float *gates, float *cell, float *hidden,
    ptrdiff_t rows, ptrdiff_t size) {
    for (ptrdiff_t row = 0; row < rows; row++) {
        INDEPENDENT for (ptrdiff_t k = 0; k < 2 * size; k++) gates[k] = fast_sigmoid(drive[k] + recurrent[k]);
        INDEPENDENT for (ptrdiff_t k = 2 * size; k < 3 * size; k++) gates[k] = fast_tanh(drive[k] + recurrent[k]);
        INDEPENDENT for (ptrdiff_t k = 3 * size; k < 4 * size; k++) gates[k] = fast_sigmoid(drive[k] + recurrent[k]);
        INDEPENDENT for (ptrdiff_t k = 0; k < size; k++) {
            float c = gates[size + k] * old_cell[k] + gates[k] * gates[2 * size + k];
            cell[k] = c;
            hidden[k] = gates[3 * size + k] * fast_tanh(c);
        }
        drive += 4 * size;
        recurrent += 4 * size;
        gates += 4 * size;
        old_cell += size;
        cell += size;
        hidden += size;
    }
}
COPIES(lstm_rows,
    (const float *drive, const float *recurrent, const float *old_cell, float *gates, float *cell, float *hidden,
     ptrdiff_t rows, ptrdiff_t size),
    (drive, recurrent, old_cell, gates, cell, hidden, rows, size))

INLINE void lstm_gradient_rows(
    const float *outer, const float *later, const float *gates, const float *cell, const float *old_cell,
    float *cell_gradient, float *sums, ptrdiff_t rows, ptrdiff_t size) {
    for (ptrdiff_t row = 0; row < rows; row++) {
        INDEPENDENT for (ptrdiff_t k = 0; k < size; k++) {
            float i = gates[k], f = gates[size + k], g = gates[2 * size + k], o = gates[3 * size + k];
            float slope = outer[k] + later[k], squashed = fast_tanh(cell[k]);
            float cell_slope = cell_gradient[k] + slope * o * (1 - squashed * squashed);
            sums[k] = cell_slope * g * i * (1 - i);
            sums[size + k] = cell_slope * old_cell[k] * f * (1 - f);
            sums[2 * size + k] = cell_slope * i * (1 - g * g);
            sums[3 * size + k] = slope * squashed * o * (1 - o);
            cell_gradient[k] = cell_slope * f;
        }
        gates += 4 * size;
        sums += 4 * size;
        outer += size;
        later += size;
        cell += size;
        old_cell += size;
        cell_gradient += size;
    }
}
COPIES(lstm_gradient_rows,
    (const float *outer, const float *later, const float *gates, const float *cell, const float *old_cell,
     float *cell_gradient, float *sums, ptrdiff_t rows, ptrdiff_t size),
    (outer, later, gates, cell, old_cell, cell_gradient, sums, rows, size))

typedef struct {
    ptrdiff_t size;
    const float *drive, *recurrent, *old_cell;
    float *gates, *cell, *hidden;
} lstm_job;

static void run_lstm(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const lstm_job *job = data;
    ptrdiff_t place = begin * job->size;
    CHOSEN(lstm_rows_copies)(
        job->drive + 4 * place, job->recurrent + 4 * place, job->old_cell + place, job->gates + 4 * place,
        job->cell + place, job->hidden + place, end - begin, job->size);
}

void yuyan_lstm_cell(
    const float *drive, const float *recurrent, const float *old_cell, float *gates, float *cell, float *hidden,
    ptrdiff_t rows, ptrdiff_t size) {
    lstm_job job = {size, drive, recurrent, old_cell, gates, cell, hidden};
    yuyan_parallel(rows, 1, 4 * rows * size, run_lstm, &job);
}

typedef struct {
    ptrdiff_t size;
    const float *outer, *later, *gates, *cell, *old_cell;
    float *cell_gradient, *sums;
} lstm_gradient_job;

static void run_lstm_gradient(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const lstm_gradient_job *job = data;
    ptrdiff_t place = begin * job->size;
    CHOSEN(lstm_gradient_rows_copies)(
        job->outer + place, job->later + place, job->gates + 4 * place, job->cell + place, job->old_cell + place,
        job->cell_gradient + place, job->sums + 4 * place, end - begin, job->size);
}

void yuyan_lstm_cell_gradient(
    const float *outer, const float *later, const float *gates, const float *cell, const float *old_cell,
    float *cell_gradient, float *sums, ptrdiff_t rows, ptrdiff_t size) {
    lstm_gradient_job job = {size, outer, later, gates, cell, old_cell, cell_gradient, sums};
    yuyan_parallel(rows, 1, 4 * rows * size, run_lstm_gradient, &job);
}
