/*
 * Memory to segments: the worked values, the branches that the recorded tables do not reach (mini
 * cluster, number of buffers, segment size) and the rounding alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/config.h"
#include "models/memory.h"

#define MEBI (INT64_C(1) << 20)

static struct net_memory derive(const struct net_config *config)
{
    struct net_memory memory = {0};
    struct sim_err err = {0};
    if (!net_memory_derive(config, &memory, &err)) {
        fail_msg("%s", err.text);
    }
    return memory;
}

static void assert_refused(const struct net_config *config, const char *exception,
                           const char *message)
{
    struct net_memory memory = {.segments = 7};
    struct sim_err err = {0};
    assert_false(net_memory_derive(config, &memory, &err));
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_string_equal(err.file, exception);
    assert_string_equal(err.text, message);
    assert_int_equal(memory.segments, 7);
}

/* MEM-3, MEM-4, MEM-6, MEM-9, MEM-12 */
static void test_worked_values_come_out_to_the_byte(void **state)
{
    (void)state;
    static const struct {
        int64_t process_mebi, flink_mebi, flink, network, segments;
    } rows[] = {
        {1728, 0, 1342177280, 134217730, 4096},     {2048, 0, 1664299824, 166429984, 5079},
        {4096, 0, 3597035104, 359703515, 10977},    {8192, 0, 7462505664, 746250577, 22773},
        {16384, 0, 15837691904, 1583769214, 48332}, {0, 1024, 1073741824, 107374184, 3276},
        {0, 2048, 2147483648, 214748368, 6553},     {0, 4096, 4294967296, 429496736, 13107},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_config config;
        net_config_init(&config, NET_FLINK_1_20);
        config.memory.process_size =
            rows[i].process_mebi == 0 ? NET_UNSET : rows[i].process_mebi * MEBI;
        config.memory.flink_size = rows[i].flink_mebi == 0 ? NET_UNSET : rows[i].flink_mebi * MEBI;
        struct net_memory memory = derive(&config);
        assert_int_equal(memory.flink, rows[i].flink);
        assert_int_equal(memory.network, rows[i].network);
        assert_int_equal(memory.segments, rows[i].segments);
        assert_int_equal(memory.network_bound, NET_BOUND_FRACTION);
    }
}

/* MEM-4 */
static void test_the_bound_that_acts_is_named(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.network_min = config.memory.network_max = 200 * MEBI;
    config.memory.network_max += 1;
    assert_int_equal(derive(&config).network_bound, NET_BOUND_MIN);
    assert_int_equal(derive(&config).segments, 6400);
    config.memory.network_min = 0;
    config.memory.network_max = 100 * MEBI;
    assert_int_equal(derive(&config).network_bound, NET_BOUND_MAX);
    assert_int_equal(derive(&config).segments, 3200);
    config.memory.task_heap_size = 458227709; /* leaves exactly what network_max allows */
    assert_int_equal(derive(&config).network_bound, NET_BOUND_REST);
    config.memory.jvm_overhead_min = 300 * MEBI;
    config.memory.task_heap_size = NET_UNSET;
    assert_int_equal(derive(&config).overhead_bound, NET_BOUND_MIN);
}

static void test_a_process_may_be_as_small_as_its_parts(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.flink_size = 1024 * MEBI;
    config.memory.process_size = (1024 + 256) * MEBI;
    config.memory.jvm_overhead_min = 0;
    assert_int_equal(derive(&config).overhead, 0);
    assert_int_equal(derive(&config).overhead_bound, NET_BOUND_REST);
    config.memory.process_size--;
    assert_refused(&config, "IllegalConfigurationException",
                   "TaskManager memory configuration failed: The configured Total Process Memory "
                   "size (1.250gb (1342177279 bytes)) is less than the sum of the derived Total "
                   "Flink Memory size (1024.000mb (1073741824 bytes)) and the configured or "
                   "default JVM Metaspace size  (256.000mb (268435456 bytes)).");
}

/* MEM-10 */
static void test_a_mini_cluster_has_64_mebibytes_unless_told(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.is_local_execution = true;
    assert_int_equal(derive(&config).segments, 2048);
    assert_int_equal(derive(&config).network_bound, NET_BOUND_LOCAL);
    config.memory.network_max = 1 * MEBI;
    config.memory.network_max_is_set = true;
    assert_int_equal(derive(&config).segments, 32);
    config.memory.network_min = 2 * MEBI + 1;
    config.memory.network_min_is_set = true;
    assert_refused(&config, "IllegalConfigurationException",
                   "The network memory min (2097153 bytes) and max (1 mb) mismatch, the network "
                   "memory has to be resolved and set to a fixed value before task executor "
                   "starts");
    config.memory.network_max_is_set = false;
    assert_int_equal(derive(&config).network, 2 * MEBI + 1);
}

/* CFG-2 */
static void test_the_number_of_buffers_counts_in_1_20_alone_and_only_by_itself(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_1_20);
    config.memory.number_of_buffers = 100;
    assert_int_equal(derive(&config).segments, 100);
    assert_int_equal(derive(&config).network, 3276800);
    assert_int_equal(derive(&config).network_bound, NET_BOUND_COUNT);
    config.memory.network_min_is_set = true;
    assert_int_equal(derive(&config).segments, 4096);
    config.memory.network_min_is_set = false;
    config.memory.network_max_is_set = true;
    assert_int_equal(derive(&config).segments, 4096);
    config.memory.network_max_is_set = false;
    config.memory.network_fraction_is_set = true;
    assert_int_equal(derive(&config).segments, 4096);
    config.memory.network_fraction_is_set = false;
    config.version = NET_FLINK_2_2;
    assert_int_equal(derive(&config).segments, 4096);
}

