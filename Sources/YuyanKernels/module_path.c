#include "include/yuyan_module_path.h"
#include <stddef.h>

#define CAPACITY 256

static _Thread_local const void *stack[CAPACITY];
static _Thread_local int depth;

void yuyan_module_enter(const void *module) {
    if (depth < CAPACITY) stack[depth] = module;
    depth += 1;
}

void yuyan_module_leave(void) { depth -= 1; }

int yuyan_module_depth(void) { return depth < CAPACITY ? depth : CAPACITY; }

const void *yuyan_module_at(int index) { return index < CAPACITY ? stack[index] : NULL; }
