/*
 * The queue of a result partition towards one consumer (rules SUB; BB where they show here), with
 * buffers that belong to no pool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/subpartition.h"
#include "tests/support/assert_failure.h"
#include "tests/support/net_fixture.h"

#define BUFFERS 8
#define CAPACITY 1000

struct fixture {
    struct net_subpartition_group group;
    struct net_subpartition sub;
    struct net_told told;
    struct net_recycler recycler;
    struct net_buffer buffers[BUFFERS];
    uint32_t count; /* of buffers that were added */
    int recycled;
};

static void count_recycled(void *owner, struct net_buffer *buffer)
{
    (void)buffer;
    ((struct fixture *)owner)->recycled++;
}

static void init_with(struct fixture *f, uint32_t exclusive)
{
    *f = (struct fixture){0};
    net_subpartition_group_init(&f->group, 1, exclusive, &f->recycler);
    net_subpartition_init(&f->sub, &f->group, 0, 0);
    f->recycler = (struct net_recycler){.recycle = count_recycled, .owner = f};
    net_told_init(&f->told);
    net_subpartition_attach(&f->sub, &f->told.reader);
}

static void init(struct fixture *f)
{
    init_with(f, 2);
}

static void finish(struct fixture *f)
{
    net_subpartition_finish(&f->sub);
    net_subpartition_group_finish(&f->group);
}

/* Queue a buffer with `bytes` bytes that its writer goes on filling. */
static struct net_buffer *add_open(struct fixture *f, uint32_t bytes)
{
    struct net_buffer *buffer = &f->buffers[f->count++];
    net_buffer_open(buffer, CAPACITY);
    net_buffer_append(buffer, bytes);
    assert_true(net_subpartition_add(&f->sub, buffer) >= 0);
    return buffer;
}

static void close_buffer(struct fixture *f, struct net_buffer *buffer)
{
    net_buffer_finish(buffer);
    net_buffer_release(buffer, &f->recycler);
}

/* Queue a buffer and let its writer finish it afterwards, which the queue does not see. */
static void add_closed(struct fixture *f, uint32_t bytes)
{
    close_buffer(f, add_open(f, bytes));
}

static void add_event(struct fixture *f, enum net_element_type type)
{
    assert_true(net_subpartition_add_event(&f->sub, type, 38) >= 0);
}

static struct net_slice poll(struct fixture *f)
{
    struct net_slice slice = {0};
    assert_true(net_subpartition_poll(&f->sub, &slice));
    if (slice.buffer != NULL) {
        net_buffer_release(slice.buffer, &f->recycler);
    }
    struct sim_err err = {0};
    assert_true(net_subpartition_audit(&f->sub, &err));
    return slice;
}

static void poll_nothing(struct fixture *f)
{
    struct net_slice slice;
    assert_false(net_subpartition_poll(&f->sub, &slice));
}

/* Poll, and expect bytes, backlog and the type of the next element. */
static void expect_poll(struct fixture *f, uint32_t bytes, uint32_t backlog,
                        enum net_element_type next)
{
    struct net_slice slice = poll(f);
    assert_int_equal(slice.bytes, bytes);
    assert_int_equal(slice.backlog, backlog);
    assert_int_equal(slice.next, next);
}

/* SUB-1, SUB-7 */
static void test_elements_leave_in_order_with_ascending_sequence_numbers(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_EVENT);
    add_closed(&f, 20);
    add_event(&f, NET_ELEMENT_EVENT);
    static const uint32_t bytes[] = {10, 38, 20, 38};
    for (uint32_t i = 0; i < 4; i++) {
        struct net_slice slice = poll(&f);
        assert_int_equal(slice.bytes, bytes[i]);
        assert_int_equal(slice.sequence, i);
        assert_int_equal(slice.type, i % 2 == 0 ? NET_ELEMENT_DATA : NET_ELEMENT_EVENT);
    }
    poll_nothing(&f);
    assert_int_equal(f.recycled, 2);
    finish(&f);
}

