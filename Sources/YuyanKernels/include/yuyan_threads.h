#ifndef YUYAN_THREADS_H
#define YUYAN_THREADS_H

/// Gives the calling thread, and no other, the lowest ordinary priority (nice 19) and a name of at most 15 characters.
/// Returns 0, or the errno of the step that failed. Never call it on a thread that computes: children inherit it.
int yuyan_enter_background(const char *name);

#endif
