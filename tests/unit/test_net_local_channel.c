/*
 * Local input channels, which read the producer's subpartition in place (rules LIC).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/channel.h"
#include "models/gate.h"
#include "tests/support/net_fixture.h"

#define SEGMENT 32768u

/* A producer whose one subpartition is read in place. */
struct local {
    struct net_producer producer;
    struct net_local_pool *floating;
    struct net_gate gate;
    int available;
};

static void count_available(void *owner, struct net_gate *gate)
{
    (void)gate;
    ((struct local *)owner)->available++;
}

static void init_local(struct local *local)
{
    struct net_producer_params producer = {0};
    *local = (struct local){0};
    net_producer_init(&local->producer, &producer);
    struct net_local_pool_params pool = {.required = 1, .max = 8, .key = 1};
    local->floating = net_network_pool_create_pool(local->producer.segments.pool, &pool, NULL);
    struct net_gate_params gate = {.segments = &local->producer.segments,
                                   .pool = local->floating,
                                   .channels = 1,
                                   .on_available = count_available,
                                   .owner = local};
    net_gate_init(&local->gate, local->producer.sim, &gate);
    net_channel_init_local(&local->gate.channels[0], &local->gate, 0,
                           &local->producer.partition.subs[0]);
}

static void finish_local(struct local *local)
{
    net_gate_finish(&local->gate);
    net_producer_finish(&local->producer);
}

static struct net_element poll_local(struct local *local)
{
    struct net_element element = {0};
    assert_true(net_gate_poll(&local->gate, &element));
    struct sim_err err = {0};
    assert_true(net_gate_audit(&local->gate, &err));
    return element;
}

/* LIC-1, LIC-2, LIC-3, LIC-4, LIC-5, LIC-6 */
static void test_local_channel_reads_the_producers_buffers_in_place(void **state)
{
    struct local local;
    init_local(&local);
    struct net_channel *channel = &local.gate.channels[0];
    net_channel_open_local(channel);
    struct net_element element;
    assert_false(net_gate_poll(&local.gate, &element));
    assert_int_equal(local.available, 1);
    net_producer_emit(&local.producer, 0, 2 * SEGMENT + 10, 1);
    assert_int_equal(local.available, 2); /* in the producer's call */
    for (uint32_t i = 0; i < 2; i++) {
        element = poll_local(&local);
        assert_int_equal(element.bytes, SEGMENT);
        assert_int_equal(element.sequence, i);
        assert_int_equal(element.next_type, i == 0 ? NET_ELEMENT_DATA : NET_ELEMENT_NONE);
        assert_int_equal(net_local_pool_used(local.producer.pool), 3 - i);
        assert_int_equal(net_local_pool_used(local.floating), 0);
        net_channel_recycle(channel, &element);
        assert_int_equal(net_local_pool_used(local.producer.pool), 2 - i);
    }
    assert_false(net_gate_poll(&local.gate, &element));
    assert_int_equal(net_local_pool_requested(local.floating), 1);
    assert_int_equal(net_network_pool_required(local.producer.segments.pool),
                     net_local_pool_required(local.producer.pool) +
                         net_local_pool_required(local.floating));
    finish_local(&local);
}

/* LIC-3 */
static void test_local_channel_skips_empty_slices(void **state)
{
    struct local local;
    init_local(&local);
    local.producer.partition.group.has_no_exclusive = true; /* delivers them: SUB-8 */
    struct net_channel *channel = &local.gate.channels[0];
    net_channel_open_local(channel);
    net_producer_emit(&local.producer, 0, 10, 1);
    struct net_element element = poll_local(&local); /* LIC-9 */
    net_channel_recycle(channel, &element);
    net_partition_broadcast_event(&local.producer.partition, NET_ELEMENT_EVENT, 4);
    element = poll_local(&local);
    assert_int_equal(element.type, NET_ELEMENT_EVENT);
    assert_int_equal(net_local_pool_used(local.producer.pool), 0);
    finish_local(&local);
}

/* LIC-7, MET-4 */
static void test_queue_of_a_local_channel_is_the_producers(void **state)
{
    struct local local;
    init_local(&local);
    net_channel_open_local(&local.gate.channels[0]);
    net_producer_emit(&local.producer, 0, 2 * SEGMENT + 10, 1);
    assert_int_equal(net_gate_queue_length(&local.gate), 3);
    assert_int_equal(net_partition_queue_length(&local.producer.partition), 3);
    assert_int_equal(net_channel_buffers_in_use(&local.gate.channels[0]), 3);
    finish_local(&local);
}

/* LIC-8 */
static void
test_resume_of_a_local_channel_works_at_once_and_queues_it_if_there_is_data(void **state)
{
    struct local local;
    init_local(&local);
    struct net_channel *channel = &local.gate.channels[0];
    net_channel_open_local(channel);
    net_partition_broadcast_event(&local.producer.partition, NET_ELEMENT_BARRIER, 38);
    assert_int_equal(poll_local(&local).type, NET_ELEMENT_BARRIER);
    net_producer_emit(&local.producer, 0, SEGMENT + 10, 1);
    assert_false(net_gate_is_available(&local.gate));
    net_channel_resume(channel);
    assert_false(local.producer.partition.subs[0].is_blocked);
    assert_true(net_gate_is_available(&local.gate));
    struct net_element element = poll_local(&local);
    net_channel_recycle(channel, &element);
    net_partition_broadcast_event(&local.producer.partition, NET_ELEMENT_BARRIER, 38);
    element = poll_local(&local);
    net_channel_recycle(channel, &element);
    (void)poll_local(&local);
    net_channel_resume(channel);
    assert_false(net_gate_is_available(&local.gate));
    finish_local(&local);
}

/* LIC-9, SUB-7 */
static void test_first_poll_of_a_local_channel_takes_an_open_buffer_without_a_flush(void **state)
{
    struct local local;
    init_local(&local);
    net_producer_emit(&local.producer, 0, 10, 1);
    net_channel_open_local(&local.gate.channels[0]);
    assert_int_equal(local.available, 1);
    struct net_element element = poll_local(&local);
    assert_int_equal(element.bytes, 10);
    net_channel_recycle(&local.gate.channels[0], &element);
    finish_local(&local);
}

/* LIC-2, SUB-11 */
static void test_priority_event_raises_a_local_channel(void **state)
{
    struct local local;
    init_local(&local);
    net_channel_open_local(&local.gate.channels[0]);
    net_partition_broadcast_event(&local.producer.partition, NET_ELEMENT_PRIORITY_EVENT, 38);
    assert_true(local.gate.channels[0].is_queued_with_priority);
    finish_local(&local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_channel_reads_the_producers_buffers_in_place),
        cmocka_unit_test(test_local_channel_skips_empty_slices),
        cmocka_unit_test(test_queue_of_a_local_channel_is_the_producers),
        cmocka_unit_test(
            test_resume_of_a_local_channel_works_at_once_and_queues_it_if_there_is_data),
        cmocka_unit_test(test_first_poll_of_a_local_channel_takes_an_open_buffer_without_a_flush),
        cmocka_unit_test(test_priority_event_raises_a_local_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
