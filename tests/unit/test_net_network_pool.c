/*
 * The global buffer pool (rules NBP and RP; vectors GT-4 and GT-9), without a clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/local_pool.h"
#include "models/network_pool.h"
#include "sim/text.h"
#include "sim/time.h"

#define CONFIGURATION(n)                                                                           \
    "The total number of network buffers is currently set to " n " of 32768 bytes each. You can "  \
    "increase this number by setting the configuration keys "                                      \
    "'taskmanager.memory.network.fraction', 'taskmanager.memory.network.min', and "                \
    "'taskmanager.memory.network.max'"

static struct net_network_pool *make_global(uint32_t segments)
{
    struct net_network_pool_params params = {
        .segments = segments, .segment_bytes = 32768, .request_timeout = 30 * SIM_S};
    return net_network_pool_create(NULL, &params);
}

static struct net_local_pool *make_pool(struct net_network_pool *global, int64_t required,
                                        int64_t max, int64_t key)
{
    struct net_local_pool_params params = {.required = required, .max = max, .key = key};
    struct net_local_pool *pool = net_network_pool_create_pool(global, &params, NULL);
    assert_non_null(pool);
    return pool;
}

static void assert_audit(const struct net_network_pool *global)
{
    struct sim_err err = {0};
    if (!net_network_pool_audit(global, &err)) {
        fail_msg("%s", err.text);
    }
}

/* NBP-1, NBP-3, NBP-9 */
static void test_segments_come_first_in_first_out_and_none_at_the_end(void **state)
{
    struct net_network_pool *global = make_global(4);
    assert_int_equal(net_network_pool_available(global), 4);
    assert_int_equal(net_network_pool_request(global), 0);
    assert_int_equal(net_network_pool_request(global), 1);
    net_network_pool_recycle(global, 0);
    assert_int_equal(net_network_pool_request(global), 2);
    assert_int_equal(net_network_pool_request(global), 3);
    assert_true(net_network_pool_is_available(global));
    assert_int_equal(net_network_pool_request(global), 0);
    assert_false(net_network_pool_is_available(global));
    assert_int_equal(net_network_pool_futures(global), 1);

    /* A request that finds nothing changes nothing. */
    assert_int_equal(net_network_pool_request(global), NET_SEGMENT_NONE);
    assert_int_equal(net_network_pool_futures(global), 1);
    net_network_pool_recycle(global, 3);
    assert_true(net_network_pool_is_available(global));
    net_network_pool_free(global);
}

/* NBP-2, NBP-4, NBP-9, RP-2 */
static void test_exclusive_segments_are_guaranteed_for_as_long_as_they_are_out(void **state)
{
    struct net_network_pool *global = make_global(30);
    struct net_local_pool *pool = make_pool(global, 5, 40, 0);
    assert_int_equal(net_local_pool_size(pool), 30);
    net_segment segments[8];
    assert_true(net_network_pool_request_unpooled(global, 8, segments, NULL));
    assert_int_equal(segments[0], 1);
    assert_int_equal(segments[7], 8);
    assert_int_equal(net_network_pool_required(global), 13);
    assert_int_equal(net_local_pool_size(pool), 22);
    assert_audit(global);
    net_network_pool_recycle_unpooled(global, 8, segments);
    assert_int_equal(net_network_pool_required(global), 5);
    assert_int_equal(net_local_pool_size(pool), 30);
    assert_audit(global);
    net_network_pool_free(global);
}

/* NBP-4 */
static void test_request_of_no_or_negative_exclusive_segments(void **state)
{
    struct net_network_pool *global = make_global(3);
    struct sim_err err = {0};
    assert_true(net_network_pool_request_unpooled(global, 0, NULL, &err));
    assert_false(net_network_pool_request_unpooled(global, -1, NULL, &err));
    assert_string_equal(err.file, "IllegalArgumentException");
    assert_string_equal(err.text, "Number of buffers to request must be non-negative.");
    assert_int_equal(net_network_pool_required(global), 0);
    net_network_pool_free(global);
}

