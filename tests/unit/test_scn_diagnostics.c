/*
 * What the reader says and how it is shown: warnings, source lines with carets, limits, and bytes
 * that are no text. Each kind of mistake is in test_scn_mistakes.c.
 */
#include "scenarios/reader/diagnostics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scenarios/reader/scenario.h"
#include "scenarios/reader/tree.h"
#include "tests/support/mistakes.h"

static void test_keys_that_the_version_ignores_are_warned_about_once(void **state)
{
    static const struct mistake texts[] = {
        {FLINK("taskmanager.network.memory.buffers-per-channel: 32"), ""},
        {"flink-version: 2.2\n" FLINK("taskmanager.network.memory.buffers-per-channel: 32"),
         "10:3: Flink 2.2 ignores 'taskmanager.network.memory.buffers-per-channel' and always uses "
         "2; simulated as written"},
        {"flink-version: \"2.2\"\n" FLINK("taskmanager.network.memory.buffers-per-channel: 2"), ""},
        {"flink-version: 2.2\n" FLINK(
             "taskmanager.network.memory.max-overdraft-buffers-per-gate: 5"),
         "10:3: Flink 2.2 ignores 'taskmanager.network.memory.max-overdraft-buffers-per-gate' and "
         "always uses 20; simulated as written"},
        {FLINK("taskmanager.network.numberOfBuffers: 2048"), ""},
        {"flink-version: 2.2\n" FLINK("taskmanager.network.numberOfBuffers: 2048"),
         "10:3: Flink 2.2 does not know 'taskmanager.network.numberOfBuffers' and ignores it; "
         "simulated as written"},
        {FLINK("taskmanager.network.sort-shuffle.min-buffers: 512\n  rest.port: {a: 1}"),
         "9:3: 'taskmanager.network.sort-shuffle.min-buffers' has no influence on the simulation: "
         "batch shuffles are not simulated\n"
         "10:15: 'rest.port.a' has no influence on the simulation: it is not about buffers"},
        {FLINK(
             "job.autoscaler.enabled: true\n  execution.checkpointing.snapshot-compression: true"),
         "9:3: 'job.autoscaler.enabled' has no influence on the simulation: rescaling is not "
         "simulated\n"
         "10:3: 'execution.checkpointing.snapshot-compression' has no influence on the simulation: "
         "storage is not simulated"},
        {FLINK("taskmanager.memory.starting-segment-size: 2kb"),
         "9:3: 'taskmanager.memory.starting-segment-size' has no influence on the simulation: "
         "buffer size that debloating starts with (1.20 starts with full segments)"},
        {"flink-version: 2.2\n" FLINK("taskmanager.memory.starting-segment-size: 2kb"), ""},
        {FLINK("execution.buffer-timeout: 1ms\n  execution.buffer-timeout.interval: 2ms"),
         "9:3: 'execution.buffer-timeout' is ignored: it is the older name of "
         "'execution.buffer-timeout.interval', which is set too"},
    };
    CHECK_WARNINGS(texts);
}

/* LEG */
static void test_what_flow_control_before_credits_did_not_have_is_warned_about(void **state)
{
    static const struct mistake texts[] = {
        {"transport: tcp\n" FLINK("execution.checkpointing.interval: 5s"),
         "1:12: checkpoints over transport 'tcp': barriers wait in the connection behind the data, "
         "as they did; but a sender stops behind its barrier, as with credits, where receivers of "
         "that time put aside what came behind it"},
        {"transport: tcp\n" FLINK("execution.checkpointing.interval: 5s\n"
                                  "  execution.checkpointing.unaligned.enabled: true"),
         "1:12: unaligned checkpoints came with Flink 1.11, long after transport 'tcp' had gone: "
         "simulated as a what-if, in which barriers overtake at the sender only"},
        {"transport: tcp\n" FLINK("execution.checkpointing.unaligned.enabled: true"), ""},
        {"transport: tcp\n" FLINK("taskmanager.network.memory.buffer-debloat.enabled: true"),
         "1:12: buffer debloating came with Flink 1.14, long after transport 'tcp' had gone: "
         "simulated as a what-if"},
        {"transport: credit\n" FLINK("execution.checkpointing.interval: 5s"), ""},
    };
    CHECK_WARNINGS(texts);
}

