/*
 * The result partition with its record writer (rules WR and FLU; vectors GT-3, GT-12 and GT-14).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/partition.h"
#include "tests/support/assert_failure.h"
#include "tests/support/net_fixture.h"

#define SEGMENT 32768u
#define RECORD 105u /* bytes on the wire, as in the vectors */

static void init(struct net_producer *p, uint32_t subpartitions)
{
    struct net_producer_params params = {.subpartitions = subpartitions};
    net_producer_init(p, &params);
    net_producer_attach(p);
}

static struct net_subpartition *sub(struct net_producer *p, uint32_t index)
{
    return &p->partition.subs[index];
}

/* Poll, and expect bytes, backlog and the type of the next element. */
static void expect_poll(struct net_producer *p, uint32_t index, uint32_t bytes, uint32_t backlog,
                        enum net_element_type next)
{
    struct net_slice slice = net_producer_poll(p, index);
    assert_int_equal(slice.bytes, bytes);
    assert_int_equal(slice.backlog, backlog);
    assert_int_equal(slice.next, next);
}

static void expect_out(const struct net_producer *p, uint64_t buffers, uint64_t bytes)
{
    assert_int_equal(p->partition.buffers_out, buffers);
    assert_int_equal(p->partition.bytes_out, bytes);
}

/* WR-2, WR-3: what is written fills buffers to the last byte, whatever the records are. */
static void test_records_are_split_at_the_ends_of_buffers(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, 30000, 3);
    expect_out(&p, 2, 2 * SEGMENT);
    assert_int_equal(p.partition.builders[0]->committed, 90000 - 2 * SEGMENT);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 3);
    net_producer_emit(&p, 0, 5 * SEGMENT, 1);
    expect_out(&p, 7, 7 * SEGMENT);
    net_producer_finish(&p);
}

/* A reader that looks at the queue when it is told. */
struct snoop {
    struct net_told told; /* first */
    struct net_subpartition *sub;
    uint64_t queued_bytes; /* when it was told last */
};

static void look_at_queue(struct net_subpartition_reader *reader)
{
    struct snoop *snoop = (struct snoop *)reader;
    snoop->told.data++;
    snoop->queued_bytes = net_subpartition_queued_bytes(snoop->sub);
}

/* WR-2, SUB-5 */
static void test_continued_record_is_visible_with_its_bytes_and_a_new_one_is_not(void **state)
{
    struct net_producer p;
    init(&p, 1);
    struct snoop snoop = {.sub = sub(&p, 0)};
    net_told_init(&snoop.told);
    static const struct net_reader_calls calls = {.on_data = look_at_queue};
    snoop.told.reader.calls = &calls;
    net_subpartition_attach(snoop.sub, &snoop.told.reader);
    net_producer_emit(&p, 0, SEGMENT + 100, 1);
    assert_int_equal(snoop.told.data, 1);
    assert_int_equal(snoop.queued_bytes, SEGMENT + 100);
    (void)net_producer_poll(&p, 0);
    (void)net_producer_poll(&p, 0);
    net_producer_emit(&p, 0, SEGMENT - 100, 1); /* fills and finishes the buffer */
    assert_int_equal(snoop.told.data, 1);
    net_producer_emit(&p, 0, 100, 1);
    assert_int_equal(snoop.told.data, 2);
    assert_int_equal(snoop.queued_bytes, SEGMENT - 100); /* the new buffer was empty then */
    net_producer_finish(&p);
}

static uint32_t expected; /* calls so far */

static void count_expected(const struct net_subpartition_reader *reader)
{
    (void)reader;
    expected++;
}

/* A flush says which readers it may tell something, before it tells the first; of those alone that
 * it may concern. */
static void test_flush_says_whom_it_may_tell(void **state)
{
    struct net_producer p;
    init(&p, 3);
    struct snoop snoops[3];
    static const struct net_reader_calls calls = {.on_data = look_at_queue,
                                                  .expect = count_expected};
    expected = 0;
    for (uint32_t i = 0; i < 3; i++) {
        snoops[i] = (struct snoop){.sub = sub(&p, i)};
        net_told_init(&snoops[i].told);
        snoops[i].told.reader.calls = &calls;
        net_subpartition_attach(snoops[i].sub, &snoops[i].told.reader);
    }
    net_producer_emit(&p, 0, 100, 1);
    net_producer_emit(&p, 2, 100, 1);
    net_partition_flush_all(&p.partition);
    assert_int_equal(expected, 2);
    assert_int_equal(snoops[0].told.data + snoops[2].told.data, 2);
    net_partition_flush_all(&p.partition);
    assert_int_equal(expected, 2);
    net_producer_finish(&p);
}

