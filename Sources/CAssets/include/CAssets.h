#ifndef GUILDHALL_CASSETS_H
#define GUILDHALL_CASSETS_H

#include <stddef.h>

/// A file of Sources/Server/Assets, compiled in.
struct guildhall_asset {
  const char *name;
  const unsigned char *bytes;
  size_t count;
};

size_t guildhall_asset_count(void);

/// `place` is below the count.
struct guildhall_asset guildhall_asset_at(size_t place);

#endif
