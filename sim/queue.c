#include "sim/queue.h"

#include <stdlib.h>

#include "sim/arena.h"

/* Keys beyond this many bytes do not stay in a second-level cache. */
#define LARGE_BYTES ((size_t)512 * 1024)

/* Up to this many slots a tree of two is faster than one of four. */
#define SMALL_SLOTS 1024u

static void take_places(struct queue *queue, size_t places)
{
    queue_finish(queue);
    queue->keys = sim_alloc_lines(places, sizeof(struct queue_key));
    for (size_t place = 0; place < places; place++) {
        queue->keys[place] = QUEUE_NEVER;
    }
    queue->first = QUEUE_NEVER;
    queue->is_large = places * sizeof(struct queue_key) > LARGE_BYTES;
}

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 4;
    while (power < least) {
        power *= 2;
    }
    return power;
}

/* A line for the slots that may be near, then the heap. */
static void init_two(struct queue *queue, uint32_t slots)
{
    size_t size = sizeof(struct queue_key);
    uint32_t near_slots = slots > 4 && power_of_two(slots - 4) < power_of_two(slots) ? 4 : 0;
    uint32_t leaves = power_of_two(slots - near_slots);
    take_places(queue, 4 + (size_t)2 * leaves);
    uintptr_t heap = (uintptr_t)&queue->keys[4];
    queue->heap_slots = leaves;
    queue->near_leaves = (uintptr_t)queue->keys;
    queue->near_slots = near_slots;
    queue->near = heap;
    queue->inner = heap + (near_slots > 0 ? 1 : 2) * size;
    queue->leaves = heap + (leaves - near_slots) * size;
    queue->lift = heap - (heap >> 1 & ~(uintptr_t)15);
    queue->capacity = near_slots + leaves;
}

static void init_four(struct queue *queue, uint32_t slots)
{
    uint32_t width = 1; /* leaves below each of the `fan` places */
    uint32_t fan = 4;
    while (fan * width < slots) {
        fan = fan == 4 ? 2 : fan + 1;
        width *= fan == 2 ? 4 : 1;
    }
    uint32_t first_leaf = width == 1 ? 0 : 4 + fan * ((width - 4) / 3);
    size_t size = sizeof(struct queue_key);
    take_places(queue, (size_t)first_leaf + fan * width);
    uintptr_t root = (uintptr_t)queue->keys;
    queue->leaves = root + first_leaf * size;
    queue->near_leaves = queue->leaves;
    queue->lift = root - (root >> 2 & ~(uintptr_t)15) + (uintptr_t)3 * size - fan * size;
    queue->inner = root + 4 * size;
    queue->near = root;
    queue->near_slots = fan < 4 ? 4 : 0;
    queue->capacity = fan * width;
}

void queue_init(struct queue *queue, uint32_t slots)
{
    if (slots <= SMALL_SLOTS) {
        init_two(queue, slots);
    } else {
        init_four(queue, slots);
    }
    queue->slot_mask = ((uint64_t)2 << SIM_LOG2(queue->capacity - 1)) - 1;
}

static struct queue_key first_without_two(const struct queue *queue, uint32_t slot)
{
    struct queue_key best = QUEUE_NEVER;
    uintptr_t place = queue_leaf(queue, slot);
    if (slot < queue->near_slots) {
        best = queue_siblings(place);
        place = queue->near;
    }
    do {
        sim_take_smaller_at(&best.low, &best.high, &queue_at(place ^ 16)->low);
        place = queue_above_two(place, queue->lift);
    } while (place >= queue->inner);
    return best;
}

static struct queue_key first_without_four(const struct queue *queue, uint32_t slot)
{
    uintptr_t place = queue_leaf(queue, slot);
    uintptr_t next = queue_above_leaf(queue, slot);
    struct queue_key best = queue_siblings(place);
    while (place >= queue->inner) {
        place = next;
        next = queue_above(place, queue->lift);
        struct queue_key others = queue_siblings(place);
        sim_take_smaller(&best.low, &best.high, others.low, others.high);
    }
    return best;
}

struct queue_key queue_first_without(const struct queue *queue, uint32_t slot)
{
    return queue->heap_slots > 0 ? first_without_two(queue, slot) : first_without_four(queue, slot);
}

void queue_finish(struct queue *queue)
{
    free(queue->keys);
    *queue = (struct queue){0};
}