/* NBP-5, RP-5: what the request took goes back, and the quotas it changed are as before. */
static void test_exclusive_request_times_out_when_others_hold_the_segments(void **state)
{
    struct net_network_pool *global = make_global(10);
    struct net_local_pool *pool = make_pool(global, 1, NET_UNBOUNDED, 0);
    for (int i = 0; i < 8; i++) {
        (void)net_local_pool_request(pool, NET_NO_SUBPARTITION);
    }
    net_segment segments[5];
    struct sim_err err = {0};
    assert_false(net_network_pool_request_unpooled(global, 5, segments, &err));
    assert_int_equal(err.code, SIM_ERR_ANSWER);
    assert_string_equal(err.file, "IOException");
    assert_string_equal(
        err.text, "Timeout triggered when requesting exclusive buffers: " CONFIGURATION(
                      "10") ",  or you may increase the timeout which is 30000ms by setting the "
                            "key 'taskmanager.network.memory.buffers-request-timeout'.");
    assert_int_equal(net_local_pool_size(pool), 10);
    assert_int_equal(net_network_pool_required(global), 1);
    assert_audit(global);
    net_network_pool_free(global);
}

/* GT-9; NBP-6, NBP-7 */
static void test_pool_that_cannot_be_guaranteed_is_refused(void **state)
{
    struct net_network_pool *global = make_global(100);
    (void)make_pool(global, 97, 97, 0);
    struct net_local_pool_params params = {.required = 5, .max = 16, .subpartitions = 4};
    struct sim_err err = {0};
    assert_null(net_network_pool_create_pool(global, &params, &err));
    assert_string_equal(err.file, "IOException");
    assert_string_equal(err.text, "Insufficient number of network buffers: required 5, but only 3 "
                                  "available. " CONFIGURATION("100") ".");
    assert_int_equal(net_network_pool_required(global), 97);
    assert_int_equal(net_network_pool_pool_count(global), 1);
    net_network_pool_free(global);
}

/* NBP-1: a network memory of less than one segment is none; that is found when a pool is wanted. */
static void test_pool_without_segments_refuses_whoever_needs_some(void **state)
{
    struct net_network_pool *global = make_global(0);
    assert_int_equal(net_network_pool_request(global), NET_SEGMENT_NONE);
    assert_int_equal(net_network_pool_requested_usage(global), 0);
    struct net_local_pool_params params = {.required = 2, .max = 12, .subpartitions = 1};
    struct sim_err err = {0};
    assert_null(net_network_pool_create_pool(global, &params, &err));
    assert_string_equal(err.text, "Insufficient number of network buffers: required 2, but only 0 "
                                  "available. " CONFIGURATION("0") ".");
    assert_audit(global);
    net_network_pool_shut_down(global);
    assert_audit(global);
    net_network_pool_free(global);
}

/* NBP-4, NBP-6: guarantees count, not what is free. */
static void test_exclusive_segments_that_cannot_be_guaranteed_are_refused(void **state)
{
    struct net_network_pool *global = make_global(10);
    (void)make_pool(global, 7, 7, 0);
    assert_int_equal(net_network_pool_available(global), 9);
    net_segment segments[4];
    struct sim_err err = {0};
    assert_false(net_network_pool_request_unpooled(global, 4, segments, &err));
    assert_string_equal(err.text, "Insufficient number of network buffers: required 4, but only 3 "
                                  "available. " CONFIGURATION("10") ".");
    assert_int_equal(net_network_pool_required(global), 7);
    net_network_pool_free(global);
}

