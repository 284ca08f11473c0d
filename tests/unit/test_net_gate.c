/*
 * The input gate: in which order channels are served (rules SIG), what it counts for the metrics
 * (MET-1, MET-2, MET-4, MET-7), and its audit (INV-7, INV-13, INV-14).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/gate.h"
#include "models/local_pool.h"
#include "tests/support/net_fixture.h"

static void init(struct net_receiver *r, uint32_t channels)
{
    struct net_receiver_params params = {.channels = channels};
    net_receiver_init(r, &params);
}

/* Poll the gate, give the buffer back; the index of the channel that was served. */
static uint32_t serve(struct net_receiver *r)
{
    struct net_element element = {0};
    assert_true(net_gate_poll(&r->gate, &element));
    net_receiver_check(r);
    if (element.segment != NET_SEGMENT_NONE) {
        net_channel_recycle(element.channel, &element);
    }
    net_receiver_check(r);
    return element.channel->index;
}

static void serve_nothing(struct net_receiver *r)
{
    struct net_element element;
    assert_false(net_gate_poll(&r->gate, &element));
}

/* SIG-1, SIG-3 */
static void test_gate_is_available_while_a_channel_waits(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    assert_false(net_gate_is_available(&r.gate));
    (void)net_receiver_data(&r, 1, 1, 0);
    assert_true(net_gate_is_available(&r.gate));
    assert_int_equal(r.available, 1);
    (void)net_receiver_data(&r, 0, 1, 0);
    assert_int_equal(r.available, 1);
    assert_int_equal(serve(&r), 1);
    assert_true(net_gate_is_available(&r.gate));
    assert_int_equal(serve(&r), 0);
    assert_false(net_gate_is_available(&r.gate));
    serve_nothing(&r);
    (void)net_receiver_data(&r, 0, 1, 0);
    assert_int_equal(r.available, 2);
    net_receiver_finish(&r);
}

/* SIG-1, SIG-3 */
static void test_channel_waits_at_most_once(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    (void)net_receiver_data(&r, 0, 1, 0);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), false);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), false);
    assert_int_equal(r.gate.queued, 1);
    net_receiver_check(&r);
    (void)serve(&r);
    serve_nothing(&r);
    net_receiver_finish(&r);
}

/* SIG-2 */
static void test_channels_are_served_one_buffer_a_turn_in_the_order_they_came(void **state)
{
    struct net_receiver r;
    init(&r, 3);
    static const uint32_t arrivals[] = {2, 2, 2, 0, 0, 1};
    for (uint32_t i = 0; i < 6; i++) {
        (void)net_receiver_data(&r, arrivals[i], 1, 0);
    }
    static const uint32_t served[] = {2, 0, 1, 2, 0, 2};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(serve(&r), served[i]);
    }
    serve_nothing(&r);
    net_receiver_finish(&r);
}

/* SIG-2 */
static void test_channel_without_anything_costs_no_turn(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), false);
    (void)net_receiver_data(&r, 1, 1, 0);
    assert_int_equal(serve(&r), 1);
    net_receiver_finish(&r);
}

/* SIG-4 */
static void test_channels_with_priority_go_first_in_their_own_order(void **state)
{
    struct net_receiver r;
    init(&r, 4);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_data(&r, 1, 1, 0);
    net_receiver_event(&r, 3, NET_ELEMENT_PRIORITY_EVENT);
    net_receiver_event(&r, 1, NET_ELEMENT_PRIORITY_EVENT); /* moves forward */
    assert_int_equal(r.priority, 1);
    assert_int_equal(r.gate.queued, 3);
    static const uint32_t served[] = {3, 1, 0, 1};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(serve(&r), served[i]);
    }
    serve_nothing(&r);
    net_receiver_event(&r, 2, NET_ELEMENT_PRIORITY_EVENT);
    assert_int_equal(r.priority, 2);
    assert_int_equal(r.available, 2);
    net_receiver_finish(&r);
}

/* SIG-2, SIG-4 */
static void test_channel_whose_next_element_has_priority_stays_in_front(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    (void)net_receiver_data(&r, 1, 1, 0);
    (void)net_receiver_data(&r, 0, 1, 0);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    static const uint32_t served[] = {0, 0, 1, 0};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(serve(&r), served[i]);
    }
    net_receiver_finish(&r);
}

/* SIG-4: a channel that is in front already stays where it is. */
static void test_priority_is_given_once(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    net_receiver_event(&r, 0, NET_ELEMENT_PRIORITY_EVENT);
    net_receiver_event(&r, 1, NET_ELEMENT_PRIORITY_EVENT);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), true);
    assert_int_equal(r.gate.queued, 2);
    assert_int_equal(serve(&r), 0);
    assert_true(net_gate_has_priority(&r.gate));
    assert_int_equal(serve(&r), 1);
    assert_false(net_gate_has_priority(&r.gate));
    net_receiver_finish(&r);
}

