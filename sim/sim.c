#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/assert.h"
#include "sim/compiler.h"
#include "sim/engine.h"

#define RANK_LIMIT 256u
#define ENTITY_LIMIT (1u << 24)
#define EVENTS_LIMIT (1u << 24)

static uint32_t bits_for(uint64_t largest)
{
    return largest != 0 ? SIM_LOG2(largest) + 1 : 0;
}

/* ---- order of the keys ---- */

/* Take all keys out of the queue, in order; returns how many. */
static uint32_t drain(struct sim *sim)
{
    uint32_t count = 0;
    while (!queue_key_is_never(sim->queue.first)) {
        sim_event event = queue_slot_of(&sim->queue, sim->queue.first);
        const struct event *mine = &sim->events[event];
        struct pending *pending = &sim->pending[count];
        *pending = (struct pending){.at = (sim_time)sim->queue.first.high, .event = event};
        if (count > 0) {
            const struct event *last = &sim->events[pending[-1].event];
            bool is_tie = pending[-1].at == pending->at && last->rank == mine->rank &&
                          last->entity == mine->entity;
            pending->turn = is_tie ? pending[-1].turn + 1 : 0;
        }
        queue_clear(&sim->queue, event);
        count++;
    }
    return count;
}

/* Put what drain() took out back, in the same order, with as small sequence numbers as can be. */
static void refill(struct sim *sim, uint32_t count)
{
    const struct layout *layout = &sim->layout;
    uint32_t entity_shift = 64 - layout->rank_bits - layout->entity_bits;
    uint32_t most = 0;
    for (sim_event event = 0; event < sim->events_count; event++) {
        struct event *mine = &sim->events[event];
        uint64_t order = (uint64_t)mine->rank << layout->entity_bits | mine->entity;
        mine->place = (entity_shift < 64 ? order << entity_shift : 0) | event;
    }
    sim->class_mask = entity_shift < 64 ? UINT64_MAX << entity_shift : 0;
    sim->sequence_step = (uint64_t)1 << layout->event_bits;
    sim->place_mask = sim->class_mask | (sim->sequence_step - 1);
    sim->sequence_end = UINT64_MAX >> (64 - entity_shift) & ~(sim->sequence_step - 1);
    sim->sequence_plain = 0; /* what has been scheduled anew may have its old number again */
    for (uint32_t i = 0; i < count; i++) {
        const struct pending *pending = &sim->pending[i];
        struct queue_key key = {
            .low = sim->events[pending->event].place | pending->turn * sim->sequence_step,
            .high = (uint64_t)pending->at,
        };
        queue_set(&sim->queue, pending->event, key);
        most = pending->turn >= most ? pending->turn + 1 : most;
    }
    sim->sequence = most * sim->sequence_step;
    sim_assert(sim, sim->sequence < sim->sequence_end);
}

/* Find the events that share rank and entity with no other; the empty queue sorts them. */
static void find_loners(struct sim *sim)
{
    const struct event *last = NULL;
    for (sim_event event = 0; event < sim->events_count; event++) {
        struct event *mine = &sim->events[event];
        uint64_t order = (uint64_t)mine->rank << 32 | mine->entity;
        mine->is_alone = true;
        queue_set(&sim->queue, event, (struct queue_key){.low = event, .high = order});
    }
    while (!queue_key_is_never(sim->queue.first)) {
        sim_event event = queue_slot_of(&sim->queue, sim->queue.first);
        struct event *mine = &sim->events[event];
        queue_clear(&sim->queue, event);
        if (last != NULL && last->rank == mine->rank && last->entity == mine->entity) {
            mine->is_alone = sim->events[last - sim->events].is_alone = false;
        }
        last = mine;
    }
    sim->loners_known = true;
}

/*
 * Start the sequence anew, behind the pending events, before the numbers run out. When they do so
 * once, they may do so often (a model of millions of events leaves them few bits), so from then on
 * only events that need them get them.
 */
SIM_COLD static void renumber(struct sim *sim)
{
    uint32_t count = drain(sim);
    if (!sim->loners_known) {
        find_loners(sim);
    }
    refill(sim, count);
}

/* Whose place it is; see `struct layout`. */
static inline sim_event event_of(const struct sim *sim, uint64_t place)
{
    return (sim_event)(place & sim->queue.slot_mask);
}

