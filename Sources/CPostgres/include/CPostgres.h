#pragma once

#include <postgresql/libpq-fe.h>

// libpq is loaded when it is first called: with what it needs itself it is a third of the libraries of a start, and nobody on SQLite wants it.

// Why libpq can't be loaded; NULL when it is there. Until this has answered NULL, nothing else may be called.
const char *postgres_library_fault(void);