/* WR-2, WR-3, SUB-5: GT-3, variant (b). */
static void test_record_that_ends_with_its_buffer_finishes_it_and_tells_nobody(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, 4096, 8);
    assert_null(p.partition.builders[0]);
    expect_out(&p, 1, SEGMENT);
    assert_int_equal(p.told[0].data, 0);
    net_producer_emit(&p, 0, 4096, 1);
    assert_int_equal(p.told[0].data, 1);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* SUB-6, BB-7: GT-3, variant (b), with a flush. */
static void test_flush_sends_a_finished_lone_buffer_and_takes_it_off_the_queue(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, 4096, 8);
    net_partition_flush(&p.partition, 0);
    assert_int_equal(p.told[0].data, 1);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 0);
    assert_int_equal(net_local_pool_used(p.pool), 0);
    net_producer_finish(&p);
}

/* GT-3, up to the sender's credit */
static void test_partial_flush_leaves_the_buffer_to_its_writer(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 10);
    net_partition_flush_all(&p.partition);
    assert_int_equal(p.told[0].data, 1);
    expect_poll(&p, 0, 1050, 0, NET_ELEMENT_NONE);
    net_producer_emit(&p, 0, RECORD, 302);
    assert_int_equal(p.partition.builders[0]->committed, 32760);
    assert_int_equal(p.told[0].data, 1);
    net_producer_emit(&p, 0, RECORD, 1);
    assert_int_equal(p.partition.builders[0]->committed, 97);
    assert_int_equal(p.told[0].data, 2);
    expect_poll(&p, 0, 31718, 0, NET_ELEMENT_NONE);
    assert_int_equal(sub(&p, 0)->data_count, 1);
    expect_out(&p, 1, SEGMENT);
    net_producer_finish(&p);
}

/* GT-3, variant (a) */
static void test_last_bytes_of_a_flushed_buffer_go_out_on_their_own(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 10);
    net_partition_flush_all(&p.partition);
    expect_poll(&p, 0, 1050, 0, NET_ELEMENT_NONE);
    net_producer_emit(&p, 0, RECORD, 302);
    net_partition_flush_all(&p.partition);
    expect_poll(&p, 0, 31710, 0, NET_ELEMENT_NONE);
    net_producer_emit(&p, 0, RECORD, 1);
    expect_poll(&p, 0, 8, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* GT-3, variant (c); SUB-8, WR-11 */
static void test_barrier_behind_a_flushed_buffer_drops_its_empty_rest(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 10);
    net_partition_flush_all(&p.partition);
    struct net_slice slice;
    assert_true(net_subpartition_poll(sub(&p, 0), &slice));
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_BARRIER, 38);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 2);
    struct net_slice barrier = net_producer_poll(&p, 0);
    assert_int_equal(barrier.type, NET_ELEMENT_BARRIER);
    assert_int_equal(barrier.sequence, 1);
    assert_int_equal(net_local_pool_used(p.pool), 1);
    net_buffer_release(slice.buffer, &p.partition.recycler); /* now it has been sent */
    assert_int_equal(net_local_pool_used(p.pool), 0);
    net_producer_finish(&p);
}

/* GT-12 */
static void test_flush_of_several_buffers_adds_the_open_one_to_the_backlog(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 1000);
    assert_int_equal(p.partition.builders[0]->committed, 6696);
    assert_int_equal(p.told[0].data, 1);
    assert_int_equal(net_subpartition_backlog(sub(&p, 0)), 3);
    net_partition_flush_all(&p.partition);
    assert_int_equal(p.told[0].data, 1);
    assert_int_equal(net_subpartition_backlog(sub(&p, 0)), 4);
    expect_poll(&p, 0, SEGMENT, 3, NET_ELEMENT_DATA);
    expect_poll(&p, 0, SEGMENT, 2, NET_ELEMENT_DATA);
    expect_poll(&p, 0, SEGMENT, 1, NET_ELEMENT_DATA);
    expect_poll(&p, 0, 6696, 0, NET_ELEMENT_NONE);
    net_producer_poll_nothing(&p, 0);
    net_producer_finish(&p);
}

