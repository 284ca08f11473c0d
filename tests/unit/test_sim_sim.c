/*
 * The engine: order, moving and cancelling, the horizon, the trajectory hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/engine.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "tests/support/assert_failure.h"

#define LOG_SIZE 64

struct log {
    int count;
    int who[LOG_SIZE];
    sim_time when[LOG_SIZE];
};

/* An event that writes its name down and then does what `next` says. */
struct actor {
    struct log *log;
    int name;
    sim_event event;
    void (*next)(struct sim *sim, struct actor *actor);
    struct actor *other;
    sim_time at;
};

static void on_event(struct sim *sim, void *owner)
{
    struct actor *actor = owner;
    struct log *log = actor->log;
    assert_true(log->count < LOG_SIZE);
    log->who[log->count] = actor->name;
    log->when[log->count] = sim_now(sim);
    log->count++;
    if (actor->next != NULL) {
        actor->next(sim, actor);
    }
}

static void create(struct sim *sim, struct actor *actor, struct log *log, int name, uint32_t rank,
                   uint32_t entity)
{
    *actor = (struct actor){.log = log, .name = name};
    actor->event = sim_event_create(sim, rank, entity, on_event, actor);
}

static void assert_order(const struct log *log, int count, const int *who)
{
    assert_int_equal(log->count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(log->who[i], who[i]);
    }
}

static void test_events_fire_by_time(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[3];
    for (int i = 0; i < 3; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
    }
    sim_event_schedule(sim, actors[0].event, 30);
    sim_event_schedule(sim, actors[1].event, 10);
    sim_event_schedule(sim, actors[2].event, 20);
    assert_int_equal(sim_next_time(sim), 10);
    assert_int_equal(sim_run(sim, 100), SIM_STOP_EMPTY);
    assert_order(&log, 3, (int[]){1, 2, 0});
    assert_int_equal(log.when[2], 30);
    assert_int_equal(sim_now(sim), 30);
    assert_int_equal(sim_events_fired(sim), 3);
    sim_destroy(sim);
}

static void test_equal_times_fire_by_rank_then_entity_then_first_in(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[6];
    create(sim, &actors[0], &log, 0, 1, 0);
    create(sim, &actors[1], &log, 1, 0, 5);
    create(sim, &actors[2], &log, 2, 0, 5);
    create(sim, &actors[3], &log, 3, 0, 2);
    create(sim, &actors[4], &log, 4, 255, 0);
    create(sim, &actors[5], &log, 5, 254, (1u << 24) - 1);
    for (int i = 5; i >= 0; i--) {
        sim_event_schedule(sim, actors[i].event, 7);
    }
    sim_run(sim, 7);
    /* Entity 5's events were scheduled 2 before 1. */
    assert_order(&log, 6, (int[]){3, 2, 1, 0, 5, 4});
    sim_destroy(sim);
}

static void test_moved_event_goes_behind_equals(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[3];
    for (int i = 0; i < 3; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
        sim_event_schedule(sim, actors[i].event, 5);
    }
    sim_event_schedule(sim, actors[0].event, 5);
    sim_event_schedule(sim, actors[2].event, 4);
    assert_int_equal(sim_event_time(sim, actors[2].event), 4);
    sim_run(sim, 5);
    assert_order(&log, 3, (int[]){2, 1, 0});
    sim_destroy(sim);
}

static void test_cancelled_event_does_not_fire(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    create(sim, &actors[0], &log, 0, 0, 0);
    create(sim, &actors[1], &log, 1, 0, 0);
    sim_event_schedule(sim, actors[0].event, 5);
    sim_event_schedule(sim, actors[1].event, 6);
    assert_true(sim_event_is_pending(sim, actors[0].event));
    sim_event_cancel(sim, actors[0].event);
    assert_false(sim_event_is_pending(sim, actors[0].event));
    assert_int_equal(sim_event_time(sim, actors[0].event), SIM_TIME_MAX);
    sim_event_cancel(sim, actors[0].event);
    assert_int_equal(sim_next_time(sim), 6);
    sim_run(sim, 10);
    assert_order(&log, 1, (int[]){1});
    sim_destroy(sim);
}

