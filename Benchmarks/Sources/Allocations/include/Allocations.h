#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

/// How often this thread has asked for memory so far; -1 where that isn't counted (elsewhere than with glibc).
long allocations(void);

#endif
