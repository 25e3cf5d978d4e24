// Beside other programs libgomp's threads must not spin, nor must the helpers of a region wait for a core that somebody
// else keeps.
//
// A thread that waits at the end of a region spins for some milliseconds. On a quiet machine that is the fastest. Where
// another program wants the core it takes the time that the thread waited for needs: steps take up to twenty times as
// long. A thread of its own therefore watches how much other programs compute, and there are three states:
//
// - QUIET: nothing is changed.
// - CROWDED: more threads than cores want to compute. Waiting threads give up their core at once. libgomp does that
//   when it manages more threads than there are processors, so a thread opens a region of idle helpers for its own.
// - TOGETHER: all cores but one are taken, by whole programs. The helpers of a region move to the core of the thread
//   that opened it, and compute their parts one after the other: it is as fast as one thread, with the same bits as on
//   all cores. Apart, each region would wait for the slowest to get its core back.
//
// Documentation/Performance.md has measurements. Variables that rule OpenMP's waiting or binding switch all this off.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "kernels_internal.h"
#include "yuyan_threads.h"

enum { QUIET, CROWDED, TOGETHER };

static _Atomic int state = QUIET;
/// Regions have been opened since the watcher looked last.
static _Atomic bool is_active = false;
/// The watcher is there, and awake.
static _Atomic bool is_watched = false;
static _Atomic int threads_wanted = 1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static bool has_watcher = false;

// MARK: What others compute

/// Processor time in seconds, from some moment on.
typedef struct {
    double clock, all, own;
} sample;

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// What the processors of `mask` have computed, of any program whose priority is not below ours.
static bool take_sample(sample *result, const cpu_set_t *mask) {
    int file = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    // A line for each processor comes first; what follows may be long and is left out.
    size_t capacity = 256 * (size_t)(sysconf(_SC_NPROCESSORS_CONF) + 2), used = 0;
    char *text = malloc(capacity + 1);
    while (text && used < capacity) {
        ssize_t count = read(file, text + used, capacity - used);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        used += (size_t)count;
    }
    close(file);
    if (!text) return false;
    text[used] = 0;
    result->clock = seconds_of(CLOCK_MONOTONIC);
    result->own = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - yuyan_background_seconds();
    bool counts_nice = getpriority(PRIO_PROCESS, (id_t)getpid()) > 0;
    unsigned long long ticks = 0;
    for (char *line = text; line && strncmp(line, "cpu", 3) == 0; line = strchr(line, '\n'), line += line != NULL) {
        unsigned processor;
        unsigned long long user, nice, system, idle, waiting, interrupts, soft, stolen = 0;
        int found = sscanf(
            line, "cpu%u %llu %llu %llu %llu %llu %llu %llu %llu", &processor, &user, &nice, &system, &idle, &waiting,
            &interrupts, &soft, &stolen);
        if (found < 8 || processor >= CPU_SETSIZE || !CPU_ISSET(processor, mask)) continue;
        ticks += user + system + interrupts + soft + stolen + (counts_nice ? nice : 0);
    }
    free(text);
    result->all = (double)ticks / (double)sysconf(_SC_CLK_TCK);
    return true;
}

/// How many processors others kept busy between two samples.
static double others_between(const sample *before, const sample *after) {
    double passed = after->clock - before->clock;
    double others = (after->all - before->all) - (after->own - before->own);
    return passed > 0 && others > 0 ? others / passed : 0;
}

static void sleep_for(double seconds) {
    struct timespec rest = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
}

double yuyan_processors_of_others(void) {
    cpu_set_t mask;
    sample before, after;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0 || !take_sample(&before, &mask)) return 0;
    sleep_for(0.05);
    return take_sample(&after, &mask) ? others_between(&before, &after) : 0;
}

// MARK: Threads of our own

/// Starts a thread that no signal reaches.
static bool start_thread(void *(*body)(void *)) {
    pthread_t thread;
    sigset_t before;
    yuyan_hold_signals(&before);
    bool is_started = pthread_create(&thread, NULL, body, NULL) == 0;
    yuyan_release_signals(&before);
    if (is_started) pthread_detach(thread);
    return is_started;
}

static pthread_cond_t crowd_over = PTHREAD_COND_INITIALIZER;
static bool is_crowd_wanted = false, has_crowd = false;

static void do_nothing(void *data) { (void)data; }

/// Has helpers for as long as it is wanted, so that libgomp manages more threads than there are processors.
static void *keep_crowd(void *unused) {
    (void)unused;
    yuyan_name_thread("yuyan-crowd");
    int missing = omp_get_num_procs() - atomic_load(&threads_wanted) + 2;
    GOMP_parallel(do_nothing, NULL, (unsigned)(missing < 2 ? 2 : missing), 0);
    pthread_mutex_lock(&lock);
    while (is_crowd_wanted) pthread_cond_wait(&crowd_over, &lock);
    has_crowd = false;
    pthread_mutex_unlock(&lock);
    return NULL;  // libgomp ends the helpers with the thread.
}

