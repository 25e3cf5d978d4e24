#ifdef YUYAN_ONEDNN

#include <stdlib.h>

#include "primitives.h"

// The operation code of a product; those of convolutions are smaller.
#define PRODUCT 4

static dnnl_status_t describe_product(
    dnnl_primitive_desc_t *result, layout_reference a, layout_reference b, layout_reference bias, layout_reference c) {
    *result = NULL;
#if DNNL_VERSION_MAJOR >= 3
    TRY(dnnl_matmul_primitive_desc_create(result, yuyan_engine, a, b, bias, c, yuyan_attributes));
    return dnnl_success;
#else
    dnnl_matmul_desc_t operation;
    TRY(dnnl_matmul_desc_init(&operation, a, b, bias, c));
    TRY(yuyan_describe(result, &operation, NULL, false));
    return dnnl_success;
#endif
}

typedef struct {
    layout a, b, bias, c;
} product_layouts;

static dnnl_status_t make_product_layouts(product_layouts *all, const yuyan_product *p) {
    int rank = (int)p->rank;
    ptrdiff_t c_strides[8], bias_size[8], step = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
        c_strides[axis] = step;
        step *= p->c_size[axis];
        bias_size[axis] = axis == rank - 1 ? p->c_size[axis] : 1;
    }
    ptrdiff_t bias_strides[8];
    for (int axis = 0; axis < rank; axis++) bias_strides[axis] = axis == rank - 1 ? 1 : p->c_size[rank - 1];
    TRY(yuyan_make_strided(&all->a, p->type, rank, p->a_size, p->a_strides));
    TRY(yuyan_make_strided(&all->b, p->type, rank, p->b_size, p->b_strides));
    TRY(yuyan_make_strided(&all->c, p->result_type, rank, p->c_size, c_strides));
    TRY(yuyan_make_strided(&all->bias, p->type, rank, bias_size, bias_strides));
    return dnnl_success;
}

static dnnl_status_t make_product(cached *entry, const yuyan_product *p, const product_layouts *all) {
    dnnl_primitive_desc_t description = NULL;
    TRY(describe_product(
        &description, REFERENCE(all->a), REFERENCE(all->b), p->has_bias ? REFERENCE(all->bias) : NULL,
        REFERENCE(all->c)));
    struct {
        int name;
        bool is_output;
        layout_reference inside, outside;
    } operands[] = {
        {DNNL_ARG_SRC, false, INSIDE(description, src_md, 0), REFERENCE(all->a)},
        {DNNL_ARG_WEIGHTS, false, INSIDE(description, weights_md, 0), REFERENCE(all->b)},
        {DNNL_ARG_DST, true, INSIDE(description, dst_md, 0), REFERENCE(all->c)},
        {DNNL_ARG_BIAS, false, INSIDE(description, weights_md, 1), REFERENCE(all->bias)}};
    dnnl_status_t status = yuyan_make_primitive(entry, description);
    for (int i = 0; i < (p->has_bias ? 4 : 3) && status == dnnl_success; i++)
        status = yuyan_add_argument(
            entry, operands[i].name, operands[i].is_output, operands[i].inside, operands[i].outside);
    dnnl_primitive_desc_destroy(description);
    return status;
}

static dnnl_status_t build_product(cached *entry, int operation, const void *problem) {
    (void)operation;
    const yuyan_product *p = problem;
    product_layouts all = {0};
    dnnl_status_t status = make_product_layouts(&all, p);
    if (status == dnnl_success) status = make_product(entry, p, &all);
    yuyan_destroy_layout(&all.a);
    yuyan_destroy_layout(&all.b);
    yuyan_destroy_layout(&all.bias);
    yuyan_destroy_layout(&all.c);
    return status;
}

FITS_KEY(yuyan_product);

int yuyan_onednn_product(const yuyan_product *product, const void *a, const void *b, const void *bias, void *c) {
    problem_reference problem = {PRODUCT, product, sizeof *product, build_product};
    argument_pointers pointers = {{a, b, c, bias}};
    return yuyan_run_cached(problem, &pointers);
}

// The kernels of dnnl_sgemm, up to oneDNN 3.11, need the stack register for themselves in products longer than this.
#define LONGEST_WITH_STACK 252

int yuyan_onednn_gemm(
    bool transpose_a, bool transpose_b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda,
    const float *b,
    ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
    yuyan_onednn_name_implementation("gemm");
    const char left = transpose_a ? 'T' : 'N', right = transpose_b ? 'T' : 'N';
    ptrdiff_t first = k < YUYAN_LONGEST_SUM ? k : YUYAN_LONGEST_SUM;
    float *part = first < k ? malloc((size_t)(m * n) * sizeof *part) : NULL;
    if (first < k && !part) return (int)yuyan_check(dnnl_out_of_memory, "a part of a product");
    sigset_t signals;
    if (k > LONGEST_WITH_STACK) yuyan_hold_signals(&signals);
    dnnl_status_t status = dnnl_sgemm(left, right, m, n, first, 1, a, lda, b, ldb, 0, c, ldc);
    // oneDNN may add all terms to the result one by one, so that what is longer is computed for itself and added.
    for (ptrdiff_t begin = first; status == dnnl_success && begin < k; begin += YUYAN_LONGEST_SUM) {
        ptrdiff_t count = k - begin < YUYAN_LONGEST_SUM ? k - begin : YUYAN_LONGEST_SUM;
        status = dnnl_sgemm(
            left, right, m, n, count, 1, a + begin * (transpose_a ? lda : 1), lda, b + begin * (transpose_b ? 1 : ldb),
            ldb, 0, part, n);
        for (ptrdiff_t row = 0; status == dnnl_success && row < m; row++)
            yuyan_add_into(c + row * ldc, part + row * n, n);
    }
    if (k > LONGEST_WITH_STACK) yuyan_release_signals(&signals);
    free(part);
    return (int)yuyan_check(status, "dnnl_sgemm");
}

#endif
