#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H
/*
 * The queue of pending events: a winner tree over slots. Internal to sim/.
 *
 * Every pending event has a slot, a leaf of a tree of keys; each inner node holds the smallest of
 * the keys below it, so the root is the next event. A key carries its slot in its lowest bits: one
 * comparison of 128 bits decides a match, and what wins says whose it is. Setting a leaf replays
 * the matches on its way to the root. The work of a replay depends on the number of slots alone,
 * not on the keys: the siblings' addresses are known from the start, the comparisons are
 * conditional moves, so a processor mispredicts nothing. Taking an event out is setting its leaf to
 * QUEUE_NEVER; there are no tombstones and nothing is searched.
 *
 * Trees of four. Four keys that play against each other fill one cache line, and the best of the
 * three siblings is found while the new key is still on its way, so a level adds one comparison to
 * it. Places 0 to 3 are those below the root; the last `fan` of them have children, so that all
 * leaves are equally deep. Levels follow each other, so the node above place p is (p >> 2) + 3 -
 * fan, and the leaf of slot s is s places behind that of slot 0. Four times the slots are one level
 * more.
 *
 * Trees of two. Where everything is in the first-level cache, what counts is the number of
 * comparisons, and a tree of two has the fewest: small ones are a heap in the usual order, the node
 * above place p being p >> 1.
 *
 * A shortcut. What fires most often is best created first: the first slot may be near, which is to
 * play next to the root, in one match. It is where this costs the others nothing: in a tree of four
 * whose fan is less than four, as place 0 is not in use otherwise, and in a tree of two that is
 * half as large without it, as place 0 of the heap then, which plays against place 1, the root of
 * all others.
 *
 * A tree that does not fit into the caches is bound by waiting for its lower levels. But an event
 * that is soon to fire has won its way up to the root's neighbourhood: what comes there, three
 * levels below it, has the way that it will take fetched into the cache, and one level below it (in
 * every tree of four) what it acts on. That is early enough for the memory, and late enough for the
 * cache to keep it.
 *
 * A tree begins small and grows with the slots that are in use, within the memory that it has from
 * the start: of the events of a large model few are pending at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/compiler.h"
#include "sim/sim.h"

/* What a key is compared by, `high` above `low`; the lowest bits of `low` are the slot. */
struct queue_key {
    uint64_t low;
    uint64_t high;
};

_Static_assert(sizeof(struct queue_key) == 16, "four keys are a cache line");

/* What happens when an event fires. */
struct action {
    sim_event_fn fn;
    void *owner;
};

/* Whose a slot is, and all that is needed when its key comes to the root. */
struct slot {
    struct action action;
    uint64_t place;  /* the low half of its key without the sequence number */
    sim_event event; /* SIM_EVENT_NONE: the slot is free */
    uint32_t next_free;
};

_Static_assert(sizeof(struct slot) == 32, "two slots are a cache line");

struct queue {
    struct queue_key first; /* the root: the smallest key of all slots */
    uintptr_t leaves;       /* address of the key of slot 0, were it not near */
    uintptr_t lift;         /* what is added to find the place above another */
    uintptr_t inner;        /* address of the first place that has one above it */
    uint32_t near_slots;    /* 1 when the first slot is near, else 0 */
    uint32_t heap_slots;    /* in a tree of two the slots that are not near, else 0 */
    bool is_large;          /* beyond the second-level cache of a usual processor */
    uint64_t slot_mask;     /* the bits of a key's `low` that are its slot */
    uint32_t capacity;      /* slots at present */
    uint32_t most;          /* and when the tree is fully grown */
    struct queue_key *keys; /* of all places, aligned to cache lines; the near slot's comes first */
    /* The user's, one a slot: the queue fetches them and their owners ahead. To be set before the
     * first key. */
    const struct slot *slots;
};

/* The slots that a tree has at first, unless it needs less. */
#define QUEUE_SLOTS_AT_FIRST 64u

/* The key of an empty slot; greater than every other. */
#define QUEUE_NEVER ((struct queue_key){UINT64_MAX, UINT64_MAX})

/* An empty queue that can grow to at least `most` slots (at most 2^24), and has
 * QUEUE_SLOTS_AT_FIRST at first, if so many; whatever it was before ({0} at first). */
void queue_init(struct queue *queue, uint32_t most);
void queue_finish(struct queue *queue);

/* More slots, while there are fewer than `most`: about twice as many, or all. All keys stay as they
 * are. Takes no memory. */
void queue_grow(struct queue *queue);

static inline uintptr_t queue_leaf(const struct queue *queue, uint32_t slot)
{
    uintptr_t leaves = slot < queue->near_slots ? (uintptr_t)queue->keys : queue->leaves;
    return leaves + (uintptr_t)slot * sizeof(struct queue_key);
}

static inline struct queue_key *queue_at(uintptr_t place)
{
    return (struct queue_key *)place;
}

/* The place above in a tree of two: that of half the distance, in keys. Places are addresses, and
 * the lines that they lie in are aligned, so a sibling is one exclusive or away. */
static inline uintptr_t queue_above_two(uintptr_t place, uintptr_t lift)
{
    return (place >> 1 & ~(uintptr_t)15) + lift;
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

/* The best of the three that play against a place of a line of four: the pair that it is not in,
 * and its twin. */
static inline struct queue_key queue_siblings(uintptr_t place)
{
    uintptr_t pair = (place ^ 32) & ~(uintptr_t)31;
    struct queue_key best = *queue_at(pair);
    sim_take_smaller_at(&best.low, &best.high, &queue_at(pair)[1].low);
    sim_take_smaller_at(&best.low, &best.high, &queue_at(place ^ 16)->low);
    return best;
}

/* The smallest key of all slots but one: the best that this slot would meet on its way up. */
struct queue_key queue_first_without(const struct queue *queue, uint32_t slot);

/* Replay the matches of a tree of two from the leaf of a slot that is not near. The place above is
 * found from the place, not from its sibling: three instructions that wait for each other a level,
 * as many as it takes for the match. */
static inline void queue_replay_two(struct queue *queue, uint32_t slot, struct queue_key key)
{
    uintptr_t lift = queue->lift;
    uintptr_t inner = queue->inner;
    uintptr_t place = queue->leaves + (uintptr_t)slot * sizeof key;
    do {
        *queue_at(place) = key;
        sim_take_smaller_at(&key.low, &key.high, &queue_at(place ^ 16)->low);
        place = queue_above_two(place, lift);
    } while (place >= inner);
    queue->first = key;
}

/* The same for the slot that is near. */
static inline void queue_replay_near(struct queue *queue, struct queue_key key)
{
    struct queue_key *keys = queue->keys;
    keys[0] = key;
    sim_take_smaller_at(&key.low, &key.high, &keys[1].low);
    queue->first = key;
}

/* queue_set() in a tree of four. */
void queue_set_four(struct queue *queue, uint32_t slot, struct queue_key key);

/* Give a slot a key, whose lowest bits must be the slot, or QUEUE_NEVER to take it out. The first
 * comparison holds for no near slot, which wraps around, and for none of a tree of four. */
static inline void queue_set(struct queue *queue, uint32_t slot, struct queue_key key)
{
    if (SIM_LIKELY(slot - queue->near_slots < queue->heap_slots)) {
        queue_replay_two(queue, slot, key);
    } else if (queue->heap_slots > 0) {
        queue_replay_near(queue, key);
    } else {
        queue_set_four(queue, slot, key);
    }
}

/* Take the key of a slot out. */
static inline void queue_clear(struct queue *queue, uint32_t slot)
{
    queue_set(queue, slot, QUEUE_NEVER);
}

#endif
