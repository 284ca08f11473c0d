#ifndef BENCH_CREF_NONE_H
#define BENCH_CREF_NONE_H
/*
 * No queue at all: a ring that ignores the order. What the loop and the variate cost.
 */
#include "bench/cref/common.h"

static union entry *ring;
static size_t ring_count;
static size_t ring_size;
static size_t ring_head;

static void queue_start(size_t capacity)
{
    ring = take_memory(capacity * sizeof *ring);
    ring_size = capacity;
}

static inline void queue_push(union entry entry)
{
    size_t at = ring_head + ring_count++;
    ring[at >= ring_size ? at - ring_size : at] = entry;
}

static inline union entry queue_pop(void)
{
    union entry entry = ring[ring_head];
    ring_head = ring_head + 1 == ring_size ? 0 : ring_head + 1;
    ring_count--;
    return entry;
}

#endif
