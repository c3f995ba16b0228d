#ifndef C_ALLOCATION_METER_H
#define C_ALLOCATION_METER_H

#include <stdbool.h>
#include <stdint.h>

/// Heap allocations that the calling thread has made since it began; 0 for ever if they are not counted.
uint64_t allocation_meter_this_thread(void);

/// Whether allocations are counted: not under a sanitizer, which brings an allocator of its own.
bool allocation_meter_is_active(void);

#endif
