/*
 * Everything between the pools against recorded behaviour of Flink's own classes: the subpartition,
 * the receiver of credit based flow control, and producer, connection and consumer together. The
 * limit of differences is zero.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/text.h"
#include "studies/replay.h"
#include "tests/support/replay_all.h"
#include "tests/support/temporary.h"

#define REFERENCE "tests/reference/pool/"

static void test_subpartition_does_what_flink_did(void **state)
{
    assert_int_equal(replay_all(REFERENCE "subpart_*.trace"), 12);
}

static void test_receiver_does_what_flink_did(void **state)
{
    assert_int_equal(replay_all(REFERENCE "credit_*.trace"), 16);
}

static void test_producer_connection_and_consumer_do_what_flink_did(void **state)
{
    assert_int_equal(replay_all(REFERENCE "loop_*.trace"), 15);
}

#define MORE "tests/reference/pool-more/"

/* SUB-11, CHK-8, CHK-9 */
static void test_barriers_overtake_as_they_did_in_flink(void **state)
{
    assert_int_equal(replay_all(MORE "subpart_*_unaligned.trace"), 4);
}

/* CHK-6, CHK-7 */
static void test_receivers_put_barriers_in_front_as_flink_did(void **state)
{
    assert_int_equal(replay_all(MORE "credit_*_unaligned.trace"), 4);
}

/* WR-5, WR-8 */
static void test_records_are_broadcast_as_flink_did(void **state)
{
    assert_int_equal(replay_all(MORE "loop_*_broadcast.trace"), 3);
}

/* WR-6, WR-7 */
static void test_buffers_get_the_sizes_that_flink_gave_them(void **state)
{
    assert_int_equal(replay_all(MORE "loop_*_buffersize.trace"), 3);
}

/* Replay a trace that is given as text. */
static bool replay_text(const char *text, struct study_replay_report *report, struct sim_err *err)
{
    struct temporary file;
    assert_true(temporary_make(&file, text, strlen(text)));
    bool is_followed = study_replay_file(file.path, report, err);
    temporary_remove(&file);
    return is_followed;
}

/* `call` after `head` cannot have been recorded; it is refused where it stands. */
static void assert_refused(const char *head, const char *call)
{
    struct sim_text trace = {0};
    sim_text_add(&trace, "%s%s\n= ok\nend 1\n", head, call);
    uint32_t line = 1;
    for (const char *at = head; (at = strchr(at, '\n')) != NULL; at++) {
        line++;
    }
    struct study_replay_report report = {0};
    struct sim_err err = {0};
    if (replay_text(sim_text_get(&trace), &report, &err)) {
        fail_msg("'%s' was accepted", call);
    }
    assert_int_equal(err.code, SIM_ERR_INPUT);
    assert_int_equal(err.line, line);
    study_replay_report_finish(&report);
    sim_text_finish(&trace);
}

#define SUBPART_HEAD "subparttrace 1\nsubpartition 1 64 64\ns 0 0 0 0 0 0 0 0 0 0 0\n> 1 "

static void test_replay_of_a_subpartition_refuses_impossible_calls(void **state)
{
    static const char *const calls[] = {"poll",      "resume",     "append 1",      "finish",
                                        "add 0 1 2", "add 0 -1 0", "add -1 1 0",    "append -1",
                                        "add 0 1",   "poll 1",     "buffersize -1", "emit 0 1"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_refused(SUBPART_HEAD, calls[i]);
    }
    assert_refused("subparttrace 1\n", "subpartition 0 0 64");
    assert_refused("subparttrace 1\n", "subpartition -1 64 64");
    assert_refused("subparttrace 1\n", "s 0 0 0 0 0 0 0 0 0 0 0");
}

#define CREDIT_HEAD                                                                                \
    "credittrace 1\ngate 1 2 1 3 8\ng 5 3\nf 3 1 1 0 1\nh 0 0 2 0 0 0 0 0 0\nu 0\n> 1 "

