#include "models/item_queue.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"

/* Of the first ring of a queue. */
#define LEAST_DOUBLINGS 1u

static uint32_t doublings_of(const struct net_item_queue *queue)
{
    return (uint32_t)queue->second >> NET_ITEM_DOUBLINGS_SHIFT;
}

static uint32_t head_of(const struct net_item_queue *queue)
{
    return (uint32_t)queue->second & ((UINT32_C(1) << NET_ITEM_DOUBLINGS_SHIFT) - 1);
}

static uint64_t state_of(uint32_t count, uint32_t doublings, uint32_t head)
{
    return (uint64_t)count << NET_ITEM_COUNT_SHIFT |
           (uint64_t)doublings << NET_ITEM_DOUBLINGS_SHIFT | head;
}

/* A free ring begins with the address of the next one. */
static struct net_item *take_ring(struct net_ring_store *store, uint32_t doublings)
{
    sim_assert(NULL, doublings <= NET_ITEM_MOST_DOUBLINGS);
    struct net_item *ring = store->free[doublings];
    if (ring == NULL) {
        return sim_alloc((size_t)1 << doublings, sizeof *ring);
    }
    store->free[doublings] = (struct net_item *)(uintptr_t)ring->words[0];
    return ring;
}

static void give_ring_back(struct net_ring_store *store, const struct net_item_queue *queue)
{
    struct net_item *ring = net_items_ring(queue);
    uint32_t doublings = doublings_of(queue);
    ring->words[0] = (uint64_t)(uintptr_t)store->free[doublings];
    store->free[doublings] = ring;
}

void net_ring_store_finish(struct net_ring_store *store)
{
    for (uint32_t i = 0; i <= NET_ITEM_MOST_DOUBLINGS; i++) {
        while (store->free[i] != NULL) {
            free(take_ring(store, i));
        }
    }
}

void net_items_finish(struct net_item_queue *queue)
{
    free(net_items_ring(queue));
    *queue = (struct net_item_queue){0, 0};
}

/* A ring with room for one item more, beginning with the head. */
static void make_room(struct net_item_queue *queue, struct net_ring_store *store)
{
    bool is_alone = net_items_is_alone(queue);
    uint32_t count = net_items_count(queue);
    uint32_t doublings = is_alone ? LEAST_DOUBLINGS : doublings_of(queue) + 1;
    struct net_item *ring = take_ring(store, doublings);
    for (uint32_t i = 0; i < count; i++) {
        ring[i] = net_items_at(queue, i);
    }
    if (!is_alone) {
        give_ring_back(store, queue);
    }
    *queue = (struct net_item_queue){(uint64_t)(uintptr_t)ring, state_of(count, doublings, 0)};
}

void net_items_push_more(struct net_item_queue *queue, struct net_ring_store *store,
                         struct net_item item)
{
    if (net_items_is_alone(queue) || net_items_count(queue) >> doublings_of(queue) != 0) {
        make_room(queue, store);
    }
    *net_items_place(queue, net_items_count(queue)) = item;
    queue->second += UINT64_C(1) << NET_ITEM_COUNT_SHIFT;
}

struct net_item net_items_pop_more(struct net_item_queue *queue, struct net_ring_store *store)
{
    struct net_item item = *net_items_place(queue, 0);
    uint32_t count = net_items_count(queue) - 1;
    uint32_t doublings = doublings_of(queue);
    if (count == 0) {
        give_ring_back(store, queue);
        *queue = (struct net_item_queue){0, 0};
        return item;
    }
    uint32_t head = (head_of(queue) + 1) & ((UINT32_C(1) << doublings) - 1);
    queue->second = state_of(count, doublings, head);
    return item;
}

void net_items_insert(struct net_item_queue *queue, struct net_ring_store *store, uint32_t index,
                      struct net_item item)
{
    net_items_push(queue, store, item);
    for (uint32_t i = net_items_count(queue) - 1; i > index; i--) {
        net_items_set(queue, i, net_items_at(queue, i - 1));
    }
    net_items_set(queue, index, item);
}

void net_items_remove(struct net_item_queue *queue, struct net_ring_store *store, uint32_t index)
{
    for (uint32_t i = index; i > 0; i--) {
        net_items_set(queue, i, net_items_at(queue, i - 1));
    }
    net_items_pop(queue, store);
}
