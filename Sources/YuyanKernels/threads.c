#define _GNU_SOURCE
#include "yuyan_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int yuyan_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int yuyan_enter_background(void) {
    // On Linux a thread has its own niceness, addressed by its kernel id; 0 would mean the calling thread as well,
    // but POSIX reads it as the whole process.
    if (setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19) != 0) return errno;
    return 0;
}
