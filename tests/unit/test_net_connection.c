/*
 * A connection between two task managers on a simulated clock (rules NET, PRQ-2, PRQ-6 and RIC-4).
 * The links send a byte a nanosecond, so times can be told from sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/connection.h"
#include "models/gate.h"
#include "models/local_pool.h"
#include "tests/support/net_fixture.h"

#define SEGMENT 32768
#define HEADER 47
#define FULL (HEADER + SEGMENT) /* bytes of a full buffer on the wire */
#define HANDOVER 1000
#define LATENCY 100000
#define CREDIT 29 /* bytes of AddCredit */
#define RESUME 25

struct fixture {
    struct sim *sim;
    struct net_producer producer;
    struct net_receiver receiver;
    struct net_link_spec link;
    struct net_connection connection;
    struct net_reader readers[NET_FIXTURE_CHANNELS];
};

static void init_with(struct fixture *f, uint32_t channels, uint32_t exclusive,
                      int64_t socket_bytes)
{
    *f = (struct fixture){.sim = sim_create()};
    struct net_producer_params producer = {
        .sim = f->sim, .subpartitions = channels, .exclusive = exclusive};
    struct net_receiver_params receiver = {
        .sim = f->sim, .channels = channels, .exclusive = exclusive};
    net_producer_init(&f->producer, &producer);
    net_receiver_init(&f->receiver, &receiver);
    f->link = (struct net_link_spec){.bytes_per_second = 1e9, .latency = LATENCY};
    struct net_connection_params params = {.data = &f->link,
                                           .control = &f->link,
                                           .handover = HANDOVER,
                                           .socket_bytes = socket_bytes,
                                           .header_bytes = HEADER};
    net_connection_init(&f->connection, f->sim, &params);
    for (uint32_t i = 0; i < channels; i++) {
        struct net_channel *channel = net_receiver_channel(&f->receiver, i);
        channel->client = &f->connection.client;
        channel->reader = &f->readers[i];
        net_reader_init(&f->readers[i], &f->connection.sender, &f->producer.partition.subs[i],
                        channel, channel->gate->exclusive);
        net_reader_subscribe(&f->readers[i]);
    }
}

static void init(struct fixture *f, uint32_t channels)
{
    init_with(f, channels, 2, 0);
}

static void finish(struct fixture *f)
{
    net_connection_finish(&f->connection);
    net_producer_finish(&f->producer);
    net_receiver_finish(&f->receiver);
    sim_destroy(f->sim);
}

static void check(const struct fixture *f)
{
    struct sim_err err = {0};
    for (uint32_t i = 0; i < f->producer.partition.count; i++) {
        if (!net_connection_audit(&f->readers[i], &err)) {
            fail_msg("%s", err.text);
        }
    }
    net_producer_check(&f->producer);
    net_receiver_check(&f->receiver);
}

/* Everything up to `until` happens. */
static void run(struct fixture *f, sim_time until)
{
    (void)sim_run(f->sim, until);
    check(f);
}

static uint32_t arrived(struct fixture *f, uint32_t channel)
{
    return net_channel_queued(net_receiver_channel(&f->receiver, channel));
}

/* NET-4, NET-7, PRQ-2: hand-over, size over bandwidth, latency. */
static void test_message_takes_its_size_and_the_latency(void **state)
{
    struct fixture f;
    init(&f, 1);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    run(&f, HANDOVER - 1);
    assert_int_equal(f.connection.messages, 0);
    run(&f, HANDOVER + FULL - 1);
    assert_int_equal(f.connection.messages, 1);
    assert_int_equal(net_local_pool_used(f.producer.pool), 2);
    run(&f, HANDOVER + FULL); /* its last byte is on the link: the segment is free */
    assert_int_equal(net_local_pool_used(f.producer.pool), 1);
    run(&f, HANDOVER + FULL + LATENCY - 1);
    assert_int_equal(arrived(&f, 0), 0);
    assert_int_equal(f.connection.flights.count, 1);
    run(&f, HANDOVER + FULL + LATENCY);
    assert_int_equal(arrived(&f, 0), 1);
    assert_int_equal(f.connection.wire_bytes, FULL);
    finish(&f);
}

/* NET-4, RIC-4: credit that an arrival brings needs no hand-over. */
static void test_credit_goes_back_as_a_message_of_29_bytes(void **state)
{
    struct fixture f;
    init(&f, 1);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    sim_time arrival = HANDOVER + FULL + LATENCY;
    run(&f, arrival + CREDIT + LATENCY - 1);
    assert_int_equal(f.readers[0].credit, 1);
    run(&f, arrival + CREDIT + LATENCY);
    assert_int_equal(f.readers[0].credit, 2);
    assert_false(net_connection_is_busy(&f.connection));
    finish(&f);
}

