#ifndef MODELS_RING_H
#define MODELS_RING_H
/*
 * A growing first-in-first-out ring of small items. It takes no memory until the first item comes,
 * doubles when it is full and never shrinks, so that a run in its steady state does not allocate.
 */
#include <stdint.h>
#include <stdlib.h>

#include "sim/arena.h"

#define NET_RING_MOST ((UINT32_C(1) << 27) - 1)

/* Storage of a ring; {0} is an empty one. The owner frees it with net_ring_finish(). */
struct net_ring {
    void *items;
    uint32_t head : 27; /* NET_RING_MOST at most */
    uint32_t doublings : 5;
    uint32_t count;
};

/* Places that there are: 0, or 2 and more, a power of two. */
static inline uint32_t net_ring_capacity(const struct net_ring *ring)
{
    return (UINT32_C(1) << ring->doublings) & ~UINT32_C(1);
}

/* Make room for one more item of `size` bytes. */
void net_ring_grow(struct net_ring *ring, uint32_t size);
void net_ring_finish(struct net_ring *ring);

/* The place behind the last item, counted in at once; to be filled by the caller. */
static inline void *net_ring_push(struct net_ring *ring, uint32_t size)
{
    if (ring->count == net_ring_capacity(ring)) {
        net_ring_grow(ring, size);
    }
    uint32_t at = (ring->head + ring->count++) & (net_ring_capacity(ring) - 1);
    return (char *)ring->items + (size_t)at * size;
}

/* The item `index` places behind the head (0: the head itself). */
static inline void *net_ring_at(const struct net_ring *ring, uint32_t index, uint32_t size)
{
    uint32_t at = (ring->head + index) & (net_ring_capacity(ring) - 1);
    return (char *)ring->items + (size_t)at * size;
}

/* Drop the head; its place stays readable until the next push. An empty ring begins at its first
 * place again, so that it touches few of them. */
static inline void *net_ring_pop(struct net_ring *ring, uint32_t size)
{
    void *item = (char *)ring->items + (size_t)ring->head * size;
    uint32_t next = (ring->head + 1) & (net_ring_capacity(ring) - 1);
    ring->count--;
    ring->head = (ring->count > 0 ? next : 0) & NET_RING_MOST;
    return item;
}

#endif
