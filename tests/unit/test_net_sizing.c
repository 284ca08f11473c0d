/*
 * Sizes of pools: the worked examples of SIZ 4.1 and 4.2, GT-7 and the two versions. The tables of
 * the fidelity tests cover the wide ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/config.h"
#include "models/sizing.h"

static struct net_gate_size gate(const struct net_config *config, int64_t channels)
{
    struct net_gate_size size = {0};
    assert_true(net_size_gate(config, NULL, NET_TYPE_PIPELINED_BOUNDED, channels, &size, NULL));
    return size;
}

static struct net_partition_size partition(const struct net_config *config, int64_t subpartitions)
{
    struct net_partition_size size;
    net_size_partition(config, NULL, NET_TYPE_PIPELINED_BOUNDED, subpartitions, &size);
    return size;
}

/* SIZ-2, SIZ-4 */
static void test_the_articles_numbers_are_what_flink_allots(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_1_20);
    config.buffers_per_channel = 32;
    config.floating_buffers_per_gate = 64;
    struct net_gate_size in = gate(&config, 4);
    assert_int_equal(in.required, 129);
    assert_int_equal(in.configured, 192);
    assert_int_equal(in.exclusive_per_channel, 32);
    assert_int_equal(in.floating_min, 1);
    assert_int_equal(in.floating_max, 64);
    struct net_partition_size out = partition(&config, 4);
    assert_int_equal(out.required, 5);
    assert_int_equal(out.max, 192);
    assert_int_equal(out.max_per_subpartition, 10);
    assert_int_equal(out.max_overdraft, 5);
}

/* SIZ-2, SIZ-4, VER */
static void test_the_constants_of_2_2_give_its_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t channels, required, max, exclusive, gate_required, configured;
    } rows[] = {{4, 5, 16, 8, 9, 16}, {32, 33, 72, 64, 65, 72}, {100, 101, 208, 200, 201, 208}};
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_partition_size out = partition(&config, rows[i].channels);
        assert_int_equal(out.required, rows[i].required);
        assert_int_equal(out.max, rows[i].max);
        assert_int_equal(out.max_overdraft, 20);
        struct net_gate_size in = gate(&config, rows[i].channels);
        assert_int_equal(in.exclusive_per_channel * rows[i].channels, rows[i].exclusive);
        assert_int_equal(in.required, rows[i].gate_required);
        assert_int_equal(in.configured, rows[i].configured);
        assert_int_equal(in.floating_min, 1);
        assert_int_equal(in.floating_max, 8);
    }
}

/* GT-7 */
static void test_a_limit_on_required_buffers_moves_exclusive_ones_to_the_pool(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_1_20);
    config.required_per_gate_max = 5;
    struct net_gate_size size = gate(&config, 4);
    assert_int_equal(size.required, 5);
    assert_int_equal(size.exclusive_per_channel, 1);
    assert_int_equal(size.floating_min, 1);
    assert_int_equal(size.floating_max, 12);
    config.required_per_gate_max = 3;
    size = gate(&config, 4);
    assert_int_equal(size.exclusive_per_channel, 0);
    assert_int_equal(size.floating_min, 3);
    assert_int_equal(size.floating_max, 16);
}

/* SIZ-4 */
static void test_a_gate_that_requires_nothing_is_refused(void **state)
{
    (void)state;
    struct net_config config;
    struct net_gate_size size = {.required = 77};
    struct sim_err err = {0};
    net_config_init(&config, NET_FLINK_1_20);
    config.required_per_gate_max = 0;
    assert_false(net_size_gate(&config, NULL, NET_TYPE_PIPELINED_BOUNDED, 4, &size, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_string_equal(err.text, "Require at least 1 buffer per gate.");
    assert_string_equal(err.file, "IllegalArgumentException");
    assert_int_equal(size.required, 77);
    config.required_per_gate_max = NET_UNSET;
    config.floating_buffers_per_gate = 0;
    assert_false(net_size_gate(&config, NULL, NET_TYPE_PIPELINED_BOUNDED, 4, &size, &err));
    assert_string_equal(err.text, "Wrong number of floating buffers.");
    assert_string_equal(err.file, "IllegalStateException");
}

/* SIZ-3 */
static void test_without_exclusive_buffers_every_subpartition_can_own_one(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_1_20);
    config.buffers_per_channel = 0;
    config.floating_buffers_per_gate = 2;
    assert_int_equal(partition(&config, 8).required, 9);
    assert_int_equal(partition(&config, 8).max, 9);
    assert_int_equal(gate(&config, 8).exclusive_per_channel, 0);
    assert_int_equal(gate(&config, 8).floating_max, 2);
}

/* SIZ-5 */
static void test_only_pipelined_partitions_get_overdraft(void **state)
{
    (void)state;
    struct net_config config;
    struct net_batch_config batch;
    net_config_init(&config, NET_FLINK_2_2);
    net_batch_config_init(&batch);
    for (int type = NET_TYPE_BLOCKING; type <= NET_TYPE_HYBRID_SELECTIVE; type++) {
        struct net_partition_size size;
        net_size_partition(&config, &batch, (enum net_partition_type)type, 4, &size);
        bool is_pipelined = type == NET_TYPE_PIPELINED || type == NET_TYPE_PIPELINED_BOUNDED;
        assert_int_equal(size.max_overdraft, is_pipelined ? 20 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_articles_numbers_are_what_flink_allots),
        cmocka_unit_test(test_the_constants_of_2_2_give_its_numbers),
        cmocka_unit_test(test_a_limit_on_required_buffers_moves_exclusive_ones_to_the_pool),
        cmocka_unit_test(test_a_gate_that_requires_nothing_is_refused),
        cmocka_unit_test(test_without_exclusive_buffers_every_subpartition_can_own_one),
        cmocka_unit_test(test_only_pipelined_partitions_get_overdraft),
    };
    return cmocka_run_group_tests_name("net_sizing", tests, NULL, NULL);
}
