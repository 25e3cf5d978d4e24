#include "include/yuyan_thread_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define POOLS 8

static struct {
    void *pool;
    yuyan_cache_drain drain;
} registered[POOLS];
static int registered_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;

static _Thread_local yuyan_thread_cache *caches[POOLS];

static void thread_ends(void *unused) {
    (void)unused;
    for (int i = 0; i < POOLS; i++) {
        yuyan_thread_cache *cache = caches[i];
        if (!cache) continue;
        // What is freed from here on finds no cache, and makes a new one: the key's destructor is called again for it.
        caches[i] = NULL;
        registered[i].drain(registered[i].pool, cache);
        free(cache);
    }
}

int yuyan_cache_register(void *pool, yuyan_cache_drain drain) {
    pthread_mutex_lock(&lock);
    int index = -1;
    bool has_key = registered_count > 0 || pthread_key_create(&key, thread_ends) == 0;
    if (has_key && registered_count < POOLS) {
        index = registered_count++;
        registered[index].pool = pool;
        registered[index].drain = drain;
    }
    pthread_mutex_unlock(&lock);
    return index;
}

yuyan_thread_cache *yuyan_cache_find(int pool) { return pool < 0 ? NULL : caches[pool]; }

yuyan_thread_cache *yuyan_cache_open(int pool) {
    if (pool < 0 || caches[pool]) return yuyan_cache_find(pool);
    yuyan_thread_cache *cache = calloc(1, sizeof *cache);
    // The value only has to differ from NULL for the destructor to be called.
    if (!cache || pthread_setspecific(key, cache) != 0) {
        free(cache);
        return NULL;
    }
    caches[pool] = cache;
    return cache;
}

// Others read the counts while their thread computes: relaxed, which costs nothing.
static ptrdiff_t get(const ptrdiff_t *count) { return __atomic_load_n(count, __ATOMIC_RELAXED); }
static void set(ptrdiff_t *count, ptrdiff_t value) { __atomic_store_n(count, value, __ATOMIC_RELAXED); }

void yuyan_cache_count(yuyan_thread_cache *cache, ptrdiff_t bytes) {
    ptrdiff_t in_use = get(&cache->in_use) + bytes;
    set(&cache->in_use, in_use);
    if (in_use > get(&cache->most_in_use)) set(&cache->most_in_use, in_use);
}

void *yuyan_cache_take(int pool, int size_class, ptrdiff_t bytes) {
    yuyan_thread_cache *cache = yuyan_cache_find(pool);
    if (!cache || cache->counts[size_class] == 0) return NULL;
    yuyan_cache_count(cache, bytes);
    return cache->blocks[size_class][--cache->counts[size_class]];
}

bool yuyan_cache_put(int pool, int size_class, ptrdiff_t bytes, int most, void *block) {
    yuyan_thread_cache *cache = yuyan_cache_find(pool);
    if (!cache || cache->counts[size_class] >= most) return false;
    set(&cache->in_use, get(&cache->in_use) - bytes);
    cache->blocks[size_class][cache->counts[size_class]++] = block;
    return true;
}

int yuyan_cache_move_out(yuyan_thread_cache *cache, int size_class, int count, void **blocks) {
    void **stack = cache->blocks[size_class];
    int held = cache->counts[size_class];
    if (count > held) count = held;
    memcpy(blocks, stack, (size_t)count * sizeof *blocks);
    memmove(stack, stack + count, (size_t)(held - count) * sizeof *stack);
    cache->counts[size_class] = held - count;
    return count;
}

int yuyan_cache_move_in(yuyan_thread_cache *cache, int size_class, int count, void *const *blocks) {
    int room = YUYAN_CACHED_BLOCKS - cache->counts[size_class];
    if (count > room) count = room;
    memcpy(cache->blocks[size_class] + cache->counts[size_class], blocks, (size_t)count * sizeof *blocks);
    cache->counts[size_class] += count;
    return count;
}

ptrdiff_t yuyan_cache_in_use(const yuyan_thread_cache *cache) { return get(&cache->in_use); }
ptrdiff_t yuyan_cache_most_in_use(const yuyan_thread_cache *cache) { return get(&cache->most_in_use); }
void yuyan_cache_forget_most(yuyan_thread_cache *cache) { set(&cache->most_in_use, get(&cache->in_use)); }
