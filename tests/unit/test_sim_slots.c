/*
 * The slots of the queue of pending events: lent to who is pending, and to the event that a handler
 * schedules in place of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/engine.h"
#include "tests/support/assert_failure.h"

#define EVENTS 1000

/* A ring of events, each of which schedules the next one; what else a test does in a handler. */
struct ring {
    sim_event events[EVENTS];
    uint32_t at;
    void (*then)(struct sim *sim, struct ring *ring);
};

static void on_ring(struct sim *sim, void *owner)
{
    struct ring *ring = owner;
    ring->at = (ring->at + 1) % EVENTS;
    sim_event_schedule(sim, ring->events[ring->at], sim_now(sim) + 1);
    if (ring->then != NULL) {
        ring->then(sim, ring);
    }
}

static void on_nothing(struct sim *sim, void *owner)
{
    (void)sim;
    (void)owner;
}

static struct sim *start_ring(struct ring *ring)
{
    struct sim *sim = sim_create();
    for (uint32_t i = 0; i < EVENTS; i++) {
        ring->events[i] = sim_event_create(sim, 1, i, on_ring, ring);
    }
    sim_event_schedule(sim, ring->events[0], 1);
    return sim;
}

/* Of a thousand events one is pending at a time: the tree stays as it was. */
static void test_tree_grows_with_what_is_pending(void **state)
{
    (void)state;
    struct ring ring = {0};
    struct sim *sim = start_ring(&ring);
    assert_int_equal(sim->queue.capacity, 64);
    assert_int_equal(sim_run(sim, 2 * EVENTS), SIM_STOP_HORIZON);
    assert_int_equal(sim_events_fired(sim), 2 * EVENTS);
    assert_int_equal(sim->queue.capacity, 64);
    for (uint32_t i = 0; i < EVENTS; i++) {
        sim_event_schedule(sim, ring.events[i], 3 * EVENTS);
    }
    assert_true(sim->queue.capacity >= EVENTS);
    sim_destroy(sim);
}

/* The event that is scheduled gets the slot of the one that has fired, whose old key is replaced
 * with that. */
static void check_handed_on(struct sim *sim, struct ring *ring)
{
    uint32_t fired = ring->at - 1;
    if (fired >= FEW_EVENTS) {
        assert_int_equal(sim->stale, SLOT_NONE);
        assert_int_equal(sim->events[ring->events[fired]].slot,
                         sim->events[ring->events[ring->at]].slot);
    }
    assert_int_equal(sim_event_firing(sim), ring->events[fired]);
    assert_false(sim_event_is_pending(sim, ring->events[fired]));
    assert_int_equal(sim_next_time(sim), sim_now(sim) + 1);
}

static void test_slot_is_handed_on(void **state)
{
    (void)state;
    struct ring ring = {.then = check_handed_on};
    struct sim *sim = start_ring(&ring);
    sim_run(sim, EVENTS - 1);
    assert_int_equal(sim_events_fired(sim), EVENTS - 1);
    assert_int_equal(sim->events[ring.events[FEW_EVENTS]].slot,
                     sim->events[ring.events[EVENTS - 1]].slot);
    sim_destroy(sim);
}

/* Who handed its slot on is scheduled again all the same, once. */
static void schedule_again(struct sim *sim, struct ring *ring)
{
    sim_time turn = FEW_EVENTS + 10;
    if (sim_now(sim) == turn) {
        sim_event own = sim_event_firing(sim);
        sim_event_again(sim, 500);
        assert_int_equal(sim_event_time(sim, own), 500);
        assert_int_equal(sim_event_time(sim, ring->events[ring->at]), turn + 1);
        sim_event_cancel(sim, ring->events[ring->at]);
        assert_int_equal(sim_next_time(sim), 500);
        /* nor is the one before it taken for it, which handed its slot on as well */
        sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
        expect_assert_failure(sim_event_firing(sim));
        sim_assert_set_handler(before);
    }
}

static void test_event_is_scheduled_again_in_another_slot(void **state)
{
    (void)state;
    struct ring ring = {.then = schedule_again};
    struct sim *sim = start_ring(&ring);
    sim_run(sim, 500);
    assert_int_equal(sim_events_fired(sim), FEW_EVENTS + 11);
    assert_true(sim_event_is_pending(sim, ring.events[FEW_EVENTS + 11]));
    sim_destroy(sim);
}

/* A few events keep their slots, whoever is pending; when there are more, those that are not
 * pending give theirs back, but for the first. */