/* The same; SIM_EVENT_NONE for places that are no event's. */
static sim_event event_at(const struct sim *sim, uint64_t place)
{
    return place == 0 || place == UINT64_MAX ? SIM_EVENT_NONE : event_of(sim, place);
}

/* Make room in the keys for another event of that rank and entity. */
static void make_room(struct sim *sim, uint32_t rank, uint32_t entity)
{
    struct layout layout = {.rank_bits = bits_for(rank), .entity_bits = bits_for(entity)};
    const struct layout *before = &sim->layout;
    bool is_full = sim->events_count == sim->events_capacity;
    if (!is_full && layout.rank_bits <= before->rank_bits &&
        layout.entity_bits <= before->entity_bits) {
        return;
    }
    sim_event at = event_at(sim, sim->place);
    sim_event late_at = event_at(sim, sim->late_place);
    uint32_t count = drain(sim);
    if (is_full) {
        queue_init(&sim->queue, sim->events_count + 1);
        uint32_t capacity = sim->queue.capacity;
        struct event *events = sim_alloc_lines(capacity, sizeof *events);
        if (sim->events_count > 0) {
            memcpy(events, sim->events, sim->events_count * sizeof *events);
        }
        free(sim->events);
        sim->events = events;
        sim->queue.events = events;
        sim->events_capacity = capacity;
        sim->pending = sim_realloc(sim->pending, capacity, sizeof *sim->pending);
    }
    sim->layout = (struct layout){
        .rank_bits = layout.rank_bits > before->rank_bits ? layout.rank_bits : before->rank_bits,
        .entity_bits =
            layout.entity_bits > before->entity_bits ? layout.entity_bits : before->entity_bits,
        .event_bits = bits_for(sim->queue.slot_mask),
    };
    refill(sim, count);
    sim->place = at != SIM_EVENT_NONE ? sim->events[at].place : sim->place;
    sim->late_place = late_at != SIM_EVENT_NONE ? sim->events[late_at].place : sim->late_place;
}

struct sim *sim_create(void)
{
    struct sim *sim = sim_alloc_lines(1, sizeof *sim);
    sim->firing = SIM_EVENT_NONE;
    sim->trace = 0x9e3779b97f4a7c15u;
    queue_init(&sim->queue, 0);
    make_room(sim, 0, 0);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (sim == NULL) {
        return;
    }
    queue_finish(&sim->queue);
    free(sim->events);
    free(sim->pending);
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
    make_room(sim, rank, entity);
    if (sim->loners_known) {
        for (sim_event other = 0; other < sim->events_count; other++) {
            sim->events[other].is_alone = false;
        }
        sim->loners_known = false;
    }
    sim_event event = sim->events_count++;
    uint32_t entity_bits = sim->layout.entity_bits;
    uint32_t entity_shift = 64 - sim->layout.rank_bits - entity_bits;
    uint64_t order = (uint64_t)rank << entity_bits | entity;
    sim->events[event] = (struct event){
        .fn = fn,
        .owner = owner,
        .place = (entity_shift < 64 ? order << entity_shift : 0) | event,
        .entity = entity,
        .rank = (uint8_t)rank,
    };
    return event;
}

/* An event is to fire at that time. In the present instant it may be late: remember how far the
 * instant had got. */
static void check_time(struct sim *sim, sim_time at, uint64_t low)
{
    sim_assert(sim, at >= sim->now);
    sim_assert(sim, at < SIM_TIME_MAX);
    if (at == sim->now && low < sim->place) {
        bool is_more = sim->late_at != sim->now || sim->place > sim->late_place;
        sim->late_place = is_more ? sim->place : sim->late_place;
        sim->late_at = sim->now;
    }
}

/* Whatever there may be about an event, its time, or the sequence numbers. */
SIM_COLD static void schedule_slowly(struct sim *sim, sim_event event, sim_time at)
{
    sim_assert(sim, event < sim->events_count);
    sim->firing = event == sim->firing ? SIM_EVENT_NONE : sim->firing;
    if (sim->sequence == sim->sequence_end) {
        renumber(sim);
    }
    const struct event *mine = &sim->events[event];
    struct queue_key key = {.low = mine->place, .high = (uint64_t)at};
    if (!sim->loners_known || !mine->is_alone) {
        key.low |= sim->sequence;
        sim->sequence += sim->sequence_step;
    }
    check_time(sim, at, key.low);
    queue_set(&sim->queue, event, key);
}

