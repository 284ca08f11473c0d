#include "models/ring.h"

#include <string.h>

/* Before the items, which keeps them aligned; the last four are the capacity. */
#define HEAD_BYTES 16

void net_ring_grow(struct net_ring *ring, uint32_t size)
{
    uint32_t capacity = ring->items == NULL ? 2 : net_ring_capacity(ring) * 2;
    char *items = (char *)sim_alloc(1, HEAD_BYTES + (size_t)capacity * size) + HEAD_BYTES;
    for (uint32_t i = 0; i < ring->count; i++) {
        memcpy(items + (size_t)i * size, net_ring_at(ring, i, size), size);
    }
    uint32_t count = ring->count;
    net_ring_finish(ring);
    *ring = (struct net_ring){.items = items, .count = count};
    ((uint32_t *)ring->items)[-1] = capacity;
}

void net_ring_finish(struct net_ring *ring)
{
    if (ring->items != NULL) {
        free((char *)ring->items - HEAD_BYTES);
    }
    *ring = (struct net_ring){0};
}

void *net_ring_insert(struct net_ring *ring, uint32_t index, uint32_t size)
{
    net_ring_push(ring, size);
    for (uint32_t i = ring->count - 1; i > index; i--) {
        memcpy(net_ring_at(ring, i, size), net_ring_at(ring, i - 1, size), size);
    }
    return net_ring_at(ring, index, size);
}

void net_ring_remove(struct net_ring *ring, uint32_t index, uint32_t size)
{
    for (uint32_t i = index; i > 0; i--) {
        memcpy(net_ring_at(ring, i, size), net_ring_at(ring, i - 1, size), size);
    }
    net_ring_pop(ring, size);
}