static void schedule_other(struct sim *sim, struct actor *actor)
{
    assert_false(sim_event_is_pending(sim, actor->event));
    assert_int_equal(sim_event_time(sim, actor->event), SIM_TIME_MAX);
    sim_event_schedule(sim, actor->other->event, actor->at);
}

static void test_event_for_the_present_fires_next_and_time_does_not_go_back(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor late;
    struct actor early;
    struct actor last;
    create(sim, &early, &log, 0, 0, 0);
    create(sim, &late, &log, 1, 9, 9);
    create(sim, &last, &log, 2, 9, 10);
    late.next = schedule_other;
    late.other = &early;
    late.at = 8;
    sim_event_schedule(sim, late.event, 8);
    sim_event_schedule(sim, last.event, 8);
    sim_run(sim, 20);
    assert_order(&log, 3, (int[]){1, 0, 2});
    assert_int_equal(log.when[1], 8);
    assert_int_equal(log.when[2], 8);
    sim_destroy(sim);
}

static void cancel_other(struct sim *sim, struct actor *actor)
{
    sim_event_cancel(sim, actor->other->event);
}

static void test_handler_may_cancel_another_event_of_the_same_instant(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    create(sim, &actors[0], &log, 0, 0, 0);
    create(sim, &actors[1], &log, 1, 0, 1);
    actors[0].next = cancel_other;
    actors[0].other = &actors[1];
    sim_event_schedule(sim, actors[0].event, 3);
    sim_event_schedule(sim, actors[1].event, 3);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_EMPTY);
    assert_order(&log, 1, (int[]){0});
    sim_destroy(sim);
}

/* Schedules itself, finds itself pending, cancels, and is not pending any more. */
static void schedule_and_cancel_self(struct sim *sim, struct actor *actor)
{
    sim_event_cancel(sim, actor->event);
    sim_event_schedule(sim, actor->event, sim_now(sim) + 1);
    assert_true(sim_event_is_pending(sim, actor->event));
    assert_int_equal(sim_event_time(sim, actor->event), sim_now(sim) + 1);
    assert_int_equal(sim_next_time(sim), sim_now(sim) + 1);
    sim_event_cancel(sim, actor->event);
    assert_false(sim_event_is_pending(sim, actor->event));
    assert_int_equal(sim_next_time(sim), SIM_TIME_MAX);
}

static void test_handler_may_schedule_and_cancel_its_own_event(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actor;
    create(sim, &actor, &log, 0, 0, 0);
    actor.next = schedule_and_cancel_self;
    sim_event_schedule(sim, actor.event, 3);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_EMPTY);
    assert_order(&log, 1, (int[]){0});
    sim_destroy(sim);
}

static void expect_next_time(struct sim *sim, struct actor *actor)
{
    assert_int_equal(sim_next_time(sim), actor->at);
}

static void test_next_time_in_a_handler_leaves_its_own_event_out(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[5];
    for (int i = 0; i < 5; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
        actors[i].next = expect_next_time;
        actors[i].at = i < 4 ? 10 * (i + 2) : SIM_TIME_MAX;
        sim_event_schedule(sim, actors[i].event, 10 * (i + 1));
    }
    sim_run(sim, 100);
    assert_int_equal(log.count, 5);
    sim_destroy(sim);
}

/* Who asks in a handler, of events that come before and after it at the same instant. */
struct asker {
    sim_event earlier;
    sim_event later;
    bool saw_earlier;
    bool saw_later;
    bool saw_itself;
    sim_event own;
};

static void on_ask(struct sim *sim, void *owner)
{
    struct asker *asker = owner;
    asker->saw_earlier = sim_event_is_past(sim, asker->earlier, sim_now(sim));
    asker->saw_later = sim_event_is_past(sim, asker->later, sim_now(sim));
    asker->saw_itself = sim_event_is_past(sim, asker->own, sim_now(sim));
}