/* RIC-4 */
static void test_credit_that_the_task_frees_is_handed_over_and_gathers_meanwhile(void **state)
{
    struct fixture f;
    init(&f, 1);
    struct net_channel *channel = net_receiver_channel(&f.receiver, 0);
    net_channel_on_backlog(channel, 1);
    net_channel_on_backlog(channel, 3);
    assert_int_equal(channel->unannounced, 3);
    run(&f, HANDOVER - 1);
    assert_int_equal(channel->unannounced, 3);
    net_channel_on_backlog(channel, 4); /* comes in time */
    run(&f, HANDOVER);
    assert_int_equal(channel->unannounced, 0);
    net_channel_on_backlog(channel, 5); /* too late: a message of its own */
    run(&f, HANDOVER + CREDIT + LATENCY);
    assert_int_equal(f.readers[0].credit, 2 + 4);
    run(&f, 2 * HANDOVER + CREDIT + LATENCY);
    assert_int_equal(f.readers[0].credit, 2 + 5);
    finish(&f);
}

/* RIC-4 */
static void test_credit_of_a_released_channel_is_dropped(void **state)
{
    struct fixture f;
    init(&f, 1);
    struct net_channel *channel = net_receiver_channel(&f.receiver, 0);
    net_channel_on_backlog(channel, 2);
    net_channel_release(channel);
    run(&f, SIM_S);
    assert_int_equal(f.readers[0].credit, 2);
    finish(&f);
}

/* NET-4, CRD-7 */
static void test_resume_is_a_message_of_25_bytes(void **state)
{
    struct fixture f;
    init(&f, 1);
    net_partition_broadcast_event(&f.producer.partition, NET_ELEMENT_BARRIER, 38);
    run(&f, SIM_S);
    assert_true(f.producer.partition.subs[0].is_blocked);
    sim_time resumed = sim_now(f.sim);
    net_channel_resume(net_receiver_channel(&f.receiver, 0));
    run(&f, resumed + HANDOVER + RESUME + LATENCY - 1);
    assert_true(f.producer.partition.subs[0].is_blocked);
    run(&f, resumed + HANDOVER + RESUME + LATENCY);
    assert_false(f.producer.partition.subs[0].is_blocked);
    finish(&f);
}

/* NET-4, PRQ-7 */
static void test_announcement_is_a_message_of_29_bytes(void **state)
{
    struct fixture f;
    init_with(&f, 1, NET_FIXTURE_NOTHING, 0);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    run(&f, HANDOVER + 29 + LATENCY - 1);
    assert_int_equal(net_receiver_channel(&f.receiver, 0)->required, 0);
    run(&f, HANDOVER + 29 + LATENCY);
    assert_int_equal(net_receiver_channel(&f.receiver, 0)->required, 1);
    finish(&f);
}

/* PRQ-4, BB-9: the next buffer is written when the one before is on the link. */
static void test_one_buffer_is_written_at_a_time(void **state)
{
    struct fixture f;
    init(&f, 1);
    net_producer_emit(&f.producer, 0, 2 * SEGMENT + 1, 1);
    run(&f, HANDOVER);
    assert_int_equal(f.connection.messages, 1);
    run(&f, HANDOVER + FULL - 1);
    assert_int_equal(f.connection.messages, 1);
    run(&f, HANDOVER + FULL);
    assert_int_equal(f.connection.messages, 2);
    finish(&f);
}

/* NET-5, PRQ-5, PRQ-6, TRAP-23 */
static void test_two_full_buffers_make_the_connection_unwritable(void **state)
{
    struct fixture f;
    init(&f, 3);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    net_producer_emit(&f.producer, 1, SEGMENT + 1, 1);
    run(&f, HANDOVER);
    assert_int_equal(f.connection.messages, 2); /* 0 had left the queue when 1 came */
    assert_int_equal(f.connection.pending_bytes, 2 * 33007);
    assert_true(f.connection.is_unwritable);
    net_producer_emit(&f.producer, 2, SEGMENT + 1, 1);
    run(&f, HANDOVER + FULL); /* the first is written: 33007 bytes are still above 32768 */
    assert_int_equal(f.connection.pending_bytes, 33007);
    assert_int_equal(f.connection.messages, 2);
    run(&f, HANDOVER + 2 * FULL - 1);
    assert_int_equal(f.connection.messages, 2);
    run(&f, HANDOVER + 2 * FULL);
    assert_int_equal(f.connection.messages, 3);
    assert_false(f.connection.is_unwritable);
    finish(&f);
}

