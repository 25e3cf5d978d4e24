#define _GNU_SOURCE
#include "yuyan_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int yuyan_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

/// A thread in the background: its own thread-local memory, in the list of all.
typedef struct background_thread {
    struct background_thread *previous, *next;
    clockid_t clock;
    bool is_listed;
} background_thread;

static _Thread_local background_thread self;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static background_thread *all;
static double seconds_of_ended;

static double seconds_of(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int yuyan_enter_background(void) {
    if (!self.is_listed && pthread_getcpuclockid(pthread_self(), &self.clock) == 0) {
        pthread_mutex_lock(&lock);
        self.is_listed = true;
        self.next = all;
        if (all) all->previous = &self;
        all = &self;
        pthread_mutex_unlock(&lock);
    }
    // On Linux a thread has its own niceness, addressed by its kernel id; 0 would mean the calling thread as well,
    // but POSIX reads it as the whole process.
    if (setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19) != 0) return errno;
    return 0;
}

void yuyan_leave_background(void) {
    if (!self.is_listed) return;
    pthread_mutex_lock(&lock);
    seconds_of_ended += seconds_of(self.clock);
    if (self.next) self.next->previous = self.previous;
    if (self.previous) self.previous->next = self.next;
    else all = self.next;
    self.is_listed = false;
    pthread_mutex_unlock(&lock);
}

bool yuyan_is_in_background(void) { return self.is_listed; }

double yuyan_background_seconds(void) {
    pthread_mutex_lock(&lock);
    double sum = seconds_of_ended;
    for (background_thread *thread = all; thread; thread = thread->next) sum += seconds_of(thread->clock);
    pthread_mutex_unlock(&lock);
    return sum;
}