static void test_past_is_what_would_have_fired_before(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    struct asker asker = {0};
    create(sim, &actors[0], &log, 0, 3, 1);
    create(sim, &actors[1], &log, 1, 3, 3);
    asker.earlier = actors[0].event;
    asker.later = actors[1].event;
    asker.own = sim_event_create(sim, 3, 2, on_ask, &asker);
    assert_false(sim_event_is_past(sim, asker.own, 0));
    sim_event_schedule(sim, asker.own, 5);
    sim_run(sim, 9);
    assert_true(asker.saw_earlier);
    assert_false(asker.saw_later);
    assert_false(asker.saw_itself);
    /* At a horizon all of its instant has fired; between two events, what is at the clock has not.
     */
    assert_true(sim_event_is_past(sim, asker.later, 5));
    assert_int_equal(sim_now(sim), 5);
    sim_event_schedule(sim, actors[1].event, 12);
    sim_run(sim, 9);
    assert_true(sim_event_is_past(sim, asker.own, 9));
    assert_false(sim_event_is_past(sim, asker.own, 10));
    sim_destroy(sim);
}

static void on_wake_asker(struct sim *sim, void *owner)
{
    sim_event_schedule(sim, *(sim_event *)owner, sim_now(sim));
}

/* An event that is scheduled when its place has gone by fires behind those that were after it: they
 * are past for it, and what comes later still is not. */
static void test_what_has_fired_stays_past_for_an_event_that_is_late(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    struct asker asker = {0};
    create(sim, &actors[0], &log, 0, 3, 1);
    create(sim, &actors[1], &log, 1, 7, 0);
    asker.earlier = actors[0].event;
    asker.later = actors[1].event;
    asker.own = sim_event_create(sim, 2, 0, on_ask, &asker);
    sim_event waker = sim_event_create(sim, 5, 0, on_wake_asker, &asker.own);
    sim_event_schedule(sim, waker, 5);
    sim_run(sim, 9);
    assert_true(asker.saw_earlier);
    assert_false(asker.saw_later);
    /* Not so in the next instant. */
    sim_event_schedule(sim, asker.own, 12);
    sim_run(sim, 19);
    assert_false(asker.saw_earlier);
    sim_destroy(sim);
}

static void test_horizon_is_included_and_the_clock_stands_there(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    create(sim, &actors[0], &log, 0, 0, 0);
    create(sim, &actors[1], &log, 1, 0, 0);
    sim_event_schedule(sim, actors[0].event, 10);
    sim_event_schedule(sim, actors[1].event, 11);
    assert_int_equal(sim_run(sim, 9), SIM_STOP_HORIZON);
    assert_int_equal(sim_now(sim), 9);
    assert_int_equal(log.count, 0);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_HORIZON);
    assert_int_equal(log.count, 1);
    assert_int_equal(sim_now(sim), 10);
    assert_int_equal(sim_run(sim, SIM_TIME_MAX), SIM_STOP_EMPTY);
    assert_int_equal(sim_now(sim), 11);
    assert_int_equal(sim_run(sim, 50), SIM_STOP_EMPTY);
    assert_int_equal(sim_now(sim), 11);
    sim_destroy(sim);
}

static void stop_run(struct sim *sim, struct actor *actor)
{
    sim_stop(sim);
}

static void test_stop_comes_back_after_the_event_and_the_run_goes_on(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    create(sim, &actors[0], &log, 0, 0, 0);
    create(sim, &actors[1], &log, 1, 0, 1);
    actors[0].next = stop_run;
    sim_event_schedule(sim, actors[0].event, 5);
    sim_event_schedule(sim, actors[1].event, 5);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_ASKED);
    assert_int_equal(sim_now(sim), 5);
    assert_int_equal(log.count, 1);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_EMPTY);
    assert_order(&log, 2, (int[]){0, 1});
    sim_destroy(sim);
}

static void count_call(void *arg)
{
    ++*(int *)arg;
}

static void test_audit_runs_after_every_event(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    int calls = 0;
    create(sim, &actors[0], &log, 0, 0, 0);
    create(sim, &actors[1], &log, 1, 0, 0);
    sim_event_schedule(sim, actors[0].event, 1);
    sim_event_schedule(sim, actors[1].event, 2);
    sim_set_audit(sim, count_call, &calls);
    sim_run(sim, 1);
    assert_int_equal(calls, 1);
    sim_set_audit(sim, NULL, NULL);
    sim_run(sim, 2);
    assert_int_equal(calls, 1);
    sim_destroy(sim);
}

