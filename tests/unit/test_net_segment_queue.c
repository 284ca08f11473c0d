/*
 * Queues of segments against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/segment_queue.h"
#include "sim/random.h"
#include "tests/support/assert_failure.h"

#define SEGMENTS 12u

/* First in, first out, at every length; buffers of segments that are out may be written to. */
static void test_segments_come_in_order(void **state)
{
    (void)state;
    struct net_buffer buffers[SEGMENTS] = {0};
    net_segment list[SEGMENTS];
    bool is_in[SEGMENTS] = {false};
    struct net_segment_queue queue = {0};
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 1);
    for (uint32_t step = 0; step < 20000; step++) {
        uint32_t most = 1 + step / 10 % SEGMENTS;
        net_segment segment = (net_segment)sim_stream_below(&stream, SEGMENTS);
        if (queue.count < most && !is_in[segment]) {
            list[queue.count] = segment;
            is_in[segment] = true;
            net_segment_push(buffers, &queue, segment);
        } else if (queue.count > 0) {
            assert_int_equal(net_segment_pop(buffers, &queue), list[0]);
            is_in[list[0]] = false;
            buffers[list[0]].committed = step;
            for (uint32_t i = 0; i < queue.count; i++) {
                list[i] = list[i + 1];
            }
        } else {
            assert_int_equal(net_segment_pop(buffers, &queue), NET_SEGMENT_NONE);
        }
    }
}

/* A queue of two looks at no buffer: there is none here. */
static void test_two_segments_need_no_buffers(void **state)
{
    (void)state;
    struct net_segment_queue queue = {0};
    net_segment_push(NULL, &queue, 7);
    net_segment_push(NULL, &queue, 5);
    assert_int_equal(net_segment_pop(NULL, &queue), 7);
    net_segment_push(NULL, &queue, 9);
    assert_int_equal(net_segment_pop(NULL, &queue), 5);
    assert_int_equal(net_segment_pop(NULL, &queue), 9);
    assert_int_equal(net_segment_pop(NULL, &queue), NET_SEGMENT_NONE);
}

static void test_free_segment_is_not_queued_twice(void **state)
{
    (void)state;
    struct net_buffer buffers[SEGMENTS] = {0};
    struct net_segment_queue queue = {0};
    net_segment_push_free(buffers, &queue, 3);
    assert_true(buffers[3].is_queued);
    sim_assert_handler before = sim_assert_set_handler(fail_as_mock);
    expect_assert_failure(net_segment_push_free(buffers, &queue, 3));
    sim_assert_set_handler(before);
    assert_int_equal(net_segment_pop_free(buffers, &queue), 3);
    assert_false(buffers[3].is_queued);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_come_in_order),
        cmocka_unit_test(test_two_segments_need_no_buffers),
        cmocka_unit_test(test_free_segment_is_not_queued_twice),
    };
    return cmocka_run_group_tests_name("net_segment_queue", tests, NULL, NULL);
}