/* MEM-8 */
static void test_segment_sizes_that_flink_refuses_are_refused(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.segment_size = 2048;
    assert_refused(&config, "IllegalConfigurationException",
                   "Invalid configuration value for taskmanager.memory.segment-size : 2048 - "
                   "Minimum memory segment size is 4096");
    config.memory.segment_size = 5000;
    assert_refused(&config, "IllegalConfigurationException",
                   "Invalid configuration value for taskmanager.memory.segment-size : 5000 - "
                   "Memory segment size must be a power of 2.");
    config.memory.segment_size = 4096;
    assert_int_equal(derive(&config).segments, 32768);
}

/* MEM-9 */
static void test_more_segments_than_an_int_holds_are_refused(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.segment_size = 4096;
    config.memory.is_local_execution = true;
    config.memory.network_min_is_set = true;
    config.memory.network_min = INT64_C(4096) * INT32_MAX + 4095;
    assert_int_equal(derive(&config).segments, INT32_MAX);
    config.memory.network_min++;
    assert_refused(&config, "IllegalArgumentException",
                   "The given number of memory bytes (8796093022208) corresponds to more than "
                   "MAX_INT pages.");
}

/* MEM-2 */
static void test_without_any_size_nothing_can_be_derived(void **state)
{
    (void)state;
    struct net_config config;
    struct net_memory memory;
    struct sim_err err = {0};
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.process_size = NET_UNSET;
    assert_false(net_memory_derive(&config, &memory, &err));
    assert_string_equal(err.file, "IllegalConfigurationException");
}

/* MEM-7 */
static void test_fractions_outside_0_to_1_are_refused_with_javas_spelling(void **state)
{
    (void)state;
    struct net_config config;
    net_config_init(&config, NET_FLINK_2_2);
    config.memory.managed_fraction = 1.0f;
    assert_refused(&config, "IllegalConfigurationException",
                   "TaskManager memory configuration failed: Inconsistently configured Key: "
                   "'taskmanager.memory.managed.fraction' , default: 0.4 (fallback keys: []) "
                   "(1.0) and its min (0 bytes), max (8388608.000tb (9223372036854775807 bytes)) "
                   "value");
    config.memory.managed_fraction = 0.4f;
    config.memory.jvm_overhead_fraction = -0.0001f;
    assert_refused(&config, "IllegalConfigurationException",
                   "TaskManager memory configuration failed: Inconsistently configured Key: "
                   "'taskmanager.memory.jvm-overhead.fraction' , default: 0.1 (fallback keys: "
                   "[]) (-9.999999747378752E-5) and its min (192.000mb (201326592 bytes)), max "
                   "(1024.000mb (1073741824 bytes)) value");
}

/* MEM-6 */
static void test_products_are_exact_and_cut(void **state)
{
    (void)state;
    static const struct {
        int64_t size;
        double factor;
        int64_t product;
    } rows[] = {
        {1073741824, 0.1f, 107374184}, {1073741824, 0.4f, 429496736},
        {1073741824, 0.1, 107374182},  {0, 0.5, 0},
        {INT64_MAX, 1.0, INT64_MAX},   {INT64_MAX, 0.0, 0},
        {INT64_MAX, 1e-30, 0},         {3, 1e7, 30000000},
        {9, 0.11111111295076065, 1},   {INT64_MAX, 0.5, INT64_MAX / 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t product;
        assert_true(net_memory_multiply(rows[i].size, rows[i].factor, &product));
        assert_int_equal(product, rows[i].product);
    }
    int64_t product;
    assert_false(net_memory_multiply(INT64_MAX, 1.0000001, &product));
}

static void test_sizes_are_spelled_as_flink_spells_them(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } rows[] = {
        {0, "0 bytes"},
        {1024, "1024 bytes"},
        {1025, "1.001kb (1025 bytes)"},
        {1048576, "1024.000kb (1048576 bytes)"},
        {67108864, "64.000mb (67108864 bytes)"},
        {1536 * INT64_C(1073741824), "1.500tb (1649267441664 bytes)"},
        {1048577, "1.000mb (1048577 bytes)"},
        {2560, "2.500kb (2560 bytes)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        net_memory_format(text, sizeof text, rows[i].bytes);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_values_come_out_to_the_byte),
        cmocka_unit_test(test_the_bound_that_acts_is_named),
        cmocka_unit_test(test_a_process_may_be_as_small_as_its_parts),
        cmocka_unit_test(test_a_mini_cluster_has_64_mebibytes_unless_told),
        cmocka_unit_test(test_the_number_of_buffers_counts_in_1_20_alone_and_only_by_itself),
        cmocka_unit_test(test_segment_sizes_that_flink_refuses_are_refused),
        cmocka_unit_test(test_more_segments_than_an_int_holds_are_refused),
        cmocka_unit_test(test_without_any_size_nothing_can_be_derived),
        cmocka_unit_test(test_fractions_outside_0_to_1_are_refused_with_javas_spelling),
        cmocka_unit_test(test_products_are_exact_and_cut),
        cmocka_unit_test(test_sizes_are_spelled_as_flink_spells_them),
    };
    return cmocka_run_group_tests_name("net_memory", tests, NULL, NULL);
}