static void test_misuse_is_an_assertion(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actor;
    create(sim, &actor, &log, 0, 0, 0);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    sim_event_schedule(sim, actor.event, 10);
    sim_run(sim, 20);
    expect_assert_failure(sim_event_schedule(sim, actor.event, 9));
    expect_assert_failure(sim_event_schedule(sim, actor.event, SIM_TIME_MAX));
    expect_assert_failure(sim_event_schedule(sim, actor.event + 1, 30));
    expect_assert_failure(sim_event_create(sim, 256, 0, on_event, &actor));
    expect_assert_failure(sim_event_create(sim, 0, 1u << 24, on_event, &actor));
    expect_assert_failure(sim_run(sim, 9));
    sim_assert_set_handler(before);
    sim_destroy(sim);
}

static void test_sequence_numbers_start_anew_before_they_run_out(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[8];
    for (int i = 0; i < 8; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
    }
    sim->sequence = sim->sequence_end - 5 * sim->sequence_step;
    for (int i = 0; i < 8; i++) {
        sim_event_schedule(sim, actors[i].event, 5);
    }
    assert_true(sim->sequence < 20 * sim->sequence_step);
    /* What was moved after the change goes behind what was there before it. */
    sim_event_schedule(sim, actors[3].event, 5);
    sim_run(sim, 5);
    assert_order(&log, 8, (int[]){0, 1, 2, 4, 5, 6, 7, 3});
    sim_destroy(sim);
}

static void wrap_and_schedule(struct sim *sim, struct actor *actor)
{
    sim->sequence = sim->sequence_end;
    sim_event_schedule(sim, actor->other->event, sim_now(sim));
    assert_false(sim_event_is_pending(sim, actor->event));
}

static void test_sequence_numbers_may_run_out_in_a_handler(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[3];
    for (int i = 0; i < 3; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
    }
    actors[0].next = wrap_and_schedule;
    actors[0].other = &actors[2];
    sim_event_schedule(sim, actors[0].event, 5);
    sim_event_schedule(sim, actors[1].event, 5);
    assert_int_equal(sim_run(sim, 5), SIM_STOP_EMPTY);
    assert_order(&log, 3, (int[]){0, 1, 2});
    sim_destroy(sim);
}

/* The same operations on a plain list. */
struct reference {
    bool is_pending;
    sim_time at;
    uint32_t rank;
    uint32_t entity;
    uint64_t sequence;
};

static bool is_before(const struct reference *a, const struct reference *b)
{
    if (a->at != b->at) {
        return a->at < b->at;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank;
    }
    if (a->entity != b->entity) {
        return a->entity < b->entity;
    }
    return a->sequence < b->sequence;
}

static int first_of(const struct reference *list, int count)
{
    int first = -1;
    for (int i = 0; i < count; i++) {
        if (list[i].is_pending && (first < 0 || is_before(&list[i], &list[first]))) {
            first = i;
        }
    }
    return first;
}

static void check_firing(struct sim *sim, struct actor *actor)
{
    assert_int_equal(sim_event_firing(sim), actor->event);
}

/* What random operations are done to. */
struct random_case {
    int events;
    uint32_t ranks;
    uint32_t entities;
    int steps;
};

#define RANDOM_EVENTS 3000

