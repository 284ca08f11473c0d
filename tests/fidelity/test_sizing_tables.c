/*
 * The tables that Flink's own classes computed: every row must come out the same, the rows that
 * end in an exception included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/config.h"
#include "models/memory.h"
#include "models/sizing.h"

#define FOLDER "tests/reference/pool/"
#define MAX_COLUMNS 32

/* A file of comma separated values, one row at a time; the first line names the columns. */
struct table {
    FILE *file;
    unsigned row;
    unsigned columns;
    char names[2048];
    char *name[MAX_COLUMNS];
    char cells[8192];
    char *cell[MAX_COLUMNS];
};

static unsigned split(char *line, char **cells)
{
    unsigned count = 0;
    char *at = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (bool is_last = false; !is_last;) {
        assert_true(count < MAX_COLUMNS);
        bool is_quoted = *at == '"';
        char *begin = is_quoted ? at + 1 : at;
        char *end = is_quoted ? strchr(begin, '"') : begin + strcspn(begin, ",");
        assert_non_null(end);
        char *next = is_quoted ? end + 1 : end;
        is_last = *next == '\0';
        *end = '\0';
        cells[count++] = begin;
        at = next + 1;
    }
    return count;
}

static void open_table(struct table *table, const char *path)
{
    memset(table, 0, sizeof *table);
    table->file = fopen(path, "r");
    assert_non_null(table->file);
    assert_non_null(fgets(table->names, sizeof table->names, table->file));
    table->columns = split(table->names, table->name);
}

static bool next_row(struct table *table)
{
    if (fgets(table->cells, sizeof table->cells, table->file) == NULL) {
        return false;
    }
    table->row++;
    assert_int_equal(split(table->cells, table->cell), table->columns);
    return true;
}

static void close_table(struct table *table, unsigned rows)
{
    assert_int_equal(table->row, rows);
    fclose(table->file);
}

static const char *text_of(const struct table *table, const char *name)
{
    for (unsigned i = 0; i < table->columns; i++) {
        if (strcmp(table->name[i], name) == 0) {
            return table->cell[i];
        }
    }
    fail_msg("no column %s", name);
    return NULL;
}

static int64_t number_of(const struct table *table, const char *name)
{
    return strtoll(text_of(table, name), NULL, 10);
}

static void check_number(const struct table *table, const char *name, int64_t got)
{
    if (got != number_of(table, name)) {
        fail_msg("row %u: %s is %lld, Flink has %s", table->row, name, (long long)got,
                 text_of(table, name));
    }
}

static void check_error(const struct table *table, const struct sim_err *err)
{
    char got[1400] = "";
    if (err->code != SIM_ERR_NONE) {
        assert_int_equal(err->code, SIM_ERR_INPUT);
        snprintf(got, sizeof got, "%s: %s", err->file, err->text);
    }
    if (strcmp(got, text_of(table, "error")) != 0) {
        fail_msg("row %u: got '%s', Flink has '%s'", table->row, got, text_of(table, "error"));
    }
}

static enum net_partition_type type_of(const char *name, size_t length)
{
    static const char *const names[] = {"BLOCKING",          "BLOCKING_PERSISTENT",   "PIPELINED",
                                        "PIPELINED_BOUNDED", "PIPELINED_APPROXIMATE", "HYBRID_FULL",
                                        "HYBRID_SELECTIVE"};
    for (unsigned i = 0; i < 7; i++) {
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0) {
            return (enum net_partition_type)i;
        }
    }
    fail_msg("unknown type %s", name);
    return NET_TYPE_PIPELINED;
}

static void read_knobs(const struct table *table, struct net_config *config)
{
    net_config_init(config, NET_FLINK_2_2);
    config->buffers_per_channel = number_of(table, "buffers_per_channel");
    config->floating_buffers_per_gate = number_of(table, "floating_per_gate");
}

static void read_limit(const struct table *table, struct net_config *config)
{
    int64_t limit = number_of(table, "max_required_per_gate");
    config->required_per_gate_max = limit == -1 ? NET_UNSET : limit;
}

