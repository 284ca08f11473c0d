#ifndef MODELS_ITEM_QUEUE_H
#define MODELS_ITEM_QUEUE_H
/*
 * First-in-first-out queues of items of 16 bytes, of which a job may have millions, nearly all of
 * them with one item or none.
 *
 * An item alone lies in the queue itself, so whoever has the queue in the processor's cache has the
 * item. More of them lie in a ring of a store that many queues share. It is given back when the
 * queue is empty, and what was given back last is taken first. A store keeps its rings, so that a
 * run in its steady state does not allocate.
 *
 * What an item is, the queue does not know: it is copied in and out. The upper 16 bits of its
 * second word are the queue's, and must be 0.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/assert.h"

struct net_item {
    uint64_t words[2];
};

#define NET_ITEM_BITS 48 /* of the second word */

/* {0} is an empty one. */
struct net_item_queue {
    uint64_t first;  /* the item's first word, or where the ring is */
    uint64_t second; /* NET_ITEM_ALONE and the item's second word, or the ring's state */
};

/* Of `second`; else it is, from the top: the count, the doublings and the head of the ring. */
#define NET_ITEM_ALONE (UINT64_C(1) << 63)
#define NET_ITEM_COUNT_SHIFT 32
#define NET_ITEM_DOUBLINGS_SHIFT 27
#define NET_ITEM_MOST_DOUBLINGS 26

/* Rings that are free, by the logarithm of their size. {0} is an empty one. */
struct net_ring_store {
    struct net_item *free[NET_ITEM_MOST_DOUBLINGS + 1];
};

void net_ring_store_finish(struct net_ring_store *store);

/* Drop what is in it; the queue is as good as new. */
void net_items_finish(struct net_item_queue *queue);

static inline bool net_items_is_alone(const struct net_item_queue *queue)
{
    return (queue->second & NET_ITEM_ALONE) != 0;
}

static inline uint32_t net_items_count(const struct net_item_queue *queue)
{
    return net_items_is_alone(queue) ? 1 : (uint32_t)(queue->second >> NET_ITEM_COUNT_SHIFT);
}

/* The ring, when there are several items or were: to bring it into the processor's cache. */
static inline struct net_item *net_items_ring(const struct net_item_queue *queue)
{
    return net_items_is_alone(queue) ? NULL : (struct net_item *)(uintptr_t)queue->first;
}

/* The place in the ring of the item `index` places behind the head. */
static inline struct net_item *net_items_place(const struct net_item_queue *queue, uint32_t index)
{
    uint32_t state = (uint32_t)queue->second;
    uint32_t mask = (UINT32_C(1) << (state >> NET_ITEM_DOUBLINGS_SHIFT)) - 1;
    return net_items_ring(queue) + ((state + index) & mask);
}

/* The item `index` places behind the head (0: the head itself), which there must be. */
static inline struct net_item net_items_at(const struct net_item_queue *queue, uint32_t index)
{
    if (net_items_is_alone(queue)) {
        return (struct net_item){{queue->first, queue->second & ~NET_ITEM_ALONE}};
    }
    return *net_items_place(queue, index);
}

/* What it is from now on. */
static inline void net_items_set(struct net_item_queue *queue, uint32_t index, struct net_item item)
{
    sim_assert(NULL, item.words[1] >> NET_ITEM_BITS == 0);
    if (net_items_is_alone(queue)) {
        *queue = (struct net_item_queue){item.words[0], item.words[1] | NET_ITEM_ALONE};
    } else {
        *net_items_place(queue, index) = item;
    }
}

/* As net_items_push() and net_items_pop(), where there is a ring, or will be. */
void net_items_push_more(struct net_item_queue *queue, struct net_ring_store *store,
                         struct net_item item);
struct net_item net_items_pop_more(struct net_item_queue *queue, struct net_ring_store *store);

/* Put an item behind the others. */
static inline void net_items_push(struct net_item_queue *queue, struct net_ring_store *store,
                                  struct net_item item)
{
    sim_assert(NULL, item.words[1] >> NET_ITEM_BITS == 0);
    if (queue->second == 0) {
        *queue = (struct net_item_queue){item.words[0], item.words[1] | NET_ITEM_ALONE};
    } else {
        net_items_push_more(queue, store, item);
    }
}

/* Take the head out; there is one. */
static inline struct net_item net_items_pop(struct net_item_queue *queue,
                                            struct net_ring_store *store)
{
    if (!net_items_is_alone(queue)) {
        return net_items_pop_more(queue, store);
    }
    struct net_item item = net_items_at(queue, 0);
    *queue = (struct net_item_queue){0, 0};
    return item;
}

/* Put an item before the one `index` places behind the head, moving those before it forward. */
void net_items_insert(struct net_item_queue *queue, struct net_ring_store *store, uint32_t index,
                      struct net_item item);

/* Take out the item `index` places behind the head, moving those before it backward. */
void net_items_remove(struct net_item_queue *queue, struct net_ring_store *store, uint32_t index);

#endif