static void check_random_operations(const struct random_case *params)
{
    static struct actor actors[RANDOM_EVENTS];
    static struct reference list[RANDOM_EVENTS];
    const int count = params->events;
    struct sim *sim = sim_create();
    struct log log = {0};
    struct sim_stream stream;
    uint64_t sequence = 0;
    sim_stream_init_seed(&stream, 5);
    for (int i = 0; i < count; i++) {
        list[i] = (struct reference){
            .rank = (uint32_t)sim_stream_below(&stream, params->ranks),
            .entity = (uint32_t)sim_stream_below(&stream, params->entities),
        };
        create(sim, &actors[i], &log, i, list[i].rank, list[i].entity);
        actors[i].next = stop_run;
    }
    for (int step = 0; step < params->steps; step++) {
        int which = (int)sim_stream_below(&stream, (uint64_t)count);
        /* Later than all before, and soon at the end. */
        sim->sequence = step % 97 == 0 ? sim->sequence_end - 3 * sim->sequence_step : sim->sequence;
        uint64_t choice = sim_stream_below(&stream, 4);
        int first = first_of(list, count);
        if (choice < 2) {
            list[which].at = sim_now(sim) + (sim_time)sim_stream_below(&stream, 5);
            list[which].is_pending = true;
            list[which].sequence = sequence++;
            sim_event_schedule(sim, actors[which].event, list[which].at);
        } else if (choice == 2 && which % 2 == 0) {
            list[which].is_pending = false;
            sim_event_cancel(sim, actors[which].event);
        } else if (first >= 0) {
            log.count = 0;
            assert_int_equal(sim_next_time(sim), list[first].at);
            assert_int_equal(sim_run(sim, SIM_TIME_MAX), SIM_STOP_ASKED);
            assert_int_equal(log.who[0], first);
            assert_int_equal(sim_now(sim), list[first].at);
            list[first].is_pending = false;
        }
    }
    assert_true(sequence > (uint64_t)params->steps * 2 / 5);
    sim_destroy(sim);
}

/* Few events that nearly all share rank and entity with another; many that nearly none does; the
 * largest ranks and entities, which leave sequence numbers the fewest bits. */
static void test_random_operations_agree_with_a_plain_list(void **state)
{
    check_random_operations(&(struct random_case){3, 1, 1, 5000});
    check_random_operations(&(struct random_case){37, 3, 4, 20000});
    check_random_operations(&(struct random_case){37, 3, 40, 20000});
    check_random_operations(&(struct random_case){300, 256, 1 << 24, 20000});
    check_random_operations(&(struct random_case){RANDOM_EVENTS, 2, 1000, 10000});
}

/* ---- the same in handlers ---- */

#define ACTIVE_EVENTS 150

struct active_case {
    struct sim_stream stream;
    struct reference list[ACTIVE_EVENTS];
    struct actor actors[ACTIVE_EVENTS];
    uint64_t sequence;
    int count; /* events */
    int left;
};

static void schedule_both(struct sim *sim, struct active_case *active, int which, bool is_again)
{
    sim_time at = sim_now(sim) + (sim_time)sim_stream_below(&active->stream, 4);
    active->list[which].at = at;
    active->list[which].is_pending = true;
    active->list[which].sequence = active->sequence++;
    if (is_again) {
        sim_event_again(sim, at);
    } else {
        sim_event_schedule(sim, active->actors[which].event, at);
    }
}

/* Do some random things, the event's own among them, and look at everything after each. */
static void on_active(struct sim *sim, void *owner)
{
    struct active_case *active = owner;
    int own = (int)sim_event_firing(sim);
    int first = first_of(active->list, active->count);
    bool is_over = false; /* it was scheduled anew */
    assert_int_equal(own, first);
    assert_int_equal(sim_now(sim), active->list[own].at);
    active->list[own].is_pending = false;
    for (uint64_t count = sim_stream_below(&active->stream, 5); count > 0; count--) {
        int which = (int)sim_stream_below(&active->stream, (uint64_t)active->count);
        uint64_t choice = sim_stream_below(&active->stream, 4);
        if (choice == 0) {
            sim_event_cancel(sim, active->actors[which].event);
            active->list[which].is_pending = false;
        } else if (choice == 1 && !is_over) {
            assert_int_equal(sim_event_firing(sim), own);
            schedule_both(sim, active, own, true);
            is_over = true;
        } else {
            schedule_both(sim, active, which, false);
            is_over = is_over || which == own;
        }
        for (int i = 0; i < active->count; i++) {
            const struct reference *item = &active->list[i];
            assert_int_equal(sim_event_time(sim, active->actors[i].event),
                             item->is_pending ? item->at : SIM_TIME_MAX);
        }
        first = first_of(active->list, active->count);
        assert_int_equal(sim_next_time(sim), first < 0 ? SIM_TIME_MAX : active->list[first].at);
    }
    uint64_t soon_over = sim->sequence_end - 2 * sim->sequence_step;
    bool is_raised = sim->sequence < soon_over && sim_stream_below(&active->stream, 10) == 0;
    sim->sequence = is_raised ? soon_over : sim->sequence;
    if (--active->left == 0) {
        sim_stop(sim);
    }
}

