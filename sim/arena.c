#include "sim/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/compiler.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/* Small pieces share blocks of this size; a larger piece has a block of its own. */
#define BLOCK_BYTES ((size_t)64 * 1024)
#define PIECE_ALIGN ((size_t)16)
#define LINE_ALIGN ((size_t)64)

/* Large tables that are read at random are put into huge pages: with usual ones, looking up where a
 * page is takes as long as reading from it. */
#define HUGE_FROM (2 * SIM_HUGE_PAGE)

struct block {
    struct block *next;
    size_t used; /* of `size`, the head included */
    size_t size;
};

struct sim_arena {
    struct block *first; /* the one that pieces are cut from; full and large ones follow */
    size_t bytes;
};

static void print_and_exit(size_t bytes)
{
    fprintf(stderr, "out of memory: %zu bytes were asked for\n", bytes);
    exit(1);
}

static sim_oom_handler current_handler = print_and_exit;

sim_oom_handler sim_oom_set_handler(sim_oom_handler handler)
{
    sim_oom_handler before = current_handler;
    current_handler = handler != NULL ? handler : print_and_exit;
    return before;
}

void sim_oom(size_t bytes)
{
    current_handler(bytes);
    abort();
}

/* Below this it is not worth it. */
#define EXPECT_FROM ((size_t)64 * 1024 * 1024)
/* How large a piece glibc takes from its heap: the most that can be set. */
#define MAPPED_FROM ((size_t)32 * 1024 * 1024)
#define MAPPED_USUAL 65536
#define NEVER_TRIM (-1) /* a number of bytes would have to fit into an int */

/*
 * One piece, which glibc must not map by itself: it writes a word behind each piece that it cuts
 * from the end of its heap, and the huge page around that word is taken, or is small ones if it was
 * not advised yet.
 */
void sim_expect_alloc(uint64_t bytes)
{
#if defined(__GLIBC__)
    if (bytes < EXPECT_FROM || !mallopt(M_MMAP_THRESHOLD, (int)MAPPED_FROM) ||
        !mallopt(M_TRIM_THRESHOLD, NEVER_TRIM) || !mallopt(M_MMAP_MAX, 0)) {
        return;
    }
    size_t size = (size_t)bytes;
    void *block = malloc(size);
    while (block == NULL && size > EXPECT_FROM) {
        size /= 2; /* what there is room for is better than nothing */
        block = malloc(size);
    }
    if (block != NULL) {
        uintptr_t from = ((uintptr_t)block + SIM_HUGE_PAGE - 1) / SIM_HUGE_PAGE * SIM_HUGE_PAGE;
        uintptr_t to = ((uintptr_t)block + size) / SIM_HUGE_PAGE * SIM_HUGE_PAGE;
        sim_advise_huge_pages((void *)from, to - from);
    }
    (void)mallopt(M_MMAP_MAX, MAPPED_USUAL);
    free(block);
#else
    (void)bytes;
#endif
}

void sim_share_heap(void)
{
#if defined(__GLIBC__)
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

static size_t product_or_oom(size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        sim_oom(SIZE_MAX);
    }
    return count * size;
}

void *sim_alloc(size_t count, size_t size)
{
    size_t bytes = product_or_oom(count, size);
    void *block = calloc(1, bytes != 0 ? bytes : 1);
    if (block == NULL) {
        sim_oom(bytes);
    }
    return block;
}

void *sim_alloc_lines(size_t count, size_t size)
{
    size_t bytes = product_or_oom(count, size);
    size_t align = bytes < HUGE_FROM ? LINE_ALIGN : SIM_HUGE_PAGE;
    bytes = (bytes / align + 1) * align;
    void *block = aligned_alloc(align, bytes);
    if (block == NULL) {
        sim_oom(bytes);
    }
    if (align == SIM_HUGE_PAGE) {
        sim_advise_huge_pages(block, bytes);
    }
    return memset(block, 0, bytes);
}

void *sim_realloc(void *block, size_t count, size_t size)
{
    size_t bytes = product_or_oom(count, size);
    void *moved = realloc(block, bytes != 0 ? bytes : 1);
    if (moved == NULL) {
        sim_oom(bytes);
    }
    return moved;
}

struct sim_arena *sim_arena_create(void)
{
    return sim_alloc(1, sizeof(struct sim_arena));
}

void sim_arena_destroy(struct sim_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct block *block = arena->first;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

/* Where in the block the next piece of that alignment begins. */
static size_t aligned_offset(const struct block *block, size_t align)
{
    uintptr_t at = (uintptr_t)block + block->used;
    return block->used + (size_t)(-at & (align - 1));
}

static struct block *add_block(struct sim_arena *arena, size_t bytes)
{
    bool is_large = bytes > BLOCK_BYTES / 4;
    size_t size = is_large ? bytes + sizeof(struct block) + LINE_ALIGN : BLOCK_BYTES;
    struct block *block = sim_alloc(1, size);
    block->used = sizeof(struct block);
    block->size = size;
    arena->bytes += size;
    if (is_large && arena->first != NULL) {
        /* The rest of the block in use stays at hand for small pieces. */
        block->next = arena->first->next;
        arena->first->next = block;
    } else {
        block->next = arena->first;
        arena->first = block;
    }
    return block;
}

static void *take(struct sim_arena *arena, size_t count, size_t size, size_t align)
{
    size_t bytes = product_or_oom(count, size);
    struct block *block = arena->first;
    size_t offset = block != NULL ? aligned_offset(block, align) : 0;
    if (block == NULL || offset > block->size || bytes > block->size - offset) {
        block = add_block(arena, bytes);
        offset = aligned_offset(block, align);
    }
    block->used = offset + bytes;
    return (char *)block + offset;
}

void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size)
{
    return take(arena, count, size, PIECE_ALIGN);
}

void *sim_arena_alloc_aligned(struct sim_arena *arena, size_t count, size_t size)
{
    return take(arena, count, size, LINE_ALIGN);
}

char *sim_arena_strdup(struct sim_arena *arena, const char *text)
{
    return sim_arena_strndup(arena, text, strlen(text));
}

char *sim_arena_strndup(struct sim_arena *arena, const char *text, size_t length)
{
    size_t kept = strnlen(text, length);
    char *copy = take(arena, kept + 1, 1, 1);
    memcpy(copy, text, kept);
    return copy;
}

size_t sim_arena_bytes(const struct sim_arena *arena)
{
    return arena->bytes;
}
