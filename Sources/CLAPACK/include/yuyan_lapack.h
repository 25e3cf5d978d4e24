// QR factorizations by LAPACK, which is opened when it is first asked for: a program starts without it.
//
// Matrices lie column by column, without gaps. All functions but the first need the library to be open.
#ifndef YUYAN_LAPACK_H
#define YUYAN_LAPACK_H

#include <stddef.h>

/// Opens the library: the file that the variable YUYAN_LAPACK names, else the one shipped with the program, in
/// ../lib/yuyan beside it, else the system's. NULL, or why there is none; the same for all calls, from any thread.
const char *yuyan_lapack_open(void);

/// The file of the open library.
const char *yuyan_lapack_path(void);

/// How many numbers of scratch the functions below need for a matrix of this size.
ptrdiff_t yuyan_lapack_scratch_float(ptrdiff_t rows, ptrdiff_t columns);
ptrdiff_t yuyan_lapack_scratch_double(ptrdiff_t rows, ptrdiff_t columns);

/// Overwrites `a` with R, and below its diagonal with the reflections whose product is Q; their factors go to `tau`, one
/// for each row or column, whichever are fewer. 0, or the status of LAPACK.
int yuyan_lapack_factor_float(
    ptrdiff_t rows, ptrdiff_t columns, float *a, float *tau, float *scratch, ptrdiff_t scratch_count);
int yuyan_lapack_factor_double(
    ptrdiff_t rows, ptrdiff_t columns, double *a, double *tau, double *scratch, ptrdiff_t scratch_count);

/// Overwrites the first `columns` columns of what `factor` left, at most `rows`, with those of Q.
int yuyan_lapack_form_float(
    ptrdiff_t rows, ptrdiff_t columns, float *a, const float *tau, float *scratch, ptrdiff_t scratch_count);
int yuyan_lapack_form_double(
    ptrdiff_t rows, ptrdiff_t columns, double *a, const double *tau, double *scratch, ptrdiff_t scratch_count);

#endif
