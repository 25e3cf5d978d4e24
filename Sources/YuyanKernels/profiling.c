#include "yuyan_profiling.h"

_Thread_local void *yuyan_thread_recorder;
