/*
 * The sending side of a connection (rules CRD and PRQ, BB-9). Where a test gives credit by hand,
 * the channels have no exclusive buffers, so that nobody misses the credit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/sender.h"
#include "tests/support/assert_failure.h"
#include "tests/support/net_fixture.h"

#define SEGMENT 32768u

static void init(struct net_loop *loop, uint32_t subpartitions, uint32_t exclusive)
{
    struct net_producer_params producer = {.subpartitions = subpartitions, .exclusive = exclusive};
    struct net_receiver_params receiver = {0};
    net_loop_init(loop, &producer, &receiver);
}

/* Full buffers, followed by an open one of a byte. */
static void emit_full(struct net_loop *loop, uint32_t subpartition, uint32_t buffers)
{
    net_producer_emit(&loop->producer, subpartition, buffers * SEGMENT + 1, 1);
    net_loop_run_posts(loop);
}

static void expect_write(const struct net_loop *loop, uint32_t index, uint32_t channel,
                         uint32_t bytes, uint32_t backlog)
{
    assert_true(index < loop->write_count);
    const struct net_message *message = &loop->writes[index];
    assert_int_equal(message->kind, NET_MESSAGE_BUFFER);
    assert_int_equal(message->reader->channel->index, channel);
    assert_int_equal(message->bytes, bytes);
    assert_int_equal(message->backlog, backlog);
}

/* CRD-1 */
static void test_reader_starts_with_the_exclusive_buffers_of_its_channel_as_credit(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 3);
    assert_int_equal(loop.readers[0].credit, 3);
    net_loop_finish(&loop);
}

/* CRD-2 */
static void test_data_costs_one_credit_and_an_event_none(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.readers[0].credit, 1);
    (void)net_loop_sent(&loop);
    net_partition_broadcast_event(&loop.producer.partition, NET_ELEMENT_EVENT, 4);
    net_loop_run_posts(&loop);
    assert_int_equal(loop.readers[0].credit, 0);
    (void)net_loop_sent(&loop);
    expect_write(&loop, 0, 0, 4, 0);
    assert_int_equal(loop.readers[0].credit, 0);
    net_loop_finish(&loop);
}

/* CRD-2, INV-9 */
static void test_data_without_credit_is_a_failed_assertion(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 1);
    loop.is_unwritable = true;
    emit_full(&loop, 0, 1);
    assert_true(loop.readers[0].is_registered);
    loop.readers[0].credit = 0;
    loop.is_unwritable = false;
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_sender_write_next(&loop.sender));
    (void)sim_assert_set_handler(before);
    net_loop_finish(&loop);
}

/* CRD-3, CRD-4 */
static void test_reader_without_credit_leaves_unless_an_event_is_next(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    emit_full(&loop, 0, 3);
    (void)net_loop_sent(&loop);
    expect_write(&loop, 0, 0, SEGMENT, 1);
    assert_false(loop.readers[0].is_registered);
    (void)net_loop_sent(&loop);
    assert_int_equal(loop.write_count, 0);
    net_loop_finish(&loop);

    init(&loop, 1, 1);
    emit_full(&loop, 0, 1);
    assert_false(loop.readers[0].is_registered);
    net_loop_finish(&loop);

    init(&loop, 1, 1);
    net_producer_emit(&loop.producer, 0, 10, 1);
    net_partition_broadcast_event(&loop.producer.partition, NET_ELEMENT_EVENT, 4);
    net_loop_run_posts(&loop);
    assert_int_equal(loop.readers[0].credit, 0);
    assert_true(loop.readers[0].is_registered);
    net_loop_finish(&loop);
}

/* CRD-5 */
static void test_credit_adds_up_and_lets_the_reader_send(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    net_reader_add_credit(&loop.readers[0], 2);
    net_reader_add_credit(&loop.readers[0], 1);
    assert_int_equal(loop.readers[0].credit, 3);
    emit_full(&loop, 0, 1);
    expect_write(&loop, 0, 0, SEGMENT, 0);
    (void)net_loop_sent(&loop);
    assert_int_equal(loop.readers[0].credit, 2);
    net_loop_finish(&loop);
}