/* PRQ-6: regaining writability starts one write, after which it goes on one by one. */
static void test_two_writes_at_once_do_not_go_on_for_ever(void **state)
{
    struct fixture f;
    init_with(&f, 3, 4, 0);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    net_producer_emit(&f.producer, 1, 3 * SEGMENT + 1, 1);
    run(&f, HANDOVER);
    net_producer_emit(&f.producer, 2, 3 * SEGMENT + 1, 1);
    assert_int_equal(f.connection.messages, 2);
    run(&f, HANDOVER + 2 * FULL);
    assert_int_equal(f.connection.messages, 3);
    run(&f, HANDOVER + 3 * FULL);
    assert_int_equal(f.connection.messages, 4);
    finish(&f);
}

/* NET-5: small messages stay below the mark. */
static void test_small_messages_leave_the_connection_writable(void **state)
{
    struct fixture f;
    init(&f, 2);
    net_producer_emit(&f.producer, 0, 100, 1);
    net_producer_emit(&f.producer, 1, 100, 1);
    net_partition_flush_all(&f.producer.partition);
    run(&f, HANDOVER);
    assert_int_equal(f.connection.messages, 2);
    assert_int_equal(f.connection.pending_bytes, 2 * (47 + 96 + 100 + 96));
    assert_false(f.connection.is_unwritable);
    finish(&f);
}

/* NET-7 */
static void test_sockets_absorb_bytes_and_free_segments_early(void **state)
{
    struct fixture f;
    init_with(&f, 1, 4, FULL + 1000);
    net_producer_emit(&f.producer, 0, 3 * SEGMENT + 1, 1);
    run(&f, HANDOVER); /* the first is absorbed at once, the second but for FULL - 1000 bytes */
    assert_int_equal(f.connection.messages, 2);
    assert_int_equal(net_local_pool_used(f.producer.pool), 3);
    run(&f, HANDOVER + FULL - 1001);
    assert_int_equal(net_local_pool_used(f.producer.pool), 3);
    run(&f, HANDOVER + FULL - 1000);
    assert_int_equal(net_local_pool_used(f.producer.pool), 2);
    run(&f, HANDOVER + FULL + LATENCY - 1);
    assert_int_equal(arrived(&f, 0), 0); /* they arrive no earlier */
    run(&f, HANDOVER + FULL + LATENCY);
    assert_int_equal(arrived(&f, 0), 1);
    finish(&f);
}

/* NET-8, PRQ-4: what was written first arrives first, whatever its size. */
static void test_messages_arrive_in_the_order_they_were_written(void **state)
{
    struct fixture f;
    init(&f, 2);
    net_producer_emit(&f.producer, 1, SEGMENT + 1, 1);
    net_producer_emit(&f.producer, 0, 10, 1);
    net_partition_flush(&f.producer.partition, 0);
    run(&f, HANDOVER + FULL + LATENCY);
    assert_int_equal(f.connection.messages, 2);
    assert_int_equal(arrived(&f, 1), 1);
    assert_int_equal(arrived(&f, 0), 0);
    run(&f, HANDOVER + FULL + HEADER + 10 + LATENCY);
    assert_int_equal(arrived(&f, 0), 1);
    finish(&f);
}

/* NET-8: client messages are one queue, too. */
static void test_client_messages_arrive_in_the_order_they_were_posted(void **state)
{
    struct fixture f;
    init(&f, 2);
    net_channel_on_backlog(net_receiver_channel(&f.receiver, 1), 1);
    net_channel_on_backlog(net_receiver_channel(&f.receiver, 0), 1);
    run(&f, HANDOVER + CREDIT + LATENCY);
    assert_int_equal(f.readers[1].credit, 3);
    assert_int_equal(f.readers[0].credit, 2);
    run(&f, HANDOVER + 2 * CREDIT + LATENCY);
    assert_int_equal(f.readers[0].credit, 3);
    finish(&f);
}

/* NET-8: what the event loop posts itself waits for what was posted before. */
static void test_credit_of_an_arrival_goes_behind_what_is_being_handed_over(void **state)
{
    struct fixture f;
    init(&f, 2);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    sim_time arrival = HANDOVER + FULL + LATENCY;
    run(&f, arrival - 1);
    net_channel_on_backlog(net_receiver_channel(&f.receiver, 1), 1);
    run(&f, arrival - 1 + HANDOVER + CREDIT + LATENCY);
    assert_int_equal(f.readers[1].credit, 3);
    assert_int_equal(f.readers[0].credit, 1);
    run(&f, arrival - 1 + HANDOVER + 2 * CREDIT + LATENCY);
    assert_int_equal(f.readers[0].credit, 2);
    finish(&f);
}

