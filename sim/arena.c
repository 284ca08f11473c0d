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

/* What the heap of glibc gives at once, below what it maps by itself; and what it can be asked to
 * grow by beyond that. */
#define GROWTH_BYTES ((size_t)16 * 1024 * 1024)
#define GROWTH_MOST 1024
#define AHEAD_MOST ((size_t)1024 * 1024 * 1024)
#define AHEAD_USUAL (128 * 1024)
#define NEVER_TRIM (-1) /* a number of bytes would have to fit into an int */

/*
 * glibc writes a word behind each piece that it cuts from the end of its heap. Were that memory not
 * advised yet, the huge page around it would be small ones for ever; so the heap grows by much more
 * than a piece, all of which is advised when the first is there. For the same reason there are no
 * more pieces than it takes to have room for `bytes`: behind each, a huge page is taken.
 */
void sim_expect_alloc(uint64_t bytes)
{
#if defined(__GLIBC__)
    void *blocks[GROWTH_MOST];
    size_t count = 0;
    size_t ahead = bytes < AHEAD_MOST ? (size_t)bytes : AHEAD_MOST;
    if (bytes < 4 * GROWTH_BYTES || !mallopt(M_MMAP_THRESHOLD, 2 * GROWTH_BYTES) ||
        !mallopt(M_TRIM_THRESHOLD, NEVER_TRIM) || !mallopt(M_TOP_PAD, (int)ahead)) {
        return;
    }
    while (count < GROWTH_MOST && mallinfo2().fordblks + count * GROWTH_BYTES < bytes) {
        void *block = malloc(GROWTH_BYTES);
        if (block == NULL) {
            break;
        }
        uintptr_t page = (uintptr_t)block / SIM_HUGE_PAGE * SIM_HUGE_PAGE;
        sim_advise_huge_pages((void *)page, GROWTH_BYTES + ahead);
        blocks[count++] = block;
    }
    while (count > 0) {
        free(blocks[--count]);
    }
    (void)mallopt(M_TOP_PAD, AHEAD_USUAL);
#else
    (void)bytes;
#endif
}

static size_t product_or_oom(size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        current_handler(SIZE_MAX);
        abort();
    }
    return count * size;
}

void *sim_alloc(size_t count, size_t size)
{
    size_t bytes = product_or_oom(count, size);
    void *block = calloc(1, bytes != 0 ? bytes : 1);
    if (block == NULL) {
        current_handler(bytes);
        abort();
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
        current_handler(bytes);
        abort();
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
        current_handler(bytes);
        abort();
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
