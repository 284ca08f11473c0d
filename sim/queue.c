#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

/* Keys beyond this many bytes do not stay in a second-level cache. */
#define LARGE_BYTES ((size_t)512 * 1024)

/* Up to this many slots a tree of two is faster than one of four. */
#define SMALL_SLOTS 1024u

/* What is fetched of an event's owner: two cache lines, which handlers begin with. */
#define OWNER_BYTES 128u

/* What a tree is made of. */
struct shape {
    uint32_t heap_slots; /* of a tree of two; else 0 */
    uint32_t near_slots;
    uint32_t fan; /* of a tree of four */
    uint32_t capacity;
    size_t places;
};

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 4;
    while (power < least) {
        power *= 2;
    }
    return power;
}

static struct shape shape_of_two(uint32_t slots)
{
    uint32_t near_slots = slots > 4 && power_of_two(slots - 1) < power_of_two(slots) ? 1 : 0;
    uint32_t leaves = power_of_two(slots - near_slots);
    return (struct shape){.heap_slots = leaves,
                          .near_slots = near_slots,
                          .capacity = near_slots + leaves,
                          .places = (size_t)2 * leaves};
}

static struct shape shape_of_four(uint32_t slots)
{
    uint32_t width = 1; /* leaves below each of the `fan` places */
    uint32_t fan = 4;
    while (fan * width < slots) {
        fan = fan == 4 ? 2 : fan + 1;
        width *= fan == 2 ? 4 : 1;
    }
    uint32_t above = width == 1 ? 0 : 4 + fan * ((width - 4) / 3);
    return (struct shape){.near_slots = fan < 4 ? 1 : 0,
                          .fan = fan,
                          .capacity = fan * width,
                          .places = (size_t)above + fan * width};
}

static struct shape shape_of(uint32_t slots)
{
    return slots <= SMALL_SLOTS ? shape_of_two(slots) : shape_of_four(slots);
}

static void lay_out_two(struct queue *queue, const struct shape *shape)
{
    size_t size = sizeof(struct queue_key);
    uintptr_t heap = (uintptr_t)queue->keys;
    queue->inner = heap + (shape->near_slots > 0 ? 1 : 2) * size;
    queue->leaves = heap + (shape->heap_slots - shape->near_slots) * size;
    queue->lift = heap - (heap >> 1 & ~(uintptr_t)15);
}

static void lay_out_four(struct queue *queue, const struct shape *shape)
{
    size_t size = sizeof(struct queue_key);
    uintptr_t root = (uintptr_t)queue->keys;
    queue->leaves = root + (shape->places - shape->capacity) * size;
    queue->inner = root + 4 * size;
    queue->lift = root - (root >> 2 & ~(uintptr_t)15) + (uintptr_t)3 * size - shape->fan * size;
}

static void lay_out(struct queue *queue, const struct shape *shape)
{
    queue->near_slots = shape->near_slots;
    queue->heap_slots = shape->heap_slots;
    queue->capacity = shape->capacity;
    queue->is_large = shape->places * sizeof *queue->keys > LARGE_BYTES;
    if (shape->heap_slots > 0) {
        lay_out_two(queue, shape);
    } else {
        lay_out_four(queue, shape);
    }
}

static void fill_with_never(struct queue_key *from, struct queue_key *to)
{
    while (from < to) {
        *from++ = QUEUE_NEVER;
    }
}

void queue_init(struct queue *queue, uint32_t most)
{
    struct shape shape = shape_of(most);
    queue_finish(queue);
    queue->keys = sim_alloc_lines(shape.places, sizeof *queue->keys);
    queue->most = shape.capacity;
    queue->slot_mask = ((uint64_t)2 << SIM_LOG2(shape.capacity - 1)) - 1;
    queue->first = QUEUE_NEVER;
    fill_with_never(queue->keys, queue->keys + shape.places);
    shape = shape_of(most < QUEUE_SLOTS_AT_FIRST ? most : QUEUE_SLOTS_AT_FIRST);
    lay_out(queue, &shape);
}

/* Leaves move to their new places, the one that may be near by itself; then all matches are played
 * anew. */
void queue_grow(struct queue *queue)
{
    uint32_t wanted = queue->capacity + queue->capacity / 4;
    struct shape shape = shape_of(wanted < queue->most ? wanted : queue->most);
    uint32_t before = queue->capacity;
    struct queue_key first = queue_key_of(queue, 0);
    const struct queue_key *from = queue_at(queue_leaf(queue, 1));
    lay_out(queue, &shape);
    struct queue_key *to = queue_at(queue_leaf(queue, 1));
    struct queue_key *end = to + (before - 1);
    memmove(to, from, (before - 1) * sizeof *to);
    fill_with_never(queue->keys, to);
    fill_with_never(end, queue->keys + shape.places);
    queue->first = QUEUE_NEVER;
    for (uint32_t slot = 0; slot < before; slot++) {
        struct queue_key key = slot == 0 ? first : queue_key_of(queue, slot);
        if (!queue_key_is_never(key)) {
            queue_set(queue, slot, key);
        }
    }
}