static void change_state(int next) {
    pthread_mutex_lock(&lock);
    is_crowd_wanted = next != QUIET;
    if (is_crowd_wanted && !has_crowd) {
        has_crowd = true;
        has_crowd = start_thread(keep_crowd);
    }
    if (!is_crowd_wanted) pthread_cond_broadcast(&crowd_over);
    pthread_mutex_unlock(&lock);
    atomic_store(&state, next);
}

// MARK: The watcher

/// The state that fits so many processors kept busy by others. Leaving one takes less load than entering it.
static int state_for(double others, int processors, int threads, int now) {
    double left = now == TOGETHER ? 0.5 : 0.4;
    if (others > processors - 1 - left) return TOGETHER;
    double margin = now == QUIET ? 0.25 : 0.12;
    return threads + others > processors + margin ? CROWDED : QUIET;
}

static void *watch(void *unused) {
    (void)unused;
    enum { CALM_LOOKS = 5, IDLE_LOOKS = 10 };
    // At an ordinary priority: at the lowest it would not run beside the programs that it looks for. It takes some 20 µs
    // five times a second.
    yuyan_name_thread("yuyan-load");
    for (;;) {
        cpu_set_t mask;
        sample before, after;
        int calm = 0, idle = 0;
        double pause = 0.05;
        sched_getaffinity(0, sizeof mask, &mask);
        bool sees = take_sample(&before, &mask);
        while (sees && idle < IDLE_LOOKS) {
            sleep_for(pause);
            pause = 0.2;
            sees = take_sample(&after, &mask);
            int now = atomic_load(&state);
            int next = state_for(
                others_between(&before, &after), CPU_COUNT(&mask), atomic_load(&threads_wanted), now);
            calm = next < now ? calm + 1 : 0;
            if (next > now || calm >= CALM_LOOKS) {
                change_state(next);
                calm = 0;
            }
            idle = atomic_exchange(&is_active, false) ? 0 : idle + 1;
            before = after;
        }
        change_state(QUIET);
        pthread_mutex_lock(&lock);
        atomic_store(&is_watched, false);
        while (!atomic_load(&is_watched)) pthread_cond_wait(&woken, &lock);
        pthread_mutex_unlock(&lock);
        if (!sees) return NULL;
    }
}

/// Whoever sets how OpenMP's threads wait, or where they run, decides alone.
static bool is_decided_by_user(void) {
    static const char *const names[] = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i])) return true;
    return false;
}

static void wake_watcher(void) {
    pthread_mutex_lock(&lock);
    if (!has_watcher) {
        has_watcher = true;
        if (!is_decided_by_user()) start_thread(watch);
    }
    atomic_store(&is_watched, true);
    pthread_cond_signal(&woken);
    pthread_mutex_unlock(&lock);
}

// MARK: The threads that compute

static void move_helper(void *data) {
    if (omp_get_thread_num() > 0) sched_setaffinity(0, sizeof(cpu_set_t), data);
}

/// Takes the calling thread back to a processor, where it then stays as long as the system lets it.
static bool return_to(int processor) {
    cpu_set_t one, mask;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0 || !CPU_ISSET((size_t)processor, &mask)) return false;
    CPU_ZERO(&one);
    CPU_SET((size_t)processor, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 && sched_setaffinity(0, sizeof mask, &mask) == 0;
}

void yuyan_follow_load(int threads) {
    // The system evens out processors by moving this thread, which often waits for a helper and so seems to be a small
    // load. It returns, or it would meet the other program there and never be alone; but not for ever, as home may have
    // become the busier one.
    enum { RETURNS = 16 };
    static _Thread_local int returns = 0;
    // The processor that the helpers of this thread are kept on.
    static _Thread_local int home = -1;
    atomic_store_explicit(&is_active, true, memory_order_relaxed);
    if (!atomic_load_explicit(&is_watched, memory_order_relaxed)) wake_watcher();
    atomic_store_explicit(&threads_wanted, threads, memory_order_relaxed);
    int next = atomic_load_explicit(&state, memory_order_relaxed) == TOGETHER ? sched_getcpu() : -1;
    if (next == home) return;
    if (next >= 0 && home >= 0 && returns++ < RETURNS && return_to(home)) return;
    returns = 0;
    home = next;
    cpu_set_t mask;
    if (home >= 0) {
        CPU_ZERO(&mask);
        CPU_SET((size_t)home, &mask);
    } else if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
        return;
    }
    GOMP_parallel(move_helper, &mask, (unsigned)threads, 0);
}
