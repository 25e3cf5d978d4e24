#ifdef YUYAN_ONEDNN

#include "primitives.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char message[256] = "";
static _Thread_local char implementation[64] = "";

const char *yuyan_onednn_message(void) { return message; }
const char *yuyan_onednn_implementation(void) { return implementation; }

void yuyan_onednn_forget_implementation(void) { implementation[0] = 0; }

void yuyan_name_implementation(const char *name) { snprintf(implementation, sizeof implementation, "%s", name); }
int yuyan_onednn_version(void) {
    const dnnl_version_t *version = dnnl_version();
    return version->major * 10000 + version->minor * 100 + version->patch;
}

static const char *status_name(dnnl_status_t status) {
    switch (status) {
        case dnnl_out_of_memory: return "out of memory";
        case dnnl_invalid_arguments: return "invalid arguments";
        case dnnl_unimplemented: return "not implemented";
        case dnnl_runtime_error: return "runtime error";
        default: return "error";
    }
}

dnnl_status_t yuyan_check(dnnl_status_t status, const char *call) {
    if (status != dnnl_success)
        snprintf(message, sizeof message, "oneDNN: %.180s: %s (status %d)", call, status_name(status), (int)status);
    return status;
}

// Engine, stream, cache and workspace are shared and guarded by one lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
dnnl_engine_t yuyan_engine;
static dnnl_stream_t stream;

static dnnl_status_t start(void) {
    if (stream) return dnnl_success;
    if (dnnl_version()->major != DNNL_VERSION_MAJOR)
        return yuyan_check(dnnl_runtime_error, "the library is of another major version than its headers");
    if (!yuyan_engine) TRY(dnnl_engine_create(&yuyan_engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&stream, yuyan_engine, dnnl_stream_default_flags));
    return dnnl_success;
}

// MARK: Layouts

#if DNNL_VERSION_MAJOR >= 3

void yuyan_destroy_layout(layout *which) {
    if (*which) dnnl_memory_desc_destroy(*which);
    *which = NULL;
}

dnnl_status_t yuyan_make_strided(layout *result, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_create_with_strides(result, rank, size, dnnl_f32, strides));
    return dnnl_success;
}

dnnl_status_t yuyan_make_tagged(layout *result, int rank, const ptrdiff_t *size, dnnl_format_tag_t tag) {
    TRY(dnnl_memory_desc_create_with_tag(result, rank, size, dnnl_f32, tag));
    return dnnl_success;
}

#else

void yuyan_destroy_layout(layout *which) { (void)which; }

dnnl_status_t yuyan_make_strided(layout *result, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_init_by_strides(result, rank, size, dnnl_f32, strides));
    return dnnl_success;
}

dnnl_status_t yuyan_make_tagged(layout *result, int rank, const ptrdiff_t *size, dnnl_format_tag_t tag) {
    TRY(dnnl_memory_desc_init_by_tag(result, rank, size, dnnl_f32, tag));
    return dnnl_success;
}

#endif

// MARK: Choice of implementation

static const char *implementation_of(const_dnnl_primitive_desc_t description) {
    const char *name = NULL;
    dnnl_status_t status = dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
    return status == dnnl_success && name ? name : "";
}

static bool is_reference(const_dnnl_primitive_desc_t description) {
    return strncmp(implementation_of(description), "ref", 3) == 0;
}

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t yuyan_skip_reference(dnnl_primitive_desc_t *description, bool refuses_reference) {
    if (!refuses_reference) return dnnl_success;
    while (is_reference(*description))
        if (dnnl_primitive_desc_next_impl(*description) != dnnl_success) {
            dnnl_primitive_desc_destroy(*description);
            *description = NULL;
            return dnnl_unimplemented;
        }
    return dnnl_success;
}

#else

