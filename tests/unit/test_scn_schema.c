/*
 * The schema table: complete, free of contradictions, and the same as what is documented and what
 * the model takes as defaults.
 */
#include "scenarios/reader/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/spec.h"
#include "scenarios/reader/value.h"

#define DOCS "docs/scenario-keys.md"

static void test_every_key_stands_once_and_has_help(void **state)
{
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        assert_non_null(key->help);
        assert_true(key->help[0] != '\0');
        assert_ptr_equal(scn_schema_find(key->group, key->name), key);
        assert_true(key->low <= key->high);
        assert_true((key->type == SCN_CHOICE || key->type == SCN_PARTITIONER) ==
                    (key->choices != NULL));
        if (key->type == SCN_MAP || key->type == SCN_LIST) {
            assert_true(key->child != SCN_TOP);
        }
        assert_false(key->is_required && key->fallback);
    }
}

/* A default that the reader would refuse, or that a choice does not have, is a mistake here. */
static void test_every_default_is_a_value_of_its_key(void **state)
{
    struct sim_arena *arena = sim_arena_create();
    struct scn_diagnostics list = {.arena = arena};
    struct scn_reading reading = {.arena = arena, .list = &list};
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        for (int version = NET_FLINK_1_20; version <= NET_FLINK_2_2; version++) {
            const char *fallback = scn_schema_fallback(key, (enum net_version)version);
            if (fallback && key->type != SCN_RECORD_SIZES) {
                struct scn_node node = {.kind = SCN_SCALAR, .is_quoted = true, .text = fallback};
                assert_true(scn_read_value(&reading, key, &node, NULL));
            }
        }
    }
    assert_int_equal(list.errors, 0);
    sim_arena_destroy(arena);
}

/* Both say what Flink takes when nothing is set. */
static void test_defaults_are_those_of_the_model(void **state)
{
    static const enum scn_group groups[] = {SCN_FLINK, SCN_MACHINE};
    for (int version = NET_FLINK_1_20; version <= NET_FLINK_2_2; version++) {
        struct sim_arena *arena = sim_arena_create();
        struct scn_diagnostics list = {.arena = arena};
        struct scn_reading reading = {
            .arena = arena, .list = &list, .version = (enum net_version)version};
        struct net_spec model;
        struct net_spec table;
        memset(&model, 0, sizeof(model));
        net_config_init(&model.config, (enum net_version)version);
        net_machine_init(&model.machine);
        memcpy(&table, &model, sizeof(table));
        for (size_t i = 0; i < 2; i++) {
            scn_store_defaults(&reading, groups[i], &table);
        }
        assert_memory_equal(&model.config, &table.config, sizeof(model.config));
        assert_memory_equal(&model.machine, &table.machine, sizeof(model.machine));
        sim_arena_destroy(arena);
    }
}

static void test_aliases_and_prefixes_are_found(void **state)
{
    const struct scn_key *interval =
        scn_schema_find(SCN_FLINK, "execution.buffer-timeout.interval");
    assert_non_null(interval);
    assert_ptr_equal(scn_schema_find(SCN_FLINK, "execution.buffer-timeout"), interval);
    assert_string_equal(scn_schema_find(SCN_FLINK, "rest.port")->name, "rest.*");
    assert_null(scn_schema_find(SCN_FLINK, "rest."));
    assert_null(scn_schema_find(SCN_FLINK, "restport"));
    assert_null(scn_schema_find(SCN_RUN, "execution.buffer-timeout"));
    assert_string_equal(scn_schema_find(SCN_FLINK, "taskmanager.network.memory.fraction")->name,
                        "taskmanager.memory.network.fraction"); /* CFG-2 */
}

