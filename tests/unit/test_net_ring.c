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

/* Over the seam of the storage, too. */
static void test_insert_moves_those_behind_it(void **state)
{
    for (uint32_t shift = 0; shift < 8; shift++) {
        for (uint32_t index = 0; index <= 5; index++) {
            struct net_ring ring = {0};
            for (uint32_t i = 0; i < shift; i++) {
                push(&ring, 0);
                (void)pop(&ring);
            }
            for (uint64_t i = 0; i < 5; i++) {
                push(&ring, i);
            }
            *(uint64_t *)net_ring_insert(&ring, index, sizeof(uint64_t)) = 99;
            assert_int_equal(ring.count, 6);
            for (uint32_t i = 0; i < 6; i++) {
                assert_int_equal(at(&ring, i), i < index ? i : i == index ? 99 : i - 1);
            }
            net_ring_finish(&ring);
        }
    }
}

/* Over the seam of the storage, too. */
static void test_remove_moves_those_behind_it(void **state)
{
    for (uint32_t shift = 0; shift < 8; shift++) {
        for (uint32_t index = 0; index < 5; index++) {
            struct net_ring ring = {0};
            for (uint32_t i = 0; i < shift; i++) {
                push(&ring, 0);
                (void)pop(&ring);
            }
            for (uint64_t i = 0; i < 5; i++) {
                push(&ring, i);
            }
            net_ring_remove(&ring, index, sizeof(uint64_t));
            assert_int_equal(ring.count, 4);
            for (uint32_t i = 0; i < 4; i++) {
                assert_int_equal(at(&ring, i), i < index ? i : i + 1);
            }
            net_ring_finish(&ring);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_come_out_in_the_order_they_went_in),
        cmocka_unit_test(test_empty_ring_has_no_memory_and_a_used_one_keeps_what_it_needed),
        cmocka_unit_test(test_insert_moves_those_behind_it),
        cmocka_unit_test(test_remove_moves_those_behind_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