/* SIZ-2, SIZ-3, BAT-1, BAT-2 */
static void test_partitions_have_the_sizes_that_flink_computes(void **state)
{
    (void)state;
    struct table table;
    open_table(&table, FOLDER "sizing_partition.csv");
    while (next_row(&table)) {
        struct net_config config;
        struct net_partition_size size;
        read_knobs(&table, &config);
        struct net_batch_config batch = {
            .sort_min_parallelism = number_of(&table, "sort_min_parallelism"),
            .sort_min_buffers = number_of(&table, "sort_min_buffers"),
            .is_tiered = number_of(&table, "tiered") == 1,
            .tier_guaranteed = number_of(&table, "tiered_exclusive"),
        };
        const char *type = text_of(&table, "type");
        net_size_partition(&config, &batch, type_of(type, strlen(type)),
                           number_of(&table, "subpartitions"), &size);
        check_number(&table, "min", size.required);
        check_number(&table, "max", size.max);
    }
    close_table(&table, 2180);
}

/* SIZ-4, BAT-3 */
static void test_gates_have_the_sizes_that_flink_computes(void **state)
{
    (void)state;
    struct table table;
    open_table(&table, FOLDER "sizing_gate.csv");
    while (next_row(&table)) {
        struct net_config config;
        struct net_batch_config batch;
        struct net_gate_size size;
        struct sim_err err = {0};
        read_knobs(&table, &config);
        read_limit(&table, &config);
        net_batch_config_init(&batch);
        batch.is_tiered = number_of(&table, "tiered") == 1;
        const char *type = text_of(&table, "type");
        if (net_size_gate(&config, &batch, type_of(type, strlen(type)),
                          number_of(&table, "channels"), &size, &err)) {
            check_number(&table, "exclusive_per_channel", size.exclusive_per_channel);
            check_number(&table, "floating_min", size.floating_min);
            check_number(&table, "floating_max", size.floating_max);
            check_number(&table, "target_total", size.configured);
        }
        check_error(&table, &err);
    }
    close_table(&table, 3888);
}

/* "TYPE:channels:times TYPE:channels ..." */
static uint32_t read_announced(const char *text, struct net_announced *items, uint32_t capacity)
{
    uint32_t count = 0;
    while (*text != '\0') {
        assert_true(count < capacity);
        size_t length = strcspn(text, ":");
        char *end;
        items[count].type = type_of(text, length);
        items[count].channels = strtoll(text + length + 1, &end, 10);
        items[count].times = *end == ':' ? strtoll(end + 1, &end, 10) : 1;
        count++;
        text = *end == ' ' ? end + 1 : end;
    }
    return count;
}

/* SIZ-9 */
static void test_tasks_announce_the_buffers_that_flink_announces(void **state)
{
    (void)state;
    struct table table;
    open_table(&table, FOLDER "sizing_announce.csv");
    while (next_row(&table)) {
        struct net_config config;
        struct net_announced gates[16], partitions[16];
        struct sim_err err = {0};
        int64_t buffers;
        read_knobs(&table, &config);
        read_limit(&table, &config);
        struct net_batch_config batch = {
            .sort_min_parallelism = number_of(&table, "sort_min_parallelism"),
            .sort_min_buffers = number_of(&table, "sort_min_buffers"),
        };
        uint32_t gate_count = read_announced(text_of(&table, "inputs"), gates, 16);
        uint32_t partition_count = read_announced(text_of(&table, "outputs"), partitions, 16);
        if (net_size_announce(&config, &batch, gates, gate_count, partitions, partition_count,
                              &buffers, &err)) {
            check_number(&table, "buffers", buffers);
        }
        check_error(&table, &err);
    }
    close_table(&table, 1000);
}

/* Flink's spelling: digits, then b, k, m or g by 1024; nothing where a key is not set. */
static void read_size(const struct table *table, const char *name, int64_t *size)
{
    const char *text = text_of(table, name);
    if (*text == '\0') {
        return;
    }
    char *end;
    *size = strtoll(text, &end, 10);
    for (const char *unit = "bkmg"; *unit != *end; unit++) {
        assert_true(*unit != '\0');
        *size *= 1024;
    }
}

static bool read_fraction(const struct table *table, const char *name, float *fraction)
{
    const char *text = text_of(table, name);
    if (*text != '\0') {
        *fraction = strtof(text, NULL);
    }
    return *text != '\0';
}

