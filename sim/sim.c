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

/* ---- slots ---- */

/* Whose place it is; see `struct layout`. */
static inline uint32_t slot_at(const struct sim *sim, uint64_t place)
{
    return (uint32_t)(place & sim->queue.slot_mask);
}

static inline bool is_lent(const struct sim *sim, uint32_t slot)
{
    return slot >= sim->kept_slots;
}

/* What was in the slot is no longer pending. */
static inline void give_back(struct sim *sim, uint32_t slot)
{
    if (is_lent(sim, slot)) {
        sim->slots[slot].event = SIM_EVENT_NONE;
        sim->slots[slot].next_free = sim->free_slot;
        sim->free_slot = slot;
    }
}

/* Those from `first` on are new; the lowest of them that is lent is the next to be taken. */
static void add_slots(struct sim *sim, uint32_t first)
{
    for (uint32_t slot = sim->queue.capacity; slot-- > first;) {
        sim->slots[slot].event = SIM_EVENT_NONE;
        give_back(sim, slot);
    }
}

/* Give the event the slot. */
static inline void put_in(struct sim *sim, uint32_t slot, sim_event event)
{
    struct event *mine = &sim->events[event];
    struct slot *taken = &sim->slots[slot];
    mine->slot = slot;
    taken->action = mine->action;
    taken->place = mine->order | slot;
    taken->event = event;
}

static void grow_queue(struct sim *sim)
{
    uint32_t before = sim->queue.capacity;
    queue_grow(&sim->queue);
    add_slots(sim, before);
}

/* Whether an event has the slot that it knows: it keeps it, or is pending, or its handler runs and
 * its old key is there. */
static inline bool has_slot(const struct sim *sim, sim_event event)
{
    return sim->slots[sim->events[event].slot].event == event;
}

/* ---- order of the keys ---- */

static const struct event *event_in(const struct sim *sim, uint32_t slot)
{
    return &sim->events[sim->slots[slot].event];
}

/* Take all keys out of the queue, in order; returns how many. */
static uint32_t drain(struct sim *sim)
{
    uint32_t count = 0;
    while (!queue_key_is_never(sim->queue.first)) {
        uint32_t slot = queue_slot_of(&sim->queue, sim->queue.first);
        const struct event *mine = event_in(sim, slot);
        struct pending *pending = &sim->pending[count];
        *pending = (struct pending){.at = (sim_time)sim->queue.first.high, .slot = slot};
        if (count > 0) {
            const struct event *last = event_in(sim, pending[-1].slot);
            bool is_tie = pending[-1].at == pending->at && last->rank == mine->rank &&
                          last->entity == mine->entity;
            pending->turn = is_tie ? pending[-1].turn + 1 : 0;
        }
        queue_clear(&sim->queue, slot);
        count++;
    }
    return count;
}

static uint32_t entity_shift(const struct layout *layout)
{
    return 64 - layout->rank_bits - layout->entity_bits;
}

/* Rank and entity in their places in the low half of a key. */
static uint64_t order_of(const struct layout *layout, uint32_t rank, uint32_t entity)
{
    uint32_t shift = entity_shift(layout);
    return shift < 64 ? ((uint64_t)rank << layout->entity_bits | entity) << shift : 0;
}

/* Put what drain() took out back, in the same order, with as small sequence numbers as can be. The
 * first number is left to events that need none, since another event may come to share their rank
 * and entity while they are pending. */
static void refill(struct sim *sim, uint32_t count)
{
    const struct layout *layout = &sim->layout;
    uint32_t shift = entity_shift(layout);
    uint32_t most = sim->loners_known ? 1 : 0;
    for (sim_event event = 0; event < sim->events_count; event++) {
        struct event *mine = &sim->events[event];
        mine->order = order_of(layout, mine->rank, mine->entity);
        if (has_slot(sim, event)) {
            sim->slots[mine->slot].place = mine->order | mine->slot;
        }
    }
    sim->class_mask = shift < 64 ? UINT64_MAX << shift : 0;
    sim->sequence_step = (uint64_t)1 << layout->slot_bits;
    sim->place_mask = sim->class_mask | (sim->sequence_step - 1);
    sim->sequence_end = UINT64_MAX >> (64 - shift) & ~(sim->sequence_step - 1);
    sim->sequence_plain = 0; /* what has been scheduled anew may have its old number again */
    for (uint32_t i = 0; i < count; i++) {
        const struct pending *pending = &sim->pending[i];
        struct queue_key key = {
            .low = sim->slots[pending->slot].place | pending->turn * sim->sequence_step,
            .high = (uint64_t)pending->at,
        };
        queue_set(&sim->queue, pending->slot, key);
        most = pending->turn >= most ? pending->turn + 1 : most;
    }
    sim->sequence = most * sim->sequence_step;
    sim_assert(sim, sim->sequence < sim->sequence_end);
}