/* SUB-2 */
static void test_everything_but_the_last_element_counts_as_finished(void **state)
{
    struct fixture f;
    init(&f);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 0);
    add_closed(&f, 10);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 0);
    add_open(&f, 0);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 1);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 2);
    finish(&f);
}

/* BB-7, SUB-2 */
static void test_finished_mark_of_a_lone_buffer_is_seen_when_it_was_set_before_adding(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *buffer = &f.buffers[0];
    net_buffer_open(buffer, CAPACITY);
    net_buffer_append(buffer, 10);
    net_buffer_finish(buffer);
    net_subpartition_add(&f.sub, buffer);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 1);
    assert_int_equal(f.told.data, 1);
    finish(&f);
}

/* BB-7, SUB-2, SUB-3 */
static void test_lone_event_is_finished_from_the_start(void **state)
{
    struct fixture f;
    init(&f);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_int_equal(net_subpartition_finished_buffers(&f.sub), 1);
    assert_true(net_subpartition_has_data(&f.sub));
    assert_int_equal(f.told.data, 1);
    finish(&f);
}

/* SUB-3 */
static void test_data_is_available_by_a_finished_buffer_or_a_flush_unless_blocked(void **state)
{
    struct fixture f;
    init(&f);
    add_open(&f, 10);
    assert_false(net_subpartition_has_data(&f.sub));
    net_subpartition_flush(&f.sub);
    assert_true(net_subpartition_has_data(&f.sub));
    add_event(&f, NET_ELEMENT_BARRIER);
    expect_poll(&f, 10, 1, NET_ELEMENT_DATA);
    close_buffer(&f, &f.buffers[0]);
    assert_true(net_subpartition_has_data(&f.sub));
    assert_int_equal(poll(&f).type, NET_ELEMENT_BARRIER);
    add_event(&f, NET_ELEMENT_EVENT);
    net_subpartition_flush(&f.sub);
    assert_false(net_subpartition_has_data(&f.sub));
    finish(&f);
}

/* SUB-4 */
static void test_backlog_counts_data_buffers_without_the_open_one(void **state)
{
    struct fixture f;
    init(&f);
    assert_int_equal(net_subpartition_backlog(&f.sub), 0);
    add_open(&f, 10);
    assert_int_equal(net_subpartition_backlog(&f.sub), 0);
    add_open(&f, 10);
    assert_int_equal(net_subpartition_backlog(&f.sub), 1);
    net_subpartition_flush(&f.sub);
    assert_int_equal(net_subpartition_backlog(&f.sub), 2);
    finish(&f);
}

/* SUB-4 */
static void test_backlog_counts_all_data_and_no_events_when_an_event_is_last(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_int_equal(net_subpartition_backlog(&f.sub), 1);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_int_equal(net_subpartition_backlog(&f.sub), 1);
    add_closed(&f, 10);
    assert_int_equal(net_subpartition_backlog(&f.sub), 1);
    assert_int_equal(net_subpartition_end(&f.sub), 4);
    assert_int_equal(net_subpartition_backlog(&f.sub), 2);
    finish(&f);
}

/* SUB-5 */
static void test_reader_is_told_of_the_first_finished_buffer_only(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *first = add_open(&f, CAPACITY);
    assert_int_equal(f.told.data, 0);
    close_buffer(&f, first); /* finishing tells nobody */
    assert_int_equal(f.told.data, 0);
    add_closed(&f, CAPACITY);
    assert_int_equal(f.told.data, 1);
    add_closed(&f, CAPACITY);
    assert_int_equal(f.told.data, 1);
    expect_poll(&f, CAPACITY, 1, NET_ELEMENT_DATA);
    expect_poll(&f, CAPACITY, 0, NET_ELEMENT_NONE);
    add_open(&f, 1);
    assert_int_equal(f.told.data, 2);
    finish(&f);
}

