/*
 * No allocation while events are scheduled, moved and cancelled. Linked with --wrap, so every call
 * to the allocator from the engine comes by here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/dist.h"
#include "sim/engine.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "tests/support/allocations.h"

#define EVENTS 50

struct model {
    struct sim_stream stream;
    sim_event events[EVENTS];
};

/* Schedules, moves and cancels events at random. */
static void on_event(struct sim *sim, void *owner)
{
    struct model *model = owner;
    for (int i = 0; i < 3; i++) {
        sim_event event = model->events[sim_stream_below(&model->stream, EVENTS)];
        sim_event_schedule(sim, event,
                           sim_now(sim) + (sim_time)sim_stream_below(&model->stream, 100));
    }
    sim_event_cancel(sim, model->events[sim_stream_below(&model->stream, EVENTS)]);
}

static void test_a_run_allocates_nothing(void **state)
{
    struct model model;
    struct sim *sim = sim_create();
    assert_true(allocations_so_far().count > 0);
    sim_stream_init_seed(&model.stream, 1);
    for (uint32_t i = 0; i < EVENTS; i++) {
        model.events[i] = sim_event_create(sim, i % 3, i, on_event, &model);
    }
    sim_event_schedule(sim, model.events[0], 0);
    uint64_t before = allocations_so_far().count;
    sim->sequence = sim->sequence_end - 1000 * sim->sequence_step;
    sim_run(sim, 20000);
    assert_true(sim_events_fired(sim) > 1000);
    assert_true(sim->sequence < sim->sequence_end - 1000 * sim->sequence_step);
    assert_int_equal(allocations_so_far().count, before);
    sim_destroy(sim);
}

/* GSL, whose calls do not come by here, would write through NULL where a later one of its four
 * blocks is missing; so as much was to be had just before. */
static void test_table_of_a_distribution_is_asked_for_beforehand(void **state)
{
    static int64_t values[1000];
    static double weights[1000];
    struct sim_dist dist = {
        .kind = SIM_DIST_DISCRETE, .values = values, .weights = weights, .count = 1000};
    struct sim_err err;
    (void)state;
    for (size_t i = 0; i < dist.count; i++) {
        weights[i] = 1;
    }
    struct allocations before = allocations_so_far();
    assert_true(sim_dist_prepare(&dist, &err));
    assert_true(allocations_so_far().bytes - before.bytes >= dist.count * 4 * sizeof(double));
    sim_dist_finish(&dist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_allocates_nothing),
        cmocka_unit_test(test_table_of_a_distribution_is_asked_for_beforehand),
    };
    return cmocka_run_group_tests_name("sim_allocation", tests, NULL, NULL);
}
