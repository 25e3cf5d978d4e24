// Triangular systems of float32.
#include "kernels_internal.h"

typedef struct {
    const float *a;
    float *x;
    ptrdiff_t size, columns;
    bool upper;
} solve_job;

/// Solves for the columns `begin` ..< `end` of all rows. Each row is finished before those that need it.
INLINE void solve_columns(const solve_job *job, ptrdiff_t matrix, ptrdiff_t begin, ptrdiff_t end) {
    ptrdiff_t size = job->size, columns = job->columns;
    const float *a = job->a + matrix * size * size;
    float *x = job->x + matrix * size * columns;
    for (ptrdiff_t step = 0; step < size; step++) {
        ptrdiff_t i = job->upper ? size - 1 - step : step;
        float *row = x + i * columns;
        for (ptrdiff_t other = 0; other < step; other++) {
            ptrdiff_t j = job->upper ? size - 1 - other : other;
            const float *known = x + j * columns;
            float factor = a[i * size + j];
            INDEPENDENT for (ptrdiff_t c = begin; c < end; c++) row[c] -= factor * known[c];
        }
        float diagonal = a[i * size + i];
        INDEPENDENT for (ptrdiff_t c = begin; c < end; c++) row[c] /= diagonal;
    }
}
COPIES(solve_columns,
    (const solve_job *job, ptrdiff_t matrix, ptrdiff_t begin, ptrdiff_t end), (job, matrix, begin, end))

/// Units of work are the columns of all matrices.
static void run_solve(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    const solve_job *job = data;
    while (begin < end) {
        ptrdiff_t matrix = begin / job->columns, first = begin % job->columns;
        ptrdiff_t last = minimum(job->columns, first + end - begin);
        CHOSEN(solve_columns_copies)(job, matrix, first, last);
        begin += last - first;
    }
}

void yuyan_triangular_solve(
    const float *a, float *x, ptrdiff_t count, ptrdiff_t size, ptrdiff_t columns, bool upper) {
    solve_job job = {a, x, size, columns, upper};
    yuyan_parallel(count * columns, 16, count * columns * size * size / 2, run_solve, &job);
}
