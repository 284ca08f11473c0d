#ifndef MODELS_DEADLOCK_H
#define MODELS_DEADLOCK_H
/*
 * Subtasks that can never go on: who waits for whom.
 *
 * A subtask that waits (for room, for a segment, for data) is helped by certain others: a writer by
 * who reads its buffers, or by whoever may give a segment back to its task manager; a reader by who
 * writes to it. One that works, wakes up, has a message under way or waits for its next record to
 * become due can go on, and so can everyone whom it may help. What is left over and waits for room
 * will wait for ever: a deadlock. Whom a subtask may help is taken generously, so what is reported
 * here is certain. Looked for from outside, as often as one likes: nothing in a run depends on it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

struct net_world;

/* What a subtask waits for. */
enum net_wait_kind {
    NET_WAIT_QUOTA,         /* room in an output's pool, whose size is used up */
    NET_WAIT_CHANNEL_LIMIT, /* a subpartition at max-buffers-per-channel */
    NET_WAIT_GLOBAL_POOL,   /* a segment of its task manager; its pool is below its quota */
    NET_WAIT_DATA,          /* data of an input */
};

/* One link of a chain: who waits, for what, and for whom. */
struct net_wait {
    uint32_t vertex;
    uint32_t subtask;
    enum net_wait_kind kind;
    bool is_blocked;     /* within a record, else between two */
    bool is_for_someone; /* the next two are set */
    uint32_t for_vertex; /* who would have to move first */
    uint32_t for_subtask;
};

#define NET_DEADLOCK_WAITS 16

struct net_deadlock {
    uint32_t stuck;   /* subtasks that wait for room and can never go on */
    sim_time since;   /* when the last of them came to a stop */
    uint64_t records; /* undelivered, of the whole job */
    uint32_t wait_count;
    uint32_t cycle_from; /* index in `waits` where the cycle begins; wait_count: a chain */
    struct net_wait waits[NET_DEADLOCK_WAITS]; /* each for the one that comes next */
    char text[2048];                           /* the same in words, one line for each */
    char remedy[320];                          /* the smallest change that frees it; "" unknown */
};

/*
 * Look whether subtasks of the world wait for ever. True with *deadlock filled in; false, with
 * nothing written, when everybody may still go on. Takes time in proportion to the channels.
 */
bool net_world_find_deadlock(const struct net_world *world, struct net_deadlock *deadlock);

#endif