static void test_replay_of_a_receiver_refuses_impossible_calls(void **state)
{
    static const char *const calls[] = {
        "recv 1 0",    "recv -1 0",     "recv 0 -1",     "backlog 0 2147483647",
        "recycle 0 0", "recycle 0 -1",  "recycle 0 8",   "rival_take",
        "poll 1",      "rival_destroy", "rival_give 0",  "rival_give 8",
        "barrier 0 0", "sent",          "rival_give -1", "release 2"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_refused(CREDIT_HEAD, calls[i]);
    }
    assert_refused(CREDIT_HEAD "release 0\n= ok\n! close 0\ng 7 1\nh 0 0 0 0 0 0 0 1 0\n> 2 ",
                   "recv 0 0");
    assert_refused(CREDIT_HEAD "destroy\n= ok\ng 6 2\nf 3 0 0 0 1\n> 2 ", "recv 0 0");
    static const char *const gates[] = {"gate 0 2 1 3 8", "gate 1 -1 1 3 8",     "gate 1 9 1 3 8",
                                        "gate 1 2 4 3 8", "gate 1 2 0 3 8",      "gate 1 2 1 3 0",
                                        "gate 1 2 1 3",   "gate 9999999 2 1 3 8"};
    for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
        assert_refused("credittrace 1\n", gates[i]);
    }
}

/* A pool that is too small for the gate, or no gate at all: known at the first line of state. */
static void test_replay_of_a_receiver_needs_a_pool_that_is_large_enough(void **state)
{
    assert_refused("credittrace 1\ngate 2 2 1 3 4\n", "g 0 0");
    assert_refused("credittrace 1\n", "g 0 0");
}

#define LOOP_PARAMETERS "looptrace 1\nsegment 64\nsender 1 1 2 10 0 2\nreceiver 2 1 8 4\n"
#define LOOP_HEAD                                                                                  \
    LOOP_PARAMETERS "p 2 1 1 1 0 0 1\ns 0 0 0 0 0 0 0 0 0 2 0 0\nw 0 0 0\nf 2 1 1 0\n"             \
                    "h 0 0 2 0 0 0 0 0 0\n> 1 "

static void test_replay_of_a_loop_refuses_impossible_calls(void **state)
{
    static const char *const calls[] = {"emit 0 129", "emit 0 0", "emit 1 1",   "emit -1 1",
                                        "flush 1",    "poll 1",   "recycle 0 0"};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_refused(LOOP_HEAD, calls[i]);
    }
    assert_refused(LOOP_HEAD "resume 0\n= ok\n! resume 0\nw 0 0 1\n> 2 ", "back");
    static const char *const senders[] = {"sender 0 1 2 10 0 2", "sender 3 1 2 10 0 2",
                                          "sender 1 1 2 0 0 2", "sender 1 1 2 10 0 0"};
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
        assert_refused("looptrace 1\nsegment 64\n", senders[i]);
    }
    assert_refused("looptrace 1\n", "segment 0");
}

static void test_replay_of_a_loop_needs_all_parameters_and_pools_that_are_large_enough(void **state)
{
    assert_refused("looptrace 1\nsegment 64\nsender 1 1 2 10 0 2\n", "p 0");
    assert_refused("looptrace 1\nsegment 64\nreceiver 2 1 8 4\n", "p 0");
    assert_refused("looptrace 1\nsender 1 1 2 10 0 2\nreceiver 2 1 8 4\n", "p 0");
    assert_refused("looptrace 1\nsegment 64\nsender 1 3 3 10 0 2\nreceiver 2 1 8 4\n", "p 0");
    assert_refused("looptrace 1\nsegment 64\nsender 1 1 2 10 0 2\nreceiver 4 1 8 4\n", "p 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subpartition_does_what_flink_did),
        cmocka_unit_test(test_receiver_does_what_flink_did),
        cmocka_unit_test(test_barriers_overtake_as_they_did_in_flink),
        cmocka_unit_test(test_receivers_put_barriers_in_front_as_flink_did),
        cmocka_unit_test(test_records_are_broadcast_as_flink_did),
        cmocka_unit_test(test_buffers_get_the_sizes_that_flink_gave_them),
        cmocka_unit_test(test_producer_connection_and_consumer_do_what_flink_did),
        cmocka_unit_test(test_replay_of_a_loop_refuses_impossible_calls),
        cmocka_unit_test(
            test_replay_of_a_loop_needs_all_parameters_and_pools_that_are_large_enough),
        cmocka_unit_test(test_replay_of_a_receiver_refuses_impossible_calls),
        cmocka_unit_test(test_replay_of_a_receiver_needs_a_pool_that_is_large_enough),
        cmocka_unit_test(test_replay_of_a_subpartition_refuses_impossible_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
