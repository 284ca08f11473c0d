#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H
/*
 * What a `struct sim` is made of. Internal to sim/, and to tests that start the sequence numbers
 * near their end.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/queue.h"
#include "sim/sim.h"

#define SLOT_NONE UINT32_MAX

/* The events of a model of up to so many have a slot each; to lend them costs more than it saves.
 */
#define FEW_EVENTS 64u

_Static_assert(FEW_EVENTS <= QUEUE_SLOTS_AT_FIRST,
               "a tree has slots for few events from the start");
_Static_assert((FEW_EVENTS & (FEW_EVENTS - 1)) == 0, "all slots are taken when they become many");

/* What an event does, and when it comes among others. */
struct event {
    struct action action;
    uint64_t order; /* rank and entity in the low half of its key */
    uint32_t entity : 24;
    uint32_t rank : 8;
    uint32_t slot; /* this event's as long as the slot names it */
};

_Static_assert(sizeof(struct event) == 32, "two events are a cache line");

/* What is pending, while the queue is ordered anew. */
struct pending {
    sim_time at;
    uint32_t slot;
    uint32_t turn; /* how many equal in time, rank and entity are before it */
};

/*
 * The low half of a key is, from the top: rank, entity, sequence number, slot. Rank, entity and
 * slot have as many bits as the largest so far needs, the sequence number has the rest: 8 bits at
 * the very least, some 40 in a usual model.
 */
struct layout {
    uint32_t rank_bits;
    uint32_t entity_bits;
    uint32_t slot_bits;
};

struct sim {
    sim_time now;
    /* Low half of the key of the event that is being handled, or was handled last; UINT64_MAX when
     * all events at `now` have fired. */
    uint64_t place;
    /* An event was scheduled for the instant `late_at` when events had fired up to `late_place`,
     * behind its own place. */
    uint64_t late_place;
    sim_time late_at;
    struct queue queue;
    struct event *events; /* aligned to cache lines */
    struct slot *slots;   /* likewise; as many as events_capacity */
    /* One an event: no other has its rank and entity, it needs no sequence numbers. */
    bool *is_alone;
    /* So many of the first events have the first slots, pending or not: all, as long as they are
     * few, else the one that may be near. All other slots are lent to who is pending. */
    uint32_t kept_slots;
    uint32_t free_slot; /* the last one that was given back, or SLOT_NONE; the rest by next_free */
    uint32_t events_count;
    uint32_t events_capacity;
    /* The next sequence number, in its place in a key: first in, first out among equal (time, rank,
     * entity). `sequence_end` is never given out. */
    uint64_t sequence;
    uint64_t sequence_end;
    uint64_t sequence_step;
    /* Below it a number is taken without further thought: `sequence_end` in a run; 0 otherwise,
     * once numbers are scarce (`loners_known`), and for the rest of a run that numbered anew. */
    uint64_t sequence_plain;
    uint64_t class_mask; /* rank and entity in the low half of a key */
    uint64_t place_mask; /* all of it but the sequence number */
    /* The slot of the event whose handler runs, until this event or another is scheduled into it.
     * The event is no longer pending, but its old key stays in the tree until the handler is back:
     * most events schedule themselves again, or another one, and replay the tree only once by that.
     * SLOT_NONE: there is none any more. */
    uint32_t stale;
    /* That event, when another one got its slot and it has not been scheduled again; only in the
     * handler of the event that fired as the `displaced_turn`-th, so that nothing need be cleared
     * for each. */
    sim_event displaced;
    uint64_t displaced_turn;
    bool is_running;
    bool stop_asked;
    bool loners_known; /* is_alone tells them */
    struct layout layout;
    struct pending *pending; /* scratch, one an event */
    uint64_t fired;
    uint64_t trace;
    void (*audit)(void *arg);
    void *audit_arg;
};

#endif
