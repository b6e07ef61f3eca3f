#pragma once

#include <pthread.h>
#include <stdatomic.h>

// Shared libraries that are loaded when they are first called, so that who needs none of them doesn't wait for them.

struct late_library {
  const char *name;
  pthread_once_t once;
  void *handle;
  // Why it can't be loaded; NULL when it is there.
  const char *fault;
};

// Loads it the first time, from any thread, and answers its fault.
const char *late_library_fault(struct late_library *library, void (*load)(void));

// To be called once, by `load`.
void late_library_open(struct late_library *library);

// The address of a function that every such library has; one that can't be found ends the process.
void *late_library_symbol(struct late_library *library, void (*load)(void), const char *name);

// Defines `name_library_fault`, and what FORWARD needs.
#define LATE_LIBRARY(prefix, file)                                                                                \
  static struct late_library library = {file, PTHREAD_ONCE_INIT, NULL, NULL};                                     \
  static void load(void) { late_library_open(&library); }                                                         \
  const char *prefix##_library_fault(void) { return late_library_fault(&library, load); }                         \
  static void *symbol(const char *name) { return late_library_symbol(&library, load, name); }

// Defines a function that is looked up the first time it is called, and called from then on.
#define FORWARD(result, name, parameters, arguments)                      \
  result name parameters {                                                \
    static _Atomic(void *) known;                                         \
    void *found = atomic_load_explicit(&known, memory_order_relaxed);     \
    if (!found) atomic_store(&known, found = symbol(#name));              \
    return ((result(*) parameters)found)arguments;                        \
  }