/* NBP-7: the guarantee is added before the other arguments are refused. */
static void test_refused_arguments_leave_the_guarantee_added(void **state)
{
    static const struct {
        struct net_local_pool_params params;
        const char *text;
    } cases[] = {
        {{.required = 0, .max = 3},
         "Required number of memory segments (0) should be larger than 0."},
        {{.required = 3, .max = 2},
         "Maximum number of memory segments (2) should not be smaller than minimum (3)."},
        {{.required = 1, .max = 2, .subpartitions = 1, .max_per_subpartition = 0},
         "Maximum number of buffers for each channel (0) should be larger than 0."},
        {{.required = 1,
          .max = 2,
          .subpartitions = 1,
          .max_per_subpartition = 1,
          .max_overdraft = -1},
         "Maximum number of overdraft buffers for each gate (-1) should not be less than 0."},
    };
    struct net_network_pool *global = make_global(10);
    int64_t required = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sim_err err = {0};
        assert_null(net_network_pool_create_pool(global, &cases[i].params, &err));
        assert_string_equal(err.file, "IllegalArgumentException");
        assert_string_equal(err.text, cases[i].text);
        required += cases[i].params.required;
        assert_int_equal(net_network_pool_required(global), required);
        assert_int_equal(net_network_pool_available(global), 10);
    }
    net_network_pool_free(global);
}

/* NBP-8, RP-2 */
static void test_destroyed_pool_leaves_its_share_to_the_others(void **state)
{
    struct net_network_pool *global = make_global(30);
    struct net_local_pool *first = make_pool(global, 5, NET_UNBOUNDED, 0);
    struct net_local_pool *second = make_pool(global, 5, NET_UNBOUNDED, 1);
    assert_int_equal(net_local_pool_size(first), 15);
    net_segment segment = net_local_pool_request(second, NET_NO_SUBPARTITION);
    net_local_pool_destroy(second);
    assert_int_equal(net_network_pool_required(global), 5);
    assert_int_equal(net_network_pool_pool_count(global), 1);
    assert_int_equal(net_network_pool_resizable_count(global), 1);
    assert_int_equal(net_local_pool_size(first), 30);
    assert_int_equal(net_network_pool_available(global), 28);
    assert_audit(global);
    net_local_pool_recycle(second, segment, NET_NO_SUBPARTITION);
    assert_int_equal(net_network_pool_available(global), 29);
    assert_audit(global);
    net_network_pool_free(global);
}

/* Three pools that were created while nothing was free, and who got which segment. */
struct queue {
    struct net_network_pool *global;
    struct net_local_pool *pools[3];
};

static struct queue make_queue(enum net_waiting_order order)
{
    struct net_network_pool_params params = {
        .segments = 6, .segment_bytes = 32, .waiting_order = order};
    struct queue queue = {.global = net_network_pool_create(NULL, &params)};
    while (net_network_pool_request(queue.global) != NET_SEGMENT_NONE) {
    }
    for (int i = 0; i < 3; i++) {
        queue.pools[i] = make_pool(queue.global, 1, 1, i);
        assert_true(net_local_pool_is_waiting(queue.pools[i]));
    }
    return queue;
}

static void assert_available(const struct queue *queue, bool first, bool second, bool third)
{
    assert_int_equal(net_local_pool_is_available(queue->pools[0]), first);
    assert_int_equal(net_local_pool_is_available(queue->pools[1]), second);
    assert_int_equal(net_local_pool_is_available(queue->pools[2]), third);
}

/* NBP-10: who finds nothing attaches himself again, so the others' order turns round. */
static void test_waiting_pools_are_served_last_come_first_served(void **state)
{
    struct queue queue = make_queue(NET_WAITING_LAST_FIRST);
    net_network_pool_recycle(queue.global, 0);
    assert_available(&queue, false, false, true);
    net_network_pool_recycle(queue.global, 1);
    assert_available(&queue, true, false, true);
    net_network_pool_recycle(queue.global, 2);
    assert_available(&queue, true, true, true);
    net_network_pool_free(queue.global);
}

/* NBP-10 */
static void test_waiting_pools_can_be_served_in_order(void **state)
{
    struct queue queue = make_queue(NET_WAITING_FIRST_FIRST);
    net_network_pool_recycle(queue.global, 0);
    assert_available(&queue, true, false, false);
    net_network_pool_recycle(queue.global, 1);
    assert_available(&queue, true, true, false);
    net_network_pool_recycle(queue.global, 2);
    assert_available(&queue, true, true, true);
    net_network_pool_free(queue.global);
}

