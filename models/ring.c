#include "models/ring.h"

#include <string.h>

#include "sim/assert.h"

#define MOST_DOUBLINGS 26 /* what the head can tell */

void net_ring_grow(struct net_ring *ring, uint32_t size)
{
    sim_assert(NULL, ring->doublings < MOST_DOUBLINGS);
    uint32_t doublings = ring->doublings + 1;
    char *items = sim_alloc(UINT32_C(1) << doublings, size);
    for (uint32_t i = 0; i < ring->count; i++) {
        memcpy(items + (size_t)i * size, net_ring_at(ring, i, size), size);
    }
    uint32_t count = ring->count;
    net_ring_finish(ring);
    *ring = (struct net_ring){.items = items, .count = count, .doublings = doublings & 31};
}

void net_ring_finish(struct net_ring *ring)
{
    free(ring->items);
    *ring = (struct net_ring){0};
}