/* GT-12, without the flush */
static void test_open_buffer_stays_behind_without_a_flush(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 1000);
    expect_poll(&p, 0, SEGMENT, 2, NET_ELEMENT_DATA);
    expect_poll(&p, 0, SEGMENT, 1, NET_ELEMENT_DATA);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* GT-14 */
static void test_barrier_stops_a_subpartition_until_the_reader_resumes(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 10);
    net_partition_flush_all(&p.partition);
    expect_poll(&p, 0, 1050, 0, NET_ELEMENT_NONE);
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_BARRIER, 38);
    assert_int_equal(p.told[0].data, 2);
    assert_int_equal(net_subpartition_backlog(sub(&p, 0)), 1);
    expect_poll(&p, 0, 38, 0, NET_ELEMENT_NONE);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 0);
    assert_true(sub(&p, 0)->is_blocked);
    net_producer_emit(&p, 0, RECORD, 400);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 2);
    assert_int_equal(p.told[0].data, 2);
    assert_int_equal(net_subpartition_backlog(sub(&p, 0)), 0);
    net_producer_poll_nothing(&p, 0);
    net_subpartition_resume(sub(&p, 0));
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* WR-4, LBP-8 */
static void test_writer_without_a_segment_blocks_in_the_middle_of_its_record(void **state)
{
    struct net_producer_params params = {.max = 2, .max_overdraft = -1};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    assert_false(net_partition_emit(&p.partition, 0, 2 * SEGMENT + 10));
    assert_int_equal(p.partition.write.left, 10);
    assert_null(p.partition.builders[0]);
    expect_out(&p, 2, 2 * SEGMENT);
    assert_false(net_partition_continue(&p.partition));
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_partition_emit(&p.partition, 0, 1));
    (void)sim_assert_set_handler(before);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    assert_true(net_partition_continue(&p.partition));
    assert_int_equal(p.partition.builders[0]->committed, 10);
    assert_false(p.partition.write.is_open);
    net_producer_check(&p);
    net_producer_finish(&p);
}

/* WR-4: a record whose first buffer is missing is queued once it is there, empty at first. */
static void test_writer_that_blocks_before_its_first_byte_goes_on_as_a_new_record(void **state)
{
    struct net_producer_params params = {.max = 2, .max_overdraft = -1};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    net_producer_emit(&p, 0, 2 * SEGMENT, 1);
    assert_false(net_partition_emit(&p.partition, 0, 10));
    assert_false(p.partition.write.is_continued);
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 2);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    assert_true(net_partition_continue(&p.partition));
    assert_int_equal(net_subpartition_length(sub(&p, 0)), 2);
    net_producer_finish(&p);
}