/* Find the events that share rank and entity with no other; the empty queue sorts them. */
static void find_loners(struct sim *sim)
{
    const struct event *last = NULL;
    while (sim->queue.capacity < sim->events_count) {
        grow_queue(sim);
    }
    for (sim_event event = 0; event < sim->events_count; event++) {
        struct event *mine = &sim->events[event];
        uint64_t order = (uint64_t)mine->rank << 32 | mine->entity;
        sim->is_alone[event] = true;
        queue_set(&sim->queue, event, (struct queue_key){.low = event, .high = order});
    }
    while (!queue_key_is_never(sim->queue.first)) {
        sim_event event = queue_slot_of(&sim->queue, sim->queue.first);
        struct event *mine = &sim->events[event];
        queue_clear(&sim->queue, event);
        if (last != NULL && last->rank == mine->rank && last->entity == mine->entity) {
            sim->is_alone[event] = sim->is_alone[last - sim->events] = false;
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

/* A place of the layout before, in the layout after; its sequence number is dropped. */
static uint64_t moved_place(uint64_t place, const struct layout *before, const struct layout *after)
{
    if (place == 0 || place == UINT64_MAX) {
        return place; /* before and after all that fires */
    }
    uint32_t shift = entity_shift(before);
    uint64_t order = shift < 64 ? place >> shift : 0;
    uint32_t rank = (uint32_t)(order >> before->entity_bits);
    uint32_t entity = (uint32_t)(order & (((uint64_t)1 << before->entity_bits) - 1));
    uint64_t slot = place & (((uint64_t)1 << before->slot_bits) - 1);
    return order_of(after, rank, entity) | slot;
}

static void *larger(void *old, uint32_t count, uint32_t capacity, size_t size)
{
    void *grown = sim_alloc_lines(capacity, size);
    if (count > 0) {
        memcpy(grown, old, count * size);
    }
    free(old);
    return grown;
}

/* Events are no longer few: all but the first give their slots back, unless their keys are among
 * the `count` that were drained, as is that of an event whose handler runs. */
static void lend_slots(struct sim *sim, uint32_t count)
{
    bool is_in_use[FEW_EVENTS] = {false};
    for (uint32_t i = 0; i < count; i++) {
        is_in_use[sim->pending[i].slot] = true;
    }
    sim->kept_slots = 1;
    for (uint32_t slot = FEW_EVENTS; slot-- > sim->kept_slots;) {
        if (!is_in_use[slot]) {
            give_back(sim, slot);
        }
    }
}

/* Larger tables, with room for one event more; the queue, from which `count` were drained, has no
 * fewer slots than before. */
static void add_events(struct sim *sim, uint32_t count)
{
    uint32_t slots_before = sim->queue.capacity;
    queue_init(&sim->queue, sim->events_count + 1);
    while (sim->queue.capacity < slots_before) {
        queue_grow(&sim->queue);
    }
    uint32_t capacity = sim->queue.most;
    sim->events = larger(sim->events, sim->events_count, capacity, sizeof *sim->events);
    sim->slots = larger(sim->slots, slots_before, capacity, sizeof *sim->slots);
    sim->is_alone = sim_realloc(sim->is_alone, capacity, sizeof *sim->is_alone);
    sim->pending = sim_realloc(sim->pending, capacity, sizeof *sim->pending);
    sim->queue.slots = sim->slots;
    sim->events_capacity = capacity;
    if (sim->events_count == FEW_EVENTS) {
        lend_slots(sim, count);
    }
    add_slots(sim, slots_before);
}

/* Make room in the keys for another event of that rank and entity. */
static void make_room(struct sim *sim, uint32_t rank, uint32_t entity)
{
    struct layout layout = {.rank_bits = bits_for(rank), .entity_bits = bits_for(entity)};
    const struct layout before = sim->layout;
    bool is_full = sim->events_count == sim->events_capacity;
    if (!is_full && layout.rank_bits <= before.rank_bits &&
        layout.entity_bits <= before.entity_bits) {
        return;
    }
    uint32_t count = drain(sim);
    if (is_full) {
        add_events(sim, count);
    }
    sim->layout = (struct layout){
        .rank_bits = layout.rank_bits > before.rank_bits ? layout.rank_bits : before.rank_bits,
        .entity_bits =
            layout.entity_bits > before.entity_bits ? layout.entity_bits : before.entity_bits,
        .slot_bits = bits_for(sim->queue.slot_mask),
    };
    refill(sim, count);
    sim->place = moved_place(sim->place, &before, &sim->layout);
    sim->late_place = moved_place(sim->late_place, &before, &sim->layout);
}

struct sim *sim_create(void)
{
    struct sim *sim = sim_alloc_lines(1, sizeof *sim);
    sim->displaced = SIM_EVENT_NONE;
    sim->stale = SLOT_NONE;
    sim->free_slot = SLOT_NONE;
    sim->kept_slots = FEW_EVENTS;
    sim->trace = 0x9e3779b97f4a7c15u;
    sim->queue.first = QUEUE_NEVER; /* of a queue without slots */
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
    free(sim->slots);
    free(sim->is_alone);
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
    sim->loners_known = false;
    sim_event event = sim->events_count++;
    sim->events[event] = (struct event){
        .action = {.fn = fn, .owner = owner},
        .order = order_of(&sim->layout, rank, entity),
        .entity = entity & (ENTITY_LIMIT - 1),
        .rank = rank & (RANK_LIMIT - 1),
    };
    if (!is_lent(sim, event)) {
        put_in(sim, event, event);
    }
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

/* The slot of an event that is being scheduled is no longer stale. */
static inline void note_own(struct sim *sim, uint32_t slot)
{
    sim->stale = slot == sim->stale ? SLOT_NONE : sim->stale;
}

/* A slot for an event that has none: that of the event whose handler is running, which need not be
 * cleared then, or the one that was given back last. There is one: schedule_slowly() makes sure. */
static inline uint32_t take_slot(struct sim *sim, sim_event event)
{
    uint32_t slot = sim->stale;
    sim->displaced = event == sim->displaced ? SIM_EVENT_NONE : sim->displaced;
    if (slot != SLOT_NONE && is_lent(sim, slot)) {
        sim->stale = SLOT_NONE;
        sim->displaced = sim->slots[slot].event;
        sim->displaced_turn = sim->fired;
        return slot;
    }
    slot = sim->free_slot;
    sim->free_slot = sim->slots[slot].next_free;
    return slot;
}

/* The event whose handler is running; SIM_EVENT_NONE when it was scheduled anew. */
static inline sim_event firing(const struct sim *sim)
{
    if (sim->stale != SLOT_NONE) {
        return sim->slots[sim->stale].event;
    }
    return sim->displaced_turn == sim->fired ? sim->displaced : SIM_EVENT_NONE;
}

/* Whatever there may be about an event, its time, or the sequence numbers. */
SIM_COLD static void schedule_slowly(struct sim *sim, sim_event event, sim_time at)
{
    sim_assert(sim, event < sim->events_count);
    if (has_slot(sim, event)) {
        note_own(sim, sim->events[event].slot);
    } else {
        bool is_at_hand = sim->stale != SLOT_NONE && is_lent(sim, sim->stale);
        if (sim->free_slot == SLOT_NONE && !is_at_hand) {
            grow_queue(sim);
        }
        put_in(sim, take_slot(sim, event), event);
    }
    if (sim->sequence == sim->sequence_end) {
        renumber(sim);
    }
    uint32_t slot = sim->events[event].slot;
    struct queue_key key = {.low = sim->slots[slot].place, .high = (uint64_t)at};
    if (!sim->loners_known || !sim->is_alone[event]) {
        key.low |= sim->sequence;
        sim->sequence += sim->sequence_step;
    }
    check_time(sim, at, key.low);
    queue_set(&sim->queue, slot, key);
}

SIM_COLD static void again_slowly(struct sim *sim, sim_time at)
{
    sim_assert(sim, firing(sim) != SIM_EVENT_NONE);
    schedule_slowly(sim, firing(sim), at);
}

/* Whether the time is later than now, and the next sequence number can be taken just so; only in a
 * run. */
static inline bool is_plain(const struct sim *sim, sim_time at)
{
    return sim->sequence < sim->sequence_plain && at > sim->now && at != SIM_TIME_MAX;
}

/* None of these three calls anything but what may be called last, so they need not save a register.
 */

static inline void set_plainly(struct sim *sim, uint32_t slot, sim_time at)
{
    uint64_t sequence = sim->sequence;
    uint64_t low = sim->slots[slot].place | sequence;
    sim->sequence = sequence + sim->sequence_step;
    queue_set(&sim->queue, slot, (struct queue_key){.low = low, .high = (uint64_t)at});
}

/* An event that has no slot. */
SIM_NOINLINE static void schedule_idle(struct sim *sim, sim_event event, sim_time at)
{
    if (SIM_UNLIKELY(sim->free_slot == SLOT_NONE)) {
        schedule_slowly(sim, event, at);
        return;
    }
    uint32_t slot = take_slot(sim, event);
    put_in(sim, slot, event);
    set_plainly(sim, slot, at);
}

void sim_event_schedule(struct sim *sim, sim_event event, sim_time at)
{
    if (SIM_UNLIKELY(event >= sim->events_count || !is_plain(sim, at))) {
        schedule_slowly(sim, event, at);
        return;
    }
    if (!is_lent(sim, event)) {
        note_own(sim, event);
        set_plainly(sim, event, at);
        return;
    }
    uint32_t slot = sim->events[event].slot;
    if (sim->slots[slot].event == event) {
        note_own(sim, slot);
        set_plainly(sim, slot, at);
    } else {
        schedule_idle(sim, event, at);
    }
}

/*
 * The old key of the event whose handler is running is the first in the queue, but for an event
 * that came before it in the present instant meanwhile. It is read from there, not from `stale`,
 * because where in the queue to go next hangs on it alone: a processor has it as soon as the last
 * replay is over. Once the event is scheduled anew, or another has its slot, the sequence number is
 * another; where numbers started anew, nothing is plain.
 */
void sim_event_again(struct sim *sim, sim_time at)
{
    uint64_t low = sim->queue.first.low;
    if (SIM_UNLIKELY(low != sim->place || !is_plain(sim, at))) {
        again_slowly(sim, at);
        return;
    }
    uint64_t sequence = sim->sequence;
    uint32_t slot = slot_at(sim, low);
    low = (low & sim->place_mask) | sequence;
    sim->stale = SLOT_NONE;
    sim->sequence = sequence + sim->sequence_step;
    queue_set(&sim->queue, slot, (struct queue_key){.low = low, .high = (uint64_t)at});
}

void sim_event_cancel(struct sim *sim, sim_event event)
{
    if (sim_event_is_pending(sim, event)) {
        uint32_t slot = sim->events[event].slot;
        queue_clear(&sim->queue, slot);
        give_back(sim, slot);
    }
}

bool sim_event_is_pending(const struct sim *sim, sim_event event)
{
    sim_assert(sim, event < sim->events_count);
    uint32_t slot = sim->events[event].slot;
    return has_slot(sim, event) && slot != sim->stale &&
           !queue_key_is_never(queue_key_of(&sim->queue, slot));
}

sim_event sim_event_firing(const struct sim *sim)
{
    sim_event event = firing(sim);
    sim_assert(sim, event != SIM_EVENT_NONE);
    return event;
}

sim_time sim_event_time(const struct sim *sim, sim_event event)
{
    if (!sim_event_is_pending(sim, event)) {
        return SIM_TIME_MAX;
    }
    return (sim_time)queue_key_of(&sim->queue, sim->events[event].slot).high;
}

bool sim_event_is_past(const struct sim *sim, sim_event event, sim_time at)
{
    sim_assert(sim, event < sim->events_count);
    bool is_late = sim->late_at == sim->now && sim->late_place > sim->place;
    uint64_t place = is_late ? sim->late_place : sim->place;
    bool is_before = sim->events[event].order < (place & sim->class_mask);
    return at < sim->now || (at == sim->now && (is_before || place == UINT64_MAX));
}

/* Take the old key of the event that has just fired out of the tree, unless another is in its
 * place. */
static inline void settle_fired(struct sim *sim)
{
    uint32_t slot = sim->stale;
    if (slot != SLOT_NONE) {
        sim->stale = SLOT_NONE;
        give_back(sim, slot);
        queue_clear(&sim->queue, slot);
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
        uint32_t slot = slot_at(sim, key.low);
        const struct slot *fired = &sim->slots[slot];
        sim->now = (sim_time)key.high;
        sim->place = key.low;
        sim->stale = slot;
        sim->fired++;
        fired->action.fn(sim, fired->action.owner);
        settle_fired(sim);
        if (SIM_UNLIKELY(sim->audit != NULL)) {
            sim->displaced = SIM_EVENT_NONE; /* no handler is running */
            sim->audit(sim->audit_arg);
        }
    }
    sim->displaced = SIM_EVENT_NONE;
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
    struct queue_key key =
        sim->stale == SLOT_NONE ? sim->queue.first : queue_first_without(&sim->queue, sim->stale);
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
