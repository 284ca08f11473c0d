/*
 * The defaults of both versions, and of the machine. Those of Flink 2.2 are held to a recorded
 * table elsewhere (tests/fidelity/test_sizing_tables.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/config.h"
#include "models/spec.h"
#include "sim/time.h"

/* CFG-1, VER */
static void test_the_versions_differ_in_overdraft_and_in_the_first_size_of_debloating(void **state)
{
    (void)state;
    struct net_config old;
    struct net_config new;
    net_config_init(&old, NET_FLINK_1_20);
    net_config_init(&new, NET_FLINK_2_2);
    assert_int_equal(old.max_overdraft_per_gate, 5);
    assert_int_equal(new.max_overdraft_per_gate, 20);
    assert_int_equal(old.memory.starting_segment_size, NET_UNSET);
    assert_int_equal(new.memory.starting_segment_size, 1024);
    assert_int_equal(old.buffers_per_channel, new.buffers_per_channel);
    assert_int_equal(old.floating_buffers_per_gate, new.floating_buffers_per_gate);
    assert_int_equal(old.max_buffers_per_channel, new.max_buffers_per_channel);
}

/* CFG-1, CFG-4, MEM-1 */
static void test_what_nobody_sets_has_flinks_default(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_1_20);
    assert_int_equal(config.buffers_per_channel, 2);
    assert_int_equal(config.floating_buffers_per_gate, 8);
    assert_int_equal(config.max_buffers_per_channel, 10);
    assert_int_equal(config.buffer_timeout, 100 * SIM_MS);
    assert_int_equal(config.request_timeout, 30 * SIM_S);
    assert_int_equal(config.tcp_connections, 1);
    assert_int_equal(config.transport, NET_TRANSPORT_CREDIT);
    assert_int_equal(config.debloat_period, 200 * SIM_MS);
    assert_int_equal(config.debloat_target, 1 * SIM_S);
    assert_int_equal(config.debloat_samples, 20);
    assert_int_equal(config.debloat_threshold_percent, 25);
    assert_false(config.has_debloating || config.is_unaligned || config.has_detailed_metrics);
    assert_int_equal(config.checkpoint_interval, 0);
    assert_int_equal(config.aligned_timeout, 0);
    assert_int_equal(config.memory.process_size, INT64_C(1728) << 20);
    assert_int_equal(config.memory.flink_size, NET_UNSET);
    assert_int_equal(config.memory.number_of_buffers, NET_UNSET);
    assert_int_equal(config.memory.segment_size, 32768);
    assert_int_equal(config.memory.network_max, INT64_MAX);
}

static void test_a_machine_adds_what_was_measured_once(void **state)
{
    (void)state;
    struct net_machine_spec machine;
    net_machine_init(&machine);
    assert_int_equal(machine.wakeup, 120 * SIM_US);
    assert_int_equal(machine.timer_lateness, 110 * SIM_US);
    assert_int_equal(machine.handover, 90 * SIM_US);
    assert_int_equal(machine.record_cpu, 1500);
    assert_int_equal(machine.source_delay, 40 * SIM_MS);
    assert_int_equal(machine.operator_delay, 20 * SIM_MS);
    assert_int_equal(machine.connection_delay, 100 * SIM_MS);
    assert_int_equal(machine.channel_delay, 20 * SIM_MS);
    assert_true(machine.jitter == 1.0);
    assert_int_equal(machine.checkpoint_rpc, 4 * SIM_MS);
    assert_int_equal(machine.barrier_delay, 3 * SIM_MS);
    assert_int_equal(machine.state_latency, 4 * SIM_MS);
    assert_int_equal(machine.phase_spread, 30 * SIM_MS);
    assert_int_equal(machine.socket_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_versions_differ_in_overdraft_and_in_the_first_size_of_debloating),
        cmocka_unit_test(test_what_nobody_sets_has_flinks_default),
        cmocka_unit_test(test_a_machine_adds_what_was_measured_once),
    };
    return cmocka_run_group_tests_name("net_config", tests, NULL, NULL);
}