/* CRD-6, PRQ-3 */
static void test_backlog_is_announced_only_by_a_reader_that_never_had_credit(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    emit_full(&loop, 0, 2);
    assert_int_equal(loop.write_count, 1);
    assert_int_equal(loop.writes[0].kind, NET_MESSAGE_BACKLOG);
    assert_int_equal(loop.writes[0].backlog, 2);
    net_loop_finish(&loop);

    init(&loop, 1, 1);
    emit_full(&loop, 0, 1);
    (void)net_loop_sent(&loop);
    emit_full(&loop, 0, 2);
    assert_int_equal(loop.readers[0].credit, 0);
    assert_int_equal(loop.write_count, 0);
    net_loop_finish(&loop);
}

/* CRD-6: nothing to tell without a backlog. */
static void test_no_backlog_is_not_announced(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    net_producer_emit(&loop.producer, 0, 10, 1);
    net_sender_enqueue(&loop.sender, &loop.readers[0]);
    assert_int_equal(loop.write_count, 0);
    net_loop_finish(&loop);
}

static void send_barrier(struct net_loop *loop)
{
    net_partition_broadcast_event(&loop->producer.partition, NET_ELEMENT_BARRIER, 38);
    net_loop_run_posts(loop);
    while (loop->write_count > 0) {
        (void)net_loop_sent(loop);
    }
    assert_true(loop->producer.partition.subs[0].is_blocked);
}

/* CRD-7, SUB-15 */
static void test_resume_takes_the_credit_of_a_reader_that_never_had_any_of_its_own(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    net_reader_add_credit(&loop.readers[0], 5);
    send_barrier(&loop);
    emit_full(&loop, 0, 1);
    net_reader_resume(&loop.readers[0]);
    assert_int_equal(loop.readers[0].credit, 0);
    assert_int_equal(loop.write_count, 1);
    assert_int_equal(loop.writes[0].kind, NET_MESSAGE_BACKLOG);
    net_loop_finish(&loop);
}

/* CRD-7 */
static void test_resume_leaves_the_credit_of_exclusive_buffers(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    send_barrier(&loop);
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.write_count, 0);
    net_reader_resume(&loop.readers[0]);
    expect_write(&loop, 0, 0, SEGMENT, 0);
    assert_int_equal(loop.readers[0].credit, 1);
    net_loop_finish(&loop);
}

/* PRQ-1 */
static void test_reader_is_in_the_queue_at_most_once(void **state)
{
    struct net_loop loop;
    init(&loop, 2, 2);
    loop.is_unwritable = true;
    emit_full(&loop, 0, 2);
    emit_full(&loop, 1, 2);
    net_sender_enqueue(&loop.sender, &loop.readers[0]);
    net_sender_enqueue(&loop.sender, &loop.readers[0]);
    assert_int_equal(loop.sender.ready_count, 2);
    assert_ptr_equal(loop.sender.ready_head, &loop.readers[0]);
    assert_ptr_equal(loop.sender.ready_tail, &loop.readers[1]);
    net_loop_check(&loop);
    net_loop_finish(&loop);
}

/* PRQ-2 */
static void test_notifications_are_posted_one_by_one_and_carry_nothing(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    net_producer_emit(&loop.producer, 0, SEGMENT + 1, 1);
    net_partition_broadcast_event(&loop.producer.partition, NET_ELEMENT_PRIORITY_EVENT, 4);
    assert_int_equal(loop.post_count, 2);
    assert_int_equal(loop.write_count, 0);
    net_loop_run_posts(&loop);
    assert_int_equal(loop.write_count, 1); /* the second found the reader in the queue */
    expect_write(&loop, 0, 0, 4, 1);
    assert_int_equal(loop.writes[0].type, NET_ELEMENT_PRIORITY_EVENT);
    net_loop_finish(&loop);
}

/* PRQ-3 */
static void test_reader_with_nothing_to_send_is_not_queued(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    net_producer_emit(&loop.producer, 0, 10, 1);
    net_sender_enqueue(&loop.sender, &loop.readers[0]);
    assert_false(loop.readers[0].is_registered);
    assert_int_equal(loop.write_count, 0);
    net_partition_flush_all(&loop.producer.partition);
    net_loop_run_posts(&loop);
    expect_write(&loop, 0, 0, 10, 0);
    net_loop_finish(&loop);
}

