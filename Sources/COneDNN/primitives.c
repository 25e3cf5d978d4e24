#ifdef YUYAN_ONEDNN

#include "primitives.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

static _Thread_local char message[256] = "";
static _Thread_local char implementation[64] = "";

bool yuyan_onednn_is_refusal(int status) {
    return status == dnnl_unimplemented || status == dnnl_invalid_arguments;
}

const char *yuyan_onednn_message(void) { return message; }
const char *yuyan_onednn_implementation(void) { return implementation; }

void yuyan_onednn_forget_implementation(void) { implementation[0] = 0; }

// Copied, because the entry that holds the name may go; without printf, because every product comes here.
void yuyan_onednn_name_implementation(const char *name) {
    size_t length = strnlen(name, sizeof implementation - 1);
    memcpy(implementation, name, length);
    implementation[length] = 0;
}

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

// Engine, streams, cache and workspace are shared and guarded by one lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
dnnl_engine_t yuyan_engine;
dnnl_primitive_attr_t yuyan_attributes;

// oneDNN keeps primitives, too. We need only those that parts of one call share, one soon after the other.
#define CACHED_BY_ONEDNN 64

static dnnl_status_t start(void) {
    if (yuyan_attributes) return dnnl_success;
    if (dnnl_version()->major != DNNL_VERSION_MAJOR)
        return yuyan_check(dnnl_runtime_error, "the library is of another major version than its headers");
    if (!yuyan_engine) TRY(dnnl_engine_create(&yuyan_engine, dnnl_cpu, 0));
    dnnl_primitive_attr_t attributes;
    TRY(dnnl_primitive_attr_create(&attributes));
    TRY(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
    TRY(dnnl_set_primitive_cache_capacity(CACHED_BY_ONEDNN));
    yuyan_attributes = attributes;
    return dnnl_success;
}

// One for each primitive that runs at the same time.
static dnnl_stream_t *streams;
static ptrdiff_t stream_count;

static dnnl_status_t make_streams(ptrdiff_t count) {
    if (count <= stream_count) return dnnl_success;
    dnnl_stream_t *grown = realloc(streams, (size_t)count * sizeof *streams);
    if (!grown) return yuyan_check(dnnl_out_of_memory, "streams");
    streams = grown;
    for (; stream_count < count; stream_count++)
        TRY(dnnl_stream_create(&streams[stream_count], yuyan_engine, dnnl_stream_default_flags));
    return dnnl_success;
}

// MARK: Layouts

dnnl_data_type_t yuyan_data_type(ptrdiff_t type) { return type == YUYAN_BFLOAT16 ? dnnl_bf16 : dnnl_f32; }

#if DNNL_VERSION_MAJOR >= 3

void yuyan_destroy_layout(layout *which) {
    if (*which) dnnl_memory_desc_destroy(*which);
    *which = NULL;
}

dnnl_status_t yuyan_make_strided(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_create_with_strides(result, rank, size, yuyan_data_type(type), strides));
    return dnnl_success;
}

dnnl_status_t yuyan_make_tagged(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, dnnl_format_tag_t tag) {
    TRY(dnnl_memory_desc_create_with_tag(result, rank, size, yuyan_data_type(type), tag));
    return dnnl_success;
}

#else

void yuyan_destroy_layout(layout *which) { (void)which; }

dnnl_status_t yuyan_make_strided(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, const ptrdiff_t *strides) {
    TRY(dnnl_memory_desc_init_by_strides(result, rank, size, yuyan_data_type(type), strides));
    return dnnl_success;
}

