/* Links: bandwidth, latency, slow phases, stalls, jitter in order, shared interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/link.h"

#define MB 1e6

static struct net_passage send(struct net_link *link, sim_time now, int64_t bytes)
{
    return net_link_send(link, now, bytes, 0);
}

static void test_message_takes_its_size_over_the_bandwidth_and_arrives_later(void **state)
{
    (void)state;
    const struct net_link_spec spec = {.bytes_per_second = MB, .latency = 3 * SIM_MS};
    struct net_link link;
    net_link_init(&link, &spec);
    struct net_passage first = send(&link, SIM_S, 1000);
    struct net_passage second = send(&link, SIM_S, 2000);
    assert_int_equal(first.sent, SIM_S + SIM_MS);
    assert_int_equal(first.arrival, SIM_S + 4 * SIM_MS);
    assert_int_equal(second.sent, SIM_S + 3 * SIM_MS);
    assert_int_equal(send(&link, 2 * SIM_S, 1000).sent, 2 * SIM_S + SIM_MS);
}

static void test_stall_holds_back_and_the_rest_follows(void **state)
{
    (void)state;
    const struct net_link_phase stall = {{.at = 10 * SIM_MS, .length = 50 * SIM_MS}, 0.0};
    const struct net_link_spec spec = {.bytes_per_second = MB, .slow = &stall, .slow_count = 1};
    struct net_link link;
    net_link_init(&link, &spec);
    assert_int_equal(send(&link, 9 * SIM_MS, 3000).sent, 62 * SIM_MS); /* 1 ms before, 2 after */
    assert_int_equal(send(&link, 9 * SIM_MS, 1000).sent, 63 * SIM_MS);
    assert_int_equal(send(&link, 70 * SIM_MS, 1000).sent, 71 * SIM_MS);
}

/* Two stalls that leave no time between them. */
static void test_message_that_is_never_through_is_known_to_be(void **state)
{
    (void)state;
    const struct net_link_phase stalls[] = {
        {{.at = 10 * SIM_MS, .length = 60 * SIM_MS, .every = 100 * SIM_MS}, 0.0},
        {{.at = 60 * SIM_MS, .length = 60 * SIM_MS, .every = 100 * SIM_MS}, 0.0},
    };
    const struct net_link_spec spec = {.bytes_per_second = MB, .slow = stalls, .slow_count = 2};
    struct net_link link;
    net_link_init(&link, &spec);
    link.horizon = 5 * SIM_S;
    assert_int_equal(send(&link, 0, 1000).sent, SIM_MS);
    assert_int_equal(send(&link, 0, 10000).sent, NET_LINK_NEVER);
    assert_int_equal(send(&link, 7 * SIM_MS, 1).sent, NET_LINK_NEVER);
}

static void test_slow_phase_comes_again_and_the_slowest_of_two_counts(void **state)
{
    (void)state;
    const struct net_link_phase slow[] = {
        {{.at = 0, .length = 10 * SIM_MS, .every = 100 * SIM_MS}, 0.5},
        {{.at = 205 * SIM_MS, .length = 10 * SIM_MS}, 0.1},
    };
    const struct net_link_spec spec = {.bytes_per_second = MB, .slow = slow, .slow_count = 2};
    struct net_link link;
    net_link_init(&link, &spec);
    assert_int_equal(send(&link, 0, 1000).sent, 2 * SIM_MS);
    assert_int_equal(send(&link, 50 * SIM_MS, 1000).sent, 51 * SIM_MS);
    /* 8 ms at one half, then at full speed */
    assert_int_equal(send(&link, 102 * SIM_MS, 6000).sent, 112 * SIM_MS);
    /* 5 ms at one half, 10 ms at a tenth */
    assert_int_equal(send(&link, 200 * SIM_MS, 4500).sent, 216 * SIM_MS);
}

static void test_sockets_absorb_up_to_their_size(void **state) /* NET-7 */
{
    (void)state;
    const struct net_link_phase stall = {{.at = 10 * SIM_MS, .length = 50 * SIM_MS}, 0.0};
    const struct net_link_spec plain = {.bytes_per_second = MB};
    const struct net_link_spec stalled = {.bytes_per_second = MB, .slow = &stall, .slow_count = 1};
    struct net_link link;
    net_link_init(&link, &plain);
    assert_int_equal(net_link_send(&link, 0, 3000, 2000).absorbed, SIM_MS);
    assert_int_equal(net_link_send(&link, 0, 1000, 2000).absorbed, 2 * SIM_MS);
    net_link_init(&link, &stalled);
    /* 1000 B go out before the stall; of the 2000 B left the sockets take all */
    assert_int_equal(net_link_send(&link, 9 * SIM_MS, 3000, 2000).absorbed, 10 * SIM_MS);
    assert_int_equal(net_link_send(&link, 9 * SIM_MS, 1000, 2000).absorbed, 61 * SIM_MS);
}

