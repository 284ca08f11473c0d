#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H
/*
 * The queue of pending events: a winner tree over slots. Internal to sim/.
 *
 * Every event owns a slot, a leaf of a tree of keys; each inner node holds the smallest of the four
 * keys below it, so the root is the next event. A key carries its slot in its lowest bits: one
 * comparison of 128 bits decides a match, and what wins says whose it is. Setting a leaf replays
 * the matches on its way to the root. The work of a replay depends on the number of slots alone,
 * not on the keys: the siblings' addresses are known from the start, the comparisons are
 * conditional moves, so a processor mispredicts nothing; and the best of the three siblings is
 * found while the new key is still on its way, so a level adds one comparison to it. Taking an
 * event out is setting its leaf to QUEUE_NEVER; there are no tombstones and nothing is searched.
 *
 * Places. The four keys that play against each other fill one cache line. Places 0 to 3 are those
 * below the root; the last `fan` of them have children, so that all leaves are equally deep. Levels
 * follow each other, so the node above place p is (p >> 2) + 3 - fan, and the leaf of slot s is s
 * places behind that of slot 0. Four times the slots are one level more.
 *
 * A shortcut. Where fan is less than four, the first place below the root is not in use for
 * anything else: the first four slots play below it, so what fires most often is best created
 * first.
 *
 * A tree that does not fit into the caches is bound by waiting for its lower levels. But an event
 * that is soon to fire has won its way up to the root's neighbourhood: what comes there, three
 * levels below it, has the way that it will take fetched into the cache. That is early enough for
 * the memory, and late enough for the cache to keep it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/compiler.h"

/* What a key is compared by, `high` above `low`; the lowest bits of `low` are the slot. */
struct queue_key {
    uint64_t low;
    uint64_t high;
};

_Static_assert(sizeof(struct queue_key) == 16, "four keys are a cache line");

struct queue {
    struct queue_key first; /* the root: the smallest key of all slots */
    uintptr_t leaves;       /* address of the key of slot 0 */
    uintptr_t lift;         /* see queue_above() */
    uintptr_t inner;        /* address of the first place that is not below the root */
    uint32_t near_slots;    /* 4 when the first four slots are below `near`, else 0 */
    uintptr_t near;         /* the first place below the root */
    uint64_t slot_mask;     /* the bits of a key's `low` that are its slot */
    uint32_t capacity;      /* slots; 1 to 4 times a power of four */
    bool is_large;          /* beyond the second-level cache of a usual processor */
    struct queue_key *keys; /* of all places, aligned to cache lines */
    const void *owners;     /* the user's, QUEUE_OWNER_BYTES a slot; only fetched ahead */
};

#define QUEUE_OWNER_BYTES 32u

/* The key of an empty slot; greater than every other. */
#define QUEUE_NEVER ((struct queue_key){UINT64_MAX, UINT64_MAX})

/* An empty queue of at least `slots` slots (at most 2^24), whatever it was before ({0} at first).
 */
void queue_init(struct queue *queue, uint32_t slots);
void queue_finish(struct queue *queue);

static inline uintptr_t queue_leaf(const struct queue *queue, uint32_t slot)
{
    return queue->leaves + (uintptr_t)slot * sizeof(struct queue_key);
}

static inline struct queue_key *queue_at(uintptr_t place)
{
    return (struct queue_key *)place;
}

/* The place above: that of a quarter of the distance, in keys. Places are addresses, and the lines
 * that they lie in are aligned, so a sibling is one exclusive or away. */
static inline uintptr_t queue_above(uintptr_t place, uintptr_t lift)
{
    return (place >> 6 << 4) + lift;
}

/* The place above the leaf of a slot. */
static inline uintptr_t queue_above_leaf(const struct queue *queue, uint32_t slot)
{
    uintptr_t above = queue_above(queue_leaf(queue, slot), queue->lift);
    return slot < queue->near_slots ? queue->near : above;
}

static inline struct queue_key queue_key_of(const struct queue *queue, uint32_t slot)
{
    return *queue_at(queue_leaf(queue, slot));
}

static inline bool queue_key_is_never(struct queue_key key)
{
    return key.high == UINT64_MAX;
}

/* Whose key it is; not of QUEUE_NEVER. */
static inline uint32_t queue_slot_of(const struct queue *queue, struct queue_key key)
{
    return (uint32_t)(key.low & queue->slot_mask);
}

/* The best of the three that play against a place. */
static inline struct queue_key queue_siblings(uintptr_t place)
{
    struct queue_key best = *queue_at(place ^ 16);
    sim_take_smaller_at(&best.low, &best.high, &queue_at(place ^ 32)->low);
    sim_take_smaller_at(&best.low, &best.high, &queue_at(place ^ 48)->low);
    return best;
}

/* The smallest key of all slots but one: the best that this slot would meet on its way up. */
static inline struct queue_key queue_first_without(const struct queue *queue, uint32_t slot)
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

/* Fetch what the handling of an event will need that is not in the cache anyway: its way through
 * the tree, and what its owner keeps of it. Inlined always: to a compiler it does nothing. */
SIM_ALWAYS_INLINE static void queue_prefetch(const struct queue *queue, struct queue_key key)
{
    uint32_t slot = queue_slot_of(queue, key);
    uintptr_t place = queue_leaf(queue, slot);
    SIM_PREFETCH(queue_at(place));
    place = queue_above(place, queue->lift);
    SIM_PREFETCH(queue_at(place));
    place = queue_above(place, queue->lift);
    SIM_PREFETCH(queue_at(place));
    SIM_PREFETCH((const char *)queue->owners + (size_t)slot * QUEUE_OWNER_BYTES);
}

/*
 * Replay the matches above a leaf, given the best key of its line. What is three levels below the
 * root on this way now (the leaf's own line in a lower tree) is among the next few dozen to fire.
 */
static inline void queue_replay(struct queue *queue, uint32_t slot, struct queue_key best)
{
    uintptr_t lift = queue->lift;
    uintptr_t inner = queue->inner;
    uintptr_t place = queue_leaf(queue, slot);
    uintptr_t next = queue_above_leaf(queue, slot);
    struct queue_key soon = best;
    struct queue_key later = best;
    struct queue_key latest = best;
    while (place >= inner) {
        place = next;
        next = queue_above(place, lift);
        struct queue_key others = queue_siblings(place);
        soon = later;
        later = latest;
        latest = best;
        *queue_at(place) = best;
        sim_take_smaller(&best.low, &best.high, others.low, others.high);
    }
    queue->first = best;
    if (queue->is_large) {
        queue_prefetch(queue, soon);
    }
}

/* Give a slot a key, whose lowest bits must be the slot. */
static inline void queue_set(struct queue *queue, uint32_t slot, struct queue_key key)
{
    uintptr_t place = queue_leaf(queue, slot);
    struct queue_key others = queue_siblings(place);
    *queue_at(place) = key;
    sim_take_smaller(&key.low, &key.high, others.low, others.high);
    queue_replay(queue, slot, key);
}

/* Take the key of a slot out: what is left of its line goes up. */
static inline void queue_clear(struct queue *queue, uint32_t slot)
{
    uintptr_t place = queue_leaf(queue, slot);
    struct queue_key others = queue_siblings(place);
    *queue_at(place) = QUEUE_NEVER;
    queue_replay(queue, slot, others);
}

#endif
