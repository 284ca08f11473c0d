/*
 * The records on their way through a channel: where a record ends, and in which call a buffer is
 * used up (rules DES).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/flow.h"

static void push(struct net_flow *flow, int32_t key, uint32_t bytes)
{
    struct net_record record = {.emitted = 10 * key, .key = key, .bytes = bytes};
    net_flow_push(flow, &record);
}

/* The call gives this record and leaves so many bytes of the buffer. */
static void expect_record(struct net_flow *flow, uint32_t *left, int32_t key, uint32_t rest)
{
    struct net_record record;
    assert_true(net_flow_read(flow, left, &record));
    assert_int_equal(record.key, key);
    assert_int_equal(record.emitted, 10 * key);
    assert_int_equal(*left, rest);
}

static void expect_used_up(struct net_flow *flow, uint32_t *left)
{
    struct net_record record;
    assert_false(net_flow_read(flow, left, &record));
    assert_int_equal(*left, 0);
}

static void finish(struct net_flow *flow)
{
    net_ring_finish(&flow->records);
}

/* DES-2 */
static void test_records_that_lie_in_the_buffer_come_one_by_one(void **state)
{
    struct net_flow flow = {0};
    for (int32_t i = 0; i < 3; i++) {
        push(&flow, i, 100);
    }
    uint32_t left = 300;
    expect_record(&flow, &left, 0, 200);
    expect_record(&flow, &left, 1, 100);
    expect_record(&flow, &left, 2, 0);
    finish(&flow);
}

/* DES-4: the buffer is used up in the call that gives its last record, before it is processed. */
static void test_record_that_ends_with_the_buffer_uses_it_up(void **state)
{
    struct net_flow flow = {0};
    push(&flow, 1, 100);
    push(&flow, 2, 100);
    uint32_t left = 100;
    expect_record(&flow, &left, 1, 0);
    assert_int_equal(flow.gathered, 0);
    assert_int_equal(flow.records.count, 1);
    finish(&flow);
}

/* DES-4, DES-2: what is left of the next record is taken in the next call, and not before. */
static void test_partial_record_is_gathered_in_a_call_of_its_own(void **state)
{
    struct net_flow flow = {0};
    push(&flow, 1, 100);
    push(&flow, 2, 100);
    uint32_t left = 130;
    expect_record(&flow, &left, 1, 30);
    assert_int_equal(flow.gathered, 0);
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 30);
    finish(&flow);
}

/* DES-1, DES-3 */
static void test_new_buffer_first_completes_the_record_that_was_begun(void **state)
{
    struct net_flow flow = {0};
    push(&flow, 1, 250);
    push(&flow, 2, 50);
    push(&flow, 3, 50);
    uint32_t left = 100;
    expect_used_up(&flow, &left);
    left = 100;
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 200);
    left = 120;
    expect_record(&flow, &left, 1, 70);
    assert_int_equal(flow.gathered, 0);
    expect_record(&flow, &left, 2, 20);
    expect_used_up(&flow, &left);
    left = 30;
    expect_record(&flow, &left, 3, 0);
    finish(&flow);
}

/* DES-2 (2): a length that is split, too. */
static void test_length_can_be_split(void **state)
{
    struct net_flow flow = {0};
    push(&flow, 1, 20);
    push(&flow, 2, 20);
    uint32_t left = 23;
    expect_record(&flow, &left, 1, 3);
    expect_used_up(&flow, &left);
    assert_int_equal(flow.gathered, 3);
    left = 17;
    expect_record(&flow, &left, 2, 0);
    finish(&flow);
}

/* DES-1: each channel gathers for itself. */
static void test_channels_do_not_share_what_they_gathered(void **state)
{
    struct net_flow a = {0};
    struct net_flow b = {0};
    push(&a, 1, 100);
    push(&b, 2, 100);
    uint32_t left = 60;
    expect_used_up(&a, &left);
    left = 50;
    expect_used_up(&b, &left);
    left = 40;
    expect_record(&a, &left, 1, 0);
    left = 50;
    expect_record(&b, &left, 2, 0);
    finish(&a);
    finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_that_lie_in_the_buffer_come_one_by_one),
        cmocka_unit_test(test_record_that_ends_with_the_buffer_uses_it_up),
        cmocka_unit_test(test_partial_record_is_gathered_in_a_call_of_its_own),
        cmocka_unit_test(test_new_buffer_first_completes_the_record_that_was_begun),
        cmocka_unit_test(test_length_can_be_split),
        cmocka_unit_test(test_channels_do_not_share_what_they_gathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