/* PRQ-8 */
static void test_reader_that_attaches_late_sends_what_is_there(void **state)
{
    struct fixture f;
    init(&f, 1);
    f.producer.partition.subs[0].reader = NULL;
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    net_reader_attach(&f.readers[0]);
    run(&f, HANDOVER + FULL + LATENCY);
    assert_int_equal(arrived(&f, 0), 1);
    finish(&f);
}

/* SIM-5: each channel at its time, also those of one instant; then what is there goes. Without
 * exclusive buffers a backlog is told, and credit comes, before. */
static void test_sender_hears_of_a_channel_when_it_opens(void **state)
{
    struct fixture f;
    init(&f, 3);
    for (uint32_t i = 0; i < 3; i++) {
        f.producer.partition.subs[i].reader = NULL;
        net_producer_emit(&f.producer, i, SEGMENT + 1, 1);
    }
    struct net_reader *readers[] = {&f.readers[2], &f.readers[0], &f.readers[1]};
    readers[0]->opens_at = 5000000;
    readers[1]->opens_at = readers[2]->opens_at = 9000000;
    net_connection_open(&f.connection, readers, 3, 1000000);
    assert_true(net_connection_is_busy(&f.connection));
    run(&f, 5000000 + HANDOVER + FULL + LATENCY - 1);
    assert_int_equal(arrived(&f, 2), 0);
    run(&f, 9000000);
    assert_int_equal(arrived(&f, 2), 1);
    assert_int_equal(arrived(&f, 0) + arrived(&f, 1), 0);
    run(&f, 9000000 + HANDOVER + 2 * FULL + LATENCY);
    assert_int_equal(arrived(&f, 0), 1);
    assert_int_equal(arrived(&f, 1), 1);
    run(&f, 20000000);
    assert_false(net_connection_is_busy(&f.connection));
    finish(&f);
}

static void test_backlogs_are_told_before_channels_open(void **state)
{
    struct fixture f;
    init_with(&f, 2, NET_FIXTURE_NOTHING, 0);
    for (uint32_t i = 0; i < 2; i++) {
        f.producer.partition.subs[i].reader = NULL;
        net_producer_emit(&f.producer, i, SEGMENT + 1, 1);
    }
    struct net_reader *readers[] = {&f.readers[1], &f.readers[0]};
    readers[0]->opens_at = 5000000;
    readers[1]->opens_at = 9000000;
    net_connection_open(&f.connection, readers, 2, 1000000);
    run(&f, 1000000 - 1);
    assert_int_equal(f.connection.messages, 0);
    run(&f, 5000000 - 1);
    assert_int_equal(f.connection.messages, 2); /* announcements */
    assert_int_equal(f.readers[0].credit, 1);
    assert_int_equal(f.readers[1].credit, 1);
    assert_int_equal(arrived(&f, 0) + arrived(&f, 1), 0);
    run(&f, 9000000 - 1);
    assert_int_equal(arrived(&f, 1), 1);
    run(&f, 20000000);
    assert_int_equal(arrived(&f, 0), 1);
    finish(&f);
}

/* SIM-2, PRQ-2: with jitter hand-overs differ, and notifications still come in their order. */
static void test_hand_overs_keep_their_order_however_long_they_take(void **state)
{
    struct fixture f;
    init(&f, 3);
    f.connection.params.jitter = 1.0;
    sim_stream_init(&f.connection.handovers, 1, 0, "connection", "hand-over");
    sim_time last = 0;
    bool has_shorter = false;
    bool has_longer = false;
    for (uint32_t i = 0; i < 60; i++) {
        sim_time now = sim_now(f.sim);
        uint64_t before = f.connection.messages;
        net_producer_emit(&f.producer, 0, SEGMENT, 1);
        net_producer_emit(&f.producer, 0, 1, 1);
        while (f.connection.messages == before) {
            run(&f, sim_now(f.sim) + 50);
        }
        has_shorter = has_shorter || sim_now(f.sim) - now < HANDOVER / 2;
        has_longer = has_longer || sim_now(f.sim) - now > 2 * HANDOVER;
        assert_true(f.connection.posted_until >= last);
        last = f.connection.posted_until;
        struct net_element element;
        run(&f, sim_now(f.sim) + SIM_MS);
        net_producer_emit(&f.producer, 0, SEGMENT - 1, 1);
        net_partition_flush_all(&f.producer.partition);
        run(&f, sim_now(f.sim) + SIM_MS);
        while (net_gate_poll(&f.receiver.gate, &element)) {
            net_channel_recycle(element.channel, &element);
        }
        run(&f, sim_now(f.sim) + SIM_MS);
    }
    assert_true(has_shorter && has_longer);
    finish(&f);
}

