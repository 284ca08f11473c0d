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

/* What an event does; its slot in the queue is its handle. */
struct event {
    sim_event_fn fn;
    void *owner;
    uint64_t
        place; /* rank (8 bits) and entity (24 bits) above 32 empty bits: low half of its key */
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
    struct event *events;
    uint32_t events_count;
    uint32_t events_capacity;
    /* The next sequence number: first in, first out among equal (time, rank, entity). UINT32_MAX is
     * never given out, so that no key equals QUEUE_NEVER. */
    uint32_t sequence;
    /* The event whose handler runs and which has not been scheduled anew. It is no longer pending,
     * but its old key stays in the tree until the handler is back: most events schedule themselves
     * again, and replay the tree only once by that. */
    sim_event firing;
    bool is_running;
    bool stop_asked;
    uint64_t fired;
    uint64_t trace;
    void (*audit)(void *arg);
    void *audit_arg;
};

#endif