/* A link that is busy all the time: what has gone by is not gone through again with every message,
 * which would take minutes here. */
static void test_sockets_of_a_busy_link_look_at_every_phase_once(void **state) /* NET-7 */
{
    (void)state;
    enum { ROUNDS = 200000 };
    const struct net_link_phase half = {{.at = 0, .length = SIM_MS, .every = 2 * SIM_MS}, 0.5};
    const struct net_link_spec spec = {.bytes_per_second = MB, .slow = &half, .slow_count = 1};
    struct net_link link;
    net_link_init(&link, &spec);
    for (int64_t round = 0; round < ROUNDS; round++) { /* each 2 ms: 500 B, then 1000 B */
        struct net_passage passage = net_link_send(&link, 0, 1500, 1000);
        assert_int_equal(passage.sent, 2 * (round + 1) * SIM_MS);
        assert_int_equal(passage.absorbed, 2 * round * SIM_MS + SIM_MS);
    }
}

/* FIFO: a message that is delayed delays those behind it, it is not overtaken. */
static void test_jitter_keeps_the_order(void **state)
{
    (void)state;
    const struct net_link_spec spec = {.bytes_per_second = 1000 * MB,
                                       .latency = SIM_MS,
                                       .jitter = {.kind = SIM_DIST_EXPONENTIAL, .a = SIM_MS}};
    struct net_link link;
    net_link_init(&link, &spec);
    net_link_seed(&link, 1, 0, "link");
    sim_time last = 0;
    int64_t sum = 0;
    int pushed = 0;
    for (int i = 0; i < 1000; i++) {
        sim_time now = i * 100 * SIM_US;
        struct net_passage passage = send(&link, now, 1000);
        assert_true(passage.arrival >= last);
        assert_true(passage.arrival >= passage.sent + spec.latency);
        pushed += passage.arrival == last;
        sum += passage.arrival - passage.sent;
        last = passage.arrival;
    }
    assert_true(pushed > 0);
    assert_true(sum / 1000 > 2 * SIM_MS);
}

static void test_interface_is_shared_by_all_links_of_a_task_manager(void **state)
{
    (void)state;
    const struct net_link_spec spec = {.bytes_per_second = MB, .latency = SIM_MS};
    struct net_nic nic = {.bytes_per_second = MB};
    struct net_link one;
    struct net_link other;
    net_link_init(&one, &spec);
    net_link_init(&other, &spec);
    one.from = &nic;
    other.from = &nic;
    assert_int_equal(send(&one, 0, 1000).sent, SIM_MS);
    assert_int_equal(send(&other, 0, 1000).sent, 2 * SIM_MS);
    assert_int_equal(send(&one, 0, 1000).sent, 3 * SIM_MS);
    one.from = NULL;
    one.to = &nic;
    assert_int_equal(send(&one, 0, 1000).arrival, 5 * SIM_MS);
}

static void test_stalled_link_does_not_hold_up_the_interface(void **state)
{
    (void)state;
    const struct net_link_phase stall = {{.at = 0, .length = SIM_S}, 0.0};
    const struct net_link_spec stalled = {.bytes_per_second = MB, .slow = &stall, .slow_count = 1};
    const struct net_link_spec plain = {.bytes_per_second = MB};
    struct net_nic nic = {.bytes_per_second = MB};
    struct net_link one;
    struct net_link other;
    net_link_init(&one, &stalled);
    net_link_init(&other, &plain);
    one.from = &nic;
    other.from = &nic;
    assert_int_equal(send(&one, 0, 1000).sent, SIM_S + SIM_MS);
    assert_int_equal(send(&other, 0, 1000).sent, 2 * SIM_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_takes_its_size_over_the_bandwidth_and_arrives_later),
        cmocka_unit_test(test_stall_holds_back_and_the_rest_follows),
        cmocka_unit_test(test_message_that_is_never_through_is_known_to_be),
        cmocka_unit_test(test_slow_phase_comes_again_and_the_slowest_of_two_counts),
        cmocka_unit_test(test_sockets_absorb_up_to_their_size),
        cmocka_unit_test(test_sockets_of_a_busy_link_look_at_every_phase_once),
        cmocka_unit_test(test_jitter_keeps_the_order),
        cmocka_unit_test(test_interface_is_shared_by_all_links_of_a_task_manager),
        cmocka_unit_test(test_stalled_link_does_not_hold_up_the_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