static void check_handlers(uint64_t seed, int count, uint32_t ranks, uint32_t entities)
{
    static struct active_case active;
    struct sim *sim = sim_create();
    active = (struct active_case){.count = count, .left = 3000};
    sim_stream_init_seed(&active.stream, seed);
    for (int i = 0; i < count; i++) {
        uint32_t rank = (uint32_t)sim_stream_below(&active.stream, ranks);
        uint32_t entity = (uint32_t)sim_stream_below(&active.stream, entities);
        active.list[i] = (struct reference){.rank = rank, .entity = entity};
        active.actors[i].event = sim_event_create(sim, rank, entity, on_active, &active);
    }
    while (active.left > 0) {
        schedule_both(sim, &active, (int)sim_stream_below(&active.stream, (uint64_t)count), false);
        sim_run(sim, SIM_TIME_MAX);
    }
    sim_destroy(sim);
}

static void test_random_operations_in_handlers_agree_with_a_plain_list(void **state)
{
    check_handlers(1, 40, 1, 1);
    check_handlers(2, 40, 3, 4);
    check_handlers(3, 40, 2, 1000);
    check_handlers(4, ACTIVE_EVENTS, 3, 4);
    check_handlers(5, ACTIVE_EVENTS, 2, 1000);
}

static void schedule_before_and_again(struct sim *sim, struct actor *actor)
{
    if (sim_now(sim) < actor->at) {
        sim_event_schedule(sim, actor->other->event, sim_now(sim));
        sim_event_again(sim, sim_now(sim) + 1);
        assert_true(sim_event_is_pending(sim, actor->event));
    }
}

/* What comes before the event that is handled takes its place at the root of the queue; it is
 * scheduled anew all the same. */
static void test_event_is_scheduled_again_behind_a_late_one(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[2];
    create(sim, &actors[0], &log, 0, 1, 0);
    create(sim, &actors[1], &log, 1, 0, 0);
    actors[0].next = schedule_before_and_again;
    actors[0].other = &actors[1];
    actors[0].at = 7;
    sim_event_schedule(sim, actors[0].event, 5);
    assert_int_equal(sim_run(sim, 10), SIM_STOP_EMPTY);
    assert_order(&log, 5, (int[]){0, 1, 0, 1, 0});
    assert_int_equal(log.when[4], 7);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_event_again(sim, 10));
    sim_assert_set_handler(before);
    sim_destroy(sim);
}

/* Sequence numbers that ran out once go to those alone that need them, until there are others. */
static void test_events_of_their_own_rank_and_entity_take_no_sequence_numbers(void **state)
{
    static const uint32_t entities[] = {7, 1, 7, 2, 3};
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[6];
    for (int i = 0; i < 5; i++) {
        create(sim, &actors[i], &log, i, 0, entities[i]);
    }
    sim->sequence = sim->sequence_end;
    sim_event_schedule(sim, actors[1].event, 5);
    for (int i = 0; i < 5; i++) {
        uint64_t before = sim->sequence;
        sim_event_schedule(sim, actors[i].event, 5);
        assert_int_equal(sim->sequence != before, entities[i] == 7);
    }
    create(sim, &actors[5], &log, 5, 0, 3);
    sim_event_schedule(sim, actors[5].event, 5);
    sim_event_schedule(sim, actors[4].event, 5);
    sim_run(sim, 5);
    assert_order(&log, 6, (int[]){1, 3, 5, 4, 0, 2});
    sim_destroy(sim);
}

static void test_firing_event_is_told(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actor;
    create(sim, &actor, &log, 0, 0, 0);
    actor.next = check_firing;
    sim_event_schedule(sim, actor.event, 3);
    sim_run(sim, 5);
    assert_int_equal(log.count, 1);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_event_firing(sim));
    sim_assert_set_handler(before);
    sim_destroy(sim);
}

