#include "models/ring.h"

#include <string.h>

void net_ring_grow(struct net_ring *ring, uint32_t size)
{
    uint32_t capacity = ring->capacity == 0 ? 4 : ring->capacity * 2;
    char *items = sim_alloc(capacity, size);
    for (uint32_t i = 0; i < ring->count; i++) {
        memcpy(items + (size_t)i * size, net_ring_at(ring, i, size), size);
    }
    free(ring->items);
    ring->items = items;
    ring->head = 0;
    ring->capacity = capacity;
}

void net_ring_finish(struct net_ring *ring)
{
    free(ring->items);
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
