/*
 * The queue of pending events against a plain list: trees of every shape, random keys and ties.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/queue.h"
#include "sim/random.h"

static struct queue_key key_of(uint64_t high, uint64_t order, const struct queue *queue,
                               uint32_t slot)
{
    return (struct queue_key){.low = order * (queue->slot_mask + 1) | slot, .high = high};
}

static bool is_before(struct queue_key a, struct queue_key b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/* The smallest key of a list, but for one place in it (`count`: for none). */
static struct queue_key first_of(const struct queue_key *list, uint32_t count, uint32_t without)
{
    struct queue_key best = QUEUE_NEVER;
    for (uint32_t i = 0; i < count; i++) {
        best = i != without && is_before(list[i], best) ? list[i] : best;
    }
    return best;
}

static void assert_key(struct queue_key got, struct queue_key want)
{
    assert_true(got.high == want.high);
    assert_true(got.low == want.low);
}

static void check_slots(const struct queue *queue, const struct queue_key *list)
{
    for (uint32_t i = 0; i < queue->capacity; i++) {
        assert_key(queue_key_of(queue, i), list[i]);
    }
    assert_key(queue->first, first_of(list, queue->capacity, queue->capacity));
}

/* Set random slots of a queue for `slots` slots: few different keys, so that many are equal in
 * their upper half; a quarter of them taken out. The queue grows on the way. */
static void check_queue(uint32_t slots, int steps)
{
    struct queue queue = {0};
    struct sim_stream stream;
    struct queue_key *list;
    queue_init(&queue, slots);
    assert_true(queue.most >= slots);
    assert_true(queue.slot_mask >= queue.most - 1);
    assert_true((uintptr_t)queue.keys % 64 == 0);
    list = malloc(queue.most * sizeof *list);
    struct slot *owned = calloc(queue.most, sizeof *owned);
    queue.slots = owned;
    for (uint32_t i = 0; i < queue.most; i++) {
        list[i] = QUEUE_NEVER;
    }
    check_slots(&queue, list);
    sim_stream_init_seed(&stream, slots);
    for (int step = 0; step < steps; step++) {
        if (step % (steps / 40) == 0 && queue.capacity < queue.most) {
            queue_grow(&queue);
            check_slots(&queue, list);
        }
        uint32_t slot = (uint32_t)sim_stream_below(&stream, queue.capacity);
        bool is_out = sim_stream_below(&stream, 4) == 0;
        list[slot] = is_out ? QUEUE_NEVER
                            : key_of(sim_stream_below(&stream, 8), sim_stream_below(&stream, 1000),
                                     &queue, slot);
        if (is_out) {
            queue_clear(&queue, slot);
        } else {
            queue_set(&queue, slot, list[slot]);
        }
        assert_key(queue_key_of(&queue, slot), list[slot]);
        struct queue_key first = first_of(list, queue.capacity, queue.capacity);
        assert_key(queue.first, first);
        if (!queue_key_is_never(first)) {
            assert_key(list[queue_slot_of(&queue, first)], first);
        }
        slot = (uint32_t)sim_stream_below(&stream, queue.capacity);
        assert_key(queue_first_without(&queue, slot), first_of(list, queue.capacity, slot));
    }
    free(list);
    free(owned);
    queue_finish(&queue);
}

static void test_queue_gives_the_smallest_key_in_trees_of_every_shape(void **state)
{
    for (uint32_t slots = 1; slots <= 300; slots++) {
        check_queue(slots, 300);
    }
    check_queue(1000, 2000);
    check_queue(5000, 1000);
}