static void test_events_created_while_others_are_pending_keep_them(void **state)
{
    struct sim *sim = sim_create();
    struct log log = {0};
    struct actor actors[LOG_SIZE];
    for (int i = 0; i < LOG_SIZE; i++) {
        create(sim, &actors[i], &log, i, 0, 0);
        sim_event_schedule(sim, actors[i].event, LOG_SIZE - i);
    }
    assert_int_equal(sim_run(sim, LOG_SIZE), SIM_STOP_EMPTY);
    for (int i = 0; i < LOG_SIZE; i++) {
        assert_int_equal(log.who[i], LOG_SIZE - 1 - i);
    }
    sim_destroy(sim);
}

static uint64_t hash_of(uint32_t what, uint32_t who, uint64_t value, sim_time now)
{
    struct sim *sim = sim_create();
    sim->now = now;
    sim_trace(sim, what, who, value);
    sim_trace(sim, 1, 2, 3);
    uint64_t hash = sim_trace_hash(sim);
    sim_destroy(sim);
    return hash;
}

static void test_trace_hash_depends_on_every_part_and_the_order(void **state)
{
    uint64_t hash = hash_of(1, 2, 4, 5);
    assert_true(hash == hash_of(1, 2, 4, 5));
    assert_true(hash != hash_of(0, 2, 4, 5));
    assert_true(hash != hash_of(1, 0, 4, 5));
    assert_true(hash != hash_of(2, 1, 4, 5));
    assert_true(hash != hash_of(1, 2, 0, 5));
    assert_true(hash != hash_of(1, 2, 5, 4));
    assert_true(hash != hash_of(1, 2, 4, 0));
}

/* Every bit of what is traced reaches both halves of the hash. */
static void test_trace_hash_spreads_every_bit(void **state)
{
    uint64_t hash = hash_of(1, 2, 4, 5);
    for (int bit = 0; bit < 63; bit++) {
        uint64_t flip = (uint64_t)1 << bit;
        uint64_t by_value = hash ^ hash_of(1, 2, 4 ^ flip, 5);
        uint64_t by_time = hash ^ hash_of(1, 2, 4, 5 ^ (sim_time)flip);
        assert_true((uint32_t)by_value != 0 && by_value >> 32 != 0);
        assert_true((uint32_t)by_time != 0 && by_time >> 32 != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_fire_by_time),
        cmocka_unit_test(test_equal_times_fire_by_rank_then_entity_then_first_in),
        cmocka_unit_test(test_moved_event_goes_behind_equals),
        cmocka_unit_test(test_cancelled_event_does_not_fire),
        cmocka_unit_test(test_event_for_the_present_fires_next_and_time_does_not_go_back),
        cmocka_unit_test(test_handler_may_cancel_another_event_of_the_same_instant),
        cmocka_unit_test(test_handler_may_schedule_and_cancel_its_own_event),
        cmocka_unit_test(test_next_time_in_a_handler_leaves_its_own_event_out),
        cmocka_unit_test(test_past_is_what_would_have_fired_before),
        cmocka_unit_test(test_what_has_fired_stays_past_for_an_event_that_is_late),
        cmocka_unit_test(test_horizon_is_included_and_the_clock_stands_there),
        cmocka_unit_test(test_stop_comes_back_after_the_event_and_the_run_goes_on),
        cmocka_unit_test(test_audit_runs_after_every_event),
        cmocka_unit_test(test_misuse_is_an_assertion),
        cmocka_unit_test(test_sequence_numbers_start_anew_before_they_run_out),
        cmocka_unit_test(test_sequence_numbers_may_run_out_in_a_handler),
        cmocka_unit_test(test_random_operations_agree_with_a_plain_list),
        cmocka_unit_test(test_random_operations_in_handlers_agree_with_a_plain_list),
        cmocka_unit_test(test_event_is_scheduled_again_behind_a_late_one),
        cmocka_unit_test(test_events_of_their_own_rank_and_entity_take_no_sequence_numbers),
        cmocka_unit_test(test_firing_event_is_told),
        cmocka_unit_test(test_events_created_while_others_are_pending_keep_them),
        cmocka_unit_test(test_trace_hash_depends_on_every_part_and_the_order),
        cmocka_unit_test(test_trace_hash_spreads_every_bit),
    };
    return cmocka_run_group_tests_name("sim_sim", tests, NULL, NULL);
}
