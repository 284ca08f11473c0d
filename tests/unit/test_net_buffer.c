/*
 * Builders, consumers and reference counts of buffers (rules BB).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/buffer.h"
#include "models/subpartition.h"
#include "tests/support/assert_failure.h"

#define SEGMENT 1000

/* A task manager of three segments, and what came back. */
struct fixture {
    struct net_buffer buffers[3];
    struct net_segments segments;
    struct net_recycler recycler;
    int recycled;
    uint32_t segment;
    uint32_t subpartition;
};

static void recycle(void *owner, struct net_buffer *buffer)
{
    struct fixture *f = owner;
    f->recycled++;
    f->segment = net_segments_number(&f->segments, buffer);
    f->subpartition = buffer->subpartition;
}

static struct net_buffer *open_buffer(struct fixture *f)
{
    *f = (struct fixture){.segment = NET_SEGMENT_NONE};
    f->segments = (struct net_segments){.buffers = f->buffers, .segment_bytes = SEGMENT};
    f->recycler = (struct net_recycler){.recycle = recycle, .owner = f};
    return net_buffer_open_segment(&f->segments, 2, 7);
}

/* BB-1 */
static void test_builder_starts_empty_with_the_whole_segment(void **state)
{
    struct fixture f;
    f.buffers[2] = (struct net_buffer){.committed = 5, .is_finished = true, .references = 9};
    struct net_buffer *buffer = open_buffer(&f);
    assert_ptr_equal(buffer, &f.buffers[2]);
    assert_int_equal(buffer->committed, 0);
    assert_int_equal(buffer->capacity, SEGMENT);
    assert_int_equal(buffer->references, 1);
    assert_false(buffer->is_finished);
    assert_false(net_buffer_is_full(buffer));
}

/* BB-2 */
static void test_append_takes_what_fits(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    assert_int_equal(net_buffer_append(buffer, 600), 600);
    assert_false(net_buffer_is_full(buffer));
    assert_int_equal(net_buffer_append(buffer, 600), 400);
    assert_true(net_buffer_is_full(buffer));
    assert_int_equal(net_buffer_append(buffer, 1), 0);
    assert_int_equal(buffer->committed, SEGMENT);
}

/* BB-3 */
static void test_trim_stays_between_what_is_written_and_the_segment(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    net_buffer_append(buffer, 300);
    net_buffer_trim(buffer, 500, SEGMENT);
    assert_int_equal(buffer->capacity, 500);
    net_buffer_trim(buffer, 700, SEGMENT);
    assert_int_equal(buffer->capacity, 700);
    net_buffer_trim(buffer, SEGMENT + 1, SEGMENT);
    assert_int_equal(buffer->capacity, SEGMENT);
    net_buffer_trim(buffer, 100, SEGMENT);
    assert_int_equal(buffer->capacity, 300);
    assert_true(net_buffer_is_full(buffer));
}

/* BB-4 */
static void test_finished_builder_takes_nothing_any_more(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    net_buffer_finish(buffer); /* an empty one, too */
    assert_true(buffer->is_finished);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_buffer_append(buffer, 1));
    (void)sim_assert_set_handler(before);
    net_buffer_release(buffer, &f.recycler);
    assert_int_equal(f.recycled, 1);
}

static struct net_slice poll(struct net_subpartition *sub)
{
    struct net_slice slice = {0};
    assert_true(net_subpartition_poll(sub, &slice));
    return slice;
}

/* BB-5 */
static void test_copies_of_a_consumer_read_at_their_own_pace(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    struct net_subpartition_group group;
    struct net_subpartition fast;
    struct net_subpartition slow;
    net_subpartition_group_init(&group, 2, 2, &f.recycler);
    net_subpartition_init(&fast, &group, 0, 0);
    net_subpartition_init(&slow, &group, 1, 0);
    net_subpartition_add(&fast, buffer);
    net_subpartition_add(&slow, buffer);
    net_buffer_append(buffer, 100);
    assert_int_equal(poll(&fast).bytes, 100);
    net_buffer_append(buffer, 50);
    assert_int_equal(poll(&fast).bytes, 50);
    assert_int_equal(poll(&slow).bytes, 150);
    net_subpartition_finish(&fast);
    net_subpartition_finish(&slow);
    net_subpartition_group_finish(&group);
}