static void test_what_is_simulated_gets_no_warning(void **state)
{
    static const struct mistake texts[] = {
        {FLINK("execution.checkpointing.interval: 5s"), ""},
        {FLINK("taskmanager.network.memory.buffer-debloat.enabled: true"), ""},
        {AFTER("transport: tcp"), ""},
        {EDGES("    - {from: s, to: k, partition: forward, chain: true}\n"), ""},
    };
    CHECK_WARNINGS(texts);
}

#define HASHED(source, middle, into)                                                               \
    JOB_HEAD "    - {name: s, source: {rate: 1/s, record-size: 100B" source "}}\n"                 \
             "    - {name: m, process: {" middle "}}\n"                                            \
             "    - {name: k, parallelism: " into ", process: {}}\n"                               \
             "  edges:\n    - {from: s, to: m, partition: rebalance}\n"                            \
             "    - {from: m, to: k, partition: hash}\n" RUN CLUSTER

/* All have key 0, and one subtask gets them all: perhaps not what was meant. */
static void test_hashing_records_without_keys_is_warned_about(void **state)
{
    static const struct mistake texts[] = {
        {HASHED("", "", "2"),
         "8:7: 'hash' over records without keys: all have key 0, and one of the 2 subtasks of 'k' "
         "gets them all; give the source 'keys', or choose 'rebalance'"},
        {HASHED(", keys: {count: 100}", "", "2"), ""},
        {HASHED("", "emit: {every: 1s, records: 5}", "2"), ""},
        {HASHED("", "", "1"), ""},
    };
    CHECK_WARNINGS(texts);
}

/* The whole of what a user sees. */
static void test_a_mistake_is_shown_with_its_line_and_carets(void **state)
{
    static const char text[] = "name: \"\xc3\xa4\xc3\xb6\" # caf\xc3\xa9\n"
                               "r\xc3\xbcn: {\xc3\xa4: 1}\n"
                               "\"a\tb\": 3\n"
                               "flink-version: 3\n" JOB RUN;
    struct scn_scenario scenario;
    struct sim_text found = {0};
    struct scn_options options = {.label = "a/b.yaml"};
    assert_false(scn_scenario_read_text(&scenario, text, strlen(text), &options));
    scn_diagnostics_format(&scenario.diagnostics, false, &found);
    assert_string_equal(
        sim_text_get(&found),
        "a/b.yaml:2:1: unknown key 'r\xc3\xbcn', did you mean 'run'?\n"
        "  r\xc3\xbcn: {\xc3\xa4: 1}\n"
        "  ^~~\n"
        "a/b.yaml:3:1: unknown key 'a b'; the keys here are name, description, "
        "flink-version, transport, cluster, flink, job, run, study, thresholds, machine\n"
        "  \"a b\": 3\n"
        "  ^~~~~\n"
        "a/b.yaml:4:16: 'flink-version' must be '1.20' or '2.2', found '3'\n"
        "  flink-version: 3\n"
        "                 ^\n");
    sim_text_finish(&found);
    scn_scenario_finish(&scenario);
}

static void test_a_long_line_is_shown_as_a_window(void **state)
{
    char text[2000] = "{";
    struct scn_scenario scenario;
    struct sim_text found = {0};
    for (size_t i = 0; i < 100; i++) {
        snprintf(text + strlen(text), 20, "%skey%zu: 1", i ? ", " : "", i);
    }
    strcat(text, "}");
    assert_false(scn_scenario_read_text(&scenario, text, strlen(text), NULL));
    scn_diagnostics_format(&scenario.diagnostics, false, &found);
    const char *at = strstr(sim_text_get(&found), "unknown key 'key57'");
    assert_non_null(at);
    const char *line = strchr(at, '\n') + 1;
    const char *carets = strchr(line, '\n') + 1;
    assert_int_equal(strncmp(line, "  ...", 5), 0);
    assert_in_range(carets - line, 60, 130);
    size_t column = strcspn(carets, "^");
    assert_int_equal(strncmp(line + column, "key57", 5), 0);
    sim_text_finish(&found);
    scn_scenario_finish(&scenario);
}