/* PRQ-4: GT-1, the sender's turns */
static void test_readers_take_turns_of_one_buffer(void **state)
{
    struct net_loop loop;
    init(&loop, 3, 2);
    loop.is_unwritable = true;
    emit_full(&loop, 2, 2);
    emit_full(&loop, 0, 2);
    emit_full(&loop, 1, 1);
    loop.is_unwritable = false;
    net_sender_write_next(&loop.sender);
    static const uint32_t channels[] = {2, 0, 1, 2, 0};
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(loop.write_count, 1);
        assert_int_equal(net_loop_sent(&loop).reader->channel->index, channels[i]);
    }
    assert_int_equal(loop.write_count, 0);
    net_loop_finish(&loop);
}

/* PRQ-4 */
static void test_reader_whose_data_is_gone_costs_no_turn(void **state)
{
    struct net_loop loop;
    init(&loop, 2, 2);
    loop.is_unwritable = true;
    net_producer_emit(&loop.producer, 0, 10, 1);
    net_partition_flush_all(&loop.producer.partition);
    net_loop_run_posts(&loop);
    emit_full(&loop, 1, 1);
    assert_int_equal(loop.sender.ready_count, 2);
    struct net_slice slice;
    assert_true(net_subpartition_poll(loop.readers[0].sub, &slice));
    net_buffer_release(slice.buffer, &loop.producer.partition.recycler);
    loop.is_unwritable = false;
    net_sender_write_next(&loop.sender);
    assert_int_equal(loop.write_count, 1);
    assert_int_equal(loop.writes[0].reader->channel->index, 1);
    assert_int_equal(loop.sender.ready_count, 0);
    net_loop_finish(&loop);
}

/* PRQ-4, NET-5 */
static void test_unwritable_connection_keeps_the_readers_waiting(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    loop.is_unwritable = true;
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.write_count, 0);
    assert_true(loop.readers[0].is_registered);
    loop.is_unwritable = false;
    net_sender_write_next(&loop.sender);
    assert_int_equal(loop.write_count, 1);
    net_loop_finish(&loop);
}

/* PRQ-5 */
static void test_second_write_begins_when_the_queue_ran_empty_during_the_first(void **state)
{
    struct net_loop loop;
    init(&loop, 3, 2);
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.write_count, 1);
    emit_full(&loop, 1, 2);
    assert_int_equal(loop.write_count, 2); /* 0 had left the queue */
    emit_full(&loop, 2, 1);
    assert_int_equal(loop.write_count, 2); /* 1 is in the queue */
    (void)net_loop_sent(&loop);
    assert_int_equal(loop.write_count, 2);
    expect_write(&loop, 1, 1, SEGMENT, 0);
    net_loop_finish(&loop);
}

/* PRQ-7 */
static void test_announcement_passes_the_queue_and_an_unwritable_connection(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    loop.is_unwritable = true;
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.write_count, 1);
    struct net_message message = net_loop_sent(&loop);
    assert_int_equal(message.kind, NET_MESSAGE_BACKLOG);
    assert_null(message.buffer);
    net_loop_finish(&loop);
}

/* PRQ-7, PRQ-4: only the end of a buffer's write starts the next one. */
static void test_end_of_an_announcement_starts_no_write(void **state)
{
    struct net_loop loop;
    init(&loop, 2, NET_FIXTURE_NOTHING);
    emit_full(&loop, 0, 1);
    loop.is_unwritable = true;
    net_reader_add_credit(&loop.readers[1], 1);
    emit_full(&loop, 1, 1);
    loop.is_unwritable = false;
    assert_int_equal(loop.write_count, 1);
    (void)net_loop_sent(&loop);
    assert_int_equal(loop.write_count, 0);
    assert_true(loop.readers[1].is_registered);
    net_loop_finish(&loop);
}

