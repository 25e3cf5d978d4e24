// Which copies of the loops run.
#include <stdlib.h>
#include <strings.h>

#include "kernels_internal.h"
#include "yuyan_limits.h"

int yuyan_instructions = BASELINE;

static const char *limit = NULL;
static bool limit_is_known = true;

/// The most that one of oneDNN's names (SSE41, AVX, AVX2, AVX2_VNNI, AVX512_CORE, AVX10_1_512 …) allows; -1 for others.
static int most_of(const char *name) {
    static const struct {
        const char *begin;
        int most;
    } names[] = {{"ALL", AVX512}, {"DEFAULT", AVX512}, {"AVX512", AVX512}, {"AVX10", AVX512},
                 {"AVX2", AVX2},  {"AVX", BASELINE},   {"SSE41", BASELINE}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncasecmp(name, names[i].begin, strlen(names[i].begin)) == 0) return names[i].most;
    return -1;
}

#ifdef __x86_64__
/// Whether one of oneDNN's names allows the instructions that multiply bfloat16.
static bool allows_bfloat16(const char *name) {
    static const char *const without[] = {"AVX512_MIC", "AVX512_MIC_4OPS", "AVX512_CORE", "AVX512_CORE_VNNI"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (strcasecmp(name, without[i]) == 0) return false;
    return most_of(name) != BASELINE && most_of(name) != AVX2;
}
#endif

static bool has_bfloat16 = false;

__attribute__((constructor)) static void choose_instructions(void) {
    int most = AVX512;
    limit = getenv("ONEDNN_MAX_CPU_ISA");
    if (!limit) limit = getenv("DNNL_MAX_CPU_ISA");
    if (limit && !*limit) limit = NULL;
    if (limit) {
        int named = most_of(limit);
        limit_is_known = named >= 0;
        if (limit_is_known) most = named;
    }
#ifdef __x86_64__
    __builtin_cpu_init();
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    has_bfloat16 = __builtin_cpu_supports("avx512bf16") && (!limit || allows_bfloat16(limit));
    int best = __builtin_cpu_supports("avx512f") ? AVX512 : has_avx2 ? AVX2 : BASELINE;
#else
    int best = BASELINE;
#endif
    yuyan_instructions = best < most ? best : most;
}

const char *yuyan_instruction_set(void) {
    static const char *const names[] = {"baseline", "AVX2", "AVX-512"};
    return names[yuyan_instructions];
}

bool yuyan_multiplies_bfloat16(void) { return has_bfloat16; }

const char *yuyan_instruction_limit(void) { return limit; }
bool yuyan_instruction_limit_is_known(void) { return limit_is_known; }