static void test_mistakes_beyond_the_limit_are_counted(void **state)
{
    struct sim_text text = {0};
    struct sim_text found = {0};
    struct scn_scenario scenario;
    for (int i = 0; i < 150; i++) {
        sim_text_add(&text, "zzzzzz%d: 1\n", i);
    }
    sim_text_add(&text, "%s", JOB RUN);
    assert_false(scn_scenario_read_text(&scenario, sim_text_get(&text), text.length, NULL));
    assert_int_equal(scenario.diagnostics.errors, 150);
    scn_diagnostics_format(&scenario.diagnostics, false, &found);
    assert_non_null(strstr(sim_text_get(&found), "50 more mistakes are not shown\n"));
    sim_text_finish(&found);
    sim_text_finish(&text);
    scn_scenario_finish(&scenario);
}

/* Bytes that a terminal or libfyaml should not see. The last one makes libfyaml 0.7.12 hang. */
static void test_bytes_that_are_no_text_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *expected;
    } texts[] = {
        {"a: \x01\n", 5, "1:4: control character 0x01; a scenario is a plain text file"},
        {"a: b\0\n", 6, "1:5: control character 0x00; a scenario is a plain text file"},
        {"a: \x7f\n", 5, "1:4: control character 0x7F; a scenario is a plain text file"},
        {"a: 1\nb: \xff\n", 10,
         "2:4: byte 0xFF is not UTF-8 text; a scenario is a YAML file in UTF-8"},
        {"a: \xc0\x80", 5, "1:4: byte 0xC0 is not UTF-8 text; a scenario is a YAML file in UTF-8"},
        {"a: \xed\xa0\x80", 6,
         "1:4: byte 0xED is not UTF-8 text; a scenario is a YAML file in UTF-8"},
        {"a: \xc3", 4, "1:4: byte 0xC3 is not UTF-8 text; a scenario is a YAML file in UTF-8"},
        {"a: \xc2\x85", 5, "1:4: control character 0xC2; a scenario is a plain text file"},
        {"a: 1\rb: 2\n", 10, "1:5: control character 0x0D; a scenario is a plain text file"},
        {"\xef\xbb\xbf"
         "a: 1",
         7, "1:1: byte order mark; save the file as UTF-8 without one"},
        {"%\0\0\xb6\xb6\xff", 6,
         "1:1: a line must not begin with '%': YAML directives are not supported"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct scn_scenario scenario;
        struct sim_text found = {0};
        assert_false(scn_scenario_read_text(&scenario, texts[i].bytes, texts[i].length, NULL));
        collect(&scenario.diagnostics, false, &found);
        assert_string_equal(sim_text_get(&found), texts[i].expected);
        sim_text_finish(&found);
        scn_scenario_finish(&scenario);
    }
}

static void test_depth_and_length_have_limits(void **state)
{
    static char text[SCN_MAX_TEXT + 2];
    struct sim_text found = {0};
    struct scn_scenario scenario;
    memset(text, '[', 40);
    assert_false(scn_scenario_read_text(&scenario, text, 40, NULL));
    collect(&scenario.diagnostics, false, &found);
    assert_string_equal(sim_text_get(&found), "1:33: nested more than 32 levels deep");
    scn_scenario_finish(&scenario);
    sim_text_clear(&found);
    memset(text, ' ', sizeof(text));
    assert_false(scn_scenario_read_text(&scenario, text, SCN_MAX_TEXT + 1, NULL));
    collect(&scenario.diagnostics, false, &found);
    assert_string_equal(sim_text_get(&found),
                        "0:0: the text has 1048577 bytes, the limit is 1048576");
    scn_scenario_finish(&scenario);
    sim_text_finish(&found);
}