/* PRQ-8 */
static void test_new_reader_finds_what_is_queued_already(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    loop.producer.partition.subs[0].reader = NULL;
    emit_full(&loop, 0, 1);
    assert_int_equal(loop.write_count, 0);
    net_reader_attach(&loop.readers[0]);
    assert_int_equal(loop.post_count, 1);
    net_loop_run_posts(&loop);
    expect_write(&loop, 0, 0, SEGMENT, 0);
    net_loop_finish(&loop);
}

/* BB-9 */
static void test_segment_is_free_when_it_is_written_not_when_it_arrives(void **state)
{
    struct net_loop loop;
    init(&loop, 1, 2);
    emit_full(&loop, 0, 1);
    assert_int_equal(net_local_pool_used(loop.producer.pool), 2);
    (void)net_loop_sent(&loop);
    assert_int_equal(net_local_pool_used(loop.producer.pool), 1);
    assert_int_equal(loop.message_count, 1);
    net_loop_deliver(&loop);
    assert_int_equal(net_local_pool_used(loop.producer.pool), 1);
    net_loop_finish(&loop);
}

/* NET-4 */
static void test_messages_have_their_sizes_on_the_wire(void **state)
{
    struct net_message buffer = {.kind = NET_MESSAGE_BUFFER, .bytes = 100};
    struct net_message backlog = {.kind = NET_MESSAGE_BACKLOG, .backlog = 100};
    assert_int_equal(net_message_wire_bytes(&buffer, 47), 147);
    assert_int_equal(net_message_wire_bytes(&buffer, 43), 143);
    assert_int_equal(net_message_wire_bytes(&backlog, 47), 29);
}

/* What a report tells of a channel that did not keep up: no credit, or a busy connection. */
static void test_time_without_credit_and_time_in_the_queue_are_counted(void **state)
{
    struct net_loop loop;
    init(&loop, 1, NET_FIXTURE_NOTHING);
    struct net_reader *reader = &loop.readers[0];
    const struct net_subpartition_group *group = &loop.producer.partition.group;
    struct sim *sim = loop.producer.sim;
    net_fixture_advance(sim, 100);
    emit_full(&loop, 0, 2);
    net_fixture_advance(sim, 130);
    assert_int_equal(net_waiting_sum(&group->for_credit, 130), 30);
    assert_int_equal(net_waiting_sum(&group->for_link, 130), 0);
    loop.is_unwritable = true;
    net_reader_add_credit(reader, 1);
    net_fixture_advance(sim, 150);
    assert_int_equal(net_waiting_sum(&group->for_credit, 150), 30);
    assert_int_equal(net_waiting_sum(&group->for_link, 150), 20);
    loop.is_unwritable = false;
    net_sender_write_next(&loop.sender); /* takes one buffer and has no credit for the next */
    net_fixture_advance(sim, 157);
    assert_int_equal(net_waiting_sum(&group->for_link, 157), 20);
    assert_int_equal(net_waiting_sum(&group->for_credit, 157), 37);
    net_reader_add_credit(reader, 2);
    net_fixture_advance(sim, 200);
    assert_int_equal(net_waiting_sum(&group->for_link, 200), 20);
    assert_int_equal(net_waiting_sum(&group->for_credit, 200), 37);
    net_loop_finish(&loop);
}

static bool audit_first(const struct net_loop *loop, struct sim_err *err)
{
    struct net_under_way under_way = {0};
    for (uint32_t i = 0; i < loop->write_count; i++) {
        net_under_way_add(&under_way, &loop->readers[0], &loop->writes[i]);
    }
    return net_reader_audit(&loop->readers[0], &under_way, err);
}

static void expect_broken(const struct net_loop *loop, const char *rule)
{
    struct sim_err err = {0};
    assert_false(audit_first(loop, &err));
    assert_memory_equal(err.text, rule, strlen(rule));
}