/* WR-5, SUB-13 (5) */
static void test_change_between_one_and_all_closes_the_open_buffers(void **state)
{
    struct net_producer p;
    init(&p, 3);
    net_producer_emit(&p, 0, 100, 1);
    net_producer_emit(&p, 1, 100, 1);
    assert_true(net_partition_emit_broadcast(&p.partition, 50));
    assert_null(p.partition.builders[0]);
    assert_null(p.partition.builders[1]);
    expect_out(&p, 2, 200);
    net_producer_emit(&p, 2, 100, 1);
    assert_null(p.partition.broadcast_builder);
    expect_out(&p, 5, 200 + 3 * 50);
    expect_poll(&p, 0, 100, 0, NET_ELEMENT_NONE);
    expect_poll(&p, 2, 50, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* WR-6 */
static void test_desired_size_bounds_new_buffers_but_not_the_bytes_that_must_fit(void **state)
{
    struct net_producer_params params = {.size_hint = 1000};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_emit(&p, 0, 10, 1);
    assert_int_equal(p.partition.builders[0]->capacity, 1000);
    net_subpartition_set_size_hint(sub(&p, 0), 500); /* of the next one */
    assert_int_equal(p.partition.builders[0]->capacity, 1000);
    net_producer_emit(&p, 0, 1200, 1); /* 990 fill it, 210 are left */
    expect_out(&p, 1, 1000);
    assert_int_equal(p.partition.builders[0]->committed, 210);
    assert_int_equal(p.partition.builders[0]->capacity, 500);
    net_producer_emit(&p, 0, 290, 1);
    assert_null(p.partition.builders[0]);
    net_producer_emit(&p, 0, 2000, 1); /* a new record fits as a whole */
    expect_out(&p, 3, 3500);
    net_producer_emit(&p, 0, SEGMENT + 600, 1); /* not beyond a segment */
    expect_out(&p, 5, 3500 + SEGMENT + 600);    /* the rest fills a buffer of its own size */
    assert_null(p.partition.builders[0]);
    net_producer_finish(&p);
}

/* WR-6 */
static void test_broadcast_takes_the_smallest_desired_size(void **state)
{
    struct net_producer p;
    init(&p, 3);
    net_subpartition_set_size_hint(sub(&p, 1), 300);
    net_subpartition_set_size_hint(sub(&p, 2), 400);
    assert_true(net_partition_emit_broadcast(&p.partition, 10));
    assert_int_equal(p.partition.broadcast_builder->capacity, 300);
    net_producer_finish(&p);
}

/* WR-7 */
static void test_trimmed_buffer_stretches_when_the_pool_is_unavailable(void **state)
{
    struct net_producer_params params = {.max = 2, .max_overdraft = -1, .size_hint = 1000};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_emit(&p, 0, 900, 1);
    net_producer_emit(&p, 0, 200, 1); /* still available: the buffer is finished at 1000 */
    expect_out(&p, 1, 1000);
    assert_false(net_partition_is_available(&p.partition));
    assert_int_equal(p.partition.builders[0]->committed, 100);
    net_producer_emit(&p, 0, 899, 1); /* leaves room: nothing to stretch */
    assert_int_equal(p.partition.builders[0]->capacity, 1000);
    net_producer_emit(&p, 0, 50, 1);
    assert_int_equal(p.partition.builders[0]->committed, 1049);
    assert_int_equal(p.partition.builders[0]->capacity, 1050);
    expect_out(&p, 1, 1000);
    net_producer_emit(&p, 0, 1, 1); /* would just fill it, and it would be finished */
    assert_int_equal(p.partition.builders[0]->capacity, 1051);
    net_producer_emit(&p, 0, 1, 1);
    expect_out(&p, 1, 1000);
    assert_false(net_partition_emit(&p.partition, 0, SEGMENT)); /* not beyond a segment */
    expect_out(&p, 2, 1000 + SEGMENT);
    assert_int_equal(p.partition.write.left, 1051);
    net_producer_finish(&p);
}

/* WR-8, BB-5, MET-7 */
static void test_broadcast_record_takes_one_segment_counted_at_the_first_subpartition(void **state)
{
    struct net_producer p;
    init(&p, 3);
    assert_true(net_partition_emit_broadcast(&p.partition, SEGMENT));
    assert_int_equal(net_local_pool_used(p.pool), 1);
    assert_int_equal(net_local_pool_subpartition_count(p.pool, 0), 1);
    assert_int_equal(net_local_pool_subpartition_count(p.pool, 1), 0);
    expect_out(&p, 3, 3 * SEGMENT);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(net_local_pool_used(p.pool), 1); /* until the slowest has sent it */
        expect_poll(&p, i, SEGMENT, 0, NET_ELEMENT_NONE);
    }
    assert_int_equal(net_local_pool_used(p.pool), 0);
    assert_int_equal(net_local_pool_subpartition_count(p.pool, 0), 0);
    net_producer_finish(&p);
}

/* WR-8, WR-4 */
static void test_blocked_broadcast_goes_on_where_it_was(void **state)
{
    struct net_producer_params params = {.subpartitions = 2, .max = 3, .max_overdraft = -1};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    assert_false(net_partition_emit_broadcast(&p.partition, 3 * SEGMENT + 5));
    expect_poll(&p, 0, SEGMENT, 1, NET_ELEMENT_DATA);
    assert_false(net_partition_continue(&p.partition));
    expect_poll(&p, 1, SEGMENT, 1, NET_ELEMENT_DATA);
    assert_true(net_partition_continue(&p.partition));
    assert_int_equal(p.partition.broadcast_builder->committed, 5);
    net_producer_finish(&p);
}

/* WR-9: an element for all of an edge that does not broadcast goes into every open buffer. */
static void test_element_for_all_channels_goes_into_each_open_buffer(void **state)
{
    struct net_producer p;
    init(&p, 3);
    net_producer_emit(&p, 1, 100, 1);
    for (uint32_t i = 0; i < 3; i++) {
        net_producer_emit(&p, i, 13, 1);
    }
    assert_int_equal(p.partition.builders[0]->committed, 13);
    assert_int_equal(p.partition.builders[1]->committed, 113);
    assert_int_equal(net_local_pool_used(p.pool), 3);
    expect_out(&p, 0, 0);
    net_producer_finish(&p);
}

/* WR-11, SUB-13 (2), MET-7 */
static void test_event_for_all_closes_every_open_buffer_and_takes_no_segment(void **state)
{
    struct net_producer p;
    init(&p, 2);
    net_producer_emit(&p, 0, 100, 1);
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_BARRIER, 38);
    assert_null(p.partition.builders[0]);
    expect_out(&p, 1, 100);
    assert_int_equal(net_local_pool_used(p.pool), 1);
    assert_int_equal(p.told[0].data, 1);
    assert_int_equal(p.told[1].data, 1);
    expect_poll(&p, 0, 100, 0, NET_ELEMENT_BARRIER);
    expect_poll(&p, 0, 38, 0, NET_ELEMENT_NONE);
    expect_poll(&p, 1, 38, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* WR-11 */
static void test_event_for_all_closes_the_broadcast_buffer(void **state)
{
    struct net_producer p;
    init(&p, 2);
    assert_true(net_partition_emit_broadcast(&p.partition, 100));
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_EVENT, 4);
    assert_null(p.partition.broadcast_builder);
    expect_out(&p, 2, 200);
    expect_poll(&p, 1, 100, 0, NET_ELEMENT_EVENT);
    net_producer_finish(&p);
}

/* WR-12, SUB-13 (3) */
static void test_end_of_partition_closes_buffers_and_tells_every_reader(void **state)
{
    struct net_producer p;
    init(&p, 2);
    net_producer_emit(&p, 0, 100, 1);
    net_partition_flush(&p.partition, 0);
    assert_int_equal(p.told[0].data, 1);
    net_partition_end(&p.partition);
    assert_int_equal(p.told[0].data, 2);
    assert_int_equal(p.told[1].data, 1);
    expect_poll(&p, 0, 100, 0, NET_ELEMENT_END);
    expect_poll(&p, 0, 4, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* WR-14 */
static void test_writer_is_available_exactly_when_its_pool_is(void **state)
{
    struct net_producer_params params = {.max = 3};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_emit(&p, 0, SEGMENT, 2);
    assert_true(net_partition_is_available(&p.partition));
    net_producer_emit(&p, 0, SEGMENT, 1);
    assert_false(net_partition_is_available(&p.partition));
    net_producer_emit(&p, 0, SEGMENT, 1); /* overdraft */
    assert_false(net_partition_is_available(&p.partition));
    net_producer_finish(&p);
}

/* FLU-2 */
static void test_flush_neither_closes_buffers_nor_moves_bytes(void **state)
{
    struct net_producer p;
    init(&p, 3);
    net_producer_emit(&p, 0, 100, 1);
    net_producer_emit(&p, 2, 200, 1);
    net_partition_flush_all(&p.partition);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(p.told[i].data, i != 1);
        assert_int_equal(sub(&p, i)->is_flush_requested, i != 1);
        assert_int_equal(net_subpartition_backlog(sub(&p, i)), i != 1);
    }
    assert_non_null(p.partition.builders[0]);
    expect_out(&p, 0, 0);
    net_producer_finish(&p);
}

/* FLU-2 */
static void test_flush_of_one_subpartition_leaves_the_others(void **state)
{
    struct net_producer p;
    init(&p, 2);
    net_producer_emit(&p, 0, 100, 1);
    net_producer_emit(&p, 1, 100, 1);
    net_partition_flush(&p.partition, 1);
    assert_int_equal(p.told[0].data, 0);
    assert_int_equal(p.told[1].data, 1);
    net_producer_finish(&p);
}

/* FLU-4 */
static void test_timeout_of_zero_flushes_after_every_record_and_event(void **state)
{
    struct net_producer_params params = {.subpartitions = 2, .flushes_always = true};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    net_producer_emit(&p, 1, 100, 1);
    assert_int_equal(p.told[0].data, 0);
    assert_int_equal(p.told[1].data, 1);
    net_producer_emit(&p, 1, 100, 1); /* no credit yet: the records share the buffer */
    assert_int_equal(p.told[1].data, 1);
    expect_poll(&p, 1, 200, 0, NET_ELEMENT_NONE);
    assert_true(net_partition_emit_broadcast(&p.partition, 10));
    assert_true(sub(&p, 0)->is_flush_requested);
    assert_true(sub(&p, 1)->is_flush_requested);
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_EVENT, 4);
    assert_true(sub(&p, 0)->is_flush_requested);
    net_producer_finish(&p);
}

/* FLU-5, SUB-5, SUB-13 */
static void test_without_flushes_only_full_buffers_with_a_successor_and_events_move(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, RECORD, 312);
    assert_false(net_subpartition_has_data(sub(&p, 0)));
    net_producer_emit(&p, 0, RECORD, 1);
    assert_int_equal(p.told[0].data, 1);
    expect_poll(&p, 0, SEGMENT, 0, NET_ELEMENT_NONE);
    assert_false(net_subpartition_has_data(sub(&p, 0)));
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_EVENT, 4);
    expect_poll(&p, 0, 97, 0, NET_ELEMENT_EVENT);
    net_producer_finish(&p);
}

