#define _GNU_SOURCE
#include "yuyan_lapack.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char message[PATH_MAX + 256];

// geqrf and orgqr. Fortran takes everything by address.
typedef void (*factor_float)(const int *, const int *, float *, const int *, float *, float *, const int *, int *);
typedef void (*factor_double)(const int *, const int *, double *, const int *, double *, double *, const int *, int *);
typedef void (*form_float)(
    const int *, const int *, const int *, float *, const int *, const float *, float *, const int *, int *);
typedef void (*form_double)(
    const int *, const int *, const int *, double *, const int *, const double *, double *, const int *, int *);

static factor_float sgeqrf;
static factor_double dgeqrf;
static form_float sorgqr;
static form_double dorgqr;

/// A library opened by name, or NULL and the loader's words in `message`.
static void *opened(const char *name) {
    void *library = dlopen(name, RTLD_NOW);
    if (!library) {
        const char *words = dlerror();
        snprintf(message, sizeof message, "%s", words ? words : name);
    }
    return library;
}

/// The library that was shipped with the program. What it needs is opened first, and then found by its name.
static void *opened_shipped(void) {
    static const char *const names[] = {"libquadmath.so.0", "libgfortran.so.5", "libblas.so.3", "liblapack.so.3"};
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(path, '/');
        if (!slash) return NULL;
        *slash = 0;
    }
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[PATH_MAX + 64];
        snprintf(file, sizeof file, "%s/lib/yuyan/%s", path, names[i]);
        // Not every processor's Fortran has a libquadmath.
        if (i == 0 && access(file, R_OK) != 0) continue;
        library = opened(file);
        if (!library) return NULL;
    }
    return library;
}

static void *symbol(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) snprintf(message, sizeof message, "the library has no function %s", name);
    return found;
}

static void open_library(void) {
    const char *name = getenv("YUYAN_LAPACK");
    void *library = name ? opened(name) : opened_shipped();
    if (!library && !name) library = opened("liblapack.so.3");
    if (!library) return;
    if ((sgeqrf = (factor_float)symbol(library, "sgeqrf_")) && (dgeqrf = (factor_double)symbol(library, "dgeqrf_")) &&
        (sorgqr = (form_float)symbol(library, "sorgqr_")) && (dorgqr = (form_double)symbol(library, "dorgqr_")))
        message[0] = 0;
}

const char *yuyan_lapack_open(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
    return message[0] ? message : NULL;
}

const char *yuyan_lapack_path(void) {
    Dl_info found;
    return dladdr((void *)sgeqrf, &found) ? found.dli_fname : "";
}

#define FUNCTIONS(type, geqrf, orgqr)                                                                                 \
    ptrdiff_t yuyan_lapack_scratch_##type(ptrdiff_t rows, ptrdiff_t columns) {                                        \
        int m = (int)rows, n = (int)columns, k = m < n ? m : n, query = -1, info;                                     \
        type a = 0, tau = 0, first = 1, second = 1;                                                                   \
        geqrf(&m, &n, &a, &m, &tau, &first, &query, &info);                                                           \
        orgqr(&m, &k, &k, &a, &m, &tau, &second, &query, &info);                                                      \
        return (ptrdiff_t)(first > second ? first : second);                                                          \
    }                                                                                                                 \
    int yuyan_lapack_factor_##type(                                                                                   \
        ptrdiff_t rows, ptrdiff_t columns, type *a, type *tau, type *scratch, ptrdiff_t scratch_count) {              \
        int m = (int)rows, n = (int)columns, count = (int)scratch_count, info = 0;                                    \
        geqrf(&m, &n, a, &m, tau, scratch, &count, &info);                                                            \
        return info;                                                                                                  \
    }                                                                                                                 \
    int yuyan_lapack_form_##type(                                                                                     \
        ptrdiff_t rows, ptrdiff_t columns, type *a, const type *tau, type *scratch, ptrdiff_t scratch_count) {        \
        int m = (int)rows, k = (int)columns, count = (int)scratch_count, info = 0;                                    \
        orgqr(&m, &k, &k, a, &m, tau, scratch, &count, &info);                                                        \
        return info;                                                                                                  \
    }
FUNCTIONS(float, sgeqrf, sorgqr)
FUNCTIONS(double, dgeqrf, dorgqr)