/* NBP-10: a pool that was destroyed while it waited takes nothing. */
static void test_destroyed_pool_that_waits_leaves_the_segment_to_others(void **state)
{
    struct queue queue = make_queue(NET_WAITING_LAST_FIRST);
    net_local_pool_destroy(queue.pools[2]);
    assert_true(net_local_pool_is_waiting(queue.pools[2]));
    net_network_pool_recycle(queue.global, 0);
    assert_true(net_local_pool_is_available(queue.pools[1]));
    assert_false(net_local_pool_is_available(queue.pools[0]));
    assert_int_equal(net_local_pool_requested(queue.pools[2]), 0);
    net_network_pool_free(queue.global);
}

/* NBP-11 */
static void test_all_pools_are_destroyed_even_where_exclusive_segments_are_out(void **state)
{
    struct net_network_pool *global = make_global(20);
    (void)make_pool(global, 2, 5, 0);
    assert_true(net_network_pool_destroy_all_pools(global, NULL));
    struct net_local_pool *pool = make_pool(global, 2, 5, 1);
    net_segment segment;
    assert_true(net_network_pool_request_unpooled(global, 1, &segment, NULL));
    struct sim_err err = {0};
    assert_false(net_network_pool_destroy_all_pools(global, &err));
    assert_string_equal(err.file, "IllegalStateException");
    assert_string_equal(err.text,
                        "NetworkBufferPool is not empty after destroying all LocalBufferPools");
    assert_true(net_local_pool_is_destroyed(pool));
    assert_int_equal(net_network_pool_pool_count(global), 0);
    assert_int_equal(net_network_pool_available(global), 19);
    net_network_pool_free(global);
}

/* NBP-11 */
static void test_nothing_is_to_be_had_after_the_shutdown(void **state)
{
    struct net_network_pool *global = make_global(20);
    struct net_local_pool *pool = make_pool(global, 3, 3, 0);
    net_network_pool_shut_down(global);
    assert_int_equal(net_network_pool_total(global), 0);
    assert_int_equal(net_network_pool_available(global), 0);
    assert_audit(global);
    struct net_local_pool_params params = {.required = 1, .max = 1};
    net_segment segment;
    struct sim_err err = {0};
    assert_null(net_network_pool_create_pool(global, &params, &err));
    assert_string_equal(err.text, "Network buffer pool has already been destroyed.");
    err = (struct sim_err){0};
    assert_false(net_network_pool_request_unpooled(global, 1, &segment, &err));
    assert_string_equal(err.file, "IllegalStateException");
    assert_string_equal(err.text, "Network buffer pool has already been destroyed.");
    assert_false(net_local_pool_reserve(pool, 3, &err));
    assert_string_equal(err.text, "Buffer pool is destroyed.");
    net_network_pool_free(global);
}

/* NBP-12 */
static void test_usage_counts_idle_and_exclusive_segments_but_requests_do_not(void **state)
{
    struct net_network_pool *global = make_global(20);
    (void)make_pool(global, 2, 5, 0);
    (void)make_pool(global, 3, NET_UNBOUNDED, 1);
    net_segment segments[4];
    assert_true(net_network_pool_request_unpooled(global, 4, segments, NULL));
    assert_int_equal(net_network_pool_available(global), 14);
    assert_int_equal(net_network_pool_used(global), 6);
    assert_int_equal(net_network_pool_estimated(global), 11);
    assert_int_equal(net_network_pool_requested_usage(global), 55);
    net_network_pool_shut_down(global);
    assert_int_equal(net_network_pool_requested_usage(global), 0);
    net_network_pool_free(global);
}