/* BB-6, BB-8 */
static void test_several_slices_of_a_segment_can_be_on_their_way(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    struct net_subpartition_group group;
    struct net_subpartition sub;
    net_subpartition_group_init(&group, 1, 2, &f.recycler);
    net_subpartition_init(&sub, &group, 0, 0);
    net_subpartition_add(&sub, buffer);
    assert_int_equal(buffer->references, 2); /* builder, consumer */
    net_buffer_append(buffer, 100);
    struct net_slice first = poll(&sub);
    net_buffer_append(buffer, 20);
    struct net_slice second = poll(&sub);
    assert_int_equal(first.bytes, 100);
    assert_int_equal(second.bytes, 20);
    assert_int_equal(buffer->references, 4);
    net_buffer_append(buffer, 3);
    net_buffer_finish(buffer);
    net_buffer_release(buffer, &f.recycler);
    struct net_slice last = poll(&sub); /* the consumer goes */
    assert_int_equal(buffer->references, 3);
    net_buffer_release(first.buffer, &f.recycler);
    net_buffer_release(last.buffer, &f.recycler);
    assert_int_equal(f.recycled, 0);
    net_buffer_release(second.buffer, &f.recycler);
    assert_int_equal(f.recycled, 1);
    net_subpartition_finish(&sub);
    net_subpartition_group_finish(&group);
}

/* BB-7 */
static void test_finished_mark_is_seen_at_the_next_poll_and_bytes_at_once(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    struct net_subpartition_group group;
    struct net_subpartition sub;
    net_subpartition_group_init(&group, 1, 2, &f.recycler);
    net_subpartition_init(&sub, &group, 0, 0);
    net_subpartition_add(&sub, buffer);
    net_buffer_append(buffer, 100);
    net_buffer_finish(buffer);
    net_buffer_release(buffer, &f.recycler);
    assert_int_equal(net_subpartition_finished_buffers(&sub), 0);
    net_subpartition_flush(&sub); /* reads the live position */
    assert_true(sub.is_flush_requested);
    struct net_slice slice = poll(&sub);
    assert_int_equal(net_subpartition_length(&sub), 0); /* now it was seen */
    net_buffer_release(slice.buffer, &f.recycler);
    net_subpartition_finish(&sub);
    net_subpartition_group_finish(&group);
}

/* BB-8, LBP-18 */
static void test_segment_goes_back_with_its_subpartition_when_nobody_uses_it(void **state)
{
    struct fixture f;
    struct net_buffer *buffer = open_buffer(&f);
    net_buffer_reference(buffer);
    net_buffer_release(buffer, &f.recycler);
    assert_int_equal(f.recycled, 0);
    net_buffer_release(buffer, &f.recycler);
    assert_int_equal(f.recycled, 1);
    assert_int_equal(f.segment, 2);
    assert_int_equal(f.subpartition, 7);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_buffer_release(buffer, &f.recycler));
    (void)sim_assert_set_handler(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builder_starts_empty_with_the_whole_segment),
        cmocka_unit_test(test_append_takes_what_fits),
        cmocka_unit_test(test_trim_stays_between_what_is_written_and_the_segment),
        cmocka_unit_test(test_finished_builder_takes_nothing_any_more),
        cmocka_unit_test(test_copies_of_a_consumer_read_at_their_own_pace),
        cmocka_unit_test(test_several_slices_of_a_segment_can_be_on_their_way),
        cmocka_unit_test(test_finished_mark_is_seen_at_the_next_poll_and_bytes_at_once),
        cmocka_unit_test(test_segment_goes_back_with_its_subpartition_when_nobody_uses_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
