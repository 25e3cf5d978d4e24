#ifndef YUYAN_THREADS_H
#define YUYAN_THREADS_H

#include <stdbool.h>

/// Gives the calling thread a name of at most 15 characters. Returns 0 or an errno.
int yuyan_name_thread(const char *name);
/// Gives the calling thread, and no other, the lowest ordinary priority (nice 19). Returns 0 or an errno. Never call it
/// on a thread that computes: children inherit it. From then on the thread opens no parallel regions.
int yuyan_enter_background(void);
/// To be called by such a thread before it ends.
void yuyan_leave_background(void);
bool yuyan_is_in_background(void);
/// The processor time that threads of the background have used so far, in seconds.
double yuyan_background_seconds(void);

#endif
