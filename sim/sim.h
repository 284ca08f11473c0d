#ifndef SIM_SIM_H
#define SIM_SIM_H
/*
 * The engine: one clock, one queue of events, one run.
 *
 * Everything that happens in a run hangs on a `struct sim`; there are no globals, so several runs
 * go on at once, a thread each. An event belongs to the thing that it acts on: it is created once,
 * while the model is built, with a rank and an entity, and then scheduled, moved and cancelled
 * without any allocation. An event is pending at most once.
 *
 * Order. Events fire by (time, rank, entity, first in first out within the entity). The order does
 * not depend on how many events anyone else needs, so a model may replace many events by one
 * without disturbing its neighbours. Ranks are small numbers chosen by the model (lower fires first
 * at the same instant). An event that is scheduled for the present instant fires in it; if its
 * place in the order has already gone by, it fires next.
 *
 * A handler may schedule, move and cancel any event, its own too. When it runs, its event is no
 * longer pending.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/time.h"

struct sim;

/* Handle of an event: an index, valid until sim_destroy(). */
typedef uint32_t sim_event;
#define SIM_EVENT_NONE UINT32_MAX

typedef void (*sim_event_fn)(struct sim *sim, void *owner);

/* Why sim_run() came back. */
enum sim_stop {
    SIM_STOP_HORIZON, /* every event up to the horizon has fired; the clock stands at the horizon */
    SIM_STOP_EMPTY,   /* nothing is pending any more; the clock stands at the last event */
    SIM_STOP_ASKED,   /* sim_stop() was called; the clock stands at that event */
};

/* The caller owns the run. The clock starts at 0. */
struct sim *sim_create(void);
void sim_destroy(struct sim *sim);

/* The current simulated time. */
sim_time sim_now(const struct sim *sim);

/*
 * Make an event that calls fn(sim, owner). Rank 0 to 255, entity 0 to 2^24 - 1. Set-up only (it may
 * allocate); `owner` must outlive the run. The first event may be the cheapest to schedule by far:
 * let it be what fires most often.
 */
sim_event sim_event_create(struct sim *sim, uint32_t rank, uint32_t entity, sim_event_fn fn,
                           void *owner);

/* Let the event fire at `at` (not before now, before SIM_TIME_MAX); a pending event moves there,
 * behind equal ones of its entity. */
void sim_event_schedule(struct sim *sim, sim_event event, sim_time at);

/* The same for the event whose handler is running; once in a handler. The cheapest way to do it. */
void sim_event_again(struct sim *sim, sim_time at);

/* Take a pending event out of the queue; nothing happens when it is not pending. */
void sim_event_cancel(struct sim *sim, sim_event event);

bool sim_event_is_pending(const struct sim *sim, sim_event event);

/* When a pending event fires; SIM_TIME_MAX when it is not pending. */
sim_time sim_event_time(const struct sim *sim, sim_event event);

/*
 * Whether this event, had it been scheduled for `at` before that instant came, would be over by
 * now: by its rank and entity it comes before an event that has fired in the present instant, or is
 * being handled. For models that do at once what nobody could see happen step by step. An event is
 * not past itself.
 */
bool sim_event_is_past(const struct sim *sim, sim_event event, sim_time at);

/* The event whose handler is running, so that one handler with one owner can serve many events.
 * Only to be called from a handler, before it schedules this event anew. */
sim_event sim_event_firing(const struct sim *sim);

/* Fire events in order until the horizon (events at the horizon fire too), the queue is empty, or
 * sim_stop(). */
enum sim_stop sim_run(struct sim *sim, sim_time horizon);

/* Make sim_run() come back after the event that is being handled. */
void sim_stop(struct sim *sim);

/* When the next event fires; SIM_TIME_MAX when none is pending. */
sim_time sim_next_time(const struct sim *sim);

/* Events fired since the start. */
uint64_t sim_events_fired(const struct sim *sim);

/* Call audit(arg) after every event; NULL switches it off. For checks of invariants (--audit). */
void sim_set_audit(struct sim *sim, void (*audit)(void *arg), void *arg);

/*
 * The trajectory hash: a fingerprint of what happened, in order. A model calls sim_trace() for
 * every step that counts (a message, a credit, a buffer handed out); two runs with equal hashes
 * took the same steps at the same times. `what` tells the kind of step, `who` the entity, `value`
 * the rest. Cheap: a few multiplications.
 */
void sim_trace(struct sim *sim, uint32_t what, uint32_t who, uint64_t value);
uint64_t sim_trace_hash(const struct sim *sim);

#endif