/* SIG-5, SIG-3, BM-10 */
static void test_end_of_partition_releases_its_channel_for_good(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    (void)net_receiver_data(&r, 0, 1, 0);
    net_receiver_event(&r, 0, NET_ELEMENT_END);
    assert_int_equal(net_receiver_exclusive(&r), 4);
    (void)serve(&r);
    assert_false(net_receiver_channel(&r, 0)->is_released);
    (void)serve(&r);
    assert_true(net_receiver_channel(&r, 0)->is_released);
    assert_int_equal(net_receiver_exclusive(&r), 2);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), false);
    net_gate_notify(&r.gate, net_receiver_channel(&r, 0), true);
    assert_false(net_gate_is_available(&r.gate));
    net_receiver_finish(&r);
}

/* MET-1, MET-2, MET-4, MET-7 */
static void test_gate_counts_what_its_metrics_are_made_of(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    for (uint32_t i = 0; i < 3; i++) {
        (void)net_receiver_data(&r, 0, 1, 0);
    }
    net_receiver_event(&r, 1, NET_ELEMENT_EVENT);
    assert_int_equal(net_local_pool_used(r.pool), 3);
    assert_int_equal(net_gate_floating_used(&r.gate), 2); /* one is held as credit */
    assert_int_equal(net_gate_exclusive_used(&r.gate), 1);
    assert_int_equal(r.gate.used_level.value, 3);
    assert_int_equal(net_gate_queue_length(&r.gate), 4);
    assert_int_equal(r.gate.queued_elements, 4);
    for (uint32_t i = 0; i < 4; i++) {
        (void)serve(&r);
    }
    assert_int_equal(r.gate.used_level.value, 0);
    assert_int_equal(net_gate_queue_length(&r.gate), 0);
    assert_int_equal(r.gate.buffers_in_remote, 4);
    assert_int_equal(r.gate.buffers_in_local, 0);
    net_receiver_finish(&r);
}

static void expect_broken(const struct net_receiver *r, const char *rule)
{
    struct sim_err err = {0};
    assert_false(net_gate_audit(&r->gate, &err));
    assert_memory_equal(err.text, rule, strlen(rule));
}

/* INV-7 */
static void test_audit_finds_a_lost_floating_buffer(void **state)
{
    struct net_receiver r;
    init(&r, 1);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_take(&r, 0);
    (void)net_receiver_take(&r, 0);
    r.gate.channels[0].floating_read--;
    expect_broken(&r, "INV-7");
    r.gate.channels[0].floating_read++;
    r.gate.floating_held--;
    expect_broken(&r, "INV-7");
    r.gate.floating_held++;
    (void)net_local_pool_request(r.pool, NET_NO_SUBPARTITION); /* by nobody the gate knows */
    expect_broken(&r, "INV-7");
    net_receiver_finish(&r);
}

/* INV-8 */
static void test_audit_looks_at_every_channel(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    r.gate.channels[1].exclusive_read++;
    expect_broken(&r, "INV-8");
    net_receiver_finish(&r);
}

/* INV-13 */
static void test_audit_finds_a_channel_that_is_queued_twice_or_not_at_all(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    (void)net_receiver_data(&r, 0, 1, 0);
    (void)net_receiver_data(&r, 1, 1, 0);
    r.gate.channels[1].next_ready = 0;
    expect_broken(&r, "INV-13");
    r.gate.channels[1].next_ready = NET_CHANNEL_NONE;
    r.gate.channels[0].is_queued = false;
    expect_broken(&r, "INV-13");
    r.gate.channels[0].is_queued = true;
    r.gate.queued = 1;
    expect_broken(&r, "INV-13");
    r.gate.queued = 2;
    r.gate.ready_tail = 0;
    expect_broken(&r, "INV-13");
    net_receiver_finish(&r);
}

/* INV-14 */
static void test_audit_finds_a_channel_that_waits_for_nothing_or_does_not_know(void **state)
{
    struct net_receiver r;
    init(&r, 2);
    net_channel_on_backlog(&r.gate.channels[0], 9);
    assert_true(r.gate.channels[0].is_waiting);
    net_receiver_check(&r);
    r.gate.channels[0].is_waiting = false;
    expect_broken(&r, "INV-14");
    r.gate.channels[0].is_waiting = true;
    r.gate.channels[1].is_waiting = true;
    expect_broken(&r, "INV-14");
    r.gate.channels[1].is_waiting = false;
    r.gate.channels[0].listener.next = &r.gate.channels[0].listener;
    expect_broken(&r, "INV-14");
    net_receiver_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_is_available_while_a_channel_waits),
        cmocka_unit_test(test_channel_waits_at_most_once),
        cmocka_unit_test(test_channels_are_served_one_buffer_a_turn_in_the_order_they_came),
        cmocka_unit_test(test_channel_without_anything_costs_no_turn),
        cmocka_unit_test(test_channels_with_priority_go_first_in_their_own_order),
        cmocka_unit_test(test_channel_whose_next_element_has_priority_stays_in_front),
        cmocka_unit_test(test_priority_is_given_once),
        cmocka_unit_test(test_end_of_partition_releases_its_channel_for_good),
        cmocka_unit_test(test_gate_counts_what_its_metrics_are_made_of),
        cmocka_unit_test(test_audit_finds_a_lost_floating_buffer),
        cmocka_unit_test(test_audit_looks_at_every_channel),
        cmocka_unit_test(test_audit_finds_a_channel_that_is_queued_twice_or_not_at_all),
        cmocka_unit_test(test_audit_finds_a_channel_that_waits_for_nothing_or_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
