/*
 * Queues of items of 16 bytes that share the rings of a store, against plain lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/item_queue.h"
#include "sim/random.h"
#include "tests/support/allocations.h"

#define QUEUES 5
#define MOST 40

/* A queue, and what must be in it. */
struct pair {
    struct net_item_queue queue;
    struct net_item list[MOST];
    uint32_t count;
};

/* All bits that an item may have come up, and 0. */
static struct net_item item_of(uint64_t number)
{
    uint64_t mixed = number * 0x9e3779b97f4a7c15u;
    return (struct net_item){{mixed, number == 0 ? 0 : mixed >> (64 - NET_ITEM_BITS)}};
}

static void assert_item(struct net_item got, struct net_item want)
{
    assert_true(got.words[0] == want.words[0]);
    assert_true(got.words[1] == want.words[1]);
}

static void check(const struct pair *pair)
{
    assert_int_equal(net_items_count(&pair->queue), pair->count);
    for (uint32_t i = 0; i < pair->count; i++) {
        assert_item(net_items_at(&pair->queue, i), pair->list[i]);
    }
}

static void insert(struct pair *pair, struct net_ring_store *store, uint32_t at,
                   struct net_item item)
{
    memmove(&pair->list[at + 1], &pair->list[at], (pair->count - at) * sizeof item);
    pair->list[at] = item;
    if (at == pair->count) {
        net_items_push(&pair->queue, store, item);
    } else {
        net_items_insert(&pair->queue, store, at, item);
    }
    pair->count++;
}

static void take_out(struct pair *pair, struct net_ring_store *store, uint32_t at)
{
    if (at == 0) {
        assert_item(net_items_pop(&pair->queue, store), pair->list[0]);
    } else {
        net_items_remove(&pair->queue, store, at);
    }
    pair->count--;
    memmove(&pair->list[at], &pair->list[at + 1], (pair->count - at) * sizeof pair->list[0]);
}

/* One step of any kind: mostly at the ends, sometimes between. */
static void step(struct pair *pair, struct net_ring_store *store, struct sim_stream *stream)
{
    uint64_t what = sim_stream_below(stream, 8);
    struct net_item item = item_of(sim_stream_below(stream, 100));
    uint32_t at = (uint32_t)sim_stream_below(stream, pair->count + 1);
    if (what < 4 && pair->count < MOST) {
        insert(pair, store, what == 0 ? at : pair->count, item);
    } else if (what < 7 && pair->count > 0) {
        take_out(pair, store, what == 4 ? at % pair->count : 0);
    } else if (pair->count > 0) {
        pair->list[at % pair->count] = item;
        net_items_set(&pair->queue, at % pair->count, item);
    }
}

static void test_queues_keep_the_order(void **state)
{
    struct net_ring_store store = {{NULL}};
    struct pair pairs[QUEUES] = {0};
    struct sim_stream stream;
    sim_stream_init_seed(&stream, 1);
    for (uint32_t i = 0; i < 100000; i++) {
        struct pair *pair = &pairs[sim_stream_below(&stream, QUEUES)];
        step(pair, &store, &stream);
        check(pair);
    }
    for (uint32_t i = 0; i < QUEUES; i++) {
        check(&pairs[i]);
        net_items_finish(&pairs[i].queue);
        assert_int_equal(net_items_count(&pairs[i].queue), 0);
    }
    net_ring_store_finish(&store);
}

/* However often it comes and goes. */
static void test_an_item_alone_takes_no_memory(void **state)
{
    int64_t before = allocations_so_far().held;
    struct net_ring_store store = {{NULL}};
    struct net_item_queue queue = {0, 0};
    for (uint64_t i = 0; i < 10; i++) {
        net_items_push(&queue, &store, item_of(i));
        assert_true(net_items_is_alone(&queue));
        assert_null(net_items_ring(&queue));
        assert_item(net_items_pop(&queue, &store), item_of(i));
    }
    assert_int_equal(allocations_so_far().held, before);
}

/* The ring of one queue serves the next, and what was given back last comes first. */
static void test_rings_are_shared(void **state)
{
    struct net_ring_store store = {{NULL}};
    struct net_item_queue queues[3] = {{0, 0}};
    const struct net_item *rings[3];
    for (uint32_t i = 0; i < 2; i++) {
        net_items_push(&queues[i], &store, item_of(1));
        net_items_push(&queues[i], &store, item_of(2));
        rings[i] = net_items_ring(&queues[i]);
        assert_non_null(rings[i]);
    }
    int64_t before = allocations_so_far().held;
    for (uint32_t i = 0; i < 4; i++) {
        (void)net_items_pop(&queues[i / 2], &store);
    }
    net_items_push(&queues[2], &store, item_of(3));
    net_items_push(&queues[2], &store, item_of(4));
    assert_ptr_equal(net_items_ring(&queues[2]), rings[1]);
    assert_int_equal(allocations_so_far().held, before);
    net_items_finish(&queues[2]);
    net_ring_store_finish(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queues_keep_the_order),
        cmocka_unit_test(test_an_item_alone_takes_no_memory),
        cmocka_unit_test(test_rings_are_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