static void test_few_events_keep_their_slots(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    for (uint32_t i = 0; i < FEW_EVENTS; i++) {
        sim_event event = sim_event_create(sim, 0, i, on_nothing, NULL);
        sim_event_schedule(sim, event, i + 1);
    }
    sim_run(sim, 10);
    assert_int_equal(sim->free_slot, SLOT_NONE);
    assert_int_equal(sim->slots[9].event, 9);
    sim_event_create(sim, 0, FEW_EVENTS, on_nothing, NULL);
    assert_int_equal(sim->slots[0].event, 0);
    assert_int_equal(sim->slots[9].event, SIM_EVENT_NONE);
    assert_int_equal(sim->slots[19].event, 19);
    sim_run(sim, 20);
    assert_int_equal(sim->slots[19].event, SIM_EVENT_NONE);
    sim_run(sim, 100);
    assert_int_equal(sim_events_fired(sim), FEW_EVENTS);
    sim_destroy(sim);
}

/* The event that makes them many is created in a handler: its own event is not over. */
static void create_one_more(struct sim *sim, void *owner)
{
    sim_event *more = owner;
    *more = sim_event_create(sim, 0, FEW_EVENTS, on_nothing, NULL);
    assert_int_equal(sim_event_firing(sim), 7);
    sim_event_schedule(sim, *more, 20);
    sim_event_again(sim, 30);
}

static void test_few_events_become_many_in_a_handler(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    sim_event more = SIM_EVENT_NONE;
    for (uint32_t i = 0; i < FEW_EVENTS; i++) {
        sim_event_create(sim, 0, i, i == 7 ? create_one_more : on_nothing, &more);
    }
    sim_event_schedule(sim, 7, 10);
    sim_run(sim, 15);
    assert_int_equal(sim_event_time(sim, more), 20);
    assert_int_equal(sim_event_time(sim, 7), 30);
    assert_int_equal(sim_run(sim, 25), SIM_STOP_HORIZON);
    assert_int_equal(sim_events_fired(sim), 2);
    sim_destroy(sim);
}

/* The first event schedules another one, which has no slot, and itself; its slot stays its own. */
struct first {
    sim_event other;
};

static void on_first(struct sim *sim, void *owner)
{
    const struct first *first = owner;
    sim_event_schedule(sim, first->other, sim_now(sim) + 1);
    assert_int_equal(sim_event_firing(sim), 0);
    assert_true(sim->events[first->other].slot > 0);
    sim_event_again(sim, sim_now(sim) + 5);
    assert_int_equal(sim_event_time(sim, 0), sim_now(sim) + 5);
    assert_int_equal(sim_event_time(sim, first->other), sim_now(sim) + 1);
}

static void check_first(bool is_full)
{
    struct sim *sim = sim_create();
    struct first first;
    sim_event_create(sim, 0, 0, on_first, &first);
    for (uint32_t i = 1; i < EVENTS; i++) {
        sim_event_create(sim, 0, i, on_nothing, NULL);
    }
    first.other = EVENTS - 1;
    sim_event_schedule(sim, 0, 10);
    for (sim_event event = 1; is_full && sim->free_slot != SLOT_NONE; event++) {
        sim_event_schedule(sim, event, 1000);
    }
    sim_run(sim, 11);
    assert_int_equal(sim_events_fired(sim), 2);
    assert_int_equal(sim_event_time(sim, 0), 15);
    assert_int_equal(sim->queue.capacity > 64, is_full);
    sim_destroy(sim);
}

static void test_first_event_does_not_hand_its_slot_on(void **state)
{
    (void)state;
    check_first(false);
    check_first(true);
}

static void note(struct sim *sim, void *owner)
{
    sim_time *when = owner;
    *when = (sim_time)sim_events_fired(sim);
}

/* An event that needed no sequence number comes before one that is created and scheduled behind it,
 * whatever slots they have. */
static void test_order_of_equal_events_is_not_that_of_their_slots(void **state)
{
    (void)state;
    enum { FIRST = FEW_EVENTS, SECOND, THIRD, COUNT };
    struct sim *sim = sim_create();
    sim_time turns[COUNT] = {0};
    sim_event events[COUNT];
    for (uint32_t i = 0; i < THIRD; i++) {
        events[i] = sim_event_create(sim, 0, i, note, &turns[i]);
    }
    sim->sequence = sim->sequence_end;
    sim_event_schedule(sim, events[SECOND], 10); /* numbers start anew, for those that need them */
    sim_event_schedule(sim, events[FIRST], 10);
    sim_event_cancel(sim, events[SECOND]);
    events[THIRD] = sim_event_create(sim, 0, FIRST, note, &turns[THIRD]);
    sim_event_schedule(sim, events[THIRD], 10);
    assert_true(sim->events[events[THIRD]].slot < sim->events[events[FIRST]].slot);
    sim_run(sim, 10);
    assert_int_equal(turns[FIRST], 1);
    assert_int_equal(turns[THIRD], 2);
    sim_destroy(sim);
}

