#include "sim/queue.h"

#include <stdlib.h>

#include "sim/arena.h"

/* Keys beyond this many bytes do not stay in a second-level cache. */
#define LARGE_BYTES ((size_t)512 * 1024)

void queue_init(struct queue *queue, uint32_t slots)
{
    uint32_t width = 1; /* leaves below each of the `fan` places */
    uint32_t fan = 4;
    while (fan * width < slots) {
        fan = fan == 4 ? 2 : fan + 1;
        width *= fan == 2 ? 4 : 1;
    }
    uint32_t first_leaf = width == 1 ? 0 : 4 + fan * ((width - 4) / 3);
    uint32_t capacity = fan * width;
    size_t places = (size_t)first_leaf + capacity;
    size_t size = sizeof(struct queue_key);

    queue_finish(queue);
    queue->keys = sim_alloc_lines(places, size);
    for (size_t place = 0; place < places; place++) {
        queue->keys[place] = QUEUE_NEVER;
    }
    uintptr_t root = (uintptr_t)queue->keys;
    queue->first = QUEUE_NEVER;
    queue->leaves = root + first_leaf * size;
    queue->lift = root - (root >> 6 << 4) + (uintptr_t)3 * size - fan * size;
    queue->inner = root + 4 * size;
    queue->near = root;
    queue->near_slots = fan < 4 ? 4 : 0;
    queue->slot_mask = ((uint64_t)2 << SIM_LOG2(capacity - 1)) - 1;
    queue->capacity = capacity;
    queue->is_large = places * size > LARGE_BYTES;
}

void queue_finish(struct queue *queue)
{
    free(queue->keys);
    *queue = (struct queue){0};
}
