#ifndef SIM_ARENA_H
#define SIM_ARENA_H
/*
 * Memory that lives as long as a run: allocated piece by piece, freed all at once.
 *
 * A run builds its model in one arena; nothing in it is freed alone. Blocks are zeroed and aligned
 * to 16 bytes (64 where asked for). Out of memory calls the process's handler (sim_oom), so no
 * function here returns NULL.
 */
#include <stddef.h>
#include <stdint.h>

#include "sim/compiler.h"

struct sim_arena;

/* The caller owns the arena. */
struct sim_arena *sim_arena_create(void);

/* Frees the arena and all that was taken from it. NULL is fine. */
void sim_arena_destroy(struct sim_arena *arena);

/* `count` zeroed objects of `size` bytes, aligned to 16. Never NULL; count or size 0 gives a valid
 * pointer. */
void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size);

/* As sim_arena_alloc(), aligned to a cache line (64). */
void *sim_arena_alloc_aligned(struct sim_arena *arena, size_t count, size_t size);

/* A copy of a string, or of its first `length` bytes with a terminating zero. */
char *sim_arena_strdup(struct sim_arena *arena, const char *text);
char *sim_arena_strndup(struct sim_arena *arena, const char *text, size_t length);

/* Bytes taken from the system so far. */
size_t sim_arena_bytes(const struct sim_arena *arena);

/*
 * Advice, for a model of many megabytes: this thread is about to ask for `bytes` bytes, in pieces
 * that it will read at random for a long time. Where the C library and the system know how, the
 * heap grows by that much at once and what is taken of it will lie in huge pages, since with usual
 * ones finding a piece takes as long as reading it. Nothing is taken before it is asked for. Only
 * the heap of the first thread can grow like that: others are left as they are.
 */
void sim_expect_alloc(uint64_t bytes);

/* Let all threads that are to come take from one heap: each else keeps a part of the address space
 * for its own, which is missing where that has a limit. */
void sim_share_heap(void);

/*
 * Heap memory with the same promise: never NULL. The handler for an exhausted heap is process-wide
 * like that of assertions; the default one writes to stderr and exits with status 1. It must not
 * return.
 */
void *sim_alloc(size_t count, size_t size);                /* zeroed */
void *sim_alloc_lines(size_t count, size_t size);          /* zeroed, aligned to a cache line */
void *sim_realloc(void *block, size_t count, size_t size); /* the new part is not zeroed */
typedef void (*sim_oom_handler)(size_t bytes);
sim_oom_handler sim_oom_set_handler(sim_oom_handler handler);

/* So many bytes could not be had, from a library that says so itself: calls the handler. */
SIM_COLD SIM_NORETURN void sim_oom(size_t bytes);

#endif