/* NBP-13 */
static void test_usage_of_100_percent_is_warned_of_in_flinks_words(void **state)
{
    struct net_network_pool *global = make_global(64);
    struct sim_text text = {0};
    (void)make_pool(global, 2, 63, 0);
    assert_false(net_network_pool_usage_warning(global, &text));
    struct net_local_pool *pool = make_pool(global, 2, 33, 1);
    assert_true(net_network_pool_usage_warning(global, &text));
    assert_string_equal(
        sim_text_get(&text),
        "Memory usage [150%] is too high to satisfy all of the requests. This can severely impact "
        "network throughput. Please consider increasing available network memory, or decreasing "
        "configured size of network buffer pools. (totalMemory=2.000mb (2097152 bytes), "
        "requestedMemory=3.000mb (3145728 bytes), missingMemory=1024.000kb (1048576 bytes))");
    net_local_pool_destroy(pool);
    assert_false(net_network_pool_usage_warning(global, &text));
    sim_text_finish(&text);
    net_network_pool_free(global);
}

/* GT-4; RP-3, RP-6 */
static void test_redistribution_shares_what_is_not_guaranteed_by_capacity(void **state)
{
    static const struct {
        uint32_t segments;
        int64_t sizes[3];
    } cases[] = {{100, {16, 16, 8}}, {30, {9, 9, 4}}, {19, {5, 5, 1}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct net_network_pool *global = make_global(cases[i].segments);
        net_segment segments[8];
        assert_true(net_network_pool_request_unpooled(global, 8, segments, NULL));
        struct net_local_pool *pools[3] = {make_pool(global, 5, 16, 0), make_pool(global, 5, 16, 1),
                                           make_pool(global, 1, 8, 2)};
        for (int k = 0; k < 3; k++) {
            assert_int_equal(net_local_pool_size(pools[k]), cases[i].sizes[k]);
        }
        assert_audit(global);
        net_network_pool_free(global);
    }
    struct net_network_pool *global = make_global(18);
    net_segment segments[8];
    (void)make_pool(global, 5, 16, 0);
    (void)make_pool(global, 5, 16, 1);
    (void)make_pool(global, 1, 8, 2);
    assert_false(net_network_pool_request_unpooled(global, 8, segments, NULL));
    net_network_pool_free(global);
}

/* RP-1: the remainder of the division goes along the order of the keys. */
static void test_redistribution_walks_the_pools_in_order_of_their_keys(void **state)
{
    static const int64_t sizes[3] = {8, 9, 9};
    for (int turn = 0; turn < 3; turn++) {
        struct net_network_pool *global = make_global(26);
        struct net_local_pool *pools[3];
        for (int i = 0; i < 3; i++) {
            pools[i] = make_pool(global, 1, NET_UNBOUNDED, (i + turn) % 3);
        }
        for (int i = 0; i < 3; i++) {
            assert_int_equal(net_local_pool_size(pools[i]), sizes[(i + turn) % 3]);
        }
        assert_audit(global);
        net_network_pool_free(global);
    }
}

/* RP-1 */
static void test_pool_of_fixed_size_takes_no_part_in_redistribution(void **state)
{
    struct net_network_pool *global = make_global(30);
    struct net_local_pool *fixed = make_pool(global, 4, 4, 0);
    struct net_local_pool *free_pool = make_pool(global, 1, NET_UNBOUNDED, 1);
    assert_int_equal(net_network_pool_resizable_count(global), 1);
    assert_int_equal(net_local_pool_size(fixed), 4);
    assert_int_equal(net_local_pool_size(free_pool), 26);
    net_network_pool_free(global);
}

/* RP-3: an unbounded pool counts as much as there is to give. */
static void test_unbounded_pools_share_evenly(void **state)
{
    struct net_network_pool *global = make_global(1000);
    struct net_local_pool *first = make_pool(global, 100, NET_UNBOUNDED, 0);
    struct net_local_pool *second = make_pool(global, 100, NET_UNBOUNDED, 1);
    assert_int_equal(net_local_pool_size(first), 500);
    assert_int_equal(net_local_pool_size(second), 500);
    net_network_pool_free(global);
}

/* RP-2: ordinary traffic leaves the quotas alone. */
static void test_ordinary_traffic_redistributes_nothing(void **state)
{
    struct net_network_pool *global = make_global(30);
    struct net_local_pool *pool = make_pool(global, 2, 20, 0);
    assert_true(net_local_pool_set_size(pool, 7, NULL));
    net_segment segment = net_local_pool_request(pool, NET_NO_SUBPARTITION);
    net_local_pool_recycle(pool, segment, NET_NO_SUBPARTITION);
    assert_int_equal(net_local_pool_size(pool), 7);
    net_segment exclusive;
    assert_true(net_network_pool_request_unpooled(global, 1, &exclusive, NULL));
    assert_int_equal(net_local_pool_size(pool), 20);
    net_network_pool_free(global);
}

/* RP-4 */
static void test_growing_pool_takes_one_segment_at_once(void **state)
{
    struct net_network_pool *global = make_global(8);
    struct net_local_pool *pool = make_pool(global, 2, 8, 0);
    struct net_local_pool *rival = make_pool(global, 6, 6, 1);
    (void)net_local_pool_request(pool, NET_NO_SUBPARTITION);
    (void)net_local_pool_request(pool, NET_NO_SUBPARTITION);
    assert_int_equal(net_local_pool_size(pool), 2);
    assert_false(net_local_pool_is_available(pool));
    net_local_pool_destroy(rival);
    assert_int_equal(net_local_pool_size(pool), 8);
    assert_true(net_local_pool_is_available(pool));
    assert_int_equal(net_local_pool_requested(pool), 3);
    net_network_pool_free(global);
}

/* INV-1, INV-2: what production code never does breaks them. */
static void test_audit_finds_lost_segments_and_too_large_quotas(void **state)
{
    struct net_network_pool *global = make_global(8);
    struct net_local_pool *pool = make_pool(global, 2, NET_UNBOUNDED, 0);
    assert_audit(global);
    struct sim_err err = {0};
    assert_true(net_local_pool_set_size(pool, 7, NULL));
    assert_false(net_network_pool_audit(global, &err));
    assert_memory_equal(err.text, "RP-3", 4);
    assert_true(net_local_pool_set_size(pool, 8, NULL));
    assert_audit(global);
    (void)net_network_pool_request(global);
    assert_false(net_network_pool_audit(global, &err));
    assert_memory_equal(err.text, "INV-1", 5);
    net_network_pool_free(global);
}

/* One of four pools, and the buffers that it gave out, with their subpartitions. */
struct user {
    struct net_local_pool *pool;
    net_segment segments[64];
    uint32_t subpartitions[64];
    int held;
};

/* Request or recycle at random. */
static void use_pool(struct user *user, uint32_t random)
{
    uint32_t subpartition = random % 3;
    if (random % 7 < 4 && user->held < 64) {
        net_segment segment = net_local_pool_request(user->pool, subpartition);
        if (segment != NET_SEGMENT_NONE) {
            user->segments[user->held] = segment;
            user->subpartitions[user->held++] = subpartition;
        }
    } else if (user->held > 0) {
        int which = (int)(random >> 8) % user->held--;
        net_segment segment = user->segments[which];
        uint32_t its_subpartition = user->subpartitions[which];
        user->segments[which] = user->segments[user->held];
        user->subpartitions[which] = user->subpartitions[user->held];
        net_local_pool_recycle(user->pool, segment, its_subpartition);
    }
}

static void use_exclusive(struct net_network_pool *global, net_segment *segments, int *held)
{
    if (*held == 0) {
        *held = net_network_pool_request_unpooled(global, 3, segments, NULL) ? 3 : 0;
    } else {
        net_network_pool_recycle_unpooled(global, 3, segments);
        *held = 0;
    }
}

/* INV-1 to INV-5, whichever waiting pool is served first. */
static void test_random_traffic_keeps_every_invariant(void **state)
{
    for (int order = NET_WAITING_LAST_FIRST; order <= NET_WAITING_FIRST_FIRST; order++) {
        struct net_network_pool_params global_params = {
            .segments = 17, .segment_bytes = 32, .waiting_order = (enum net_waiting_order)order};
        struct net_network_pool *global = net_network_pool_create(NULL, &global_params);
        struct user users[4] = {0};
        for (int i = 0; i < 4; i++) {
            struct net_local_pool_params params = {.required = 2,
                                                   .max = 4 + 2 * i,
                                                   .subpartitions = 3,
                                                   .max_per_subpartition = 3,
                                                   .max_overdraft = i,
                                                   .key = i};
            users[i].pool = net_network_pool_create_pool(global, &params, NULL);
        }
        net_segment exclusive[3];
        int exclusive_held = 0;
        uint64_t random = 7;
        for (int step = 0; step < 20000; step++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            if ((random >> 50) % 50 == 0) {
                use_exclusive(global, exclusive, &exclusive_held);
            } else {
                use_pool(&users[(random >> 60) % 4], (uint32_t)(random >> 32));
            }
            assert_audit(global);
            for (int i = 0; i < 4; i++) {
                struct sim_err err = {0};
                assert_true(net_local_pool_audit(users[i].pool, &err));
            }
        }
        net_network_pool_free(global);
    }
}

/* Pools that come and go leave no memory behind that another one would trip over. */
static void test_memory_of_gone_pools_is_given_back_late(void **state)
{
    struct net_network_pool *global = make_global(50);
    net_segment held = 0;
    struct net_local_pool *before = NULL;
    for (int i = 0; i < 200; i++) {
        struct net_local_pool *pool = make_pool(global, 2, 9, i);
        net_segment segment = net_local_pool_request(pool, NET_NO_SUBPARTITION);
        net_local_pool_destroy(pool);
        if (before != NULL) {
            net_local_pool_recycle(before, held, NET_NO_SUBPARTITION);
        }
        before = pool;
        held = segment;
        assert_audit(global);
    }
    assert_int_equal(net_network_pool_available(global), 49);
    net_network_pool_free(global);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_come_first_in_first_out_and_none_at_the_end),
        cmocka_unit_test(test_exclusive_segments_are_guaranteed_for_as_long_as_they_are_out),
        cmocka_unit_test(test_request_of_no_or_negative_exclusive_segments),
        cmocka_unit_test(test_exclusive_request_times_out_when_others_hold_the_segments),
        cmocka_unit_test(test_pool_that_cannot_be_guaranteed_is_refused),
        cmocka_unit_test(test_pool_without_segments_refuses_whoever_needs_some),
        cmocka_unit_test(test_exclusive_segments_that_cannot_be_guaranteed_are_refused),
        cmocka_unit_test(test_refused_arguments_leave_the_guarantee_added),
        cmocka_unit_test(test_destroyed_pool_leaves_its_share_to_the_others),
        cmocka_unit_test(test_waiting_pools_are_served_last_come_first_served),
        cmocka_unit_test(test_waiting_pools_can_be_served_in_order),
        cmocka_unit_test(test_destroyed_pool_that_waits_leaves_the_segment_to_others),
        cmocka_unit_test(test_all_pools_are_destroyed_even_where_exclusive_segments_are_out),
        cmocka_unit_test(test_nothing_is_to_be_had_after_the_shutdown),
        cmocka_unit_test(test_usage_counts_idle_and_exclusive_segments_but_requests_do_not),
        cmocka_unit_test(test_usage_of_100_percent_is_warned_of_in_flinks_words),
        cmocka_unit_test(test_redistribution_shares_what_is_not_guaranteed_by_capacity),
        cmocka_unit_test(test_redistribution_walks_the_pools_in_order_of_their_keys),
        cmocka_unit_test(test_pool_of_fixed_size_takes_no_part_in_redistribution),
        cmocka_unit_test(test_unbounded_pools_share_evenly),
        cmocka_unit_test(test_ordinary_traffic_redistributes_nothing),
        cmocka_unit_test(test_growing_pool_takes_one_segment_at_once),
        cmocka_unit_test(test_audit_finds_lost_segments_and_too_large_quotas),
        cmocka_unit_test(test_random_traffic_keeps_every_invariant),
        cmocka_unit_test(test_memory_of_gone_pools_is_given_back_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