/* The place above in a tree of four: that of a quarter of the distance, in keys. Places are
 * addresses, and the lines that they lie in are aligned, so a sibling is one exclusive or away. */
static inline uintptr_t above_four(uintptr_t place, uintptr_t lift)
{
    return (place >> 2 & ~(uintptr_t)15) + lift;
}

static struct queue_key first_without_two(const struct queue *queue, uint32_t slot)
{
    struct queue_key best = QUEUE_NEVER;
    uintptr_t place = queue_leaf(queue, slot);
    do {
        sim_take_smaller_at(&best.low, &best.high, &queue_at(place ^ 16)->low);
        place = queue_above_two(place, queue->lift);
    } while (place >= queue->inner);
    return best;
}

static struct queue_key first_without_four(const struct queue *queue, uint32_t slot)
{
    uintptr_t place = queue_leaf(queue, slot);
    struct queue_key best = queue_siblings(place);
    while (place >= queue->inner) {
        place = above_four(place, queue->lift);
        struct queue_key others = queue_siblings(place);
        sim_take_smaller(&best.low, &best.high, others.low, others.high);
    }
    return best;
}

struct queue_key queue_first_without(const struct queue *queue, uint32_t slot)
{
    return queue->heap_slots > 0 ? first_without_two(queue, slot) : first_without_four(queue, slot);
}

/* Fetch what every event needs that is not in the cache anyway: its way through the tree, and what
 * is known of it. */
SIM_ALWAYS_INLINE static void prefetch_event(const struct queue *queue, struct queue_key key)
{
    if (queue_key_is_never(key)) {
        return;
    }
    uint32_t slot = queue_slot_of(queue, key);
    uintptr_t place = queue_leaf(queue, slot);
    sim_prefetch(queue_at(place));
    place = above_four(place, queue->lift);
    sim_prefetch(queue_at(place));
    place = above_four(place, queue->lift);
    sim_prefetch(queue_at(place));
    sim_prefetch(&queue->slots[slot]);
}

/* Fetch what an event acts on: the beginning of its owner, whatever that is. */
SIM_ALWAYS_INLINE static void prefetch_owner(const struct queue *queue, struct queue_key key)
{
    if (queue_key_is_never(key)) {
        return;
    }
    uintptr_t owner = (uintptr_t)queue->slots[queue_slot_of(queue, key)].action.owner;
    for (uintptr_t at = 0; at < OWNER_BYTES; at += 64) {
        sim_prefetch((const void *)(owner + at));
    }
}

/*
 * Replay the matches of a tree of four above a leaf, given the best key of its line. What is three
 * levels below the root on this way now (the leaf's own line in a lower tree) is among the next few
 * dozen to fire, as a rule, what is one level below it among the next few.
 */
SIM_NOINLINE static void replay_large(struct queue *queue, uint32_t slot, struct queue_key best)
{
    uintptr_t lift = queue->lift;
    uintptr_t inner = queue->inner;
    uintptr_t place = queue_leaf(queue, slot);
    uintptr_t next = above_four(place, lift);
    struct queue_key soon = best;
    struct queue_key later = best;
    struct queue_key latest = best;
    while (place >= inner) {
        place = next;
        next = above_four(place, lift);
        struct queue_key others = queue_siblings(place);
        soon = later;
        later = latest;
        latest = best;
        *queue_at(place) = best;
        sim_take_smaller(&best.low, &best.high, others.low, others.high);
    }
    queue->first = best;
    prefetch_event(queue, soon);
    prefetch_owner(queue, latest);
}

/* Put a key into a place of a line of four and let it play against the others there. */
static inline void play(uintptr_t place, struct queue_key *key)
{
    struct queue_key others = queue_siblings(place);
    *queue_at(place) = *key;
    sim_take_smaller(&key->low, &key->high, others.low, others.high);
}

/* As replay_large(), where the way through the tree is in the second-level cache, and owners may
 * be.
 */
static inline void replay_four(struct queue *queue, uint32_t slot, struct queue_key best)
{
    uintptr_t lift = queue->lift;
    uintptr_t inner = queue->inner;
    uintptr_t place = above_four(queue_leaf(queue, slot), lift);
    while (place >= inner) {
        play(place, &best);
        place = above_four(place, lift);
    }
    struct queue_key latest = best;
    play(place, &best);
    queue->first = best;
    prefetch_owner(queue, latest);
}

/* The near slot meets the three others below the root. */
static inline void replay_near_four(struct queue *queue, struct queue_key key)
{
    play((uintptr_t)queue->keys, &key);
    queue->first = key;
}

void queue_set_four(struct queue *queue, uint32_t slot, struct queue_key key)
{
    if (slot < queue->near_slots) {
        replay_near_four(queue, key);
        return;
    }
    uintptr_t place = queue_leaf(queue, slot);
    struct queue_key others = queue_siblings(place);
    *queue_at(place) = key;
    sim_take_smaller(&key.low, &key.high, others.low, others.high);
    if (SIM_UNLIKELY(queue->is_large)) {
        replay_large(queue, slot, key);
    } else {
        replay_four(queue, slot, key);
    }
}

void queue_finish(struct queue *queue)
{
    free(queue->keys);
    *queue = (struct queue){0};
}