dnnl_status_t yuyan_describe(
    dnnl_primitive_desc_t *result, const_dnnl_op_desc_t operation, const_dnnl_primitive_desc_t forward,
    bool refuses_reference) {
    dnnl_primitive_desc_iterator_t iterator;
    dnnl_status_t status = dnnl_primitive_desc_iterator_create(&iterator, operation, NULL, yuyan_engine, forward);
    *result = NULL;
    if (status != dnnl_success) return status;
    while (status == dnnl_success) {
        *result = dnnl_primitive_desc_iterator_fetch(iterator);
        if (!*result || !refuses_reference || !is_reference(*result)) break;
        dnnl_primitive_desc_destroy(*result);
        *result = NULL;
        status = dnnl_primitive_desc_iterator_next(iterator);
    }
    dnnl_primitive_desc_iterator_destroy(iterator);
    return *result ? dnnl_success : dnnl_unimplemented;
}

#endif

// MARK: Building

dnnl_status_t yuyan_make_primitive(cached *entry, const_dnnl_primitive_desc_t description) {
    snprintf(entry->implementation, sizeof entry->implementation, "%s", implementation_of(description));
    TRY(dnnl_primitive_create(&entry->primitive, description));
    return dnnl_success;
}

dnnl_status_t yuyan_add_argument(
    cached *entry, int name, bool is_output, layout_reference inside, layout_reference outside) {
    argument *a = &entry->arguments[entry->count++];
    a->is_output = is_output;
    TRY(dnnl_memory_create(&a->outside, outside, yuyan_engine, DNNL_MEMORY_NONE));
    if (dnnl_memory_desc_equal(inside, outside)) {
        a->inside = a->outside;
    } else {
        TRY(dnnl_memory_create(&a->inside, inside, yuyan_engine, DNNL_MEMORY_NONE));
        a->offset = entry->workspace_bytes;
        entry->workspace_bytes += (dnnl_memory_desc_get_size(inside) + 4095) & ~(size_t)4095;
        dnnl_primitive_desc_t reorder;
        TRY(dnnl_reorder_primitive_desc_create(
            &reorder, is_output ? inside : outside, yuyan_engine, is_output ? outside : inside, yuyan_engine, NULL));
        dnnl_status_t status = yuyan_check(dnnl_primitive_create(&a->reorder, reorder), "reorder");
        dnnl_primitive_desc_destroy(reorder);
        if (status != dnnl_success) return status;
    }
    entry->execution[entry->count - 1].arg = name;
    entry->execution[entry->count - 1].memory = a->inside;
    return dnnl_success;
}

static void release(cached *entry) {
    for (int i = 0; i < entry->count; i++) {
        argument *a = &entry->arguments[i];
        if (a->inside && a->inside != a->outside) dnnl_memory_destroy(a->inside);
        if (a->outside) dnnl_memory_destroy(a->outside);
        if (a->reorder) dnnl_primitive_destroy(a->reorder);
    }
    if (entry->primitive) dnnl_primitive_destroy(entry->primitive);
    free(entry);
}

// MARK: Cache

#define BUCKETS 1024
#define MAXIMUM_CACHED 1024
static cached *buckets[BUCKETS];
static int cached_count;

static size_t bucket_of(const ptrdiff_t *key) {
    // Four independent chains, so that a look-up is not one long row of multiplications.
    uint64_t hash[4] = {1, 2, 3, 4};
    for (int i = 0; i < KEY_WORDS; i += 4)
        for (int lane = 0; lane < 4; lane++) hash[lane] = (hash[lane] ^ (uint64_t)key[i + lane]) * 0xD6E8FEB86659FD93u;
    uint64_t all = hash[0] ^ hash[1] >> 7 ^ hash[2] >> 17 ^ hash[3] >> 29;
    return (size_t)((all * 0x9E3779B97F4A7C15u) >> 40) % BUCKETS;
}

static cached *find(const ptrdiff_t *key) {
    for (cached *entry = buckets[bucket_of(key)]; entry; entry = entry->next)
        if (memcmp(entry->key, key, sizeof entry->key) == 0) return entry;
    return NULL;
}

