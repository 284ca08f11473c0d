#ifndef TESTS_ALLOCATIONS_H
#define TESTS_ALLOCATIONS_H
/*
 * What a test asks of the allocator, counted: the program is linked so that malloc(), free() and
 * the like come by here (allocations_dep in tests/meson.build).
 */
#include <stdint.h>

struct allocations {
    uint64_t count;
    uint64_t bytes; /* asked for; never less */
    int64_t held;   /* bytes not given back, with what the allocator keeps beside each block */
};

/* Since the program began. */
struct allocations allocations_so_far(void);

#endif