struct pair {
    sim_event own;
    sim_event other;
    sim_time at[3];
    int count;
};

static void on_pair(struct sim *sim, void *owner)
{
    struct pair *pair = owner;
    pair->at[pair->count++] = sim_now(sim);
    if (pair->count == 1) {
        sim_event_schedule(sim, pair->other, 11);
        sim_event_again(sim, 15);
    }
}

/* Who gets the slot of an event that needed no sequence number is not taken for that event. */
static void test_slot_without_a_sequence_number_is_handed_on(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    struct pair pair = {0};
    for (uint32_t i = 0; i <= FEW_EVENTS; i++) {
        pair.own = sim_event_create(sim, 0, i, on_pair, &pair);
    }
    sim->sequence = sim->sequence_end;
    sim_event_schedule(sim, pair.own, 10);
    pair.other = sim_event_create(sim, 0, FEW_EVENTS, on_pair, &pair);
    sim_run(sim, 20);
    assert_int_equal(pair.count, 3);
    assert_int_equal(pair.at[1], 11);
    assert_int_equal(pair.at[2], 15);
    sim_destroy(sim);
}

/* A handler in a full tree hands its slot on, and the tree stays as it is. */
static void test_full_tree_does_not_grow_for_a_slot_that_is_handed_on(void **state)
{
    (void)state;
    struct ring ring = {0};
    struct sim *sim = start_ring(&ring);
    sim_run(sim, FEW_EVENTS + 1); /* slots that the first events had are free now */
    assert_true(sim->free_slot != SLOT_NONE);
    for (uint32_t i = 500; sim->free_slot != SLOT_NONE; i++) {
        sim_event_schedule(sim, ring.events[i], 1000);
    }
    sim_run(sim, 100);
    assert_int_equal(sim_events_fired(sim), 100);
    assert_int_equal(sim->free_slot, SLOT_NONE);
    assert_int_equal(sim->queue.capacity, 64);
    sim_destroy(sim);
}

static void check_audited(void *arg)
{
    struct sim *sim = arg;
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_event_firing(sim));
    sim_assert_set_handler(before);
}

/* Nor is it taken for the event whose handler is running when none is. */
static void test_no_event_is_handled_in_an_audit(void **state)
{
    (void)state;
    struct ring ring = {0};
    struct sim *sim = start_ring(&ring);
    sim_set_audit(sim, check_audited, sim);
    sim_run(sim, 20);
    assert_int_equal(sim_events_fired(sim), 20);
    sim_destroy(sim);
}

/* Keys get another layout, and the tree more memory, while a handler runs whose event has handed
 * its slot on: the instant has got as far as before. */
static void create_more(struct sim *sim, struct ring *ring)
{
    if (sim_now(sim) == 700) {
        sim_event own = sim_event_firing(sim);
        for (uint32_t i = 0; i < 3 * EVENTS; i++) {
            sim_event_create(sim, 2, 100 * EVENTS + i, on_nothing, NULL);
        }
        assert_int_equal(sim_event_firing(sim), own);
        assert_false(sim_event_is_past(sim, own, sim_now(sim)));
        assert_true(sim_event_is_past(sim, ring->events[698], sim_now(sim)));
        assert_false(sim_event_is_past(sim, ring->events[700], sim_now(sim)));
        assert_int_equal(sim_next_time(sim), 701);
        sim_event_again(sim, 702);
    }
}

static void test_slots_stay_when_events_are_created(void **state)
{
    (void)state;
    struct ring ring = {.then = create_more};
    struct sim *sim = start_ring(&ring);
    sim_run(sim, 701);
    assert_int_equal(sim_events_fired(sim), 701);
    assert_int_equal(sim_event_time(sim, ring.events[699]), 702);
    sim_run(sim, 702);
    assert_int_equal(sim_events_fired(sim), 703);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_grows_with_what_is_pending),
        cmocka_unit_test(test_slot_is_handed_on),
        cmocka_unit_test(test_event_is_scheduled_again_in_another_slot),
        cmocka_unit_test(test_few_events_keep_their_slots),
        cmocka_unit_test(test_few_events_become_many_in_a_handler),
        cmocka_unit_test(test_first_event_does_not_hand_its_slot_on),
        cmocka_unit_test(test_order_of_equal_events_is_not_that_of_their_slots),
        cmocka_unit_test(test_slot_without_a_sequence_number_is_handed_on),
        cmocka_unit_test(test_full_tree_does_not_grow_for_a_slot_that_is_handed_on),
        cmocka_unit_test(test_no_event_is_handled_in_an_audit),
        cmocka_unit_test(test_slots_stay_when_events_are_created),
    };
    return cmocka_run_group_tests_name("sim_slots", tests, NULL, NULL);
}