/* SUB-13 (6): a smaller desired size closes a buffer early. */
static void test_trimmed_buffer_is_full_at_its_desired_size(void **state)
{
    struct net_producer_params params = {.size_hint = 210};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    net_producer_emit(&p, 0, RECORD, 3);
    assert_int_equal(p.told[0].data, 1);
    expect_poll(&p, 0, 210, 0, NET_ELEMENT_NONE);
    net_producer_finish(&p);
}

/* MET-6 */
static void test_queue_length_counts_open_buffers_and_events(void **state)
{
    struct net_producer p;
    init(&p, 2);
    net_producer_emit(&p, 0, SEGMENT + 1, 1);
    assert_int_equal(net_partition_queue_length(&p.partition), 2);
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_EVENT, 4);
    assert_int_equal(net_partition_queue_length(&p.partition), 4);
    net_producer_finish(&p);
}

static void expect_blocked(const struct net_producer *p, sim_time quota, sim_time limit,
                           sim_time global)
{
    assert_int_equal(net_partition_blocked(&p->partition, NET_BLOCK_QUOTA), quota);
    assert_int_equal(net_partition_blocked(&p->partition, NET_BLOCK_CHANNEL_LIMIT), limit);
    assert_int_equal(net_partition_blocked(&p->partition, NET_BLOCK_GLOBAL_POOL), global);
}