/* SUB-5 */
static void test_reader_is_not_told_while_a_flush_is_pending_or_the_queue_is_blocked(void **state)
{
    struct fixture f;
    init(&f);
    add_open(&f, 10);
    net_subpartition_flush(&f.sub);
    assert_int_equal(f.told.data, 1);
    add_event(&f, NET_ELEMENT_BARRIER);
    assert_int_equal(f.told.data, 1);
    expect_poll(&f, 10, 1, NET_ELEMENT_DATA);
    close_buffer(&f, &f.buffers[0]);
    (void)poll(&f);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_int_equal(f.told.data, 1);
    finish(&f);
}

/* SUB-5, WR-12 */
static void test_end_of_partition_always_tells_the_reader(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    net_subpartition_flush(&f.sub);
    assert_int_equal(f.told.data, 1);
    assert_int_equal(net_subpartition_end(&f.sub), 4);
    assert_int_equal(f.told.data, 2);
    assert_int_equal(net_subpartition_end(&f.sub), 0);
    assert_int_equal(f.told.data, 2);
    net_buffer_open(&f.buffers[1], CAPACITY);
    assert_int_equal(net_subpartition_add(&f.sub, &f.buffers[1]), -1);
    assert_int_equal(f.buffers[1].references, 1);
    finish(&f);
}

/* SUB-5, PRQ-8 */
static void test_queue_without_reader_tells_nobody_and_attaching_does_not_either(void **state)
{
    struct fixture f;
    init(&f);
    f.sub.reader = NULL;
    add_closed(&f, 10);
    add_closed(&f, 10);
    net_subpartition_flush(&f.sub);
    add_event(&f, NET_ELEMENT_PRIORITY_EVENT);
    net_subpartition_attach(&f.sub, &f.told.reader);
    assert_int_equal(f.told.data, 0);
    assert_int_equal(f.told.priority, 0);
    finish(&f);
}

/* SUB-6 */
static void test_flush_tells_the_reader_of_unread_bytes_in_a_lone_buffer(void **state)
{
    struct fixture f;
    init(&f);
    net_subpartition_flush(&f.sub);
    assert_false(f.sub.is_flush_requested);
    struct net_buffer *buffer = add_open(&f, 0);
    net_subpartition_flush(&f.sub);
    assert_false(f.sub.is_flush_requested);
    assert_int_equal(f.told.data, 0);
    net_buffer_append(buffer, 10);
    net_subpartition_flush(&f.sub);
    assert_true(f.sub.is_flush_requested);
    assert_int_equal(f.told.data, 1);
    net_subpartition_flush(&f.sub);
    assert_int_equal(f.told.data, 1);
    expect_poll(&f, 10, 0, NET_ELEMENT_NONE);
    assert_false(f.sub.is_flush_requested);
    net_subpartition_flush(&f.sub);
    assert_false(f.sub.is_flush_requested);
    assert_int_equal(f.told.data, 1);
    finish(&f);
}

/* SUB-6 */
static void test_flush_of_several_elements_is_kept_without_a_notification(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_open(&f, 0);
    assert_int_equal(f.told.data, 1);
    net_subpartition_flush(&f.sub);
    assert_true(f.sub.is_flush_requested);
    assert_int_equal(f.told.data, 1);
    finish(&f);
}

/* SUB-6 */
static void test_flush_of_a_blocked_queue_is_kept_without_a_notification(void **state)
{
    struct fixture f;
    init(&f);
    add_event(&f, NET_ELEMENT_BARRIER);
    (void)poll(&f);
    add_open(&f, 10);
    f.told.data = 0;
    net_subpartition_flush(&f.sub);
    assert_true(f.sub.is_flush_requested);
    assert_int_equal(f.told.data, 0);
    poll_nothing(&f);
    assert_true(f.sub.is_flush_requested);
    net_subpartition_resume(&f.sub);
    expect_poll(&f, 10, 0, NET_ELEMENT_NONE);
    finish(&f);
}

