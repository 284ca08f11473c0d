#ifndef BENCH_CREF_HEAP_H
#define BENCH_CREF_HEAP_H
/*
 * A heap of four children a node, which share a cache line; filled up with entries that never come,
 * so that nobody asks how many there are. A pop is put off: the root stays a hole until the next
 * push, which fills it, or the next pop.
 */
#include "bench/cref/common.h"

static union entry *heap;
static size_t heap_count;
static bool heap_has_hole;

static void queue_start(size_t capacity)
{
    heap = (union entry *)take_memory((capacity + 24) * sizeof *heap) + 3;
    for (size_t i = 0; i < capacity + 16; i++) {
        heap[i].key = ~(entry_key)0;
    }
}

static inline void sift_down(union entry entry)
{
    size_t at = 0;
    size_t child;
    while ((child = 4 * at + 1) < heap_count) {
        size_t a = child + (heap[child + 1].key < heap[child].key);
        size_t b = child + 2 + (heap[child + 3].key < heap[child + 2].key);
        child = heap[b].key < heap[a].key ? b : a;
        if (entry.key <= heap[child].key) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = entry;
}

static inline void fill_hole(void)
{
    union entry last = heap[--heap_count];
    heap[heap_count].key = ~(entry_key)0;
    if (heap_count > 0) {
        sift_down(last);
    }
}

static inline void queue_push(union entry entry)
{
    if (heap_has_hole) {
        heap_has_hole = false;
        sift_down(entry);
        return;
    }
    size_t at = heap_count++;
    while (at > 0 && entry.key < heap[(at - 1) / 4].key) {
        heap[at] = heap[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    heap[at] = entry;
}

static inline union entry queue_pop(void)
{
    if (heap_has_hole) {
        fill_hole();
    }
    heap_has_hole = true;
    return heap[0];
}

#endif