dnnl_status_t yuyan_make_tagged(
    layout *result, ptrdiff_t type, int rank, const ptrdiff_t *size, dnnl_format_tag_t tag) {
    TRY(dnnl_memory_desc_init_by_tag(result, rank, size, yuyan_data_type(type), tag));
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
    dnnl_status_t status = dnnl_primitive_desc_iterator_create(
        &iterator, operation, yuyan_attributes, yuyan_engine, forward);
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

static size_t page_aligned(size_t bytes) { return (bytes + 4095) & ~(size_t)4095; }

static dnnl_status_t make_executable(cached *entry, executable *result, const_dnnl_primitive_desc_t description) {
    TRY(dnnl_primitive_create(&result->primitive, description));
    layout_reference scratchpad = INSIDE(description, scratchpad_md, 0);
    size_t bytes = scratchpad ? dnnl_memory_desc_get_size(scratchpad) : 0;
    if (bytes == 0) return dnnl_success;
    if (bytes > entry->scratchpad_bytes) entry->scratchpad_bytes = bytes;
    TRY(dnnl_memory_create(&result->scratchpad, scratchpad, yuyan_engine, DNNL_MEMORY_NONE));
    return dnnl_success;
}

dnnl_status_t yuyan_make_primitive(cached *entry, const_dnnl_primitive_desc_t description) {
    snprintf(entry->implementation, sizeof entry->implementation, "%s", implementation_of(description));
    return make_executable(entry, &entry->main, description);
}

static bool is_image(int name, layout_reference which) {
    bool is_data = name == DNNL_ARG_SRC || name == DNNL_ARG_DST || name == DNNL_ARG_DIFF_SRC || name == DNNL_ARG_DIFF_DST;
    return is_data && yuyan_rank(which) == 4;
}

dnnl_status_t yuyan_add_argument(
    cached *entry, int name, bool is_output, layout_reference inside, layout_reference outside) {
    argument *a = &entry->arguments[entry->count++];
    a->is_output = is_output;
    a->outside_bytes = dnnl_memory_desc_get_size(outside);
    TRY(dnnl_memory_create(&a->outside, outside, yuyan_engine, DNNL_MEMORY_NONE));
    if (dnnl_memory_desc_equal(inside, outside)) {
        a->inside = a->outside;
    } else {
        TRY(dnnl_memory_create(&a->inside, inside, yuyan_engine, DNNL_MEMORY_NONE));
        a->offset = entry->workspace_bytes;
        entry->workspace_bytes += page_aligned(dnnl_memory_desc_get_size(inside));
        a->is_image = is_image(name, outside);
        entry->has_reorders = true;
        dnnl_primitive_desc_t reorder;
        TRY(dnnl_reorder_primitive_desc_create(
            &reorder, is_output ? inside : outside, yuyan_engine, is_output ? outside : inside, yuyan_engine,
            yuyan_attributes));
        dnnl_status_t status = make_executable(entry, &a->reorder, reorder);
        dnnl_primitive_desc_destroy(reorder);
        if (status != dnnl_success) return status;
    }
    entry->execution[entry->count - 1].arg = name;
    entry->execution[entry->count - 1].memory = a->inside;
    return dnnl_success;
}

static void release_executable(executable *which) {
    if (which->primitive) dnnl_primitive_destroy(which->primitive);
    if (which->scratchpad) dnnl_memory_destroy(which->scratchpad);
}

static void release(cached *entry) {
    for (int i = 0; i < entry->count; i++) {
        argument *a = &entry->arguments[i];
        if (a->inside && a->inside != a->outside) dnnl_memory_destroy(a->inside);
        if (a->outside) dnnl_memory_destroy(a->outside);
        release_executable(&a->reorder);
    }
    release_executable(&entry->main);
    free(entry);
}

// MARK: Cache

#define BUCKETS 1024
#define MAXIMUM_CACHED 1024
// 1024 convolutions of brgconv would hold 300 MiB of generated code.
#define MAXIMUM_CACHED_BYTES ((size_t)256 << 20)
static cached *buckets[BUCKETS];
static int cached_count;
static size_t cached_bytes;
/// The entry used last, and the one not used for the longest time.
static cached *newest, *oldest;
/// Calls so far. Entries of the present one stay.
static uint64_t turns;

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

/// What an entry holds, about: measured with oneDNN 2.6 on 1000 sizes, of products (52 KiB with AVX-512, 20 KiB with AVX2)
/// and convolutions (300 KiB for brgconv, 45 KiB for others).
static size_t bytes_held(const cached *entry) {
    bool is_large = strncmp(entry->implementation, "brgconv", 7) == 0;
    return sizeof *entry + (is_large ? 300 << 10 : 50 << 10);
}

static void remove_from_order(cached *entry) {
    *(entry->newer ? &entry->newer->older : &newest) = entry->older;
    *(entry->older ? &entry->older->newer : &oldest) = entry->newer;
}

static void put_first(cached *entry) {
    entry->newer = NULL;
    entry->older = newest;
    *(newest ? &newest->newer : &oldest) = entry;
    newest = entry;
}

static void forget(cached *entry) {
    cached **link = &buckets[bucket_of(entry->key)];
    while (*link != entry) link = &(*link)->next;
    *link = entry->next;
    remove_from_order(entry);
    cached_count--;
    cached_bytes -= entry->bytes;
    release(entry);
}

static void keep(cached *entry, const ptrdiff_t *key, bool shares_code) {
    entry->bytes = shares_code ? sizeof *entry : bytes_held(entry);
    while (oldest && oldest->last_turn != turns
           && (cached_count >= MAXIMUM_CACHED || cached_bytes + entry->bytes > MAXIMUM_CACHED_BYTES))
        forget(oldest);
    memcpy(entry->key, key, sizeof entry->key);
    size_t bucket = bucket_of(key);
    entry->next = buckets[bucket];
    buckets[bucket] = entry;
    put_first(entry);
    cached_count++;
    cached_bytes += entry->bytes;
}

static dnnl_status_t find_or_build(cached **result, problem_reference problem, ptrdiff_t part) {
    // The parts of one call need entries of their own.
    ptrdiff_t key[KEY_WORDS] = {problem.operation + 256 * part};
    memcpy(key + 1, problem.structure, problem.bytes);
    cached *entry = find(key);
    if (!entry) {
        TRY(start());
        entry = calloc(1, sizeof *entry);
        if (!entry) return yuyan_check(dnnl_out_of_memory, "cache");
        dnnl_status_t status = problem.build(entry, problem.operation, problem.structure);
        if (status != dnnl_success) {
            release(entry);
            // A kernel that cannot be generated for these sizes (of more than 2²⁵ pixels with AVX2, for example) counts as
            // one that is not there.
            return status == dnnl_runtime_error ? dnnl_unimplemented : status;
        }
        // oneDNN gives the parts of a call after the first the code of that.
        keep(entry, key, part > 1);
    } else if (entry != newest) {
        remove_from_order(entry);
        put_first(entry);
    }
    entry->last_turn = turns;
    entry->is_recorded = yuyan_is_recording();
    *result = entry;
    return dnnl_success;
}

// MARK: Running

// Reordered arguments and scratchpads live here while a primitive runs.
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

static size_t bytes_needed(const cached *entry) {
    return entry->workspace_bytes + page_aligned(entry->scratchpad_bytes);
}

/// `arguments` has room behind its `count` for the scratchpad.
static dnnl_status_t execute(
    const executable *which, dnnl_exec_arg_t *arguments, int count, char *scratchpad, dnnl_stream_t stream) {
    if (which->scratchpad) {
        TRY(dnnl_memory_set_data_handle(which->scratchpad, scratchpad));
        arguments[count].arg = DNNL_ARG_SCRATCHPAD;
        arguments[count++].memory = which->scratchpad;
    }
    TRY(dnnl_primitive_execute(which->primitive, stream, count, arguments));
    return dnnl_success;
}

static dnnl_status_t reorder(argument *a, bool is_recorded, char *scratchpad, dnnl_stream_t stream) {
    dnnl_exec_arg_t pair[3] = {
        {DNNL_ARG_FROM, a->is_output ? a->inside : a->outside}, {DNNL_ARG_TO, a->is_output ? a->outside : a->inside}};
    if (!is_recorded) return execute(&a->reorder, pair, 2, scratchpad, stream);
    ptrdiff_t start = yuyan_nanoseconds();
    dnnl_status_t status = execute(&a->reorder, pair, 2, scratchpad, stream);
    a->reorder_nanoseconds = yuyan_nanoseconds() - start;
    return status;
}

/// `room` holds `bytes_needed(entry)`.
static dnnl_status_t run(cached *entry, const argument_pointers *pointers, char *room, dnnl_stream_t stream) {
    char *scratchpad = room + entry->workspace_bytes;
    for (int i = 0; i < entry->count; i++) {
        argument *a = &entry->arguments[i];
        TRY(dnnl_memory_set_data_handle(a->outside, (void *)pointers->memory[i]));
        if (!a->reorder.primitive) continue;
        TRY(dnnl_memory_set_data_handle(a->inside, room + a->offset));
        if (!a->is_output) TRY(reorder(a, entry->is_recorded, scratchpad, stream));
    }
    TRY(execute(&entry->main, entry->execution, entry->count, scratchpad, stream));
    for (int i = 0; i < entry->count; i++) {
        argument *a = &entry->arguments[i];
        if (a->reorder.primitive && a->is_output) TRY(reorder(a, entry->is_recorded, scratchpad, stream));
    }
    TRY(dnnl_stream_wait(stream));
    return dnnl_success;
}

/// While this is in force nobody else uses the library, and no signal interrupts its kernels, which may keep other
/// things than a stack in the stack register.
typedef struct {
    sigset_t signals;
} turn;

static void begin(turn *turn) {
    yuyan_hold_signals(&turn->signals);
    pthread_mutex_lock(&lock);
    turns++;
}

static void end(const turn *turn) {
    pthread_mutex_unlock(&lock);
    yuyan_release_signals(&turn->signals);
}

/// A problem, or a part of one beside others.
typedef struct {
    cached *entry;
    argument_pointers pointers;
    char *room;
    dnnl_status_t status;
} part;

/// Counts the reorders of images, and tells the recorder of all. Each part moves its share of the same operands.
static void tell_reorders(ptrdiff_t count, const part *parts) {
    if (!parts[0].entry->has_reorders) return;
    for (int i = 0; i < parts[0].entry->count; i++) {
        const argument *a = &parts[0].entry->arguments[i];
        if (!a->reorder.primitive) continue;
        if (a->is_image) yuyan_count_reorder();
        yuyan_reorder all;
        if (!yuyan_is_recording() || yuyan_describe_reorder(&all, a) != dnnl_success) continue;
        for (ptrdiff_t j = 1; j < count; j++) {
            yuyan_reorder share;
            if (yuyan_describe_reorder(&share, &parts[j].entry->arguments[i]) != dnnl_success) continue;
            all.bytes += share.bytes;
            if (a->is_image) all.size[0] += share.size[0];
        }
        yuyan_note_reorder(&all);
    }
}

int yuyan_run_cached(problem_reference problem, const argument_pointers *pointers) {
    turn turn;
    begin(&turn);
    cached *entry;
    dnnl_status_t status = find_or_build(&entry, problem, 0);
    if (status == dnnl_success) status = make_streams(1);
    if (status == dnnl_success) status = grow_workspace(bytes_needed(entry));
    if (status == dnnl_success) status = run(entry, pointers, workspace, streams[0]);
    if (status == dnnl_success) {
        yuyan_onednn_name_implementation(entry->implementation);
        tell_reorders(1, &(part){.entry = entry});
    }
    end(&turn);
    return (int)status;
}

int yuyan_find_result_block(problem_reference problem, ptrdiff_t *block) {
    turn turn;
    begin(&turn);
    cached *entry;
    dnnl_status_t status = find_or_build(&entry, problem, 0);
    if (status == dnnl_success) *block = entry->result_block;
    end(&turn);
    return (int)status;
}

yuyan_cache_size yuyan_onednn_cache_size(void) {
    turn turn;
    begin(&turn);
    yuyan_cache_size size = {cached_count, (ptrdiff_t)cached_bytes};
    end(&turn);
    return size;
}

// MARK: Parts

typedef struct {
    ptrdiff_t count;
    const problem_reference *problems;
    part *parts;
    dnnl_status_t status;
} parts_search;

static void find_parts(void *data) {
    parts_search *search = data;
    for (ptrdiff_t i = 0; i < search->count && search->status == dnnl_success; i++)
        search->status = find_or_build(&search->parts[i].entry, search->problems[i], i + 1);
}

static void run_parts(const void *data, ptrdiff_t begin, ptrdiff_t end) {
    part *parts = (part *)data;
    for (ptrdiff_t i = begin; i < end; i++)
        parts[i].status = run(parts[i].entry, &parts[i].pointers, parts[i].room, streams[i]);
}

/// Gives each part its room in the workspace, and all but the first their outputs there.
static dnnl_status_t place_parts(ptrdiff_t count, part *parts, const argument_pointers *pointers) {
    size_t bytes = 0;
    for (int pass = 0; pass < 2; pass++) {
        bytes = 0;
        for (ptrdiff_t i = 0; i < count; i++) {
            const cached *entry = parts[i].entry;
            parts[i].pointers = pointers[i];
            parts[i].room = workspace + bytes;
            bytes += bytes_needed(entry);
            for (int j = 0; i > 0 && j < entry->count; j++) {
                if (!entry->arguments[j].is_output) continue;
                parts[i].pointers.memory[j] = workspace + bytes;
                bytes += page_aligned(entry->arguments[j].outside_bytes);
            }
        }
        if (pass == 0) TRY(grow_workspace(bytes));
    }
    return dnnl_success;
}

static void add_outputs(ptrdiff_t count, const part *parts) {
    for (int j = 0; j < parts[0].entry->count; j++) {
        const argument *a = &parts[0].entry->arguments[j];
        if (!a->is_output) continue;
        float *sum = (float *)parts[0].pointers.memory[j];
        for (ptrdiff_t i = 1; i < count; i++)
            yuyan_add_into(sum, parts[i].pointers.memory[j], (ptrdiff_t)(a->outside_bytes / sizeof(float)));
    }
}

int yuyan_run_and_add(ptrdiff_t count, const problem_reference *problems, const argument_pointers *pointers) {
    part *parts = calloc((size_t)count, sizeof *parts);
    if (!parts) return (int)yuyan_check(dnnl_out_of_memory, "parts");
    turn turn;
    begin(&turn);
    parts_search search = {count, problems, parts, dnnl_success};
    yuyan_with_one_thread(find_parts, &search);
    dnnl_status_t status = search.status;
    if (status == dnnl_success) status = make_streams(count);
    if (status == dnnl_success) status = place_parts(count, parts, pointers);
    if (status == dnnl_success) {
        yuyan_parallel(count, 1, PTRDIFF_MAX, run_parts, parts);
        for (ptrdiff_t i = 0; i < count && status == dnnl_success; i++)
            status = yuyan_check(parts[i].status, "a part of a batch");
    }
    if (status == dnnl_success) {
        add_outputs(count, parts);
        yuyan_onednn_name_implementation(parts[0].entry->implementation);
        tell_reorders(count, parts);
    }
    end(&turn);
    free(parts);
    return (int)status;
}

#else

#include "yuyan_onednn.h"

const char *yuyan_onednn_message(void) { return "oneDNN: not in this build"; }
const char *yuyan_onednn_implementation(void) { return ""; }
void yuyan_onednn_forget_implementation(void) {}
int yuyan_onednn_version(void) { return 0; }
yuyan_cache_size yuyan_onednn_cache_size(void) { return (yuyan_cache_size){0, 0}; }

#endif
