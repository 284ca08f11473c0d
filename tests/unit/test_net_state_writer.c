/* A file of channel state and the subtasks that share it (rule CHK-16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/state_writer.h"

/* What was written of a state file. */
struct closing {
    uint32_t count;
    sim_time at;
};

static void note_closing(void *owner, sim_time at)
{
    struct closing *closing = owner;
    closing->count++;
    closing->at = at;
}

/* CHK-16: a file that got nothing is not written, so nobody waits for it. */
static void test_state_file_takes_its_time_only_with_state(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    struct net_state_writer writer;
    struct closing closing = {0};
    struct net_state_member member = {.on_closed = note_closing, .owner = &closing};
    net_state_writer_init(&writer, sim, 1e6, 50 * SIM_MS, 0);
    net_state_writer_join(&writer, &member);
    net_state_begin(&member);
    net_state_add_bytes(&member, 0);
    net_state_complete(&member);
    assert_int_equal(closing.count, 1);
    assert_int_equal(closing.at, 0);
    net_state_begin(&member);
    net_state_add_bytes(&member, 1000);
    net_state_add_bytes(&member, 1000);
    assert_int_equal(member.bytes, 2000);
    net_state_complete(&member);
    assert_int_equal(closing.count, 2);
    assert_int_equal(closing.at, 52 * SIM_MS);
    net_state_writer_finish(&writer);
    sim_destroy(sim);
}

/* CHK-16: the file is closed when the last of its subtasks has handed in all, also one that has
 * nothing and began last. */
static void test_subtasks_of_a_state_file_wait_for_each_other(void **state)
{
    (void)state;
    struct sim *sim = sim_create();
    struct net_state_writer writer;
    struct closing closings[2] = {{0}};
    struct net_state_member members[2];
    net_state_writer_init(&writer, sim, 1e6, 50 * SIM_MS, 0);
    for (uint32_t i = 0; i < 2; i++) {
        members[i] = (struct net_state_member){.on_closed = note_closing, .owner = &closings[i]};
        net_state_writer_join(&writer, &members[i]);
    }
    for (uint32_t round = 1; round <= 2; round++) {
        net_state_begin(&members[0]);
        net_state_add_bytes(&members[0], 1000);
        net_state_complete(&members[0]);
        assert_int_equal(closings[0].count, round - 1);
        net_state_begin(&members[1]);
        net_state_complete(&members[1]);
        assert_int_equal(members[1].bytes, 0);
        assert_int_equal(closings[0].count, round);
        assert_int_equal(closings[1].count, round);
        assert_int_equal(closings[0].at, closings[1].at);
    }
    net_state_writer_finish(&writer);
    sim_destroy(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_file_takes_its_time_only_with_state),
        cmocka_unit_test(test_subtasks_of_a_state_file_wait_for_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