/* CFG-1: the rows of the table that shape buffers, with the default or constant of each version. */
static void test_keys_have_the_defaults_of_both_versions(void **state)
{
    static const struct {
        const char *name;
        const char *v1_20;
        const char *v2_2;
        enum scn_support in_2_2;
    } rows[] = {
        {"taskmanager.network.memory.buffers-per-channel", "2", "2", SCN_CONSTANT},
        {"taskmanager.network.memory.floating-buffers-per-gate", "8", "8", SCN_CONSTANT},
        {"taskmanager.network.memory.max-buffers-per-channel", "10", "10", SCN_CONSTANT},
        {"taskmanager.network.memory.max-overdraft-buffers-per-gate", "5", "20", SCN_CONSTANT},
        {"taskmanager.network.memory.buffers-request-timeout", "30 s", "30 s", SCN_READ},
        {"taskmanager.network.max-num-tcp-connections", "1", "1", SCN_CONSTANT},
        {"taskmanager.memory.segment-size", "32kb", "32kb", SCN_READ},
        {"taskmanager.memory.starting-segment-size", NULL, "1024", SCN_READ},
        {"taskmanager.network.numberOfBuffers", NULL, NULL, SCN_UNKNOWN},
        {"execution.buffer-timeout.interval", "100 ms", "100 ms", SCN_READ},
        {"taskmanager.memory.jvm-overhead.max", "1g", "1g", SCN_READ},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scn_key *key = scn_schema_find(SCN_FLINK, rows[i].name);
        assert_non_null(key);
        const char *found[] = {scn_schema_fallback(key, NET_FLINK_1_20),
                               scn_schema_fallback(key, NET_FLINK_2_2)};
        const char *wanted[] = {rows[i].v1_20, rows[i].v2_2};
        for (size_t k = 0; k < 2; k++) {
            assert_true(!found[k] == !wanted[k]);
            if (found[k]) {
                assert_string_equal(found[k], wanted[k]);
            }
        }
        assert_int_equal(key->support[NET_FLINK_2_2], rows[i].in_2_2);
    }
}

static void test_the_nearest_key_is_one_of_the_same_mapping(void **state)
{
    assert_string_equal(scn_schema_nearest(SCN_RUN, "duratoin"), "duration");
    assert_string_equal(scn_schema_nearest(SCN_VERTEX, "task-manager"), "taskmanager");
    assert_null(scn_schema_nearest(SCN_RUN, "parallelism"));
    assert_string_equal(
        scn_schema_nearest(SCN_FLINK, "taskmanager.network.memory.max-bufers-per-channel"),
        "taskmanager.network.memory.max-buffers-per-channel");
    assert_string_equal(scn_schema_nearest(SCN_FLINK, "segment-size"),
                        "taskmanager.memory.segment-size");
    /* The beginning that all of them have in common is not enough. */
    assert_null(scn_schema_nearest(SCN_FLINK, "taskmanager.network.memory.gates"));
    assert_null(scn_schema_nearest(SCN_FLINK, "my.feature.enabled"));
    assert_null(scn_schema_nearest(SCN_FLINK, "my.log.dir"));
}

static char *read_file(const char *path)
{
    static char bytes[1 << 17];
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    size_t length = fread(bytes, 1, sizeof(bytes) - 1, file);
    fclose(file);
    bytes[length] = '\0';
    return bytes;
}

/* SLUICE_UPDATE=1 writes the page anew. */
static void test_the_documentation_is_made_from_the_table(void **state)
{
    struct sim_text text = {0};
    scn_schema_write_docs(&text);
    if (getenv("SLUICE_UPDATE")) {
        FILE *file = fopen(DOCS, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(sim_text_get(&text), 1, text.length, file), text.length);
        assert_int_equal(fclose(file), 0);
    }
    const char *docs = read_file(DOCS);
    assert_non_null(docs);
    if (strcmp(docs, sim_text_get(&text)) != 0) {
        print_error("%s is not what the table says; set SLUICE_UPDATE=1 and run this test\n", DOCS);
        fail();
    }
    sim_text_finish(&text);
}

static void test_every_group_is_documented(void **state)
{
    struct sim_text text = {0};
    scn_schema_write_docs(&text);
    for (size_t i = 0; i < scn_schema_count(); i++) {
        char name[128];
        snprintf(name, sizeof(name), "`%s`", scn_schema_key(i)->name);
        assert_non_null(strstr(sim_text_get(&text), name));
    }
    sim_text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_stands_once_and_has_help),
        cmocka_unit_test(test_every_default_is_a_value_of_its_key),
        cmocka_unit_test(test_defaults_are_those_of_the_model),
        cmocka_unit_test(test_aliases_and_prefixes_are_found),
        cmocka_unit_test(test_keys_have_the_defaults_of_both_versions),
        cmocka_unit_test(test_the_nearest_key_is_one_of_the_same_mapping),
        cmocka_unit_test(test_the_documentation_is_made_from_the_table),
        cmocka_unit_test(test_every_group_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
