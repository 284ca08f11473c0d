#include "tests/support/allocations.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static struct allocations so_far;

static void add(size_t size)
{
    so_far.count++;
    so_far.bytes += size;
}

struct allocations allocations_so_far(void)
{
    return so_far;
}

void *__wrap_malloc(size_t size)
{
    add(size);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    add(count * size);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    add(size);
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    add(size);
    return __real_aligned_alloc(alignment, size);
}
