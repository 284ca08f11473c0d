#ifndef BENCH_CREF_TREE_H
#define BENCH_CREF_TREE_H
/*
 * A binary winner tree: one slot for each source of events, which has at most one pending. Setting
 * a slot replays its way to the root. A pop only reads the root; the push that follows must be of
 * the same slot.
 */
#include "bench/cref/common.h"

static union entry *tree; /* the root at 1 */
static size_t tree_leaves;

static void queue_start(size_t capacity)
{
    tree_leaves = 2;
    while (tree_leaves < capacity) {
        tree_leaves *= 2;
    }
    tree = take_memory(2 * tree_leaves * sizeof *tree);
    memset(tree, 0xff, 2 * tree_leaves * sizeof *tree);
}

static inline void queue_push(union entry entry)
{
    size_t node = tree_leaves + (entry.meta & SLOT_MASK);
    uint64_t low = entry.meta;
    uint64_t high = entry.time_bits;
    tree[node] = entry;
    while (node > 1) {
        uint64_t other_low = tree[node ^ 1].meta;
        uint64_t other_high = tree[node ^ 1].time_bits;
        uint64_t borrow = other_high;
        __asm__("cmp %[low], %[other_low]\n\t"
                "sbb %[high], %[borrow]\n\t"
                "cmovb %[other_low], %[low]\n\t"
                "cmovb %[other_high], %[high]"
                : [borrow] "+&r"(borrow), [low] "+&r"(low), [high] "+&r"(high)
                : [other_low] "r"(other_low), [other_high] "r"(other_high)
                : "cc");
        node >>= 1;
        tree[node].meta = low;
        tree[node].time_bits = high;
    }
}

static inline union entry queue_pop(void)
{
    return tree[1];
}

#endif