/* What a report tells of a pool that was not available. */
static void test_time_without_buffers_is_counted_by_its_cause(void **state)
{
    struct net_producer_params params = {.max = 4, .max_per_subpartition = 3, .segments = 5};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_producer_attach(&p);
    net_fixture_advance(p.sim, 10);
    net_producer_emit(&p, 0, SEGMENT, 3); /* of 3 for the subpartition */
    net_fixture_advance(p.sim, 20);
    expect_blocked(&p, 0, 10, 0);
    net_producer_emit(&p, 0, SEGMENT, 1); /* of 4 in all */
    net_fixture_advance(p.sim, 50);
    expect_blocked(&p, 30, 10, 0);
    (void)net_producer_poll(&p, 0);
    net_fixture_advance(p.sim, 55);
    expect_blocked(&p, 30, 15, 0);
    (void)net_producer_poll(&p, 0);
    net_fixture_advance(p.sim, 60);
    assert_true(net_partition_is_available(&p.partition));
    expect_blocked(&p, 30, 15, 0);
    net_producer_finish(&p);
}

static void test_time_without_segments_in_the_task_manager_is_counted(void **state)
{
    struct net_producer_params params = {.max = 4, .segments = 5};
    struct net_producer p;
    net_producer_init(&p, &params);
    net_segment away[3];
    for (uint32_t i = 0; i < 3; i++) {
        away[i] = net_network_pool_request(p.segments.pool);
    }
    net_fixture_advance(p.sim, 10);
    assert_true(net_partition_emit(&p.partition, 0, 2 * SEGMENT));
    net_fixture_advance(p.sim, 17);
    expect_blocked(&p, 0, 0, 7);
    for (uint32_t i = 0; i < 3; i++) {
        net_network_pool_recycle(p.segments.pool, away[i]);
    }
    net_partition_on_recycled(&p.partition); /* as the pool's future tells */
    net_fixture_advance(p.sim, 20);
    expect_blocked(&p, 0, 0, 7);
    net_producer_finish(&p);
}

