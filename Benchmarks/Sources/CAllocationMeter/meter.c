// Counts heap allocations per thread by standing in for the C library's allocator: the dynamic linker prefers the
// program's own malloc to the library's, for every library of the process.
#include "CAllocationMeter.h"

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static __thread uint64_t allocations __attribute__((tls_model("initial-exec")));

uint64_t allocation_meter_this_thread(void) { return allocations; }

#ifdef SANITIZED

bool allocation_meter_is_active(void) { return false; }

#else

bool allocation_meter_is_active(void) { return true; }

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    allocations++;
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    allocations++;
    *block = __libc_memalign(alignment, size);
    return *block == NULL ? 12 : 0;
}

#endif
