#ifndef YUYAN_THREADS_H
#define YUYAN_THREADS_H

/// Gives the calling thread a name of at most 15 characters. Returns 0 or an errno.
int yuyan_name_thread(const char *name);
/// Gives the calling thread, and no other, the lowest ordinary priority (nice 19). Returns 0 or an errno. Never call it
/// on a thread that computes: children inherit it.
int yuyan_enter_background(void);

#endif