/* Every slot is a leaf of its own, and comes out in the order of the keys. */
static void test_queue_sorts(void **state)
{
    static const uint32_t sizes[] = {4, 8, 12, 16, 48, 64, 128, 768, 4096, 40000};
    for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
        struct queue queue = {0};
        queue_init(&queue, sizes[size]);
        struct slot *slots = calloc(queue.most, sizeof *slots);
        queue.slots = slots;
        while (queue.capacity < queue.most) {
            queue_grow(&queue);
        }
        assert_int_equal(queue.capacity % 4, 0);
        assert_true(queue.is_large == (sizes[size] == 40000));
        for (uint32_t slot = 0; slot < queue.capacity; slot++) {
            queue_set(&queue, slot, key_of(queue.capacity - slot / 2, 0, &queue, slot));
        }
        struct queue_key last = {0, 0};
        for (uint32_t slot = 0; slot < queue.capacity; slot++) {
            struct queue_key first = queue.first;
            assert_true(is_before(last, first));
            queue_clear(&queue, queue_slot_of(&queue, first));
            last = first;
        }
        assert_true(queue_key_is_never(queue.first));
        queue_finish(&queue);
        free(slots);
    }
}

/* It grows step by step up to what it has memory for, by at most the double. */
static void test_queue_begins_small(void **state)
{
    struct queue queue = {0};
    queue_init(&queue, 5000);
    assert_int_equal(queue.capacity, QUEUE_SLOTS_AT_FIRST);
    while (queue.capacity < queue.most) {
        uint32_t before = queue.capacity;
        queue_grow(&queue);
        assert_true(queue.capacity >= before + before / 4 || queue.capacity == queue.most);
        assert_true(queue.capacity <= 2 * before);
    }
    assert_true(queue.capacity >= 5000);
    queue_finish(&queue);
    queue_init(&queue, 5);
    assert_int_equal(queue.capacity, queue.most);
    queue_finish(&queue);
}

/* Where it costs the others nothing, the first slot plays next to the root. */
static void test_first_slot_is_near_where_there_is_a_place(void **state)
{
    static const struct {
        uint32_t slots;
        uint32_t capacity;
        bool is_near;
    } cases[] = {{4, 4, false},      {5, 5, true},        {6, 8, false},      {8, 8, false},
                 {9, 9, true},       {33, 33, true},      {34, 64, false},    {65, 65, true},
                 {513, 513, true},   {1024, 1024, false}, {1025, 2048, true}, {3000, 3072, true},
                 {4000, 4096, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct queue queue = {0};
        struct slot owned = {.event = 0};
        queue_init(&queue, cases[i].slots);
        queue.slots = &owned;
        while (queue.capacity < queue.most) {
            queue_grow(&queue);
        }
        assert_int_equal(queue.capacity, cases[i].capacity);
        assert_int_equal(queue.near_slots, cases[i].is_near);
        struct queue_key key = key_of(7, 1, &queue, 0);
        queue_set(&queue, 0, key);
        assert_key(queue.first, key);
        assert_int_equal(queue_leaf(&queue, 0) == (uintptr_t)queue.keys, cases[i].is_near);
        queue_finish(&queue);
    }
}

/* The portable comparison and the one in instructions agree where it is close. */
static void test_smaller_of_two_numbers_of_128_bits(void **state)
{
    static const uint64_t parts[] = {
        0, 1, 2, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
    const size_t count = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < count * count * count * count; i++) {
        struct queue_key a = {parts[i % count], parts[i / count % count]};
        struct queue_key b = {parts[i / count / count % count], parts[i / count / count / count]};
        struct queue_key want = is_before(b, a) ? b : a;
        struct queue_key got = a;
        sim_take_smaller(&got.low, &got.high, b.low, b.high);
        assert_key(got, want);
        got = a;
        sim_take_smaller_at(&got.low, &got.high, &b.low);
        assert_key(got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_gives_the_smallest_key_in_trees_of_every_shape),
        cmocka_unit_test(test_queue_sorts),
        cmocka_unit_test(test_queue_begins_small),
        cmocka_unit_test(test_first_slot_is_near_where_there_is_a_place),
        cmocka_unit_test(test_smaller_of_two_numbers_of_128_bits),
    };
    return cmocka_run_group_tests_name("sim_queue", tests, NULL, NULL);
}
