#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H
/*
 * The queue of pending events: a winner tree over slots. Internal to sim/.
 *
 * Every event owns a slot, a leaf of a complete binary tree of keys; each inner node holds the
 * smaller key of its two children and the slot it came from, so the root is the next event. Setting
 * a leaf replays the matches on its way to the root. The work of a replay depends on the number of
 * slots alone, not on the keys: the siblings' addresses are known from the start and the
 * comparisons become conditional moves (sim/meson.build sees to it), so a processor mispredicts
 * nothing. Taking an event out is setting its leaf to QUEUE_NEVER; there are no tombstones and
 * nothing is searched.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/compiler.h"

/* What a key is compared by, `high` above `low`. */
struct queue_key {
    uint64_t low;
    uint64_t high;
};

struct queue_entry {
    struct queue_key key;
    uint32_t slot;
};

struct queue {
    struct queue_key *keys;     /* 2 x capacity nodes; root at 1, leaf of slot s at capacity + s */
    uint32_t *winners;          /* the slot that each node's key belongs to */
    struct queue_entry *sorted; /* scratch of queue_pack(), capacity entries */
    uint32_t capacity;          /* a power of two; 0 before the first queue_grow() */
};

/* The key of an empty slot; greater than every other. */
#define QUEUE_NEVER ((struct queue_key){UINT64_MAX, UINT64_MAX})

/* Make room for at least `slots` slots (at most 2^24); new ones are empty. */
void queue_grow(struct queue *queue, uint32_t slots);
void queue_finish(struct queue *queue);

/*
 * Renumber the low 32 bits of all keys from 0 upwards in their present order, which stays as it is;
 * returns how many keys there are.
 */
uint32_t queue_pack(struct queue *queue);

static inline struct queue_key queue_key_of(const struct queue *queue, uint32_t slot)
{
    return queue->keys[queue->capacity + slot];
}

static inline bool queue_key_is_never(struct queue_key key)
{
    return key.high == UINT64_MAX;
}

/* The smallest key, QUEUE_NEVER when all slots are empty, and whose it is. */
static inline struct queue_key queue_first_key(const struct queue *queue)
{
    return queue->keys[1];
}

static inline uint32_t queue_first_slot(const struct queue *queue)
{
    return queue->winners[1];
}

/* The smallest key of all slots but one: the best that this slot would meet on its way up. */
static inline struct queue_key queue_first_key_without(const struct queue *queue, uint32_t slot)
{
    struct queue_key best = QUEUE_NEVER;
    for (size_t node = (size_t)queue->capacity + slot; node > 1; node >>= 1) {
        struct queue_key key = queue->keys[node ^ 1];
        if (key.high < best.high || (key.high == best.high && key.low < best.low)) {
            best = key;
        }
    }
    return best;
}

/* Give a slot a key, or QUEUE_NEVER. */
static inline void queue_set(struct queue *queue, uint32_t slot, struct queue_key key)
{
    struct queue_key *keys = queue->keys;
    uint32_t *winners = queue->winners;
    size_t node = (size_t)queue->capacity + slot;
    uint64_t low = key.low;
    uint64_t high = key.high;
    uint32_t winner = slot;
    keys[node] = key;
    while (node > 1) {
        size_t sibling = node ^ 1;
        uint64_t other_low = keys[sibling].low;
        uint64_t other_high = keys[sibling].high;
        uint32_t other_winner = winners[sibling];
        sim_uint128 mine = (sim_uint128)high << 64 | low;
        sim_uint128 others = (sim_uint128)other_high << 64 | other_low;
        bool take_other = others < mine;
        low = take_other ? other_low : low;
        high = take_other ? other_high : high;
        winner = take_other ? other_winner : winner;
        node >>= 1;
        keys[node].low = low;
        keys[node].high = high;
        winners[node] = winner;
    }
}

#endif