static void check_first(const struct sim_text *text, const char *expected)
{
    struct scn_scenario scenario;
    assert_false(scn_scenario_read_text(&scenario, sim_text_get(text), text->length, NULL));
    assert_string_equal(scenario.diagnostics.first->text, expected);
    scn_scenario_finish(&scenario);
}

/* Whatever is looked up or joined is short, so that no text takes long. */
static void test_keys_and_lists_have_limits(void **state)
{
    struct sim_text text = {0};
    sim_text_add(&text, "%0201d: 1\n", 0);
    check_first(&text, "a key has more than 200 bytes");
    sim_text_clear(&text);
    for (int i = 0; i < 1001; i++) {
        sim_text_add(&text, "k%d: 1\n", i);
    }
    check_first(&text, "a mapping has more than 1000 keys");
    sim_text_clear(&text);
    sim_text_add(&text, "%sflink:\n", JOB RUN);
    for (int i = 0; i < 1002; i++) {
        sim_text_add(&text, "%s   %d: 1\n", i % 501 == 0 ? i ? "  rest.b:\n" : "  rest.a:\n" : "",
                     i);
    }
    check_first(&text, "'flink' has more than 1000 keys");
    sim_text_clear(&text);
    sim_text_add(&text, "%sjob: {edges: [{}], vertices: [", RUN);
    for (int i = 0; i <= 100000; i++) {
        sim_text_add(&text, "{},");
    }
    sim_text_add(&text, "]}\n");
    check_first(&text, "the job has 100001 vertices, the limit is 100000");
    sim_text_finish(&text);
}

static void test_a_file_that_cannot_be_read_is_a_failing_system(void **state)
{
    struct scn_scenario scenario;
    assert_false(scn_scenario_read_file(&scenario, "tests/unit/no-such-file.yaml", NULL));
    assert_int_equal(scenario.code, SIM_ERR_SYSTEM);
    assert_int_equal(scenario.diagnostics.errors, 1);
    scn_scenario_finish(&scenario);
    assert_false(scn_scenario_read_file(&scenario, "tests/unit", NULL));
    assert_int_equal(scenario.code, SIM_ERR_SYSTEM);
    scn_scenario_finish(&scenario);
}

static void test_windows_line_ends_are_fine(void **state)
{
    static const char text[] =
        "job:\r\n  vertices:\r\n    - {name: s, source: {rate: 1/s, record-size: "
        "100B}}\r\n    - {name: k, process: {}}\r\n  edges:\r\n    - {from: "
        "s, to: k, partition: rebalance}\r\nrun: {duration: 1sec}\r\n";
    struct sim_text found = {0};
    struct scn_scenario scenario;
    assert_false(scn_scenario_read_text(&scenario, text, strlen(text), NULL));
    scn_diagnostics_format(&scenario.diagnostics, false, &found);
    assert_non_null(strstr(sim_text_get(&found), "scenario:7:17: "));
    assert_non_null(
        strstr(sim_text_get(&found), "\n  run: {duration: 1sec}\n                  ^~~~\n"));
    sim_text_finish(&found);
    scn_scenario_finish(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_that_the_version_ignores_are_warned_about_once),
        cmocka_unit_test(test_what_flow_control_before_credits_did_not_have_is_warned_about),
        cmocka_unit_test(test_what_is_simulated_gets_no_warning),
        cmocka_unit_test(test_hashing_records_without_keys_is_warned_about),
        cmocka_unit_test(test_a_mistake_is_shown_with_its_line_and_carets),
        cmocka_unit_test(test_a_long_line_is_shown_as_a_window),
        cmocka_unit_test(test_mistakes_beyond_the_limit_are_counted),
        cmocka_unit_test(test_bytes_that_are_no_text_are_refused),
        cmocka_unit_test(test_depth_and_length_have_limits),
        cmocka_unit_test(test_keys_and_lists_have_limits),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_a_failing_system),
        cmocka_unit_test(test_windows_line_ends_are_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