/* SUB-7 */
static void test_poll_takes_the_bytes_of_an_open_buffer_without_being_told(void **state)
{
    struct fixture f;
    init(&f);
    add_open(&f, 10);
    assert_false(net_subpartition_has_data(&f.sub));
    expect_poll(&f, 10, 0, NET_ELEMENT_NONE);
    poll_nothing(&f);
    finish(&f);
}

/* SUB-7 */
static void test_flush_is_over_when_the_last_element_is_polled(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_open(&f, 5);
    net_subpartition_flush(&f.sub);
    expect_poll(&f, 10, 1, NET_ELEMENT_DATA); /* SUB-13 (7) */
    assert_true(f.sub.is_flush_requested);
    expect_poll(&f, 5, 0, NET_ELEMENT_NONE);
    assert_false(f.sub.is_flush_requested);
    f.sub.is_flush_requested = true;
    close_buffer(&f, &f.buffers[1]);
    poll_nothing(&f);
    assert_false(f.sub.is_flush_requested);
    f.sub.is_flush_requested = true;
    assert_int_equal(net_subpartition_length(&f.sub), 0);
    poll_nothing(&f);
    assert_false(f.sub.is_flush_requested);
    finish(&f);
}

/* SUB-8 */
static void test_empty_remainder_is_dropped_and_polling_goes_on(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *buffer = add_open(&f, 10);
    net_subpartition_flush(&f.sub);
    expect_poll(&f, 10, 0, NET_ELEMENT_NONE);
    close_buffer(&f, buffer);
    add_event(&f, NET_ELEMENT_EVENT);
    struct net_slice slice = poll(&f);
    assert_int_equal(slice.type, NET_ELEMENT_EVENT);
    assert_int_equal(slice.sequence, 1);
    assert_int_equal(f.recycled, 1);
    finish(&f);
}

/* SUB-8, SUB-13 (4) */
static void test_polling_past_an_empty_remainder_sends_the_open_buffer_behind_it(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *buffer = add_open(&f, 10);
    net_subpartition_flush(&f.sub);
    (void)poll(&f);
    close_buffer(&f, buffer);
    add_open(&f, 7);
    assert_false(f.sub.is_flush_requested);
    expect_poll(&f, 7, 0, NET_ELEMENT_NONE);
    assert_int_equal(f.sub.data_count, 1);
    finish(&f);
}

/* SUB-8 */
static void test_empty_remainder_is_delivered_without_exclusive_buffers(void **state)
{
    struct fixture f;
    init_with(&f, 0);
    struct net_buffer *buffer = add_open(&f, 10);
    net_subpartition_flush(&f.sub);
    (void)poll(&f);
    poll_nothing(&f); /* not finished: nothing to deliver */
    close_buffer(&f, buffer);
    add_event(&f, NET_ELEMENT_EVENT);
    struct net_slice slice = poll(&f);
    assert_int_equal(slice.type, NET_ELEMENT_DATA);
    assert_int_equal(slice.bytes, 0);
    assert_int_equal(slice.next, NET_ELEMENT_EVENT);
    finish(&f);
}

/* SUB-9 */
static void test_next_type_is_none_for_a_lone_open_buffer_unless_a_flush_is_pending(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_BARRIER);
    add_closed(&f, 10);
    expect_poll(&f, 10, 1, NET_ELEMENT_DATA);
    expect_poll(&f, 10, 0, NET_ELEMENT_BARRIER);
    expect_poll(&f, 38, 0, NET_ELEMENT_NONE);
    net_subpartition_resume(&f.sub);
    add_event(&f, NET_ELEMENT_EVENT);
    add_open(&f, 10);
    expect_poll(&f, 10, 0, NET_ELEMENT_EVENT);
    expect_poll(&f, 38, 0, NET_ELEMENT_NONE);
    finish(&f);
}