/* BM, RIC, CRD, PRQ together, with every audit at every step: nothing is lost on the way. */
static void test_long_exchange_loses_neither_bytes_nor_credit(void **state)
{
    struct fixture f;
    init(&f, 3);
    uint64_t emitted = 0;
    uint64_t read = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t bytes = 1 + (i * 7919) % 20000;
        uint32_t target = i % 7 == 0 ? 0 : i % 3;
        if (net_partition_is_available(&f.producer.partition)) {
            net_producer_emit(&f.producer, target, bytes, 1);
            emitted += bytes;
        }
        if (i % 11 == 0) {
            net_partition_flush_all(&f.producer.partition);
        }
        struct net_element element;
        if (i % 2 == 0 && net_gate_poll(&f.receiver.gate, &element)) {
            read += element.bytes;
            net_channel_recycle(element.channel, &element);
        }
        run(&f, (sim_time)i * 9000);
    }
    for (uint32_t i = 0; i < 200; i++) {
        net_partition_flush_all(&f.producer.partition);
        run(&f, (sim_time)(2000 + i * 100) * 9000);
        struct net_element element;
        while (net_gate_poll(&f.receiver.gate, &element)) {
            read += element.bytes;
            net_channel_recycle(element.channel, &element);
        }
    }
    assert_true(emitted > 5000000);
    assert_int_equal(read, emitted);
    finish(&f);
}

/* INV-6, INV-11, INV-13 */
static void test_audit_finds_what_a_connection_loses(void **state)
{
    struct fixture f;
    init(&f, 1);
    net_producer_emit(&f.producer, 0, SEGMENT + 1, 1);
    run(&f, HANDOVER);
    struct sim_err err = {0};
    assert_true(net_connection_audit(&f.readers[0], &err));
    f.readers[0].credit++;
    assert_false(net_connection_audit(&f.readers[0], &err));
    assert_memory_equal(err.text, "INV-6", 5);
    f.readers[0].credit--;
    f.producer.partition.subs[0].total_bytes++;
    assert_false(net_connection_audit(&f.readers[0], &err));
    assert_memory_equal(err.text, "INV-11", 6);
    f.producer.partition.subs[0].total_bytes--;
    f.connection.sender.ready_count++;
    assert_false(net_connection_audit(&f.readers[0], &err));
    assert_memory_equal(err.text, "INV-13", 6);
    f.connection.sender.ready_count--;
    run(&f, HANDOVER + FULL + LATENCY); /* now a credit is under way */
    f.readers[0].credit++;
    assert_false(net_connection_audit(&f.readers[0], &err));
    assert_memory_equal(err.text, "INV-6", 5);
    f.readers[0].credit--;
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_takes_its_size_and_the_latency),
        cmocka_unit_test(test_credit_goes_back_as_a_message_of_29_bytes),
        cmocka_unit_test(test_credit_that_the_task_frees_is_handed_over_and_gathers_meanwhile),
        cmocka_unit_test(test_credit_of_a_released_channel_is_dropped),
        cmocka_unit_test(test_resume_is_a_message_of_25_bytes),
        cmocka_unit_test(test_announcement_is_a_message_of_29_bytes),
        cmocka_unit_test(test_one_buffer_is_written_at_a_time),
        cmocka_unit_test(test_two_full_buffers_make_the_connection_unwritable),
        cmocka_unit_test(test_two_writes_at_once_do_not_go_on_for_ever),
        cmocka_unit_test(test_small_messages_leave_the_connection_writable),
        cmocka_unit_test(test_sockets_absorb_bytes_and_free_segments_early),
        cmocka_unit_test(test_messages_arrive_in_the_order_they_were_written),
        cmocka_unit_test(test_client_messages_arrive_in_the_order_they_were_posted),
        cmocka_unit_test(test_credit_of_an_arrival_goes_behind_what_is_being_handed_over),
        cmocka_unit_test(test_reader_that_attaches_late_sends_what_is_there),
        cmocka_unit_test(test_sender_hears_of_a_channel_when_it_opens),
        cmocka_unit_test(test_backlogs_are_told_before_channels_open),
        cmocka_unit_test(test_hand_overs_keep_their_order_however_long_they_take),
        cmocka_unit_test(test_long_exchange_loses_neither_bytes_nor_credit),
        cmocka_unit_test(test_audit_finds_what_a_connection_loses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
