/*
 * The growing ring that queues are made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/ring.h"

static void push(struct net_ring *ring, uint64_t value)
{
    *(uint64_t *)net_ring_push(ring, sizeof value) = value;
}

static uint64_t pop(struct net_ring *ring)
{
    return *(uint64_t *)net_ring_pop(ring, sizeof(uint64_t));
}

static uint64_t at(const struct net_ring *ring, uint32_t index)
{
    return *(uint64_t *)net_ring_at(ring, index, sizeof(uint64_t));
}

static void test_items_come_out_in_the_order_they_went_in(void **state)
{
    struct net_ring ring = {0};
    uint64_t in = 0;
    uint64_t out = 0;
    for (uint32_t round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < 7; i++) {
            push(&ring, in++);
        }
        for (uint32_t i = 0; i < 5; i++) {
            assert_int_equal(pop(&ring), out++);
        }
        assert_int_equal(ring.count, in - out);
        for (uint32_t i = 0; i < ring.count; i++) {
            assert_int_equal(at(&ring, i), out + i);
        }
    }
    net_ring_finish(&ring);
    assert_int_equal(ring.count, 0);
}

static void test_empty_ring_has_no_memory_and_a_used_one_keeps_what_it_needed(void **state)
{
    struct net_ring ring = {0};
    assert_null(ring.items);
    for (uint64_t i = 0; i < 100; i++) {
        push(&ring, i);
    }
    void *items = ring.items;
    assert_int_equal(net_ring_capacity(&ring), 128);
    for (uint32_t i = 0; i < 1000; i++) {
        (void)pop(&ring);
        push(&ring, i);
    }
    assert_ptr_equal(ring.items, items);
    while (ring.count > 0) {
        (void)pop(&ring);
    }
    assert_int_equal(ring.head, 0);
    net_ring_finish(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_come_out_in_the_order_they_went_in),
        cmocka_unit_test(test_empty_ring_has_no_memory_and_a_used_one_keeps_what_it_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