static void keep(cached *entry, const ptrdiff_t *key) {
    if (cached_count >= MAXIMUM_CACHED) {
        for (int i = 0; i < BUCKETS; i++)
            while (buckets[i]) {
                cached *old = buckets[i];
                buckets[i] = old->next;
                release(old);
            }
        cached_count = 0;
    }
    memcpy(entry->key, key, sizeof entry->key);
    size_t bucket = bucket_of(key);
    entry->next = buckets[bucket];
    buckets[bucket] = entry;
    cached_count++;
}

// MARK: Running

// Reordered arguments live here while a primitive runs.
static char *workspace;
static size_t workspace_size;

static dnnl_status_t grow_workspace(size_t bytes) {
    if (bytes <= workspace_size) return dnnl_success;
    void *grown = NULL;
    if (posix_memalign(&grown, 4096, bytes) != 0) return yuyan_check(dnnl_out_of_memory, "workspace");
    free(workspace);
    workspace = grown;
    workspace_size = bytes;
    return dnnl_success;
}

static dnnl_status_t reorder(const argument *a) {
    dnnl_exec_arg_t pair[2] = {
        {DNNL_ARG_FROM, a->is_output ? a->inside : a->outside}, {DNNL_ARG_TO, a->is_output ? a->outside : a->inside}};
    TRY(dnnl_primitive_execute(a->reorder, stream, 2, pair));
    return dnnl_success;
}

static dnnl_status_t run(const cached *entry, const void *const *pointers) {
    TRY(grow_workspace(entry->workspace_bytes));
    for (int i = 0; i < entry->count; i++) {
        const argument *a = &entry->arguments[i];
        TRY(dnnl_memory_set_data_handle(a->outside, (void *)pointers[i]));
        if (!a->reorder) continue;
        TRY(dnnl_memory_set_data_handle(a->inside, workspace + a->offset));
        if (!a->is_output) TRY(reorder(a));
    }
    TRY(dnnl_primitive_execute(entry->primitive, stream, entry->count, entry->execution));
    for (int i = 0; i < entry->count; i++)
        if (entry->arguments[i].reorder && entry->arguments[i].is_output) TRY(reorder(&entry->arguments[i]));
    TRY(dnnl_stream_wait(stream));
    memcpy(implementation, entry->implementation, sizeof implementation);
    return dnnl_success;
}

static dnnl_status_t find_or_build(
    cached **result, const ptrdiff_t *key, int operation, const void *problem, primitive_builder build) {
    *result = find(key);
    if (*result) return dnnl_success;
    TRY(start());
    cached *entry = calloc(1, sizeof *entry);
    if (!entry) return yuyan_check(dnnl_out_of_memory, "cache");
    dnnl_status_t status = build(entry, operation, problem);
    if (status != dnnl_success) {
        release(entry);
        return status;
    }
    keep(entry, key);
    *result = entry;
    return dnnl_success;
}

static dnnl_status_t find_cached(
    cached **entry, int operation, const void *problem, size_t bytes, primitive_builder build) {
    ptrdiff_t key[KEY_WORDS] = {operation};
    memcpy(key + 1, problem, bytes);
    return find_or_build(entry, key, operation, problem, build);
}

int yuyan_run_cached(
    int operation, const void *problem, size_t bytes, primitive_builder build, const void *const *pointers) {
    pthread_mutex_lock(&lock);
    cached *entry;
    dnnl_status_t status = find_cached(&entry, operation, problem, bytes, build);
    if (status == dnnl_success) status = run(entry, pointers);
    pthread_mutex_unlock(&lock);
    return (int)status;
}

int yuyan_find_result_block(
    int operation, const void *problem, size_t bytes, primitive_builder build, ptrdiff_t *block) {
    pthread_mutex_lock(&lock);
    cached *entry;
    dnnl_status_t status = find_cached(&entry, operation, problem, bytes, build);
    if (status == dnnl_success) *block = entry->result_block;
    pthread_mutex_unlock(&lock);
    return (int)status;
}

#else

#include "yuyan_onednn.h"

const char *yuyan_onednn_message(void) { return "oneDNN: not in this build"; }
const char *yuyan_onednn_implementation(void) { return ""; }
void yuyan_onednn_forget_implementation(void) {}
int yuyan_onednn_version(void) { return 0; }

#endif
