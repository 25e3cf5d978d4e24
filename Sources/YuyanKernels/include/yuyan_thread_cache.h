#pragma once

#include <stdbool.h>
#include <stddef.h>

/// Free small blocks of a pool that a thread keeps for itself, so that taking one and giving it back need no lock: a
/// stack of addresses for each size class. Nothing is written into the blocks, which may be a device's memory.
#define YUYAN_CACHED_CLASSES 37
#define YUYAN_CACHED_BLOCKS 64

/// Written by its thread alone, but for `most_in_use` when a peak is forgotten. The three counts may be read by others.
typedef struct yuyan_thread_cache {
    /// Bytes in small blocks that the thread took, less those that it gave back: negative where it gives back what
    /// others took.
    ptrdiff_t in_use;
    /// The largest `in_use` since the pool last looked.
    ptrdiff_t most_in_use;
    /// The `in_use` that the pool last saw. Guarded by the pool's lock.
    ptrdiff_t seen;
    int counts[YUYAN_CACHED_CLASSES];
    void *blocks[YUYAN_CACHED_CLASSES][YUYAN_CACHED_BLOCKS];
} yuyan_thread_cache;

/// Called by a thread that ends with its cache for a pool, which must take the blocks out; the cache is gone then.
typedef void (*yuyan_cache_drain)(void *pool, yuyan_thread_cache *cache);

/// A number under which threads keep caches for a pool that lasts as long as the program; -1 if none is left.
int yuyan_cache_register(void *pool, yuyan_cache_drain drain);

/// The calling thread's cache; NULL if it has none yet.
yuyan_thread_cache *yuyan_cache_find(int pool);
/// Makes the calling thread's cache, once. NULL if the system has no memory left.
yuyan_thread_cache *yuyan_cache_open(int pool);

/// A block, counted as in use; NULL if there is none.
void *yuyan_cache_take(int pool, int size_class, ptrdiff_t bytes);
/// Keeps a block that was in use; false if this class has `most` blocks already, or the thread has no cache.
bool yuyan_cache_put(int pool, int size_class, ptrdiff_t bytes, int most, void *block);

/// Counts a block that the calling thread took from elsewhere (`bytes` > 0) or gave back to elsewhere (< 0).
void yuyan_cache_count(yuyan_thread_cache *cache, ptrdiff_t bytes);
/// Moves up to `count` blocks of a class out of the cache or into it; returns how many. Those longest in it go first.
int yuyan_cache_move_out(yuyan_thread_cache *cache, int size_class, int count, void **blocks);
int yuyan_cache_move_in(yuyan_thread_cache *cache, int size_class, int count, void *const *blocks);

ptrdiff_t yuyan_cache_in_use(const yuyan_thread_cache *cache);
ptrdiff_t yuyan_cache_most_in_use(const yuyan_thread_cache *cache);
/// The largest count starts again from the present one.
void yuyan_cache_forget_most(yuyan_thread_cache *cache);