/* INV-11 */
static void test_audit_finds_bytes_that_are_neither_polled_nor_queued(void **state)
{
    struct net_producer p;
    init(&p, 1);
    net_producer_emit(&p, 0, SEGMENT + 1, 1);
    net_partition_broadcast_event(&p.partition, NET_ELEMENT_EVENT, 4);
    (void)net_producer_poll(&p, 0);
    p.partition.subs[0].total_bytes--;
    struct sim_err err = {0};
    assert_false(net_partition_audit(&p.partition, &err));
    assert_memory_equal(err.text, "INV-11", 6);
    p.partition.subs[0].total_bytes++;
    p.partition.bytes_out++;
    assert_false(net_partition_audit(&p.partition, &err));
    assert_memory_equal(err.text, "INV-11", 6);
    net_producer_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_are_split_at_the_ends_of_buffers),
        cmocka_unit_test(test_continued_record_is_visible_with_its_bytes_and_a_new_one_is_not),
        cmocka_unit_test(test_flush_says_whom_it_may_tell),
        cmocka_unit_test(test_record_that_ends_with_its_buffer_finishes_it_and_tells_nobody),
        cmocka_unit_test(test_flush_sends_a_finished_lone_buffer_and_takes_it_off_the_queue),
        cmocka_unit_test(test_partial_flush_leaves_the_buffer_to_its_writer),
        cmocka_unit_test(test_last_bytes_of_a_flushed_buffer_go_out_on_their_own),
        cmocka_unit_test(test_barrier_behind_a_flushed_buffer_drops_its_empty_rest),
        cmocka_unit_test(test_flush_of_several_buffers_adds_the_open_one_to_the_backlog),
        cmocka_unit_test(test_open_buffer_stays_behind_without_a_flush),
        cmocka_unit_test(test_barrier_stops_a_subpartition_until_the_reader_resumes),
        cmocka_unit_test(test_writer_without_a_segment_blocks_in_the_middle_of_its_record),
        cmocka_unit_test(test_writer_that_blocks_before_its_first_byte_goes_on_as_a_new_record),
        cmocka_unit_test(test_change_between_one_and_all_closes_the_open_buffers),
        cmocka_unit_test(test_desired_size_bounds_new_buffers_but_not_the_bytes_that_must_fit),
        cmocka_unit_test(test_broadcast_takes_the_smallest_desired_size),
        cmocka_unit_test(test_trimmed_buffer_stretches_when_the_pool_is_unavailable),
        cmocka_unit_test(test_broadcast_record_takes_one_segment_counted_at_the_first_subpartition),
        cmocka_unit_test(test_blocked_broadcast_goes_on_where_it_was),
        cmocka_unit_test(test_element_for_all_channels_goes_into_each_open_buffer),
        cmocka_unit_test(test_event_for_all_closes_every_open_buffer_and_takes_no_segment),
        cmocka_unit_test(test_event_for_all_closes_the_broadcast_buffer),
        cmocka_unit_test(test_end_of_partition_closes_buffers_and_tells_every_reader),
        cmocka_unit_test(test_writer_is_available_exactly_when_its_pool_is),
        cmocka_unit_test(test_flush_neither_closes_buffers_nor_moves_bytes),
        cmocka_unit_test(test_flush_of_one_subpartition_leaves_the_others),
        cmocka_unit_test(test_timeout_of_zero_flushes_after_every_record_and_event),
        cmocka_unit_test(test_without_flushes_only_full_buffers_with_a_successor_and_events_move),
        cmocka_unit_test(test_trimmed_buffer_is_full_at_its_desired_size),
        cmocka_unit_test(test_queue_length_counts_open_buffers_and_events),
        cmocka_unit_test(test_time_without_buffers_is_counted_by_its_cause),
        cmocka_unit_test(test_time_without_segments_in_the_task_manager_is_counted),
        cmocka_unit_test(test_audit_finds_bytes_that_are_neither_polled_nor_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