/* SUB-10, BB-6 */
static void test_partial_buffer_keeps_its_place_and_is_sent_in_slices(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *buffer = add_open(&f, 10);
    struct net_slice first;
    struct net_slice second;
    assert_true(net_subpartition_poll(&f.sub, &first));
    assert_int_equal(net_subpartition_length(&f.sub), 1);
    assert_int_equal(f.sub.data_count, 1);
    net_buffer_append(buffer, 20);
    assert_true(net_subpartition_poll(&f.sub, &second));
    assert_ptr_equal(first.buffer, second.buffer);
    assert_int_equal(first.bytes, 10);
    assert_int_equal(second.bytes, 20);
    assert_int_equal(buffer->references, 4); /* builder, consumer, two slices (BB-8) */
    net_buffer_release(first.buffer, &f.recycler);
    net_buffer_release(second.buffer, &f.recycler);
    close_buffer(&f, buffer);
    poll_nothing(&f);
    assert_int_equal(f.recycled, 1);
    assert_int_equal(f.sub.total_bytes, 30);
    assert_int_equal(f.group.total_buffers, 1);
    finish(&f);
}

/* SUB-11 */
static void test_priority_events_go_before_all_others_in_their_own_order(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    int told = f.told.data;
    assert_true(net_subpartition_add_event(&f.sub, NET_ELEMENT_PRIORITY_EVENT, 1) >= 0);
    assert_int_equal(f.told.priority, 1);
    assert_int_equal(f.told.priority_sequence, 0);
    assert_true(net_subpartition_add_event(&f.sub, NET_ELEMENT_PRIORITY_EVENT, 2) >= 0);
    assert_int_equal(f.told.priority, 1);
    /* SUB-5: the first made one finished element of two, the second did not. */
    assert_int_equal(f.told.data - told, 1);
    expect_poll(&f, 1, 0, NET_ELEMENT_PRIORITY_EVENT);
    expect_poll(&f, 2, 0, NET_ELEMENT_NONE);
    expect_poll(&f, 10, 0, NET_ELEMENT_NONE);
    add_event(&f, NET_ELEMENT_PRIORITY_EVENT);
    assert_int_equal(f.told.priority, 2);
    assert_int_equal(f.told.priority_sequence, 3);
    assert_int_equal(f.told.data - told, 2);
    finish(&f);
}

/* SUB-11 */
static void test_priority_event_of_a_blocked_queue_is_not_told(void **state)
{
    struct fixture f;
    init(&f);
    add_event(&f, NET_ELEMENT_BARRIER);
    (void)poll(&f);
    add_event(&f, NET_ELEMENT_PRIORITY_EVENT);
    assert_int_equal(f.told.priority, 0);
    finish(&f);
}

/* SUB-12 */
static void test_reader_without_credit_can_only_take_events(void **state)
{
    struct fixture f;
    init(&f);
    assert_false(net_subpartition_is_available(&f.sub, false));
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_BARRIER);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_true(net_subpartition_is_available(&f.sub, true));
    assert_false(net_subpartition_is_available(&f.sub, false));
    (void)poll(&f);
    assert_true(net_subpartition_is_available(&f.sub, false));
    (void)poll(&f);
    assert_false(net_subpartition_is_available(&f.sub, true));
    assert_true(net_subpartition_is_available(&f.sub, false)); /* does not look at `blocked` */
    poll_nothing(&f);
    finish(&f);
}