static void read_memory(const struct table *table, struct net_memory_config *memory)
{
    memory->process_size = NET_UNSET;
    read_size(table, "taskmanager.memory.process.size", &memory->process_size);
    read_size(table, "taskmanager.memory.flink.size", &memory->flink_size);
    read_size(table, "taskmanager.memory.task.heap.size", &memory->task_heap_size);
    read_size(table, "taskmanager.memory.managed.size", &memory->managed_size);
    read_size(table, "taskmanager.memory.network.min", &memory->network_min);
    read_size(table, "taskmanager.memory.network.max", &memory->network_max);
    read_size(table, "taskmanager.memory.segment-size", &memory->segment_size);
    read_size(table, "taskmanager.memory.jvm-overhead.min", &memory->jvm_overhead_min);
    read_size(table, "taskmanager.memory.jvm-overhead.max", &memory->jvm_overhead_max);
    read_size(table, "taskmanager.memory.jvm-metaspace.size", &memory->jvm_metaspace_size);
    read_size(table, "taskmanager.memory.framework.heap.size", &memory->framework_heap_size);
    read_size(table, "taskmanager.memory.framework.off-heap.size",
              &memory->framework_off_heap_size);
    read_size(table, "taskmanager.memory.task.off-heap.size", &memory->task_off_heap_size);
    read_fraction(table, "taskmanager.memory.managed.fraction", &memory->managed_fraction);
    read_fraction(table, "taskmanager.memory.jvm-overhead.fraction",
                  &memory->jvm_overhead_fraction);
    memory->network_fraction_is_set =
        read_fraction(table, "taskmanager.memory.network.fraction", &memory->network_fraction);
}

/* MEM-2 to MEM-7, MEM-9 */
static void test_memory_is_divided_to_the_byte_as_flink_does(void **state)
{
    (void)state;
    struct table table;
    open_table(&table, FOLDER "sizing_memory.csv");
    while (next_row(&table)) {
        struct net_config config;
        struct net_memory memory;
        struct sim_err err = {0};
        net_config_init(&config, NET_FLINK_2_2);
        read_memory(&table, &config.memory);
        if (net_memory_derive(&config, &memory, &err)) {
            check_number(&table, "total_process", memory.process);
            check_number(&table, "total_flink", memory.flink);
            check_number(&table, "task_heap", memory.task_heap);
            check_number(&table, "managed", memory.managed);
            check_number(&table, "metaspace", memory.metaspace);
            check_number(&table, "overhead", memory.overhead);
            check_number(&table, "network", memory.network);
            check_number(&table, "segment_size", memory.segment_size);
            check_number(&table, "segments", memory.segments);
        }
        check_error(&table, &err);
    }
    close_table(&table, 1600);
}

/* CFG-1 */
static void test_a_task_manager_has_flinks_defaults(void **state)
{
    (void)state;
    struct net_config config;
    struct net_batch_config batch;
    net_config_init(&config, NET_FLINK_2_2);
    net_batch_config_init(&batch);
    const struct {
        const char *name;
        int64_t value;
    } ours[] = {
        {"network_buffer_size", config.memory.segment_size},
        /* a buffer is as large as its segment unless debloating begins with smaller ones */
        {"starting_buffer_size",
         config.has_debloating ? config.memory.starting_segment_size : INT32_MAX},
        {"buffers_per_channel", config.buffers_per_channel},
        {"floating_per_gate", config.floating_buffers_per_gate},
        {"max_required_per_gate",
         config.required_per_gate_max == NET_UNSET ? -1 : config.required_per_gate_max},
        {"max_buffers_per_channel", config.max_buffers_per_channel},
        {"max_overdraft_per_gate", config.max_overdraft_per_gate},
        {"sort_min_buffers", batch.sort_min_buffers},
        {"sort_min_parallelism", batch.sort_min_parallelism},
        {"request_timeout_ms", config.request_timeout / 1000000},
        {"debloat_enabled", config.has_debloating},
        {"debloat_target_ms", config.debloat_target / 1000000},
        {"debloat_starting_size", config.memory.starting_segment_size},
        {"debloat_max_size", config.memory.segment_size},
        {"debloat_min_size", config.memory.min_segment_size},
        {"debloat_threshold_percent", config.debloat_threshold_percent},
        {"debloat_samples", config.debloat_samples},
    };
    struct table table;
    open_table(&table, FOLDER "sizing_defaults.csv");
    while (next_row(&table)) {
        unsigned i = 0;
        while (strcmp(ours[i].name, text_of(&table, "name")) != 0) {
            i++;
            assert_true(i < sizeof ours / sizeof ours[0]);
        }
        check_number(&table, "value", ours[i].value);
    }
    close_table(&table, 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partitions_have_the_sizes_that_flink_computes),
        cmocka_unit_test(test_gates_have_the_sizes_that_flink_computes),
        cmocka_unit_test(test_tasks_announce_the_buffers_that_flink_announces),
        cmocka_unit_test(test_memory_is_divided_to_the_byte_as_flink_does),
        cmocka_unit_test(test_a_task_manager_has_flinks_defaults),
    };
    return cmocka_run_group_tests_name("sizing_tables", tests, NULL, NULL);
}
