/*
 * Scheduling again where sequence numbers start anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/engine.h"
#include "tests/support/assert_failure.h"

struct renumbered_case {
    sim_event other;
    bool was_refused;
};

static void on_nothing(struct sim *sim, void *owner)
{
    (void)sim;
    (void)owner;
}

/* Number the pending events anew, come to the own number of before, and schedule twice. */
static void on_renumbered(struct sim *sim, void *owner)
{
    struct renumbered_case *renumbered = owner;
    if (sim_events_fired(sim) < 50) {
        sim_event_again(sim, sim_now(sim) + 1);
        return;
    }
    uint64_t own = sim->place & ~sim->place_mask;
    sim->sequence = sim->sequence_end;
    sim_event_schedule(sim, renumbered->other, sim_now(sim) + 50);
    sim_event_create(sim, 0, 0, on_nothing, NULL);
    assert_true(sim->sequence < own);
    while (sim->sequence < own) {
        sim_event_schedule(sim, renumbered->other, sim_now(sim) + 50);
    }
    sim_event_again(sim, sim_now(sim) + 1);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(sim_event_again(sim, sim_now(sim) + 2));
    sim_assert_set_handler(before);
    renumbered->was_refused = true;
    sim_stop(sim);
}

/* Also where its new sequence number is its old one. */
static void test_event_is_not_scheduled_again_twice(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    struct renumbered_case renumbered = {0};
    sim_event own = sim_event_create(sim, 0, 0, on_renumbered, &renumbered);
    renumbered.other = sim_event_create(sim, 0, 0, on_nothing, NULL);
    sim_event_schedule(sim, own, 1);
    assert_int_equal(sim_run(sim, 1000), SIM_STOP_ASKED);
    assert_true(renumbered.was_refused);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_is_not_scheduled_again_twice),
    };
    return cmocka_run_group_tests_name("sim_again", tests, NULL, NULL);
}
