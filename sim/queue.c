#include "sim/queue.h"

#include <stdlib.h>

#include "sim/arena.h"

static bool is_below(struct queue_key a, struct queue_key b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/* Play all matches again, from the leaves up. */
static void replay_all(struct queue *queue)
{
    for (uint32_t node = queue->capacity - 1; node >= 1; node--) {
        uint32_t child = 2 * node;
        child += is_below(queue->keys[child + 1], queue->keys[child]);
        queue->keys[node] = queue->keys[child];
        queue->winners[node] = queue->winners[child];
    }
}

void queue_grow(struct queue *queue, uint32_t slots)
{
    if (slots <= queue->capacity) {
        return;
    }
    uint32_t capacity = queue->capacity != 0 ? queue->capacity : 2;
    while (capacity < slots) {
        capacity *= 2;
    }
    struct queue grown = {
        .keys = sim_alloc((size_t)2 * capacity, sizeof(struct queue_key)),
        .winners = sim_alloc((size_t)2 * capacity, sizeof(uint32_t)),
        .sorted = sim_alloc(capacity, sizeof(struct queue_entry)),
        .capacity = capacity,
    };
    for (uint32_t slot = 0; slot < capacity; slot++) {
        grown.keys[capacity + slot] =
            slot < queue->capacity ? queue_key_of(queue, slot) : QUEUE_NEVER;
        grown.winners[capacity + slot] = slot;
    }
    replay_all(&grown);
    queue_finish(queue);
    *queue = grown;
}

void queue_finish(struct queue *queue)
{
    free(queue->keys);
    free(queue->winners);
    free(queue->sorted);
    *queue = (struct queue){0};
}

uint32_t queue_pack(struct queue *queue)
{
    uint32_t count = 0;
    while (!queue_key_is_never(queue_first_key(queue))) {
        uint32_t slot = queue_first_slot(queue);
        queue->sorted[count].key = queue_first_key(queue);
        queue->sorted[count].slot = slot;
        queue_set(queue, slot, QUEUE_NEVER);
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct queue_key key = queue->sorted[i].key;
        key.low = (key.low & ~(uint64_t)UINT32_MAX) | i;
        queue_set(queue, queue->sorted[i].slot, key);
    }
    return count;
}
