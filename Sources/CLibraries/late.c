#include "CLibraries.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void late_library_open(struct late_library *library) {
  library->handle = dlopen(library->name, RTLD_NOW | RTLD_LOCAL);
  // The text of dlerror is the thread's own, and soon another's.
  if (!library->handle) library->fault = strdup(dlerror());
}

const char *late_library_fault(struct late_library *library, void (*load)(void)) {
  pthread_once(&library->once, load);
  return library->fault;
}

void *late_library_symbol(struct late_library *library, void (*load)(void), const char *name) {
  void *found = late_library_fault(library, load) ? NULL : dlsym(library->handle, name);
  if (!found) abort();
  return found;
}