/* INV-6, INV-9, INV-11 */
static void test_audit_finds_lost_credit_and_lost_bytes(void **state)
{
    struct net_loop loop;
    init(&loop, 2, 2);
    emit_full(&loop, 0, 1);
    emit_full(&loop, 1, 1); /* of another reader: must not count */
    net_loop_check(&loop);
    loop.readers[0].credit--;
    expect_broken(&loop, "INV-6");
    loop.readers[0].credit -= 2;
    expect_broken(&loop, "INV-9");
    loop.readers[0].credit += 3;
    loop.readers[0].channel->unannounced = 1;
    expect_broken(&loop, "INV-6");
    loop.readers[0].channel->unannounced = 0;
    loop.readers[0].channel->received_bytes++;
    expect_broken(&loop, "INV-11");
    net_loop_finish(&loop);
}

/* INV-11: the channel counts its bytes modulo 2^32, the subpartition does not. */
static void test_audit_follows_a_channel_beyond_four_gibibytes(void **state)
{
    struct net_loop loop;
    struct sim_err err = {0};
    init(&loop, 2, 2);
    emit_full(&loop, 0, 1);
    loop.readers[0].sub->total_bytes += UINT64_C(1) << 32;
    assert_true(audit_first(&loop, &err));
    loop.readers[0].sub->total_bytes++;
    expect_broken(&loop, "INV-11");
    net_loop_finish(&loop);
}

/* INV-13 */
static void test_audit_finds_a_reader_that_is_queued_twice(void **state)
{
    struct net_loop loop;
    init(&loop, 2, 2);
    loop.is_unwritable = true;
    emit_full(&loop, 0, 1);
    emit_full(&loop, 1, 1);
    struct sim_err err = {0};
    assert_true(net_sender_audit(&loop.sender, &err));
    loop.readers[1].next = &loop.readers[0];
    assert_false(net_sender_audit(&loop.sender, &err));
    assert_memory_equal(err.text, "INV-13", 6);
    loop.readers[1].next = NULL;
    loop.readers[1].is_registered = false;
    assert_false(net_sender_audit(&loop.sender, &err));
    loop.readers[1].is_registered = true;
    loop.sender.ready_tail = &loop.readers[0];
    assert_false(net_sender_audit(&loop.sender, &err));
    net_loop_finish(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_starts_with_the_exclusive_buffers_of_its_channel_as_credit),
        cmocka_unit_test(test_data_costs_one_credit_and_an_event_none),
        cmocka_unit_test(test_data_without_credit_is_a_failed_assertion),
        cmocka_unit_test(test_reader_without_credit_leaves_unless_an_event_is_next),
        cmocka_unit_test(test_credit_adds_up_and_lets_the_reader_send),
        cmocka_unit_test(test_backlog_is_announced_only_by_a_reader_that_never_had_credit),
        cmocka_unit_test(test_no_backlog_is_not_announced),
        cmocka_unit_test(test_resume_takes_the_credit_of_a_reader_that_never_had_any_of_its_own),
        cmocka_unit_test(test_resume_leaves_the_credit_of_exclusive_buffers),
        cmocka_unit_test(test_reader_is_in_the_queue_at_most_once),
        cmocka_unit_test(test_notifications_are_posted_one_by_one_and_carry_nothing),
        cmocka_unit_test(test_reader_with_nothing_to_send_is_not_queued),
        cmocka_unit_test(test_readers_take_turns_of_one_buffer),
        cmocka_unit_test(test_reader_whose_data_is_gone_costs_no_turn),
        cmocka_unit_test(test_unwritable_connection_keeps_the_readers_waiting),
        cmocka_unit_test(test_second_write_begins_when_the_queue_ran_empty_during_the_first),
        cmocka_unit_test(test_announcement_passes_the_queue_and_an_unwritable_connection),
        cmocka_unit_test(test_end_of_an_announcement_starts_no_write),
        cmocka_unit_test(test_new_reader_finds_what_is_queued_already),
        cmocka_unit_test(test_segment_is_free_when_it_is_written_not_when_it_arrives),
        cmocka_unit_test(test_messages_have_their_sizes_on_the_wire),
        cmocka_unit_test(test_time_without_credit_and_time_in_the_queue_are_counted),
        cmocka_unit_test(test_audit_finds_lost_credit_and_lost_bytes),
        cmocka_unit_test(test_audit_follows_a_channel_beyond_four_gibibytes),
        cmocka_unit_test(test_audit_finds_a_reader_that_is_queued_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
