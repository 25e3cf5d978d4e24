#include "yuyan_profiling.h"

_Thread_local void *yuyan_thread_recorder;
_Thread_local ptrdiff_t yuyan_thread_reorders;
_Thread_local ptrdiff_t yuyan_thread_reference_uses;