SIM_COLD static void again_slowly(struct sim *sim, sim_time at)
{
    sim_assert(sim, sim->firing != SIM_EVENT_NONE);
    schedule_slowly(sim, sim->firing, at);
}

/* Whether the time is later than now, and the next sequence number can be taken just so; only in a
 * run. */
static inline bool is_plain(const struct sim *sim, sim_time at)
{
    return sim->sequence < sim->sequence_plain && at > sim->now && at != SIM_TIME_MAX;
}

/* Both of these call nothing but what may be called last, so they need not save a register. */
void sim_event_schedule(struct sim *sim, sim_event event, sim_time at)
{
    if (SIM_UNLIKELY(event >= sim->events_count || !is_plain(sim, at))) {
        schedule_slowly(sim, event, at);
        return;
    }
    uint64_t sequence = sim->sequence;
    uint64_t low = sim->events[event].place | sequence;
    sim->firing = event == sim->firing ? SIM_EVENT_NONE : sim->firing;
    sim->sequence = sequence + sim->sequence_step;
    queue_set(&sim->queue, event, (struct queue_key){.low = low, .high = (uint64_t)at});
}

/*
 * The old key of the event whose handler is running is the first in the queue, but for an event
 * that came before it in the present instant meanwhile. It is read from there, not from `firing`,
 * because where in the queue to go next hangs on it alone: a processor has it as soon as the last
 * replay is over. Once the event is scheduled anew, its sequence number is another; where numbers
 * started anew, nothing is plain.
 */
void sim_event_again(struct sim *sim, sim_time at)
{
    uint64_t low = sim->queue.first.low;
    if (SIM_UNLIKELY(low != sim->place || !is_plain(sim, at))) {
        again_slowly(sim, at);
        return;
    }
    uint64_t sequence = sim->sequence;
    sim_event event = event_of(sim, low);
    low = (low & sim->place_mask) | sequence;
    sim->firing = SIM_EVENT_NONE;
    sim->sequence = sequence + sim->sequence_step;
    queue_set(&sim->queue, event, (struct queue_key){.low = low, .high = (uint64_t)at});
}

void sim_event_cancel(struct sim *sim, sim_event event)
{
    if (sim_event_is_pending(sim, event)) {
        queue_clear(&sim->queue, event);
    }
}

bool sim_event_is_pending(const struct sim *sim, sim_event event)
{
    sim_assert(sim, event < sim->events_count);
    return event != sim->firing && !queue_key_is_never(queue_key_of(&sim->queue, event));
}

sim_event sim_event_firing(const struct sim *sim)
{
    sim_assert(sim, sim->firing != SIM_EVENT_NONE);
    return sim->firing;
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
    uint64_t place = is_late ? sim->late_place : sim->place;
    bool is_before = (sim->events[event].place & sim->class_mask) < (place & sim->class_mask);
    return at < sim->now || (at == sim->now && (is_before || place == UINT64_MAX));
}

/* Take the old key of the event that has just fired out of the tree, unless it was scheduled anew.
 */
static inline void settle_fired(struct sim *sim)
{
    if (sim->firing != SIM_EVENT_NONE) {
        queue_clear(&sim->queue, sim->firing);
        sim->firing = SIM_EVENT_NONE;
    }
}

enum sim_stop sim_run(struct sim *sim, sim_time horizon)
{
    enum sim_stop stop = SIM_STOP_ASKED;
    sim_assert(sim, !sim->is_running);
    sim_assert(sim, horizon >= sim->now);
    sim->is_running = true;
    sim->sequence_plain = sim->loners_known ? 0 : sim->sequence_end;
    sim->stop_asked = false;
    while (!sim->stop_asked) {
        struct queue_key key = sim->queue.first;
        if (key.high > (uint64_t)horizon) {
            bool is_empty = queue_key_is_never(key);
            stop = is_empty ? SIM_STOP_EMPTY : SIM_STOP_HORIZON;
            sim->now = is_empty ? sim->now : horizon;
            sim->place = UINT64_MAX;
            break;
        }
        sim_event event = event_of(sim, key.low);
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
    sim->sequence_plain = 0;
    return stop;
}

void sim_stop(struct sim *sim)
{
    sim->stop_asked = true;
}

sim_time sim_next_time(const struct sim *sim)
{
    struct queue_key key = sim->firing == SIM_EVENT_NONE
                               ? sim->queue.first
                               : queue_first_without(&sim->queue, sim->firing);
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