/* SUB-14 */
static void test_size_hint_is_none_until_the_reader_asks_for_one(void **state)
{
    struct fixture f;
    init(&f);
    net_buffer_open(&f.buffers[0], CAPACITY);
    assert_int_equal(net_subpartition_add(&f.sub, &f.buffers[0]), INT32_MAX);
    net_subpartition_set_size_hint(&f.sub, 512);
    net_buffer_open(&f.buffers[1], CAPACITY);
    assert_int_equal(net_subpartition_add(&f.sub, &f.buffers[1]), 512);
    assert_int_equal(net_subpartition_add_event(&f.sub, NET_ELEMENT_EVENT, 4), 512);
    finish(&f);
    net_subpartition_group_init(&f.group, 1, 2, &f.recycler);
    net_subpartition_init(&f.sub, &f.group, 0, 1024);
    assert_int_equal(net_subpartition_add_event(&f.sub, NET_ELEMENT_EVENT, 4), 1024);
    finish(&f);
}

/* SUB-15, SUB-7 */
static void test_resume_unblocks_a_queue_and_only_a_blocked_one(void **state)
{
    struct fixture f;
    init(&f);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_subpartition_resume(&f.sub));
    (void)sim_assert_set_handler(before);
    add_event(&f, NET_ELEMENT_TIMEOUT_BARRIER);
    add_event(&f, NET_ELEMENT_EVENT);
    (void)poll(&f);
    assert_int_equal(net_subpartition_backlog(&f.sub), 0);
    poll_nothing(&f);
    net_subpartition_resume(&f.sub);
    assert_int_equal(poll(&f).type, NET_ELEMENT_EVENT);
    finish(&f);
}

/* SUB-16 */
static void test_only_data_costs_credit_and_only_aligned_barriers_block(void **state)
{
    static const struct {
        enum net_element_type type;
        bool is_data;
        bool blocks;
    } rows[] = {
        {NET_ELEMENT_DATA, true, false},    {NET_ELEMENT_EVENT, false, false},
        {NET_ELEMENT_BARRIER, false, true}, {NET_ELEMENT_PRIORITY_EVENT, false, false},
        {NET_ELEMENT_END, false, false},    {NET_ELEMENT_TIMEOUT_BARRIER, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(net_element_is_data(rows[i].type), rows[i].is_data);
        assert_int_equal(net_element_blocks(rows[i].type), rows[i].blocks);
    }
}

static void test_release_closes_what_is_queued_and_refuses_more(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_EVENT);
    add_closed(&f, 10);
    net_subpartition_release(&f.sub);
    assert_int_equal(f.recycled, 2);
    assert_int_equal(net_subpartition_length(&f.sub), 0);
    assert_int_equal(f.sub.data_count, 2); /* as in Flink: nobody asks any more */
    net_buffer_open(&f.buffers[2], CAPACITY);
    assert_int_equal(net_subpartition_add(&f.sub, &f.buffers[2]), -1);
    assert_int_equal(net_subpartition_add_event(&f.sub, NET_ELEMENT_EVENT, 4), -1);
    assert_int_equal(net_subpartition_end(&f.sub), 0);
    finish(&f);
}

/* FLU-2: a group's flush does what a flush of each would do, whatever was done before. */
static void test_flush_of_a_group_leaves_out_only_what_a_flush_does_not_change(void **state)
{
    struct fixture f;
    init(&f);
    struct net_buffer *buffer = add_open(&f, 0);
    net_subpartition_flush_group(&f.sub); /* empty: nothing to tell */
    assert_int_equal(f.told.data, 0);
    assert_false(net_subpartition_is_passed_by(&f.sub));
    net_buffer_append(buffer, 10);
    assert_true(net_subpartition_is_passed_by(&f.sub)); /* the writer has to say so */
    net_subpartition_group_stir(&f.group, 0);
    net_subpartition_flush_group(&f.sub);
    assert_int_equal(f.told.data, 1);
    assert_int_equal(poll(&f).bytes, 10);
    net_subpartition_flush_group(&f.sub); /* all of it was polled */
    assert_int_equal(f.told.data, 1);
    add_event(&f, NET_ELEMENT_EVENT);
    assert_false(net_subpartition_is_passed_by(&f.sub));
    finish(&f);
}

