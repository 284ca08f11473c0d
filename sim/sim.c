#include "sim/sim.h"

#include <stdlib.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/compiler.h"
#include "sim/engine.h"

#define RANK_LIMIT 256u
#define ENTITY_LIMIT (1u << 24)
#define EVENTS_LIMIT (1u << 24)
#define PLACE_MASK (~(uint64_t)UINT32_MAX) /* rank and entity in the low half of a key */

struct sim *sim_create(void)
{
    struct sim *sim = sim_alloc(1, sizeof *sim);
    sim->firing = SIM_EVENT_NONE;
    sim->trace = 0x9e3779b97f4a7c15u;
    /* Never without a root, so that the loop need not ask. */
    queue_grow(&sim->queue, 2);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (sim == NULL) {
        return;
    }
    queue_finish(&sim->queue);
    free(sim->events);
    free(sim);
}

sim_time sim_now(const struct sim *sim)
{
    return sim->now;
}

sim_event sim_event_create(struct sim *sim, uint32_t rank, uint32_t entity, sim_event_fn fn,
                           void *owner)
{
    sim_assert(sim, rank < RANK_LIMIT);
    sim_assert(sim, entity < ENTITY_LIMIT);
    sim_assert(sim, fn != NULL);
    sim_assert(sim, sim->events_count < EVENTS_LIMIT);
    if (sim->events_count == sim->events_capacity) {
        sim->events_capacity = sim->events_capacity != 0 ? 2 * sim->events_capacity : 16;
        sim->events = sim_realloc(sim->events, sim->events_capacity, sizeof *sim->events);
        queue_grow(&sim->queue, sim->events_capacity);
    }
    sim_event event = sim->events_count++;
    sim->events[event] = (struct event){
        .fn = fn,
        .owner = owner,
        .place = (uint64_t)rank << 56 | (uint64_t)entity << 32,
    };
    return event;
}

/* Start the sequence anew, behind the pending events, before the numbers run out. */
SIM_COLD static void renumber(struct sim *sim)
{
    sim->sequence = queue_pack(&sim->queue);
}

/* An event is late in its instant: remember how far that had got. */
SIM_COLD static void note_late(struct sim *sim)
{
    bool is_more = sim->late_at != sim->now || sim->place > sim->late_place;
    sim->late_place = is_more ? sim->place : sim->late_place;
    sim->late_at = sim->now;
}

void sim_event_schedule(struct sim *sim, sim_event event, sim_time at)
{
    sim_assert(sim, event < sim->events_count);
    sim_assert(sim, at >= sim->now);
    sim_assert(sim, at < SIM_TIME_MAX);
    if (SIM_UNLIKELY(sim->sequence == UINT32_MAX)) {
        renumber(sim);
    }
    struct queue_key key = {
        .low = sim->events[event].place | sim->sequence++,
        .high = (uint64_t)at,
    };
    if (SIM_UNLIKELY(at == sim->now) && key.low < sim->place) {
        note_late(sim);
    }
    sim->firing = event == sim->firing ? SIM_EVENT_NONE : sim->firing;
    queue_set(&sim->queue, event, key);
}

void sim_event_cancel(struct sim *sim, sim_event event)
{
    if (sim_event_is_pending(sim, event)) {
        queue_set(&sim->queue, event, QUEUE_NEVER);
    }
}

bool sim_event_is_pending(const struct sim *sim, sim_event event)
{
    sim_assert(sim, event < sim->events_count);
    return event != sim->firing && !queue_key_is_never(queue_key_of(&sim->queue, event));
}

sim_time sim_event_time(const struct sim *sim, sim_event event)
{
    if (!sim_event_is_pending(sim, event)) {
        return SIM_TIME_MAX;
    }
    return (sim_time)queue_key_of(&sim->queue, event).high;
}

bool sim_event_is_past(const struct sim *sim, sim_event event, sim_time at)
{
    sim_assert(sim, event < sim->events_count);
    bool is_late = sim->late_at == sim->now && sim->late_place > sim->place;
    uint64_t place = (is_late ? sim->late_place : sim->place) & PLACE_MASK;
    return at < sim->now || (at == sim->now && sim->events[event].place < place);
}

/* Take the old key of the event that has just fired out of the tree, unless it was scheduled anew.
 */
static inline void settle_fired(struct sim *sim)
{
    if (sim->firing != SIM_EVENT_NONE) {
        queue_set(&sim->queue, sim->firing, QUEUE_NEVER);
        sim->firing = SIM_EVENT_NONE;
    }
}

enum sim_stop sim_run(struct sim *sim, sim_time horizon)
{
    enum sim_stop stop = SIM_STOP_ASKED;
    sim_assert(sim, !sim->is_running);
    sim_assert(sim, horizon >= sim->now);
    sim->is_running = true;
    sim->stop_asked = false;
    while (!sim->stop_asked) {
        struct queue_key key = queue_first_key(&sim->queue);
        if (key.high > (uint64_t)horizon) {
            bool is_empty = queue_key_is_never(key);
            stop = is_empty ? SIM_STOP_EMPTY : SIM_STOP_HORIZON;
            sim->now = is_empty ? sim->now : horizon;
            sim->place = UINT64_MAX;
            break;
        }
        sim_event event = queue_first_slot(&sim->queue);
        const struct event *fired = &sim->events[event];
        sim->now = (sim_time)key.high;
        sim->place = key.low;
        sim->firing = event;
        sim->fired++;
        fired->fn(sim, fired->owner);
        settle_fired(sim);
        if (SIM_UNLIKELY(sim->audit != NULL)) {
            sim->audit(sim->audit_arg);
        }
    }
    sim->is_running = false;
    return stop;
}

void sim_stop(struct sim *sim)
{
    sim->stop_asked = true;
}

sim_time sim_next_time(const struct sim *sim)
{
    struct queue_key key = sim->firing == SIM_EVENT_NONE
                               ? queue_first_key(&sim->queue)
                               : queue_first_key_without(&sim->queue, sim->firing);
    return queue_key_is_never(key) ? SIM_TIME_MAX : (sim_time)key.high;
}

uint64_t sim_events_fired(const struct sim *sim)
{
    return sim->fired;
}

void sim_set_audit(struct sim *sim, void (*audit)(void *arg), void *arg)
{
    sim->audit = audit;
    sim->audit_arg = arg;
}

/* One round of a multiply-and-fold hash; for a given value it maps hashes one to one. */
static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

void sim_trace(struct sim *sim, uint32_t what, uint32_t who, uint64_t value)
{
    uint64_t hash = mix(sim->trace, (uint64_t)what << 32 | who);
    hash = mix(hash, value);
    sim->trace = mix(hash, (uint64_t)sim->now);
}

uint64_t sim_trace_hash(const struct sim *sim)
{
    return sim->trace;
}
