#include "tests/support/allocations.h"

#include <malloc.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static struct allocations so_far;

static void add(size_t size)
{
    so_far.count++;
    so_far.bytes += size;
}

static int64_t bytes_of(void *block)
{
    return block != NULL ? (int64_t)(malloc_usable_size(block) + sizeof(size_t)) : 0;
}

static void *hold(void *block)
{
    so_far.held += bytes_of(block);
    return block;
}

struct allocations allocations_so_far(void)
{
    return so_far;
}

void *__wrap_malloc(size_t size)
{
    add(size);
    return hold(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    add(count * size);
    return hold(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    add(size);
    so_far.held -= bytes_of(block);
    return hold(__real_realloc(block, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    add(size);
    return hold(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    so_far.held -= bytes_of(block);
    __real_free(block);
}