static void assert_breaks(const struct fixture *f, const char *rule)
{
    struct sim_err err = {0};
    assert_false(net_subpartition_audit(&f->sub, &err));
    assert_memory_equal(err.text, rule, strlen(rule));
}

/* INV-10 */
static void test_audit_finds_a_wrong_count_of_data_buffers(void **state)
{
    struct fixture f;
    init(&f);
    add_closed(&f, 10);
    add_event(&f, NET_ELEMENT_EVENT);
    f.sub.data_count = 2;
    assert_breaks(&f, "INV-10");
    f.sub.data_count = 0;
    assert_breaks(&f, "INV-10");
    finish(&f);
}

/* INV-11 */
static void test_audit_finds_bytes_that_were_polled_before_they_were_written(void **state)
{
    struct fixture f;
    init(&f);
    add_open(&f, 10)->committed = 10;
    (void)poll(&f);
    f.buffers[0].committed = 9;
    assert_breaks(&f, "INV-11");
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_leave_in_order_with_ascending_sequence_numbers),
        cmocka_unit_test(test_everything_but_the_last_element_counts_as_finished),
        cmocka_unit_test(test_finished_mark_of_a_lone_buffer_is_seen_when_it_was_set_before_adding),
        cmocka_unit_test(test_lone_event_is_finished_from_the_start),
        cmocka_unit_test(test_data_is_available_by_a_finished_buffer_or_a_flush_unless_blocked),
        cmocka_unit_test(test_backlog_counts_data_buffers_without_the_open_one),
        cmocka_unit_test(test_backlog_counts_all_data_and_no_events_when_an_event_is_last),
        cmocka_unit_test(test_reader_is_told_of_the_first_finished_buffer_only),
        cmocka_unit_test(test_reader_is_not_told_while_a_flush_is_pending_or_the_queue_is_blocked),
        cmocka_unit_test(test_end_of_partition_always_tells_the_reader),
        cmocka_unit_test(test_queue_without_reader_tells_nobody_and_attaching_does_not_either),
        cmocka_unit_test(test_flush_tells_the_reader_of_unread_bytes_in_a_lone_buffer),
        cmocka_unit_test(test_flush_of_several_elements_is_kept_without_a_notification),
        cmocka_unit_test(test_flush_of_a_blocked_queue_is_kept_without_a_notification),
        cmocka_unit_test(test_poll_takes_the_bytes_of_an_open_buffer_without_being_told),
        cmocka_unit_test(test_flush_is_over_when_the_last_element_is_polled),
        cmocka_unit_test(test_empty_remainder_is_dropped_and_polling_goes_on),
        cmocka_unit_test(test_polling_past_an_empty_remainder_sends_the_open_buffer_behind_it),
        cmocka_unit_test(test_empty_remainder_is_delivered_without_exclusive_buffers),
        cmocka_unit_test(test_next_type_is_none_for_a_lone_open_buffer_unless_a_flush_is_pending),
        cmocka_unit_test(test_partial_buffer_keeps_its_place_and_is_sent_in_slices),
        cmocka_unit_test(test_priority_events_go_before_all_others_in_their_own_order),
        cmocka_unit_test(test_priority_event_of_a_blocked_queue_is_not_told),
        cmocka_unit_test(test_reader_without_credit_can_only_take_events),
        cmocka_unit_test(test_size_hint_is_none_until_the_reader_asks_for_one),
        cmocka_unit_test(test_resume_unblocks_a_queue_and_only_a_blocked_one),
        cmocka_unit_test(test_only_data_costs_credit_and_only_aligned_barriers_block),
        cmocka_unit_test(test_release_closes_what_is_queued_and_refuses_more),
        cmocka_unit_test(test_flush_of_a_group_leaves_out_only_what_a_flush_does_not_change),
        cmocka_unit_test(test_audit_finds_a_wrong_count_of_data_buffers),
        cmocka_unit_test(test_audit_finds_bytes_that_were_polled_before_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
